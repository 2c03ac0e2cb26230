"""Which establishments of a copied member changed since an instant (contract section 8)."""

from sqlalchemy import Connection, func, select

from gateway.replica.conditions import coded
from gateway.replica.index import instant
from gateway.replica.tables import establishment, object_, offer, offer_code
from mappings.exposition.demandes import DemandeNotification, EtablissementModifie
from mappings.exposition.values import Code


def notification(connection: Connection, member: str, demande: DemandeNotification) -> list[EtablissementModifie]:
    """Each establishment changed, once, with all its fields of activity among those asked.

    An object without a date may have changed whenever its establishment was last read.
    """
    changed = (
        select(object_.c.eg)
        .join(establishment, (establishment.c.member == object_.c.member) & (establishment.c.eg == object_.c.eg))
        .where(object_.c.member == member)
        .group_by(object_.c.eg)
        .having(func.max(func.coalesce(object_.c.updated, establishment.c.seen_at)) > instant(demande.date_ref))
        .order_by(object_.c.eg)
    )
    fields = _fields(connection, member, demande)
    everything = not demande.champs_activite and not demande.publics
    return [
        EtablissementModifie(eg, champs_activite=tuple(fields.get(eg, ())))
        for eg in connection.scalars(changed)
        if everything or eg in fields
    ]


def _fields(connection: Connection, member: str, demande: DemandeNotification) -> dict[str, list[Code]]:
    """The fields of activity of each establishment, among those asked."""
    columns = (
        select(offer.c.eg, offer_code.c.system, offer_code.c.code)
        .join(offer_code, (offer_code.c.member == offer.c.member) & (offer_code.c.key == offer.c.key))
        .where(offer.c.member == member, offer_code.c.criterion == "champs_activite")
        .distinct()
        .order_by(offer.c.eg, offer_code.c.system, offer_code.c.code)
    )
    if demande.publics:
        columns = columns.where(coded("publics", demande.publics))
    asked = {code.cle for code in demande.champs_activite}
    fields: dict[str, list[Code]] = {}
    for eg, system, code in connection.execute(columns):
        if not asked or (system, code) in asked:
            fields.setdefault(eg, []).append(Code(system, code))
    return fields
