"""What only two observations of one object show: RG_EXP_010 and RG_EXP_011 for life, RG_EXP_023, 024 and 025.

An observation is an object as one reading of one establishment gave it. An object without update date says nothing of
its changes and is not judged on them. What a nested object says is its own: it is followed by the identifier of its
metadata, and left alone when the source gives none.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, OrganisationInterne
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code, Metadonnee
from mappings.loss import Ledger, LossKind, Severity
from mappings.rules.notes import found

_OF_THE_MODEL = frozenset({"cle", "metadonnee"})
# Another establishment's reading names other ones.
_OF_THE_READING = frozenset({"offres", "entites_geographiques"})


def born(objet: Objet, ledger: Ledger) -> None:
    """RG_EXP_023, of an object first seen after the rest of its establishment.

    An update before the creation is a breach. Two different dates may be one, or a change made since: told for what
    it is, an indication.
    """
    created, updated = _dates(objet.metadonnee)
    if created is None or updated is None or created == updated:
        return
    severity = Severity.WARNING if updated < created else Severity.INFORMATION
    ledger.note(
        LossKind.INCONSISTENT,
        object=objet.cle,
        path="metadonnee.date_mise_a_jour",
        rule="RG_EXP_023",
        value_kind="instant",
        severity=severity,
    )


def followed(before: Objet, after: Objet, ledger: Ledger) -> None:
    """One object in two readings of its establishment."""
    if isinstance(before, OffreOperationnelle) and isinstance(after, OffreOperationnelle):
        same_for_life(before, after, ledger)
    _changes(before, after, before.cle, "", ledger)


def same_for_life(before: OffreOperationnelle, after: OffreOperationnelle, ledger: Ledger) -> None:
    """RG_EXP_010 and RG_EXP_011: a unit keeps its field of activity and its care mode, wherever it moves."""
    if _plain(before.champs_activite) != _plain(after.champs_activite):
        found(ledger, "RG_EXP_010", after.cle, "champs_activite")
    if _plain(before.mode_prise_en_charge) != _plain(after.mode_prise_en_charge):
        found(ledger, "RG_EXP_011", after.cle, "mode_prise_en_charge")


def removed(gone: Iterable[Objet], before: Repertoire, after: Repertoire, ledger: Ledger) -> None:
    """RG_EXP_025: what stood above an object that is gone was updated too."""
    earlier = {one.cle: one for one in _levels(before)}
    for one in _levels(after):
        known = earlier.get(one.cle)
        if known is not None and _stale(known, one) and any(one.cle == _above(lost) for lost in gone):
            found(ledger, "RG_EXP_025", one.cle, "below", "object")


def _levels(repertoire: Repertoire) -> tuple[EntiteGeographique | OrganisationInterne, ...]:
    """What units and internal organisations stand below. A legal entity may have the key of one of them."""
    return (*repertoire.entites_geographiques, *repertoire.organisations_internes)


def _above(objet: Objet) -> str | None:
    match objet:
        case OffreOperationnelle(organisation=above, entite_geographique=site):
            return above or site
        case OrganisationInterne(parent=above, entite_geographique=site):
            return above or site
    return None


def _changes(before: Any, after: Any, key: str, path: str, ledger: Ledger) -> None:
    """RG_EXP_024 and RG_EXP_025 on one object, then on the objects nested in it."""
    stale = _stale(before, after)
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if name in _OF_THE_MODEL or name in _OF_THE_READING or old == new:
            continue
        here = f"{path}{name}"
        if _has_a_life(old) or _has_a_life(new):
            if stale and _lost(old, new):
                found(ledger, "RG_EXP_025", key, here, "object")
            for known, seen in _pairs(old, new):
                _changes(known, seen, key, f"{here}.", ledger)
        elif stale and _plain(old) != _plain(new):
            found(ledger, "RG_EXP_024", key, here, "attribute")


def _has_a_life(value: object) -> bool:
    """Whether a value is of objects that have metadata of their own."""
    if isinstance(value, tuple):
        return bool(value) and _has_a_life(value[0])
    return isinstance(value, msgspec.Struct) and "metadonnee" in value.__struct_fields__


def _each(value: Any) -> tuple[Any, ...]:
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def _lost(old: Any, new: Any) -> bool:
    """Whether a nested object disappeared: there are fewer, or one of those that the source identifies is gone."""
    left = {_identity(one) for one in _each(new)}
    return len(_each(new)) < len(_each(old)) or any(
        name is not None and name not in left for name in map(_identity, _each(old))
    )


def _pairs(old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    """The nested objects that are the same in both: identified by the source, or alone in their place."""
    if not isinstance(old, tuple) and not isinstance(new, tuple):
        yield from ((old, new),) if old is not None and new is not None else ()
        return
    seen = {name: one for one in _each(new) if (name := _identity(one)) is not None}
    yield from ((one, seen[name]) for one in _each(old) if (name := _identity(one)) in seen)


def _identity(nested: Any) -> str | None:
    metadonnee: Metadonnee | None = nested.metadonnee
    return metadonnee.identifiant if metadonnee is not None else None


def _stale(before: Any, after: Any) -> bool:
    """Whether both say when they were updated, and the later reading no later than the earlier one."""
    first, second = _dates(before.metadonnee)[1], _dates(after.metadonnee)[1]
    return first is not None and second is not None and second <= first


def _dates(metadonnee: Metadonnee | None) -> tuple[Any, Any]:
    return (metadonnee.date_creation, metadonnee.date_mise_a_jour) if metadonnee is not None else (None, None)


def _plain(value: Any) -> Any:
    """A value without what means nothing: labels, and the order of several."""
    if isinstance(value, Code):
        return value.cle
    if isinstance(value, tuple):
        return sorted(map(_plain, value), key=repr)
    if isinstance(value, msgspec.Struct):
        return [_plain(getattr(value, name)) for name in value.__struct_fields__]
    return value


class Likeness(msgspec.Struct, frozen=True, array_like=True):
    """What makes two units look like one: RG_EXP_019 says that a unit which moves keeps its identifier."""

    name: str
    opened: str
    fields: tuple[str, ...]
    mode: str
    activities: tuple[str, ...]


def likeness(offre: OffreOperationnelle) -> Likeness:
    """What is left of a unit that would change establishment and identifier."""
    mode = offre.mode_prise_en_charge
    return Likeness(
        " ".join(offre.nom.split()).casefold(),
        offre.date_ouverture.isoformat() if offre.date_ouverture else "",
        tuple(sorted({code.code for code in offre.champs_activite})),
        mode.code if mode is not None else "",
        tuple(sorted({one.activite.code for one in offre.activites})),
    )
