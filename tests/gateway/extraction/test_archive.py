"""An archive holds whole documents: valid, hashed, below their size, each of them understood without the others."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
from lxml import etree

from gateway.extraction import archive
from gateway.extraction.archive import ArchiveWriter, FileTooLarge, concatenate
from mappings.csd.answers import read_document
from mappings.csd.dialect import Dialect
from mappings.csd.schemas import schema
from mappings.csd.version import Version
from mappings.csd.xml import parse
from mappings.exposition.lieu import CoordonneeGeographique, Lieu
from mappings.exposition.offre import ActiviteOperationnelle, OffreOperationnelle
from mappings.exposition.organisation import EntiteGeographique, EntiteJuridique, OrganisationInterne
from mappings.exposition.professionnel import NomExercice, Professionnel
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code, Metadonnee
from mappings.loss import Ledger, Severity

VERSIONS = [Version.V1_5, Version.V1_6, Version.V2_4, Version.V3_0]
DATED = Metadonnee(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC), "Ok")
CARDIOLOGY = ActiviteOperationnelle(Code("R211", "172"))


def establishment(rank: int, *, legal_entity: str = "1690000001", units: int = 3) -> Repertoire:
    site, level = f"1690001{rank:03}", f"84/OI-{rank}"
    return Repertoire(
        entites_juridiques=(EntiteJuridique(legal_entity, raison_sociale="Entité", metadonnee=DATED),),
        entites_geographiques=(
            EntiteGeographique(site, entite_juridique=legal_entity, denomination=f"Site {rank}", metadonnee=DATED),
        ),
        organisations_internes=(OrganisationInterne(level, nom="Pôle", entite_geographique=site, metadonnee=DATED),),
        offres=tuple(
            OffreOperationnelle(
                f"84/UE-{rank}-{number}",
                nom=f'Unité « {number} » entityID="UE-1" & <autre>',
                organisation=level,
                entite_geographique=site,
                champs_activite=(Code("R227", "01"),),
                mode_prise_en_charge=Code("R213", "28"),
                activites=(CARDIOLOGY,),
                unite_sensible=False,
                metadonnee=DATED,
            )
            for number in range(units)
        ),
        professionnels=(
            Professionnel(
                "810000000001",
                professions=(Code("G15", "10"),),
                noms_exercice=(NomExercice("NOM"),),
                offres=(f"84/UE-{rank}-0",),
                metadonnee=DATED,
            ),
        ),
    )


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(*some: Repertoire, version: Version = Version.V3_0, size: int = 100_000_000, name: str = "X") -> Path:
        path = tmp_path / f"{name}.zip"
        writer = ArchiveWriter(path, name, version=version, size=size)
        for one in some:
            writer.add(one, Ledger())
        writer.finish()
        return path

    return write


def documents(path: Path) -> dict[str, bytes]:
    """The XML files of an archive, once their hashes have been compared."""
    with ZipFile(path) as held:
        names = held.namelist()
        xml = {name: held.read(name) for name in names if name.endswith(".xml")}
        assert sorted(names) == sorted([*xml, *(name.replace(".xml", ".txt") for name in xml)])
        for name, content in xml.items():
            said = held.read(name.replace(".xml", ".txt")).decode()
            assert re.fullmatch(r"[0-9a-f]{64}", said)
            assert said == hashlib.sha256(content).hexdigest()
    return xml


def keys(content: bytes) -> tuple[list[str], set[str]]:
    """The keys that the entries of a document have, and those that something in it names."""
    root = parse(content)
    entries = [entry for directory in root for entry in directory]
    given = [str(entry.get("entityID")) for entry in entries]
    named = {str(one.get("entityID")) for one in root.iter() if one.get("entityID") is not None}
    return given, named


@pytest.mark.parametrize("version", VERSIONS)
def test_each_file_is_valid_and_is_understood_alone(written: Callable[..., Path], version: Version) -> None:
    some = [establishment(rank) for rank in range(1, 8)]
    path = written(*some, version=version, size=20_000)

    files = documents(path)

    assert len(files) > 2
    read: list[str] = []
    for content in files.values():
        root = parse(content)
        assert etree.QName(root).localname == "CSD"
        schema(version).assertValid(root)
        given, named = keys(content)
        assert len(given) == len(set(given))
        assert named == set(given)
        ledger = Ledger()
        found = read_document(root, version=version, dialect=Dialect(), ledger=ledger, at=date(2026, 1, 1))
        assert [one.cle for one in found.entites_juridiques] == ["1690000001"]
        assert {one.entite_juridique for one in found.entites_geographiques} == {"1690000001"}
        assert {one.activites[0].activite.code for one in found.offres} == {"172"}
        read += [one.cle for one in found.offres]
    assert read == [offre.cle for one in some for offre in one.offres]


def test_no_file_is_larger_than_asked_and_an_establishment_is_never_cut(written: Callable[..., Path]) -> None:
    path = written(*(establishment(rank) for rank in range(1, 20)), size=40_000)

    sizes = [len(content) for content in documents(path).values()]

    assert max(sizes) <= 40_000
    assert all(content.count(b"<csd:parent ") >= 1 for content in documents(path).values())
    # what is measured while writing is what is written
    one = written(establishment(1), name="one")
    (content,) = documents(one).values()
    exact = written(establishment(1), establishment(2), size=2 * len(content), name="exact")
    assert len(documents(exact)) == 1


def test_an_establishment_heavier_than_a_file_should_be_has_its_own(written: Callable[..., Path]) -> None:
    path = written(establishment(1), establishment(2, units=80), establishment(3), size=40_000)

    sizes = [len(content) for content in documents(path).values()]

    assert len(sizes) == 3
    assert sizes[1] > 40_000


def test_one_that_no_file_may_hold_is_refused(tmp_path: Path) -> None:
    writer = ArchiveWriter(tmp_path / "X.zip", "X", version=Version.V3_0, size=100_000_000)
    long = msgspec.structs.replace(establishment(1).offres[0], nom="x" * 200_000)
    huge = msgspec.structs.replace(
        establishment(1), offres=tuple(msgspec.structs.replace(long, cle=f"84/UE-{one}") for one in range(520))
    )

    with pytest.raises(FileTooLarge):
        writer.add(huge, Ledger())
    writer.close()
    assert archive.LARGEST_FILE == 103_000_000


def test_a_member_that_has_nothing_has_an_empty_document(written: Callable[..., Path]) -> None:
    (content,) = documents(written()).values()

    schema(Version.V3_0).assertValid(parse(content))
    assert keys(content) == ([], set())


def test_several_archives_become_one(written: Callable[..., Path], tmp_path: Path) -> None:
    first = written(*(establishment(rank) for rank in range(1, 5)), size=30_000, name="first")
    second = written(establishment(9, legal_entity="1690000002"), name="second")
    both = tmp_path / "both.zip"

    count = concatenate([first, second], both)

    assert documents(both) == {**documents(first), **documents(second)}
    assert count == len(documents(both))


def test_an_establishment_that_the_schema_refuses_is_told(tmp_path: Path) -> None:
    """No reader makes such a position; a document is checked all the same before it is put in an archive."""
    nowhere = Lieu(coordonnee=CoordonneeGeographique(Decimal("NaN"), Decimal("4.8")))
    whole = establishment(1)
    (site,) = whole.entites_geographiques
    whole = msgspec.structs.replace(whole, entites_geographiques=(msgspec.structs.replace(site, lieu=nowhere),))
    ledger = Ledger()
    writer = ArchiveWriter(tmp_path / "X.zip", "X", version=Version.V3_0, size=100_000_000)

    writer.add(whole, ledger)
    writer.close()

    told = [loss for loss in ledger.entries if loss.rule == "extraction.document.schema"]
    assert [(loss.object, loss.severity) for loss in told] == [("1690001001", Severity.ERROR)]
