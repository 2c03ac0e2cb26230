"""One answer from all outcomes, whatever their order.

Identity is the key. The same object from two sources is one: the newest `date_mise_a_jour` wins object by object,
the lowest member code between equals, and a difference is noted. A professional works in the units of several members:
what each says of his or her units is joined, never chosen. The order is total: by the first member that holds the
object, then by key.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from gateway.federation.criteria import updated
from gateway.federation.exchange import Outcome
from mappings.exposition.demandes import EtablissementModifie
from mappings.exposition.exercice import together
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from mappings.loss import Loss, LossKind, Severity

RULE = "merge.object.conflict"

T = TypeVar("T", EntiteJuridique, EntiteGeographique, OrganisationInterne, OffreOperationnelle, Professionnel)

_NEVER = datetime.min.replace(tzinfo=UTC)


class Merged(msgspec.Struct, frozen=True):
    """The objects of every outcome, once each; `losses` are the conflicts found while joining them."""

    repertoire: Repertoire = Repertoire()
    etablissements: tuple[EtablissementModifie, ...] = ()
    losses: tuple[Loss, ...] = ()


def merge(outcomes: Iterable[Outcome]) -> Merged:
    """One answer from all outcomes, whatever their order."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.member)
    conflicts: list[Loss] = []
    directories = [outcome.repertoire for outcome in ordered]
    repertoire = join(directories, conflicts)
    return Merged(repertoire, _establishments(ordered), tuple(conflicts))


def join(directories: Iterable[Repertoire], conflicts: list[Loss]) -> Repertoire:
    """The directories as one, in their order; each conflict is added to `conflicts`."""
    given = tuple(directories)
    return Repertoire(
        entites_juridiques=_union((one.entites_juridiques for one in given), conflicts, _newest),
        entites_geographiques=_union((one.entites_geographiques for one in given), conflicts, _newest),
        organisations_internes=_union((one.organisations_internes for one in given), conflicts, _newest),
        offres=_union((one.offres for one in given), conflicts, _newest),
        professionnels=_union((one.professionnels for one in given), conflicts, _joined),
    )


def _union(
    sources: Iterable[tuple[T, ...]], conflicts: list[Loss], decide: Callable[[T, T, list[Loss]], T]
) -> tuple[T, ...]:
    """Each key once, in the order of the sources, then of keys."""
    found: dict[str, T] = {}
    for objects in sources:
        for objet in sorted(objects, key=lambda one: one.cle):
            known = found.get(objet.cle)
            found[objet.cle] = objet if known is None else decide(known, objet, conflicts)
    return tuple(found.values())


def _newest(first: T, second: T, conflicts: list[Loss]) -> T:
    if first != second:
        conflicts.append(_conflict(first.cle))
    return second if (updated(second) or _NEVER) > (updated(first) or _NEVER) else first


def _conflict(key: str) -> Loss:
    return Loss(key, "", RULE, LossKind.INCONSISTENT, Severity.WARNING)


def _joined(first: Professionnel, second: Professionnel, conflicts: list[Loss]) -> Professionnel:
    """The identity of the newest; the units, sites and situations of both."""
    if _person(first) != _person(second):
        conflicts.append(_conflict(first.cle))
    newest = second if (updated(second) or _NEVER) > (updated(first) or _NEVER) else first
    return together(newest, (first, second))


def _person(professionnel: Professionnel) -> Professionnel:
    return msgspec.structs.replace(professionnel, situations=(), offres=(), entites_geographiques=(), metadonnee=None)


def _establishments(outcomes: Iterable[Outcome]) -> tuple[EtablissementModifie, ...]:
    """Each establishment once with all the fields concerned, in the order of keys."""
    found: dict[str, EtablissementModifie] = {}
    for outcome in outcomes:
        for etablissement in outcome.etablissements:
            known = found.get(etablissement.identifiant)
            found[etablissement.identifiant] = etablissement if known is None else _both(known, etablissement)
    return tuple(found[key] for key in sorted(found))


def _both(first: EtablissementModifie, second: EtablissementModifie) -> EtablissementModifie:
    return EtablissementModifie(
        identifiant=first.identifiant,
        champs_activite=_codes(first.champs_activite, second.champs_activite),
        publics=_codes(first.publics, second.publics),
        restriction_oi=first.restriction_oi if first.restriction_oi == second.restriction_oi else None,
        date_ref=max((date for date in (first.date_ref, second.date_ref) if date is not None), default=None),
    )


def _codes(first: tuple[Code, ...], second: tuple[Code, ...]) -> tuple[Code, ...]:
    known = {code.cle for code in first}
    return first + tuple(code for code in second if code.cle not in known)
