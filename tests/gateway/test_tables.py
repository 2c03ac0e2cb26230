"""The tables of docs/ say what the data says."""

import pytest

from gateway.tables import ROOT, MarkersMissing, current, documents, with_table


@pytest.mark.parametrize("document", documents())
def test_a_generated_table_is_current(document: str) -> None:
    assert (ROOT / document).read_text(encoding="utf-8") == current(document), "run: make tables"


def test_a_table_replaces_what_stood_between_its_lines() -> None:
    text = "before\n<!-- begin losses -->\nold\n<!-- end losses -->\nafter\n"

    assert with_table(text, "losses", "| a |") == (
        "before\n<!-- begin losses -->\n\n| a |\n\n<!-- end losses -->\nafter\n"
    )


@pytest.mark.parametrize("text", ["", "<!-- begin losses -->\nold", "old\n<!-- end losses -->"])
def test_a_document_without_both_lines_is_told(text: str) -> None:
    with pytest.raises(MarkersMissing, match="losses"):
        with_table(text, "losses", "| a |")
