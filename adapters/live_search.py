"""A live search: the member's own search says which units match, readings of their establishments say the rest.

The search of 2016 answers too little to be an answer (decision 4). The establishments found are read a few at a time
under the same deadline and only the units found are kept. A part that could not be read makes the answer truncated,
and is noted; nothing read at all is the failure of the first reading. More establishments than the solution may be
asked to read at once is not a live question: the member cannot answer it so.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TypeVar

import msgspec

from adapters.contract import MemberAnswer
from adapters.deadline import Deadline
from adapters.errors import MemberCannot, MemberFailure
from adapters.manifest import Search
from adapters.soap_client import SoapClient
from mappings.csd.identifiers import is_local
from mappings.exposition.demandes import (
    ErreurContrat,
    LectureEtablissement,
    LectureOrganisationInterne,
    ProfilAcces,
    Recherche,
    ReponseOffres,
    Transaction,
    TypeObjet,
)
from mappings.exposition.exercice import together
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.exposition.values import Code
from mappings.loss import Ledger, Loss, LossKind, Severity

MAXIMUM_SEARCHES = 6
ASSEMBLY_SECONDS = 0.1

Lecture = LectureEtablissement | LectureOrganisationInterne
_Kind = TypeVar("_Kind", bound=Objet)


async def live_search(
    client: SoapClient, recherche: Recherche, *, profil: ProfilAcces, deadline: Deadline
) -> MemberAnswer:
    """The offers that match, read whole."""
    search = client.manifest.search
    if search is None or recherche.objet is not TypeObjet.OFFRE:
        raise MemberCannot("transaction")
    found = await _find(client, search, recherche, profil, deadline)
    if isinstance(found, ErreurContrat):
        return MemberAnswer(found)
    ledger = Ledger()
    if Transaction.LECTURE_ETABLISSEMENT not in client.manifest.transactions:
        return _as_found(found, ledger)
    readings = tuple(_readings(found.repertoires, ledger))
    if len(readings) > search.maximum_readings:
        raise MemberCannot("too-many-establishments")
    # A slow establishment must not take with it what the others gave.
    sooner = deadline.sooner(max(0.0, deadline.remaining() - ASSEMBLY_SECONDS))
    answers = await _read(client, readings, search.concurrent_readings, profil, sooner)
    whole = _assemble(readings, answers, found.offres, ledger)
    return MemberAnswer(
        ReponseOffres(whole),
        (*found.losses, *(loss for answer in answers for loss in _losses(answer)), *ledger.entries),
        truncated=found.truncated or any(not _whole(answer) for answer in answers),
    )


def _as_found(found: "_Found", ledger: Ledger) -> MemberAnswer:
    """The little that a search says, from a base that has nothing else (interface of 2016 alone, section 15.2)."""
    for key in sorted(found.offres):
        _note(ledger, key, "unit.not-readable")
    whole = keep(found.repertoires, found.offres)
    return MemberAnswer(ReponseOffres(whole), (*found.losses, *ledger.entries), truncated=found.truncated)


class _Found(msgspec.Struct, frozen=True):
    """What the searches found, and whether one of them may have been cut."""

    repertoires: tuple[Repertoire, ...]
    losses: tuple[Loss, ...]
    truncated: bool

    @property
    def offres(self) -> frozenset[str]:
        """The keys of the units found."""
        return frozenset(offre.cle for repertoire in self.repertoires for offre in repertoire.offres)


async def _find(
    client: SoapClient, search: Search, recherche: Recherche, profil: ProfilAcces, deadline: Deadline
) -> _Found | ErreurContrat:
    """One search per act, equipment and speciality asked for, since the contract takes one of each."""
    variants = tuple(single_valued(recherche))
    if len(variants) > MAXIMUM_SEARCHES:
        raise MemberCannot("criteria")
    repertoires: list[Repertoire] = []
    losses: list[Loss] = []
    for variant in variants:
        found, ledger = await client.search(variant, profil=profil, deadline=deadline)
        if isinstance(found, ErreurContrat):
            return found
        repertoires.append(found)
        losses += ledger.entries
    return _Found(tuple(repertoires), tuple(losses), any(len(found.offres) >= search.cap for found in repertoires))


def single_valued(recherche: Recherche) -> Iterator[Recherche]:
    """The searches, each with one act, one equipment and one speciality at most, whose union is this one."""
    for act, device, speciality in product(
        _one_by_one(recherche.actes_specifiques),
        _one_by_one(recherche.equipements),
        _one_by_one(recherche.specialites),
    ):
        yield msgspec.structs.replace(recherche, actes_specifiques=act, equipements=device, specialites=speciality)


def _one_by_one(codes: tuple[Code, ...]) -> list[tuple[Code, ...]]:
    return [(code,) for code in codes] or [()]


def _readings(repertoires: Iterable[Repertoire], ledger: Ledger) -> Iterator[Lecture]:
    """The establishments to read; a unit whose establishment is not said is read by itself."""
    seen: set[str] = set()
    for offre in (offre for repertoire in repertoires for offre in repertoire.offres):
        site = offre.entite_geographique
        key = site if site is not None and not is_local(site) else offre.cle
        if key in seen:
            continue
        seen.add(key)
        if key is site:
            yield LectureEtablissement(key)
        elif not is_local(key):
            yield LectureOrganisationInterne(key)
        else:
            _note(ledger, key, "unit.no-identifier")


async def _read(
    client: SoapClient, readings: Sequence[Lecture], at_once: int, profil: ProfilAcces, deadline: Deadline
) -> list[MemberAnswer | MemberFailure]:
    """What each reading gave, in order; one failure cancels none of the others."""
    gate = asyncio.Semaphore(at_once)

    async def one(reading: Lecture) -> MemberAnswer | MemberFailure:
        async with gate:
            try:
                return await client.ask(reading, profil=profil, deadline=deadline)
            except MemberFailure as failure:
                return failure

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(reading)) for reading in readings]
    return [task.result() for task in tasks]


def _whole(answer: MemberAnswer | MemberFailure) -> bool:
    return isinstance(answer, MemberAnswer) and isinstance(answer.reponse, ReponseOffres)


def _losses(answer: MemberAnswer | MemberFailure) -> tuple[Loss, ...]:
    return answer.losses if isinstance(answer, MemberAnswer) else ()


def _assemble(
    readings: Sequence[Lecture],
    answers: Sequence[MemberAnswer | MemberFailure],
    wanted: frozenset[str],
    ledger: Ledger,
) -> Repertoire:
    read: list[Repertoire] = []
    failures: list[MemberFailure] = []
    for reading, answer in zip(readings, answers, strict=True):
        if isinstance(answer, MemberFailure):
            failures.append(answer)
        elif isinstance(answer.reponse, ReponseOffres):
            read.append(answer.reponse.repertoire)
            continue
        _note(ledger, reading.identifiant, "unit.not-read")
    if failures and not read:
        raise failures[0]
    whole = keep(read, wanted)
    if len(read) == len(readings):
        for missing in sorted(wanted - {offre.cle for offre in whole.offres}):
            _note(ledger, missing, "unit.not-in-its-establishment")
    return whole


def keep(repertoires: Sequence[Repertoire], wanted: frozenset[str]) -> Repertoire:
    """The offers wanted of several directories, what they hang from, and who works in them."""
    return Repertoire(
        entites_juridiques=_union(repertoire.entites_juridiques for repertoire in repertoires),
        entites_geographiques=_union(repertoire.entites_geographiques for repertoire in repertoires),
        organisations_internes=_union(repertoire.organisations_internes for repertoire in repertoires),
        offres=tuple(offre for offre in _union(repertoire.offres for repertoire in repertoires) if offre.cle in wanted),
        professionnels=tuple(
            professionnel
            for professionnel in _persons(repertoire.professionnels for repertoire in repertoires)
            if not wanted.isdisjoint(professionnel.offres)
        ),
    )


def _persons(groups: Iterable[tuple[Professionnel, ...]]) -> Iterator[Professionnel]:
    """Each professional once: a reading says of one only what he or she does in its establishment."""
    seen: dict[str, list[Professionnel]] = {}
    for group in groups:
        for one in group:
            seen.setdefault(one.cle, []).append(one)
    return (together(sights[0], sights) if len(sights) > 1 else sights[0] for sights in seen.values())


def _union(groups: Iterable[tuple[_Kind, ...]]) -> tuple[_Kind, ...]:
    """Each object once, the first time it was given: one source says the same of it each time."""
    found: dict[str, _Kind] = {}
    for group in groups:
        for one in group:
            found.setdefault(one.cle, one)
    return tuple(found.values())


def _note(ledger: Ledger, key: str, rule: str) -> None:
    ledger.note(LossKind.UNRESOLVED, object=key, path="", rule=f"live-search.{rule}", severity=Severity.ERROR)
