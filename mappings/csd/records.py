"""Records: when an object was made and changed, by whom it is held, and the comment on it (contract section 4)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from lxml import etree

from mappings.csd.additions import additions, place
from mappings.csd.contexts import Reading, Writing, path_of
from mappings.csd.namespaces import csd
from mappings.csd.scalars import TEXT, is_exact, note_spelling, read_instant, write_instant
from mappings.csd.strays import OF_EXTENSION, has_text, note_around, note_attributes, note_text
from mappings.exposition.values import Metadonnee
from mappings.loss import LossKind, Severity

_Note = Callable[[LossKind, str, Severity], None]

EXTENSION_TYPE = {"type": "ror", "urn": "urn:asip:ror"}
_EXTENSION = csd("extension")
_NAMES = {csd("recognation"): "identifiant", csd("comments"): "commentaire"}
_ATTRIBUTES = frozenset({"created", "updated", "status", "sourceDirectory"})
_UNKNOWN_INSTANT = "1970-01-01T00:00:00"
_DEFAULT_STATUS = "Ok"


class Record:
    """The `record` of an object. One that is missing where the schema wants one repeats that of the object above."""

    value_kind = "record"
    blank = Metadonnee()

    def read(self, element: etree._Element, reading: Reading) -> Metadonnee:
        """The life of the object; equal records of a document are one value."""
        if len(element) > 0 or element.text is not None:
            return self._read(element, reading)
        key = tuple(element.items())
        known: Metadonnee | None = reading.memory.get(key)
        if known is None:
            told = len(reading.ledger)
            known = self._read(element, reading)
            # One that loses something is read again for each object that has it, and noted for each.
            if len(reading.ledger) == told:
                reading.memory[key] = known
        return known

    def _read(self, element: etree._Element, reading: Reading) -> Metadonnee:
        note_attributes(element, _ATTRIBUTES, reading, "record.attributes")
        if has_text(element):
            note_text(element, reading)
        mark = len(reading.pending)
        texts = self._texts(element, reading) if len(element) > 0 else {}
        return Metadonnee(
            date_creation=self._instant(element, "created", reading),
            date_mise_a_jour=self._instant(element, "updated", reading),
            statut=element.get("status") or None,
            source=element.get("sourceDirectory") or None,
            region_source=reading.dialect.region,
            ajouts=additions(element, mark, reading),
            **texts,
        )

    def _instant(self, element: etree._Element, name: str, reading: Reading) -> datetime | None:
        text = element.get(name)
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

    def write(self, parent: etree._Element, tag: str, value: Metadonnee, writing: Writing) -> None:
        """Append the record; what the schema wants and the value lacks is taken from the object above, and noted."""
        element = etree.SubElement(parent, tag)
        created, updated = value.date_creation, value.date_mise_a_jour
        lacking = created is None or updated is None or value.statut is None or value.modele_saisie is not None
        note = partial(self._note, path_of(element) if lacking else "", writing)
        default = partial(self._default, writing, note)
        element.set("created", write_instant(created) if created else default("created", updated))
        element.set("updated", write_instant(updated) if updated else default("updated", created))
        if value.statut is None:
            note(LossKind.DEFAULTED, "status", Severity.INFORMATION)
        element.set("status", value.statut or _DEFAULT_STATUS)
        if value.source is not None:
            element.set("sourceDirectory", value.source)
        if value.identifiant is not None or value.commentaire is not None:
            extension = etree.SubElement(element, _EXTENSION, EXTENSION_TYPE)
            for name, attribute in _NAMES.items():
                text = getattr(value, attribute)
                if text is not None:
                    etree.SubElement(extension, name).text = text
        if value.modele_saisie is not None:
            note(LossKind.DROPPED, "form", Severity.INFORMATION)
        if value.ajouts:
            place(element, value.ajouts, writing)

    def _default(self, writing: Writing, note: _Note, name: str, other: datetime | None) -> str:
        above = writing.metadonnee
        derived = other
        if derived is None and above is not None:
            created, updated = above.date_creation, above.date_mise_a_jour
            derived = (updated or created) if name == "updated" else (created or updated)
        if derived is not None:
            note(LossKind.DERIVED, name, Severity.INFORMATION)
            return write_instant(derived)
        note(LossKind.DEFAULTED, name, Severity.WARNING)
        return _UNKNOWN_INSTANT

    def _note(self, path: str, writing: Writing, kind: LossKind, name: str, severity: Severity) -> None:
        writing.note(kind, path, f"record.{name}", value_kind="record", severity=severity)


RECORD = Record()
