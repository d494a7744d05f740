"""What codes are called on the pages, in English and Chinese: dim_label of the release, and its policy rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from expectations.policy.in_force import rows_in_force
from expectations.yaml_files import read_yaml
from orchestration.database import connect
from orchestration.store.releases import POLICY, Release

LANGUAGES = ("en", "zh")
WORDS = Path(__file__).with_name("words.yml")


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    en: str
    zh: str

    def of(self, language: str) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.zh


@cache
def words() -> Mapping[str, Text]:
    """The phrases of the pages by name."""
    return {name: Text(str(phrase["en"]), str(phrase["zh"])) for name, phrase in read_yaml(WORDS).items()}


@dataclass(frozen=True)
class Labels:
    """Set of codes -> code -> label, as dim_label has them. order: role groups and roles, leaders first."""

    texts: Mapping[str, Mapping[str, Text]]
    units: Mapping[str, str]  # metric -> unit
    order: Mapping[str, Sequence[str]]

    def of(self, code_set: str, code: str) -> Text:
        """The label of a code, or the code if nothing labels it."""
        return self.texts.get(code_set, {}).get(code) or Text(code, code)


def labels_of(release: Release, on: date) -> Labels:
    """The labels of a release whose views stand, and the rows in force on a date. Raises UnreadableError."""
    texts: dict[str, dict[str, Text]] = {}
    with connect(release.database, read_only=True) as connection:
        rows = connection.execute("select code_set, code, label_en, label_zh from marts.dim_label").fetchall()
    for code_set, code, english, chinese in rows:
        texts.setdefault(code_set, {})[code] = Text(english, chinese)
    roles = rows_in_force(release.folder / POLICY / "policy_role.csv", on)
    metrics = rows_in_force(release.folder / POLICY / "policy_metric.csv", on)
    order = {name: list(dict.fromkeys(row[name] for row in roles if row[name])) for name in ("role", "role_group")}
    return Labels(texts, {row["metric"]: row["unit"] for row in metrics}, order)
