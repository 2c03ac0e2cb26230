"""Professionals: contract section 7.5. The wire repeats a professional for each unit where he or she works."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from lxml import etree

from mappings.csd.codes import Coded, TextualCode
from mappings.csd.contacts import HOURS, HOURS_WITH_FLAG, MAILBOX, TELECOM, TELECOM_WITHOUT_LEVEL, record
from mappings.csd.contexts import Reading, Space, Writing
from mappings.csd.links import PROFESSIONAL, Reference
from mappings.csd.markup import Markup
from mappings.csd.namespaces import csd
from mappings.csd.scalars import BOOLEAN, DAY, TEXT
from mappings.csd.shapes import Entry, Extension, Field, First, Kind, Many, Part, Shape, Spread, Take, Values
from mappings.exposition.exercice import is_told, tied
from mappings.exposition.professionnel import NomExercice, Professionnel, SavoirFaire, SituationOperationnelle
from mappings.loss import LossKind, Severity

_KNOW_HOW = {
    "R38": "speciality",
    "R39": "competence",
    "R40": "exclusiveCompetence",
    "G13": "particularSkills",
    "R43": "capacity",
    "R44": "qualificationPAC",
    "R42": "DESCNonQualifiant",
    "R97": "complementarySkills",
}


class KnowHow:
    """The values of a know-how: one element per nomenclature, each once."""

    attributes = frozenset({"valeurs"})
    _by_tag = {csd(name): Coded(system) for system, name in _KNOW_HOW.items()}  # noqa: RUF012 - never changed

    def takes(self) -> Iterator[tuple[str, Take]]:
        """One element per nomenclature."""
        for tag in self._by_tag:
            yield tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        code = self._by_tag[str(element.tag)].read(element, reading)
        if code is not None:
            values["valeurs"] = (*values.get("valeurs", ()), code)

    def says(self, value: Any) -> bool:
        """Whether there is any value."""
        return bool(value.valeurs)

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the first value of each nomenclature, in the order of the schema."""
        left = list(value.valeurs)
        for system, name in _KNOW_HOW.items():
            for code in left:
                if code.systeme == system:
                    Coded(system).write(out, name, code, writing)
                    left.remove(code)
                    break
        for _ in left:
            writing.note_here(LossKind.DROPPED, "know-how.value", value_kind="code")


def _know_how(*extension: Part) -> Shape:
    return Shape(
        SavoirFaire,
        "credential",
        Field("codedType", Coded("R04"), "type_savoir_faire"),
        Field("number", TEXT, "numero", required=True),
        Field("issuingAuthority", TEXT, "autorite"),
        Field("credentialIssueDate", DAY, "date_delivrance"),
        Field("credentialRenewalDate", DAY, "date_renouvellement"),
        *extension,
    )


def _name(honorific: Kind, **options: Any) -> Shape:
    return Shape(
        NomExercice,
        "name",
        Field("commonName", TEXT, "nom", required=True),
        Field("honorific", honorific, "civilite_exercice"),
        Field("forename", TEXT, "prenom"),
        Extension(Field("title", Coded("R81"), "civilite")),
        blank=NomExercice(nom=""),
        **options,
    )


def _coded_honorific(name: NomExercice, writing: Writing) -> NomExercice:
    """A title that no code stands for cannot be written where the schema wants a code."""
    if name.civilite_exercice is None or name.civilite_exercice.code:
        return name
    writing.note_below(LossKind.DROPPED, "honorific", "name.honorific", value_kind="code")
    return msgspec.structs.replace(name, civilite_exercice=None)


NAME_1_6 = _name(TextualCode("R11"))
NAME = _name(Coded("R11"), fit=_coded_honorific)
KNOW_HOW_1_6 = _know_how()
KNOW_HOW = _know_how(Extension(KnowHow(), record()))

_MODE = Field("exerciceModeInUnit", Coded("R23"), "mode_exercice", required=True)
_SKILLS = Many("specificSkills", Coded("R243"), "competences_specifiques")
_SECTOR = (
    Field("agreementSector", Coded("R282"), "secteur_conventionnement"),
    Field("contractOptionHealthCareAccess", BOOLEAN, "option_contrat_acces_aux_soins"),
    Field("vitaleCardAccepted", BOOLEAN, "carte_vitale_acceptee"),
)
_PLACED = frozenset({"offres", "entites_geographiques"})

SITUATION_2_4 = Shape(
    SituationOperationnelle,
    "operationalStatus",
    _MODE,
    First("contactPoint", TELECOM, "telecommunications"),
    _SKILLS,
    First("operatingHours", HOURS_WITH_FLAG, "precisions_horaires"),
    *_SECTOR,
    Field("homeVisit", BOOLEAN, "visite_domicile"),
    record(),
    handled=_PLACED,
)
SITUATION_3_0 = Shape(
    SituationOperationnelle,
    "operationalStatus",
    _MODE,
    Many("contactPoint", TELECOM, "telecommunications"),
    _SKILLS,
    Many("operatingHours", HOURS, "precisions_horaires"),
    *_SECTOR,
    record(),
    handled=_PLACED,
)


# What a situation says beside its telecoms, and where 2.4 or 3.0 say it: nowhere, for its identifier in FHIR.
_SAID_OF_A_SITUATION = {
    part.attribute: part.name
    for part in (*SITUATION_2_4.parts, *SITUATION_3_0.parts)
    if isinstance(part, Field | Many) and part.attribute != "telecommunications"
} | {"identifiant": ""}


class PersonalTelecoms:
    """Up to 1.6 the telecoms of a professional stand with the person: all that is said of the situation."""

    attributes = frozenset({"situations"})
    _tag = csd("contactPoint")

    def takes(self) -> Iterator[tuple[str, Take]]:
        """Every telecom."""
        yield self._tag, self._take

    def _take(self, element: etree._Element, values: Values, reading: Reading) -> None:
        telecom = TELECOM_WITHOUT_LEVEL.read(element, reading)
        if telecom is not None:
            known = values["situations"][0].telecommunications if "situations" in values else ()
            values["situations"] = (SituationOperationnelle(telecommunications=(*known, telecom)),)

    def says(self, value: Any) -> bool:
        """Whether there is any telecom."""
        return any(situation.telecommunications for situation in value.situations)

    def put(self, out: Markup, value: Any, writing: Writing) -> None:
        """Append the telecoms of the situation; all else that it says is noted."""
        for situation in value.situations:
            for telecom in situation.telecommunications:
                TELECOM_WITHOUT_LEVEL.write(out, "contactPoint", telecom, writing)
            for name, element in _SAID_OF_A_SITUATION.items():
                if getattr(situation, name) not in (None, ()):
                    writing.note(
                        LossKind.DROPPED,
                        f"extension/operationalStatus/{element}",
                        f"operationalStatus.{name}",
                        value_kind="attribute",
                        severity=Severity.INFORMATION if name == "metadonnee" else Severity.ERROR,
                    )


def professional(*, name: Shape, person: tuple[Part, ...], know_how: Shape, extension: tuple[Part, ...]) -> Shape:
    """The shape of a professional in a version."""
    return Entry(
        Professionnel,
        "provider",
        PROFESSIONAL,
        Many("codedType", Coded("G15"), "professions", required=True),
        Spread("demographic", Many("name", name, "noms_exercice", required=True), *person, required=True),
        Many("language", Coded("G00"), "langues"),
        Spread("organizations", Many("organization", Reference(Space.EG), "entites_geographiques")),
        Spread("facilities", Many("facility", Reference(Space.UE, Space.OI), "offres")),
        Many("credential", know_how, "savoir_faire"),
        *extension,
        record(),
        handled=frozenset({"cle"}),
    )


PROFESSIONAL_1_6 = professional(name=NAME_1_6, person=(PersonalTelecoms(),), know_how=KNOW_HOW_1_6, extension=())


def _extension(situation: Shape) -> tuple[Part, ...]:
    return (
        Extension(
            First("operationalStatus", situation, "situations"),
            First("mailBoxMSS", MAILBOX, "boites_lettres_mss"),
        ),
    )


PROFESSIONAL_2_4 = professional(name=NAME, person=(), know_how=KNOW_HOW, extension=_extension(SITUATION_2_4))
PROFESSIONAL_3_0 = professional(name=NAME, person=(), know_how=KNOW_HOW, extension=_extension(SITUATION_3_0))


def one_per_unit(value: Professionnel) -> Iterator[Professionnel]:
    """The entries of the wire for one professional: one for each operational situation, with its units and sites, and
    one for where he or she has none. Where nothing tells the units of several situations, the first has them all.
    """
    value = tied(value)
    told = is_told(value)
    for rank, situation in enumerate(value.situations):
        units = situation.offres if told or rank else value.offres
        sites = situation.entites_geographiques or value.entites_geographiques
        yield msgspec.structs.replace(value, situations=(situation,), offres=units, entites_geographiques=sites)
    without = tuple(key for key in value.offres if told and not any(key in one.offres for one in value.situations))
    if without or not value.situations:
        yield msgspec.structs.replace(value, situations=(), offres=without or value.offres)


def joined(first: Professionnel, other: Professionnel) -> Professionnel:
    """One professional from two entries of the wire; the identity is that of the first.

    An addition that both make is one, as often as one of them makes it.
    """
    return msgspec.structs.replace(
        first,
        situations=(*first.situations, *other.situations),
        offres=tuple(dict.fromkeys((*first.offres, *other.offres))),
        entites_geographiques=tuple(dict.fromkeys((*first.entites_geographiques, *other.entites_geographiques))),
        boites_lettres_mss=tuple(dict.fromkeys((*first.boites_lettres_mss, *other.boites_lettres_mss))),
        ajouts=(*first.ajouts, *(Counter(other.ajouts) - Counter(first.ajouts)).elements()),
    )


def same_person(first: Professionnel, other: Professionnel) -> bool:
    """Whether two entries say the same of the person, apart from where and how he or she works."""
    return _identity(first) == _identity(other)


def _identity(value: Professionnel) -> Professionnel:
    return msgspec.structs.replace(
        value, situations=(), offres=(), entites_geographiques=(), boites_lettres_mss=(), ajouts=(), metadonnee=None
    )
