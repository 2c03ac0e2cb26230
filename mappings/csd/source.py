"""The text of a function made from a table, as it grows, and the values that it names.

Reading (`compiled`) and writing (`writers`) make one function for each class, of which this is the common part.
"""

from collections.abc import Callable
from typing import Any


class Source:
    """The text of one function; `of` is the element that it is made for, shown by a traceback."""

    def __init__(self, of: str) -> None:
        self.of = of
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self._margin = 0

    def _line(self, text: str) -> None:
        self.lines.append("    " * self._margin + text)

    def _named(self, prefix: str, value: Any) -> str:
        """The name under which the function knows a value."""
        for name, known in self.names.items():
            if known is value:
                return name
        name = f"{prefix}_{len(self.names)}"
        self.names[name] = value
        return name

    def _inside(self, block: Callable[[], None]) -> None:
        self._margin += 1
        block()
        self._margin -= 1

    def function(self, name: str) -> Callable[..., Any]:
        """The function of that name, made of the text."""
        code = compile("\n".join(self.lines), f"<{name} of {self.of}>", "exec")
        exec(code, self.names)  # noqa: S102 - the text is made here, of our own tables
        made: Callable[..., Any] = self.names[name]
        return made
