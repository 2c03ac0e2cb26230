"""The conditions of entitlement say in SQL what they say of a unit."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select

from gateway.federation.codes import CODES
from gateway.federation.sight import Sight
from gateway.replica.conditions import seen
from gateway.replica.index import rows
from gateway.replica.store import migrate
from gateway.replica.tables import establishment, offer, offer_code
from mappings.exposition.demandes import ProfilAcces
from mappings.exposition.offre import OffreOperationnelle
from mappings.exposition.repertoire import Repertoire
from mappings.exposition.values import Code
from whitelist.entitlement import Condition, Element, Norme
from whitelist.entitlement.facts import holds, of_unit

UNITS = (
    OffreOperationnelle("84/MCO", champs_activite=(Code("R227", "02"),)),
    OffreOperationnelle("84/MS", champs_activite=(Code("R227", "02"), Code("R227", "04"))),
    OffreOperationnelle("84/MS-JDV", champs_activite=(Code("J20", "04"),)),
    OffreOperationnelle("84/CITY", champs_activite=(Code("R227", "05"),), unite_sensible=False),
    OffreOperationnelle("84/OTHER-TABLE", champs_activite=(Code("R209", "04"),)),
    OffreOperationnelle("84/SENSITIVE", champs_activite=(Code("R227", "04"),), unite_sensible=True),
    OffreOperationnelle("84/NOTHING"),
)
RULED = [Element.UNIT, *(group.element for groups in CODES.values() for group in groups)]
ASKED = sorted({Sight(profil, norme).of(element) for profil in ProfilAcces for norme in Norme for element in RULED})


@pytest.mark.parametrize("condition", [*ASKED, Condition.AMB, Condition.MS_OR_AMB])
def test_a_condition_holds_in_the_index_where_it_holds_of_the_unit(tmp_path: Path, condition: Condition) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/replica.db")
    made = rows("84", "1690000011", Repertoire(offres=UNITS))
    with engine.begin() as connection:
        migrate(connection)
        connection.execute(
            insert(establishment), [{"member": "84", "eg": "1690000011", "seen_at": 1.0, "losses": b"[]"}]
        )
        connection.execute(insert(offer), list(made.offers))
        connection.execute(insert(offer_code), list(made.codes))
        found = connection.scalars(select(offer.c.key).where(seen(condition))).all()
    engine.dispose()

    assert sorted(found) == sorted(unit.cle for unit in UNITS if holds(condition, of_unit(unit)))
