"""What operators read, in French and in English."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """French unless asked otherwise."""

    FR = "fr"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    fr: str
    en: str

    def said(self, language: Language) -> str:
        """The sentence in that language."""
        return self.fr if language is Language.FR else self.en
