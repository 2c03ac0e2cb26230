"""Records: when an object was made and changed, by whom it is held, and the comment on it (contract section 4)."""

from datetime import datetime
from typing import NamedTuple

from lxml import etree

from mappings.csd.additions import additions, place
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import ATTRIBUTE, CONTENT, Markup
from mappings.csd.namespaces import csd
from mappings.csd.scalars import TEXT, is_exact, note_spelling, read_instant, write_instant
from mappings.csd.strays import OF_EXTENSION, has_text, note_around, note_text
from mappings.exposition.values import Metadonnee
from mappings.loss import LossKind, Severity


class _Lost(NamedTuple):
    """What is lost of a record, wherever it stands."""

    kind: LossKind
    rule: str
    severity: Severity


EXTENSION_TYPE = ' type="ror" urn="urn:asip:ror"'
_EXTENSION = csd("extension")
_ELEMENTS = {"recognation": "identifiant", "comments": "commentaire"}
_NAMES = {csd(name): attribute for name, attribute in _ELEMENTS.items()}
_NO_TEXTS: dict[str, str] = {}
_UNKNOWN_INSTANT = "1970-01-01T00:00:00"
_DEFAULT_STATUS = "Ok"


class Record:
    """The `record` of an object. One that is missing where the schema wants one repeats that of the object above."""

    value_kind = "record"
    blank = Metadonnee()

    def read(self, element: etree._Element, reading: Reading) -> Metadonnee:
        """The life of the object."""
        attributes: dict[str, str] = dict(element.items())  # type: ignore[arg-type]  # never bytes
        mark = len(reading.pending)
        texts = self._texts(element, reading) if len(element) > 0 else _NO_TEXTS
        value = Metadonnee(
            self._instant(element, "created", attributes.pop("created", None), reading),
            self._instant(element, "updated", attributes.pop("updated", None), reading),
            attributes.pop("status", None) or None,
            attributes.pop("sourceDirectory", None) or None,
            texts.get("identifiant"),
            texts.get("commentaire"),
            reading.dialect.region,
            None,
            additions(element, mark, reading) if len(reading.pending) > mark else (),
        )
        if attributes:
            reading.note(LossKind.DROPPED, element, "record.attributes", value_kind="attribute")
        if has_text(element):
            note_text(element, reading)
        return value

    def _instant(self, element: etree._Element, name: str, text: str | None, reading: Reading) -> datetime | None:
        if not text:
            return None
        try:
            value = read_instant(text, reading.dialect.zone)
        except ValueError:
            reading.note(
                LossKind.DROPPED,
                element,
                "value.unreadable",
                value_kind="instant",
                severity=Severity.ERROR,
                suffix=f"@{name}",
            )
            return None
        if not is_exact(text):
            note_spelling(element, reading, "instant", f"@{name}")
        return value

    def _texts(self, element: etree._Element, reading: Reading) -> dict[str, str]:
        texts: dict[str, str] = {}
        for child in element:
            if child.tag != _EXTENSION:
                reading.keep(child)
                continue
            note_around(child, OF_EXTENSION, reading)
            for item in child:
                name = _NAMES.get(item.tag)
                if name is None or name in texts:
                    reading.keep(item)
                elif (text := TEXT.read(item, reading)) is not None:
                    texts[name] = text
        return texts

    def write(self, out: Markup, name: str, value: Metadonnee, writing: Writing) -> None:
        """Append the record; what the schema wants and the value lacks is taken from the object above, and noted."""
        said = writing.record
        # Most records of a document are those that FHIR cannot say: one after the other, they repeat the same object.
        if said is None or said[0] is not value or said[1] is not writing.metadonnee:
            said = writing.record = (value, writing.metadonnee, _say(value, writing))
        content, losses = said[2]
        path = f"{writing.path}/{name}" if writing.path else name
        for kind, rule, severity in losses:
            writing.note(kind, path, rule, value_kind="record", severity=severity)
        text = f"<csd:{name}{content}" if content[-1] == ">" else f"<csd:{name}{content}{name}>"
        if value.ajouts:
            above, writing.path = writing.path, path
            text = place(text, value.ajouts, writing)
            writing.path = above
        out.append(text)


def _say(value: Metadonnee, writing: Writing) -> tuple[str, list[_Lost]]:
    """What a record says after its name, up to its end or to its name again, and what is lost of it."""
    losses: list[_Lost] = []
    created = _instant("created", value.date_creation, value.date_mise_a_jour, writing, losses)
    updated = _instant("updated", value.date_mise_a_jour, value.date_creation, writing, losses)
    if value.statut is None:
        losses.append(_Lost(LossKind.DEFAULTED, rule="record.status", severity=Severity.INFORMATION))
    attributes = f' created="{created}" updated="{updated}" status="{ATTRIBUTE[value.statut or _DEFAULT_STATUS]}"'
    if value.source is not None:
        attributes += f' sourceDirectory="{ATTRIBUTE[value.source]}"'
    if value.modele_saisie is not None:
        losses.append(_Lost(LossKind.DROPPED, rule="record.form", severity=Severity.INFORMATION))
    if value.identifiant is None and value.commentaire is None:
        return f"{attributes}/>", losses
    inside = "".join(
        f"<csd:{name}>{CONTENT[text]}</csd:{name}>"
        for name, attribute in _ELEMENTS.items()
        if (text := getattr(value, attribute)) is not None
    )
    return f"{attributes}><csd:extension{EXTENSION_TYPE}>{inside}</csd:extension></csd:", losses


def _instant(name: str, own: datetime | None, other: datetime | None, writing: Writing, losses: list[_Lost]) -> str:
    """The instant of that name, else the other one, else one of the record of the object above."""
    if own is not None:
        return write_instant(own)
    above = writing.metadonnee
    derived = other
    if derived is None and above is not None:
        created, updated = above.date_creation, above.date_mise_a_jour
        derived = (updated or created) if name == "updated" else (created or updated)
    if derived is not None:
        losses.append(_Lost(LossKind.DERIVED, rule=f"record.{name}", severity=Severity.INFORMATION))
        return write_instant(derived)
    losses.append(_Lost(LossKind.DEFAULTED, rule=f"record.{name}", severity=Severity.WARNING))
    return _UNKNOWN_INSTANT


RECORD = Record()
