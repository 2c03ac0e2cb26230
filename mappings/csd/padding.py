"""Leading zeros: some solutions strip them in the search of 2016 (contract section 15.2)."""

from mappings.nomenclatures.tables import table


def padded(system: str, code: str) -> str:
    """The code as its table writes it; as it stands when the table is not held or holds nothing like it."""
    concepts = table(system)
    if concepts is None or code in concepts:
        return code
    candidates = (code.zfill(width) for width in range(2, 6))
    return next((wide for wide in candidates if wide in concepts), code)
