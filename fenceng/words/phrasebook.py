"""Phrases in English and Chinese, read from YAML, and how each language joins sentences and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from expectations.yaml_files import read_yaml

Language = Literal["en", "zh"]


class Phrasebook:
    """The phrases of a YAML file beside this module in one language: `name: {en: ..., zh: ...}`."""

    def __init__(self, name: str, language: Language) -> None:
        """name: of the file, without `.yml`."""
        self.language = language
        self._phrases = _phrases(name)

    def say(self, phrase: str, *values: object, **named: object) -> str:
        """A phrase, filled. Raises KeyError for a phrase missing from the file."""
        return self._phrases[phrase][self.language].format(*values, **named)

    def __contains__(self, phrase: str) -> bool:
        return phrase in self._phrases

    def pick(self, english: str, chinese: str) -> str:
        """One of two texts, by the language."""
        return english if self.language == "en" else chinese

    @property
    def colon(self) -> str:
        """Between a name and its value."""
        return self.pick(": ", "：")

    @property
    def comma(self) -> str:
        """Between parts of a sentence."""
        return self.pick(", ", "，")

    def in_brackets(self, text: str) -> str:
        """A text in brackets, to follow another."""
        return self.pick(f" ({text})", f"（{text}）")

    def joined(self, sentences: Iterable[str]) -> str:
        """Whole sentences, one after the other."""
        return self.pick(" ", "").join(sentences)

    def listed(self, parts: Iterable[str]) -> str:
        """Parts of a sentence that may contain commas; empty ones are left out."""
        return self.pick("; ", "；").join(part for part in parts if part)

    def enumerated(self, items: Iterable[str]) -> str:
        """Names or values of one kind."""
        return self.pick(", ", "、").join(items)


class Printer:
    """Paragraphs on a console, in the phrases of a book."""

    def __init__(self, console: Console, book: Phrasebook) -> None:
        """Nothing is printed yet."""
        self.console = console
        self.book = book
        self.say = book.say

    def line(self, text: str, indent: int = 0, style: str = "") -> None:
        """A paragraph; Text keeps brackets in policy texts from being read as markup."""
        self.console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    def title(self, text: str) -> None:
        """A bold line below an empty one."""
        self.console.print()
        self.line(text, style="bold")


def counted(number: int, noun: str) -> str:
    """A count with its noun in English: `1 row`, `2 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@cache
def _phrases(name: str) -> Mapping[str, Mapping[str, str]]:
    phrases: Mapping[str, Mapping[str, str]] = read_yaml(Path(__file__).with_name(f"{name}.yml"))
    return phrases
