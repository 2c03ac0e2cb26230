"""What the screen prints is also what it remembers."""

import io

from rich.console import Console

from gateway.demo.coverage import Row
from gateway.demo.screen import Screen, Told
from gateway.messages import Language

ROWS = (
    Row("53", {"s": "unreachable", "ms": "4"}),
    Row("84", {"s": "answered", "n": "12", "l": "3", "src": "replica", "age": "8", "ms": "41"}),
    Row("94", {"s": "not_asked", "r": "territory"}),
)


def test_a_table_has_one_line_per_member_in_the_language_asked() -> None:
    written = io.StringIO()
    screen = Screen(Console(file=written, width=120), Language.EN)

    screen.coverage(ROWS, {"53": "Bretagne", "84": "Auvergne-Rhône-Alpes"})

    lines = [line.split() for line in written.getvalue().splitlines()]
    assert lines[1] == ["53", "Bretagne", "unreachable", "4", "ms"]
    assert lines[2] == ["84", "Auvergne-Rhône-Alpes", "answered", "replica", "8", "s", "12", "3", "41", "ms"]
    assert lines[3] == ["94", "94", "not", "asked", ":", "territory"]


def test_what_was_said_is_kept_for_json() -> None:
    screen = Screen(Console(quiet=True), Language.FR)

    screen.title("ok")
    screen.say("unexpected", fact="84: refused")
    screen.coverage(ROWS[:1], {})

    assert screen.told == (
        Told("demo: OK"),
        Told("INATTENDU : 84: refused"),
        Told(coverage={"53": {"s": "unreachable", "ms": "4"}}),
    )
