"""The text of what is written: values escaped as the serialiser of trees does, and no tree made.

A document is hundreds of thousands of elements; to make each one only to serialise it cost five times its text
(docs/benchmarks.md). What XML has no character for is refused: such a text never comes from a document that was read.
"""

import re

from mappings.csd.namespaces import CSD
from mappings.shelf import Recent

DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
DECLARED = f' xmlns:csd="{CSD}"'

Markup = list[str]
"""A text being written, piece by piece."""

_NO_CHARACTERS = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
FORBIDDEN = re.compile(f"[{_NO_CHARACTERS}]")
# A longer text hardly comes twice.
_REMEMBERED = 64


class NotAText(ValueError):
    """A value holds a character that no XML document may hold."""


class _Escaped(Recent):
    """Texts by what they stand for; the short ones of late are remembered."""

    def __init__(self, **replacements: str) -> None:
        super().__init__()
        self._table = {ord(_CHARACTERS[name]): text for name, text in replacements.items()}
        self._odd = re.compile(f"[{_NO_CHARACTERS}{''.join(map(chr, self._table))}]").search

    def __missing__(self, value: str) -> str:
        text = self._replaced(value) if self._odd(value) else value
        if len(value) <= _REMEMBERED:
            self[value] = text
        return text

    def _replaced(self, value: str) -> str:
        if FORBIDDEN.search(value):
            raise NotAText
        return value.translate(self._table)


_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "tab": "\t", "newline": "\n", "return_": "\r"}
_MARKS = {"amp": "&amp;", "lt": "&lt;", "gt": "&gt;", "return_": "&#13;"}
CONTENT = _Escaped(**_MARKS)
ATTRIBUTE = _Escaped(**_MARKS, quot="&quot;", tab="&#9;", newline="&#10;")


def opened(out: Markup, name: str, attributes: str = "") -> int:
    """Begin an element; what `closed` wants to end it."""
    out.append(f"<csd:{name}{attributes}>")
    return len(out)


def closed(out: Markup, name: str, start: int) -> None:
    """End the element that `opened` began: one that holds nothing is written as one tag."""
    if len(out) == start:
        out[-1] = out[-1][:-1] + "/>"
    else:
        out.append(f"</csd:{name}>")
