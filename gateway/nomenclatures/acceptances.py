"""The replacements that experts accepted: a CSV file that the configuration names."""

from pathlib import Path

from mappings.nomenclatures.replacements import Acceptance, AcceptanceRefused, Pair, read_acceptances


class AcceptancesRefused(Exception):
    """The file cannot be used; the message says why and where."""


def load_acceptances(path: Path) -> dict[Pair, Acceptance]:
    """The acceptances of a file; raises `AcceptancesRefused`."""
    try:
        return read_acceptances(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise AcceptancesRefused(error.strerror or "unreadable") from error
    except UnicodeDecodeError as error:
        raise AcceptancesRefused("encoding") from error
    except AcceptanceRefused as refused:
        raise AcceptancesRefused(str(refused)) from refused
