"""The search of 2016, both ways: contract section 16.

The roots are in the ROR namespace, every child has none; a child that has one is read all the same. Only requests and
checks are known of this contract: what is ours by deduction is written in `search_2016_answer`. Codes are compared
padded to their table, because some solutions strip the leading zeros. What is not known here is refused, whatever it is
(`forms`): ignoring it would widen the answer without a word.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from lxml import etree

from mappings.csd.ages import BOUNDS, CLASSES, UCUM, UCUM_OF_UNIT, UNITS, spelling, years
from mappings.csd.forms import CODE, TEXT, BadRequest, Form, refuse_strays
from mappings.csd.namespaces import ROR, ror
from mappings.csd.padding import padded
from mappings.csd.requests import UnknownRequest
from mappings.csd.search_2016_answer import (
    ANSWER,
    MAXIMUM_UNITS,
    NO_RESULT,
    announced,
    note_number,
    read_answer,
    write_answer,
)
from mappings.csd.strays import said
from mappings.exposition.demandes import Recherche, Territoire, TypeTerritoire
from mappings.exposition.values import Code, can_be_written_out
from mappings.nomenclatures.systems import oid, system_id

REQUEST = ror("careServicesRequest")
ACTIVITE = "R211"
MODE = "R213"
ACTE = "R210"
EQUIPEMENT = "R212"
SPECIALITE = "R38"
# The table of specialities under the OID that the requests of 2016 give it (contract section 16).
SPECIALITE_2016 = "1.2.250.1.71.1.2.38"

_DIVISIONS = {
    TypeTerritoire.REGION: ("R30", 2),
    TypeTerritoire.DEPARTEMENT: ("G09", 2),
    TypeTerritoire.COMMUNE: ("R13", 5),
}
_FORM = Form(
    {
        "function": Form(
            {
                "requestParams": Form(
                    {
                        "organization": TEXT,
                        "facility": Form({"patientsType": Form({"ageGroup": CODE}), "typeOfCare": CODE}),
                        "service": Form({"codedType": CODE, "act": CODE, "specialty": CODE}),
                        "device": Form({"type": CODE}),
                        "otherParams": Form(
                            {
                                "destination": Form(
                                    {"type": CODE, "code": CODE, "distance": Form(attributes=frozenset({"value"}))},
                                    once=frozenset({"distance"}),
                                ),
                                "patient": Form(
                                    {"age": Form({"value": TEXT, "timeUnity": CODE}, once=frozenset({"timeUnity"}))},
                                    once=frozenset({"age"}),
                                ),
                            },
                            once=frozenset({"patient"}),
                        ),
                    },
                    once=frozenset({"otherParams"}),
                )
            },
            attributes=frozenset({"urn", "encapsulated"}),
        )
    }
)


def read_request(element: etree._Element) -> Recherche:
    """What a caller searches; raises `UnknownRequest` or `BadRequest`."""
    if element.tag != REQUEST:
        raise UnknownRequest(str(element.tag))
    params = _child(_child(element, "function"), "requestParams")
    refuse_strays(element, _FORM)
    return Recherche(
        activites=_codes(params, "service", "codedType", ACTIVITE),
        modes_prise_en_charge=_codes(params, "facility", "typeOfCare", MODE),
        actes_specifiques=_codes(params, "service", "act", ACTE),
        equipements=_codes(params, "device", "type", EQUIPEMENT),
        territoires=_destinations(params),
        age=_age(params),
        classes_age=_classes(params),
        specialites=_codes(params, "service", "specialty", SPECIALITE),
    )


def _child(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{*}}{name}")
    if len(found) != 1:
        raise BadRequest("repeated-element" if found else "missing-element", name)
    return found[0]


def _codes(params: etree._Element, group: str, name: str, system: str) -> tuple[Code, ...]:
    """The values of a criterion; one sent without a code is no criterion, unless a label says one."""
    found = [element for element in params.iterfind(f"{{*}}{group}/{{*}}{name}") if _says(element)]
    return tuple(_code(element, system) for element in found)


def _says(element: etree._Element) -> bool:
    return bool(element.get("code", "").strip() or said(element.text))


def _classes(params: etree._Element) -> tuple[Code, ...]:
    """The classes of age; one that the table does not hold has no bounds to judge an offer by."""
    found = _codes(params, "facility", "patientsType/{*}ageGroup", CLASSES)
    if any(code.code not in BOUNDS for code in found):
        raise BadRequest("bad-code", "ageGroup")
    return found


def _code(element: etree._Element, system: str) -> Code:
    scheme = element.get("codingScheme", "")
    written = (SPECIALITE if scheme.strip() == SPECIALITE_2016 else system_id(scheme)) or system
    code = element.get("code", "").strip()
    if not code or (written != system and not written.startswith("J")):
        raise BadRequest("bad-code", etree.QName(element).localname)
    return Code(system, padded(system, code), (element.text or "").strip() or None)


def _destinations(params: etree._Element) -> tuple[Territoire, ...]:
    found = tuple(_destination(element) for element in params.iterfind("{*}otherParams/{*}destination"))
    if not found:
        raise BadRequest("missing-element", "destination")
    return found


def _destination(element: etree._Element) -> Territoire:
    try:
        division = TypeTerritoire(_child(element, "type").get("code", "").strip().lstrip("0"))
    except ValueError:
        raise BadRequest("bad-code", "type") from None
    code = _child(element, "code").get("code", "").strip().upper()
    if not code:
        raise BadRequest("bad-code", "code")
    radius = element.find("{*}distance")
    kilometres = _number(radius.get("value", ""), "distance") if radius is not None else None
    if kilometres is not None and division is not TypeTerritoire.COMMUNE:
        raise BadRequest("criterion-not-served", "distance")
    return Territoire(division, code.zfill(_DIVISIONS[division][1]), kilometres)


def _age(params: etree._Element) -> Decimal | None:
    age = params.find("{*}otherParams/{*}patient/{*}age")
    if age is None:
        return None
    value = _number(_child(age, "value").text or "", "value")
    unit = age.find("{*}timeUnity")
    converted = years(value, "a" if unit is None else _ucum(unit))
    if converted is None:
        raise BadRequest("bad-code", "timeUnity")
    return converted


def _ucum(unit: etree._Element) -> str:
    """The unit of an age in UCUM, empty when it is none; one that says nothing is the year."""
    if not _says(unit):
        return "a"
    code, system = unit.get("code", "").strip(), system_id(unit.get("codingScheme", ""))
    if system == UCUM:
        return code
    return UCUM_OF_UNIT.get(code, "") if system in ("", UNITS) else ""


def _number(text: str, place: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise BadRequest("bad-number", place) from None
    if not can_be_written_out(value) or value < 0:
        raise BadRequest("bad-number", place)
    return value


def write_request(
    recherche: Recherche, *, destinations: tuple[Territoire, ...] = (), strip_zeros: bool = False
) -> etree._Element:
    """The request that asks for at least what the search wants.

    `destinations` stand in for the territories of a search that has none, since the contract wants one. A criterion
    that takes one value here and has several is left out: what comes back is then wider, and is filtered after.
    """
    root = etree.Element(REQUEST, nsmap={"ror": ROR})
    params = etree.SubElement(etree.SubElement(root, "function"), "requestParams")
    etree.SubElement(params, "organization")
    facility = etree.SubElement(params, "facility")
    if recherche.classes_age:
        _write_codes(etree.SubElement(facility, "patientsType"), "ageGroup", recherche.classes_age, strip_zeros)
    _write_codes(facility, "typeOfCare", recherche.modes_prise_en_charge, strip_zeros)
    service = etree.SubElement(params, "service")
    _write_codes(service, "codedType", recherche.activites, strip_zeros)
    if len(recherche.actes_specifiques) == 1:
        _write_codes(service, "act", recherche.actes_specifiques, strip_zeros)
    if len(recherche.specialites) == 1:
        _write_codes(service, "specialty", recherche.specialites, strip_zeros)
    device = etree.SubElement(params, "device")
    if len(recherche.equipements) == 1:
        _write_codes(device, "type", recherche.equipements, strip_zeros)
    others = etree.SubElement(params, "otherParams")
    for territoire in recherche.territoires or destinations:
        _write_destination(others, territoire)
    if recherche.age is not None:
        _write_age(others, recherche.age)
    return root


def _write_codes(parent: etree._Element, name: str, codes: Iterable[Code], strip_zeros: bool) -> None:
    for code in codes:
        text = (code.code.lstrip("0") or "0") if strip_zeros else code.code
        scheme = SPECIALITE_2016 if code.systeme == SPECIALITE else oid(code.systeme)
        etree.SubElement(parent, name, code=text, codingScheme=scheme).text = code.libelle


def _write_destination(parent: etree._Element, territoire: Territoire) -> None:
    destination = etree.SubElement(parent, "destination")
    etree.SubElement(destination, "type", code=territoire.type)
    scheme = oid(_DIVISIONS[territoire.type][0])
    etree.SubElement(destination, "code", code=territoire.code, codingSchemeName=scheme)
    if territoire.rayon_km is not None:
        etree.SubElement(destination, "distance", value=format(territoire.rayon_km, "f"))


def _write_age(parent: etree._Element, years_old: Decimal) -> None:
    age = etree.SubElement(etree.SubElement(parent, "patient"), "age")
    value, unit = spelling(years_old)
    etree.SubElement(age, "value").text = value
    etree.SubElement(age, "timeUnity", code=unit, codingScheme=oid(UNITS))


__all__ = [
    "ANSWER",
    "MAXIMUM_UNITS",
    "NO_RESULT",
    "REQUEST",
    "announced",
    "note_number",
    "read_answer",
    "read_request",
    "write_answer",
    "write_request",
]
