"""Records: when an object was made and changed, by whom it is held, and the comment on it (contract section 4)."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from lxml import etree

from mappings.csd.additions import additions, place
from mappings.csd.contexts import Reading, Writing
from mappings.csd.markup import ATTRIBUTE, CONTENT, Markup
from mappings.csd.namespaces import csd
from mappings.csd.scalars import TEXT, is_exact, note_spelling, read_instant, usual_instant, write_instant
from mappings.csd.strays import OF_EXTENSION, has_text, note_around, note_text
from mappings.exposition.values import Metadonnee
from mappings.loss import Loss, LossKind, Severity

# What is lost of a record, wherever it stands: the rule that says so.
_Lost = tuple[str, LossKind, Severity]
# What a record says: its attributes, the elements of its extension if it has one, and what is lost of it.
_Said = tuple[str, str | None, tuple[_Lost, ...]]


class Repeated:
    """What the missing records of an object repeat of the one above them: at each place the text, and what was told."""

    __slots__ = ("above", "attributes", "losses", "object", "said")

    def __init__(self, writing: Writing) -> None:
        self.above = above = writing.metadonnee
        self.object = writing.object
        created = None if above is None else above.date_creation or above.date_mise_a_jour
        updated = None if above is None else above.date_mise_a_jour or above.date_creation
        self.attributes = f'{_dates(created, updated, writing)} status="{_DEFAULT_STATUS}"'
        self.losses = _lost(writing.prefix, _EVERYTHING, dated=created is not None, form=False)
        self.said: dict[str, tuple[str, list[Loss]]] = {}

    def say(self, name: str, at: str) -> tuple[str, list[Loss]]:
        """The record at a place, and what is told of it."""
        said = self.said[at] = f"<csd:{name}{self.attributes}/>", _told(self.losses, self.object, at)
        return said


EXTENSION_TYPE = ' type="ror" urn="urn:asip:ror"'
_EXTENSION = csd("extension")
_ELEMENTS = {"recognation": "identifiant", "comments": "commentaire"}
_NAMES = {csd(name): attribute for name, attribute in _ELEMENTS.items()}
# Nearly all records say these and no more.
_USUAL = ["created", "updated", "status", "sourceDirectory"]
_NO_TEXTS: dict[str, str] = {}
_UNKNOWN_INSTANT = "1970-01-01T00:00:00"
_DEFAULT_STATUS = "Ok"
_EVERYTHING = (True, True, True)


class Record:
    """The `record` of an object. One that is missing where the schema wants one is `repeated`."""

    value_kind = "record"

    def usual(self, element: etree._Element, reading: Reading) -> Metadonnee | None:
        """The life of an object that says it as nearly all do; None for any other, which is for `read` to judge."""
        if element.keys() != _USUAL or element.text is not None or len(element) > 0:
            return None
        created, updated, status, source = element.values()
        dialect = reading.dialect
        made = usual_instant(created, dialect.zone)  # type: ignore[arg-type]  # never bytes
        changed = made if updated == created else usual_instant(updated, dialect.zone)  # type: ignore[arg-type]
        if made is None or changed is None:
            return None
        return Metadonnee(made, changed, status or None, source or None, None, None, dialect.region)  # type: ignore[arg-type]

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
        path = f"{writing.path}/{name}" if writing.path else name
        attributes, texts, losses = _say(value, writing)
        at = f"{writing.within}/{path}" if writing.within else path
        writing.ledger.gather(_told(losses, writing.object, at))
        text = f"<csd:{name}{attributes}/>" if texts is None else _whole(name, attributes, texts)
        if value.ajouts:
            outside, writing.path = writing.path, path
            text = place(text, value.ajouts, writing)
            writing.path = outside
        out.append(text)


def repeated(name: str, path: str, writing: Writing) -> str:
    """A record that is missing at `path`: it repeats that of the object above, and is noted.

    Most records of a document are missing, those that FHIR cannot say: one after the other they repeat the same record
    above them, and tell the same of it wherever the object has several at one place.
    """
    known: Repeated | None = writing.repeated
    if known is None or known.above is not writing.metadonnee or known.object is not writing.object:
        known = writing.repeated = Repeated(writing)
    at = f"{writing.within}/{path}" if writing.within else path
    text, told = known.said.get(at) or known.say(name, at)
    writing.ledger.gather(told)
    return text


def _told(losses: Iterable[_Lost], key: str, at: str) -> list[Loss]:
    return [Loss(key, at, rule, kind, severity, "record") for rule, kind, severity in losses]


def _whole(name: str, attributes: str, texts: str) -> str:
    inside = f"<csd:extension{EXTENSION_TYPE}>{texts}</csd:extension>"
    return f"<csd:{name}{attributes}>{inside}</csd:{name}>"


def _say(value: Metadonnee, writing: Writing) -> _Said:
    """What a record says, and what is lost of it: an instant that it lacks is its other one, else one of the record of
    the object above.
    """
    above = writing.metadonnee
    born, changed = (None, None) if above is None else (above.date_creation, above.date_mise_a_jour)
    created = value.date_creation or value.date_mise_a_jour or born or changed
    updated = value.date_mise_a_jour or value.date_creation or changed or born
    attributes = f'{_dates(created, updated, writing)} status="{ATTRIBUTE[value.statut or _DEFAULT_STATUS]}"'
    if value.source is not None:
        attributes += f' sourceDirectory="{ATTRIBUTE[value.source]}"'
    lacks = (value.date_creation is None, value.date_mise_a_jour is None, value.statut is None)
    losses = _lost(writing.prefix, lacks, dated=created is not None, form=value.modele_saisie is not None)
    if value.identifiant is None and value.commentaire is None:
        return attributes, None, losses
    texts = "".join(
        f"<csd:{name}>{CONTENT[text]}</csd:{name}>"
        for name, attribute in _ELEMENTS.items()
        if (text := getattr(value, attribute)) is not None
    )
    return attributes, texts, losses


def _dates(created: datetime | None, updated: datetime | None, writing: Writing) -> str:
    """The two instants. A record that repeats the one above, and that one, have the same: they come one by one."""
    known = writing.dates
    if known is None or known[0] is not created or known[1] is not updated:
        first = _UNKNOWN_INSTANT if created is None else write_instant(created)
        last = _UNKNOWN_INSTANT if updated is None else write_instant(updated)
        known = writing.dates = (created, updated, f' created="{first}" updated="{last}"')
    return known[2]


def _loss(rule: str, kind: LossKind, severity: Severity) -> _Lost:
    return rule, kind, severity


@cache
def _lost(prefix: str, lacks: tuple[bool, bool, bool], *, dated: bool, form: bool) -> tuple[_Lost, ...]:
    """What is lost of a record that lacks one of its instants or its status, `dated` by another, made with a `form`."""
    kind, severity = (LossKind.DERIVED, Severity.INFORMATION) if dated else (LossKind.DEFAULTED, Severity.WARNING)
    told = (
        (lacks[0], _loss(f"{prefix}.record.created", kind, severity)),
        (lacks[1], _loss(f"{prefix}.record.updated", kind, severity)),
        (lacks[2], _loss(f"{prefix}.record.status", LossKind.DEFAULTED, Severity.INFORMATION)),
        (form, _loss(f"{prefix}.record.form", LossKind.DROPPED, Severity.INFORMATION)),
    )
    return tuple(lost for lacking, lost in told if lacking)


RECORD = Record()
