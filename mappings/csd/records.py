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
from mappings.loss import Loss, LossKind, Severity


class _Lost(NamedTuple):
    """What is lost of a record, wherever it stands."""

    rule: str
    kind: LossKind
    severity: Severity


class _Said(NamedTuple):
    """What a record says: its attributes, the elements of its extension if it has one, and what is lost of it."""

    attributes: str
    texts: str | None
    losses: list[_Lost]


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
        above = writing.metadonnee
        if value is not self.blank:
            said = _say(value, writing)
        elif writing.record is not None and writing.record[0] is above:
            said = writing.record[1]
        else:
            # Most records of a document are those that FHIR cannot say: one after the other, they repeat the same one.
            said = _say(value, writing)
            writing.record = (above, said)
        path = f"{writing.path}/{name}" if writing.path else name
        if said.losses:
            key, at = writing.object, f"{writing.within}/{path}" if writing.within else path
            writing.ledger.gather(
                [Loss(key, at, rule, kind, severity, "record") for rule, kind, severity in said.losses]
            )
        text = f"<csd:{name}{said.attributes}/>" if said.texts is None else _whole(name, said)
        if value.ajouts:
            outside, writing.path = writing.path, path
            text = place(text, value.ajouts, writing)
            writing.path = outside
        out.append(text)


def _whole(name: str, said: _Said) -> str:
    inside = f"<csd:extension{EXTENSION_TYPE}>{said.texts}</csd:extension>"
    return f"<csd:{name}{said.attributes}>{inside}</csd:{name}>"


def _say(value: Metadonnee, writing: Writing) -> _Said:
    """What a record says, taken from that of the object above where it must, and what is lost of it."""
    losses: list[_Lost] = []
    created = _instant("created", value.date_creation, value.date_mise_a_jour, writing, losses)
    updated = _instant("updated", value.date_mise_a_jour, value.date_creation, writing, losses)
    if value.statut is None:
        losses.append(
            _Lost(rule=f"{writing.prefix}.record.status", kind=LossKind.DEFAULTED, severity=Severity.INFORMATION)
        )
    if value.modele_saisie is not None:
        losses.append(_Lost(rule=f"{writing.prefix}.record.form", kind=LossKind.DROPPED, severity=Severity.INFORMATION))
    first = _text(created)
    last = first if updated is created else _text(updated)
    attributes = f' created="{first}" updated="{last}" status="{ATTRIBUTE[value.statut or _DEFAULT_STATUS]}"'
    if value.source is not None:
        attributes += f' sourceDirectory="{ATTRIBUTE[value.source]}"'
    if value.identifiant is None and value.commentaire is None:
        return _Said(attributes, None, losses)
    texts = "".join(
        f"<csd:{name}>{CONTENT[text]}</csd:{name}>"
        for name, attribute in _ELEMENTS.items()
        if (text := getattr(value, attribute)) is not None
    )
    return _Said(attributes, texts, losses)


def _text(instant: datetime | None) -> str:
    return _UNKNOWN_INSTANT if instant is None else write_instant(instant)


def _instant(
    name: str,
    own: datetime | None,
    other: datetime | None,
    writing: Writing,
    losses: list[_Lost],
) -> datetime | None:
    """The instant of that name, else the other one, else one of the record of the object above."""
    if own is not None:
        return own
    above, derived = writing.metadonnee, other
    if derived is None and above is not None:
        created, updated = above.date_creation, above.date_mise_a_jour
        derived = (updated or created) if name == "updated" else (created or updated)
    if derived is None:
        losses.append(_Lost(rule=f"{writing.prefix}.record.{name}", kind=LossKind.DEFAULTED, severity=Severity.WARNING))
    else:
        losses.append(
            _Lost(rule=f"{writing.prefix}.record.{name}", kind=LossKind.DERIVED, severity=Severity.INFORMATION)
        )
    return derived


RECORD = Record()
