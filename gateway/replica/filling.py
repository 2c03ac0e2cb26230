"""The first fill of a copy from the member's archive, where it offers one: one download in place of a reading of each
establishment. What comes after is as ever: a notification since the stamp of the archive, and what it lists is read.

A file of the archive at a time is taken apart on disk, establishment by establishment; all the work on it is done by
one thread. An archive that does not say where each object belongs is refused, and the copy is filled by readings.
"""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from adapters.contract import Adapter, Extracted
from adapters.errors import MemberAnswerInvalid
from gateway.replica.store import Replica
from gateway.translation.shelf import Shelf, Store
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.exercice import within
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import Professionnel
from mappings.exposition.repertoire import Objet, Repertoire
from mappings.loss import Ledger, Loss, LossKind, Severity


class Filled(msgspec.Struct, frozen=True):
    """What an archive brought: the instant it is of (seconds since 1970), how many establishments."""

    stamp: float
    establishments: int


async def fill(member: str, adapter: Adapter, replica: Replica, *, profil: ProfilAcces, reader: str) -> Filled:
    """Store every establishment of the member's archive, as read by that reader; raises a `MemberFailure`."""
    with tempfile.TemporaryDirectory(prefix="ror-extraction-") as name, ThreadPoolExecutor(1) as thread:
        extracted = await adapter.extract(Path(name), profil=profil)
        stamp = extracted.stamp.timestamp()
        seen: set[str] = set()
        loop = asyncio.get_running_loop()
        for file in extracted.files:
            found = await loop.run_in_executor(thread, _File, extracted, file)
            try:
                for site in found.sites:
                    if site in seen:
                        raise MemberAnswerInvalid("extraction-establishment-cut")
                    repertoire, losses = await loop.run_in_executor(thread, found.establishment, site)
                    await replica.store_establishment(
                        member, site, repertoire, losses=losses, seen_at=stamp, reader=reader
                    )
                seen.update(found.sites)
            finally:
                await loop.run_in_executor(thread, found.close)
        return Filled(stamp, len(seen))


class _File:
    """The objects of one file, each under the establishment it belongs to; `sites` are these, in their order."""

    def __init__(self, extracted: Extracted, file: Path) -> None:
        self._store = Store()
        self._legal: Shelf[EntiteJuridique] = self._store.shelf(EntiteJuridique)
        self._sites: Shelf[EntiteGeographique] = self._store.shelf(EntiteGeographique)
        self._below: Shelf[Objet] = self._store.shelf(object)
        self.sites: tuple[str, ...] = ()
        self._home: dict[str, str] = {}
        self._keys: defaultdict[str, list[str]] = defaultdict(list)
        self._losses: defaultdict[str, list[Loss]] = defaultdict(list)
        try:
            self._read(extracted, file)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the disk back."""
        self._store.close()

    def _read(self, extracted: Extracted, file: Path) -> None:
        ledger = Ledger()
        for objet in extracted.objects(file, ledger=ledger, shelves=self._store.shelf):
            self._keep(objet)
        if any(site not in self._sites for site in self._keys):
            raise MemberAnswerInvalid("extraction-unplaced")
        self.sites = tuple(self._sites)
        named = {site.entite_juridique for site in self._sites.values()}
        for key in self._legal:
            if key not in named:
                # of no object that is kept, so that every reading of its establishment tells it
                ledger.note(
                    LossKind.DROPPED,
                    object="",
                    path="organizationDirectory/organization",
                    rule="replica.extraction.no-site",
                    value_kind="object",
                    severity=Severity.ERROR,
                )
        for loss in ledger.entries:
            # what is of no establishment is told once, with the first
            site = loss.object if loss.object in self._sites else self._home.get(loss.object)
            if site is not None or self.sites:
                self._losses[site or self.sites[0]].append(loss)

    def _keep(self, objet: Objet) -> None:
        match objet:
            case EntiteJuridique():
                self._legal[objet.cle] = objet
            case EntiteGeographique():
                self._sites[objet.cle] = objet
            case OrganisationInterne() | OffreOperationnelle():
                self._place(objet, {objet.entite_geographique or ""})
            case Professionnel():
                units = {self._home[cle] for cle in objet.offres if cle in self._home}
                self._place(objet, units or set(objet.entites_geographiques) or {""})

    def _place(self, objet: Objet, sites: set[str]) -> None:
        key = f"{type(objet).__name__} {objet.cle}"
        self._below[key] = objet
        for site in sorted(sites):
            self._home.setdefault(objet.cle, site)
            self._keys[site].append(key)

    def establishment(self, key: str) -> tuple[Repertoire, tuple[Loss, ...]]:
        """An establishment as a reading of it would give it, and what could not be read of it."""
        site = self._sites[key]
        legal = self._legal.get(site.entite_juridique or "")
        below = [self._below[one] for one in self._keys[key]]
        offres = tuple(one for one in below if isinstance(one, OffreOperationnelle))
        repertoire = Repertoire(
            entites_juridiques=() if legal is None else (legal,),
            entites_geographiques=(site,),
            organisations_internes=tuple(one for one in below if isinstance(one, OrganisationInterne)),
            offres=offres,
            professionnels=tuple(_there(below, key, frozenset(offre.cle for offre in offres))),
        )
        return repertoire, tuple(self._losses.pop(key, ()))


def _there(below: list[Objet], site: str, units: frozenset[str]) -> Iterator[Professionnel]:
    """The professionals of an establishment, with what they do there."""
    for one in below:
        if isinstance(one, Professionnel):
            yield within(one, units | {site})
