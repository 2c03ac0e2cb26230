"""Where a professional works: which situation is that of which unit.

A source ties each situation to its units, or lists one for each unit in their order, or one for all of them. Else
nothing tells, and nobody guesses.
"""

from collections.abc import Iterable, Sequence

import msgspec

from mappings.exposition.professionnel import Professionnel, SituationOperationnelle

Keys = set[str] | frozenset[str]

_replace = msgspec.structs.replace


def tied(person: Professionnel) -> Professionnel:
    """The professional with each situation tied to its units, where the source tells them."""
    situations = person.situations
    if is_told(person):
        return person
    if len(situations) == 1:
        return _replace(person, situations=(_replace(situations[0], offres=person.offres),))
    if len(situations) != len(person.offres):
        return person
    paired = zip(situations, person.offres, strict=True)
    return _replace(person, situations=tuple(_replace(one, offres=(offre,)) for one, offre in paired))


def is_told(person: Professionnel) -> bool:
    """Whether something tells of a tied professional where the situations take place."""
    return any(_is_placed(one) for one in person.situations)


def within(person: Professionnel, kept: Keys) -> Professionnel:
    """The professional in these units and sites alone, with what he or she does there; itself when that is everywhere.

    A situation that nothing ties to a place goes with the first place that goes, unless it is the only one.
    """
    told = tied(person)
    if kept.issuperset(_places(person)) and all(kept.issuperset(_places(one)) for one in told.situations):
        return person
    sure = is_told(told) or len(told.situations) == 1
    return _replace(
        told,
        offres=_left(person.offres, kept),
        entites_geographiques=_left(person.entites_geographiques, kept),
        situations=tuple(
            _replace(one, offres=_left(one.offres, kept), entites_geographiques=_left(one.entites_geographiques, kept))
            for one in told.situations
            if _stays(one, kept, unplaced=sure)
        ),
    )


def together(person: Professionnel, seen: Sequence[Professionnel]) -> Professionnel:
    """The professional in every unit and site where one was seen, with what each sight says of the work there."""
    return _replace(
        person,
        situations=_once(situation for one in seen for situation in tied(one).situations),
        offres=_distinct(key for one in seen for key in one.offres),
        entites_geographiques=_distinct(key for one in seen for key in one.entites_geographiques),
    )


def _once(situations: Iterable[SituationOperationnelle]) -> tuple[SituationOperationnelle, ...]:
    """Each situation once, in all its places."""
    found: dict[SituationOperationnelle, SituationOperationnelle] = {}
    for one in situations:
        nowhere = _replace(one, offres=(), entites_geographiques=())
        known = found.get(nowhere, nowhere)
        found[nowhere] = _replace(
            nowhere,
            offres=_distinct((*known.offres, *one.offres)),
            entites_geographiques=_distinct((*known.entites_geographiques, *one.entites_geographiques)),
        )
    return tuple(found.values())


def _distinct(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _stays(situation: SituationOperationnelle, kept: Keys, *, unplaced: bool) -> bool:
    places = situation.offres or situation.entites_geographiques
    return not kept.isdisjoint(places) if places else unplaced


def _is_placed(situation: SituationOperationnelle) -> bool:
    return bool(situation.offres or situation.entites_geographiques)


def _places(value: Professionnel | SituationOperationnelle) -> tuple[str, ...]:
    return (*value.offres, *value.entites_geographiques)


def _left(keys: tuple[str, ...], kept: Keys) -> tuple[str, ...]:
    return tuple(key for key in keys if key in kept)
