"""A reading carries the whole tree EJ, EG, OI (RG_ALIM_018): every unit climbs to the establishment asked for."""

from collections.abc import Iterator

from conformance.checks.answers import SAMPLE, csd, everything_changed, read_document
from conformance.checks.check import Check, Finding
from conformance.dialogue import Dialogue
from conformance.messages import Establishment
from conformance.text import Text
from conformance.verdict import Verdict
from conformance.xml import Element

UNIT_LINKS = (
    f"{csd('organizations')}/{csd('organization')}",
    f"{csd('extension')}/{csd('parentFacility')}",
)
EQUIPMENT_LINKS = (
    f"{csd('extension')}/{csd('equipment')}",
    f"{csd('extension')}/{csd('locationRealizedOffer')}/{csd('specificEquipment')}",
)
SERVICE_LINK = f"{csd('organizations')}/{csd('organization')}/{csd('service')}"


async def run(dialogue: Dialogue) -> Finding:
    """Reads a few establishments and looks at each tree."""
    known = (await everything_changed(dialogue)).establishments[:SAMPLE]
    if not known:
        return Finding(Verdict.SKIP, Text("aucun établissement annoncé", "no establishment announced"))
    dangling = 0
    for establishment in known:
        _, document = await read_document(dialogue, establishment)
        tree = Tree(document)
        fault = next(tree.faults(establishment), None)
        if fault is not None:
            where = establishment.code
            return Finding(
                Verdict.FAIL, Text(f"établissement {where} : {fault.fr}", f"establishment {where}: {fault.en}")
            )
        dangling += tree.dangling_equipment()
    remarks = (
        (Text(f"{dangling} équipement(s) désigné(s) mais absent(s)", f"{dangling} equipment named but absent"),)
        if dangling
        else ()
    )
    count = len(known)
    return Finding(Verdict.PASS, Text(f"{count} arborescence(s) complète(s)", f"{count} whole tree(s)"), remarks)


class Tree:
    """The links of one document, by `entityID`."""

    def __init__(self, document: Element) -> None:
        self._organizations = _keyed(document, "organizationDirectory", "organization")
        self._units = _keyed(document, "facilityDirectory", "facility")
        self._services = _keyed(document, "serviceDirectory", "service")
        self._providers = _keyed(document, "providerDirectory", "provider")
        self._devices = _keyed(document, "deviceDirectory", "device")

    def faults(self, asked: Establishment) -> Iterator[Text]:
        """What is missing between the establishment asked for, its legal entity and its units."""
        key = self._key_of(asked)
        if key is None:
            yield Text("l'établissement demandé n'y est pas", "the establishment asked for is not there")
            return
        parent = self._organizations[key].find(csd("parent"))
        above = self._organizations.get(parent.get("entityID", "")) if parent is not None else None
        if above is None or above.find(csd("parent")) is not None:
            yield Text("l'entité juridique n'y est pas", "the legal entity is not there")
        for unit in self._units:
            if not self._climbs(unit, key):
                yield Text(
                    f"l'unité {unit} ne remonte pas à l'établissement",
                    f"unit {unit} does not climb to the establishment",
                )
        yield from self._unresolved()

    def _key_of(self, asked: Establishment) -> str | None:
        return next(
            (
                key
                for key, organization in self._organizations.items()
                if organization.find(csd("parent")) is not None
                and any(
                    Establishment(one.get("code", "")).finess == asked.finess
                    for one in organization.findall(csd("otherID"))
                )
            ),
            None,
        )

    def _climbs(self, unit: str, establishment: str) -> bool:
        """Whether some path of links leads from the unit to the establishment; a loop leads nowhere."""
        seen, waiting = {unit}, [unit]
        while waiting:
            held = self._units[waiting.pop()]
            targets = {link.get("entityID", "") for path in UNIT_LINKS for link in held.findall(path)}
            if establishment in targets:
                return True
            waiting += [one for one in targets if one in self._units and one not in seen]
            seen |= targets
        return False

    def _unresolved(self) -> Iterator[Text]:
        above = self._organizations.keys() | self._units.keys()
        expected = (
            *((self._units, path, above) for path in UNIT_LINKS),
            (self._units, SERVICE_LINK, self._services.keys()),
            (self._providers, UNIT_LINKS[0], self._organizations.keys()),
            (self._providers, f"{csd('facilities')}/{csd('facility')}", self._units.keys()),
        )
        for holders, path, known in expected:
            for holder, element in holders.items():
                for link in element.findall(path):
                    key = link.get("entityID")
                    if key not in known:
                        yield Text(f"{holder} renvoie à {key}, absent", f"{holder} points to {key}, absent")

    def dangling_equipment(self) -> int:
        """How many equipment links lead nowhere: the contract does not forbid it (section 7), so it is a remark."""
        return sum(
            link.get("entityID") not in self._devices
            for unit in self._units.values()
            for path in EQUIPMENT_LINKS
            for link in unit.findall(path)
        )


def _keyed(document: Element, directory: str, name: str) -> dict[str, Element]:
    return {one.get("entityID", ""): one for one in document.findall(f"{csd(directory)}/{csd(name)}")}


CHECK = Check(
    identifier="reading-tree",
    requirements=("RG_ALIM_018", "TR-Lecture-OffresSanteEtablissement"),
    description=Text(
        "La lecture d'un établissement porte toute l'arborescence EJ, EG, OI.",
        "The reading of an establishment carries the whole tree EJ, EG, OI.",
    ),
    expectation=Text(
        "L'EG demandé, son EJ, et des unités qui remontent toutes à l'EG par des entityID présents.",
        "The EG asked for, its EJ, and units that all climb to the EG through entityID that are present.",
    ),
    run=run,
)
