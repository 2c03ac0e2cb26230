"""The formats that a translation reads and writes, and what it is asked to do."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from mappings.csd.dialect import Dialect
from mappings.csd.version import Version
from mappings.nomenclatures.replacements import NOTHING_ACCEPTED, Acceptance, Pair

FHIR, EXPOSITION = "fhir", "exposition"
# The search of 2016 has a request and an answer of its own: it is no form of the CSD document.
VERSIONS = {f"csd-{version}": version for version in Version if version is not Version.V2016}
FORMATS = (*VERSIONS, FHIR, EXPOSITION)


class Root(StrEnum):
    """The root of the document that is written."""

    CSD = "CSD"
    ANSWER = "careServicesResponse"


class Task(msgspec.Struct, frozen=True):
    """A translation: from a format to another, by the dialect of the source, the codes of its day (`source_at`) judged
    and carried to the day of the reader (`at`).
    """

    source: str
    target: str
    dialect: Dialect
    source_at: date
    at: date
    accepted: Mapping[Pair, Acceptance] = NOTHING_ACCEPTED


class InputRefused(Exception):
    """The input is not a document of its format; `code` and `path` say why, `line` and `column` where (0: unknown)."""

    def __init__(self, code: str, line: int = 0, column: int = 0, path: str = "") -> None:
        super().__init__(f"{code} (line {line}, column {column}) {path}".rstrip())
        self.code = code
        self.line = line
        self.column = column
        self.path = path
