"""The phrases that the commands print: both languages match, and Chinese has Chinese punctuation."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from fenceng.words import phrasebook
from fenceng.words.phrasebook import Phrasebook, counted
from orchestration.station_names import Station

# findings.yml is no phrasebook: its English stands with the rules.
FINDINGS = Path(phrasebook.__file__).with_name("findings.yml")
BOOKS = {file.stem: file for file in sorted(FINDINGS.parent.glob("*.yml")) if file != FINDINGS}


def phrases(book: str) -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(BOOKS[book].read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("book", BOOKS)
def test_every_phrase_is_in_both_languages(book: str) -> None:
    for name, texts in phrases(book).items():
        assert texts.keys() == {"en", "zh"}, name
        assert all(isinstance(text, str) for text in texts.values()), name


@pytest.mark.parametrize("book", ["explanation", "care", "today", "assignment", "changes", "release"])
def test_both_languages_are_filled_with_the_same(book: str) -> None:
    """Named placeholders may differ, since only one language gives amounts in yuan; numbered ones may not."""
    for name, texts in phrases(book).items():
        fields = [sorted(_numbered(text)) for text in texts.values()]
        assert fields[0] == fields[1], name


def _numbered(text: str) -> list[str]:
    fields = [field for _, field, _, _ in Formatter().parse(text) if field is not None]
    return [field or str(place) for place, field in enumerate(fields)]


@pytest.mark.parametrize("book", BOOKS)
def test_chinese_has_full_width_punctuation(book: str) -> None:
    for name, texts in phrases(book).items():
        assert not _has_half_width(texts["zh"]), name


def test_reasons_of_findings_have_full_width_punctuation() -> None:
    reasons: dict[str, str] = yaml.safe_load(FINDINGS.read_text(encoding="utf-8"))
    assert {name for name, reason in reasons.items() if _has_half_width(reason)} == set()


def _has_half_width(text: str) -> bool:
    return re.search(r"[,:;()!?]", re.sub(r"`[^`]*`", "", text)) is not None


def test_each_station_has_its_name() -> None:
    assert phrases("stations").keys() == {"start", *(station.label for station in Station), "all"}


def test_sentences_and_lists_are_put_together_by_language() -> None:
    english, chinese = Phrasebook("explanation", "en"), Phrasebook("explanation", "zh")
    assert (english.enumerated(["a", "b"]), chinese.enumerated(["甲", "乙"])) == ("a, b", "甲、乙")
    assert (english.listed(["a", "", "b"]), chinese.listed(["甲", "", "乙"])) == ("a; b", "甲；乙")
    assert (english.joined(["A.", "B."]), chinese.joined(["甲。", "乙。"])) == ("A. B.", "甲。乙。")
    assert (english.in_brackets("a"), chinese.in_brackets("甲")) == (" (a)", "（甲）")
    with pytest.raises(KeyError):
        english.say("no such phrase")
    assert "met" in english
    assert "no such phrase" not in english


def test_one_is_not_many() -> None:
    assert (counted(0, "row"), counted(1, "row"), counted(1200, "row")) == ("0 rows", "1 row", "1,200 rows")
