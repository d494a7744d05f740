"""What codes are called on the pages, in English and Chinese: from the policy and reference rows of the release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from expectations.policy.in_force import rows_in_force
from expectations.yaml_files import read_yaml
from orchestration.store.releases import POLICY, REFERENCE, Release

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
    """Vocabulary -> code -> label. Vocabularies are those of ref_category, and role, role_group and metric."""

    texts: Mapping[str, Mapping[str, Text]]
    units: Mapping[str, str]  # metric -> unit

    def of(self, vocabulary: str, code: str) -> Text:
        """The label of a code, or the code if nothing labels it."""
        return self.texts.get(vocabulary, {}).get(code) or Text(code, code)


def labels_of(release: Release, on: date) -> Labels:
    """The labels in force on a date, from the rows that the release keeps. Raises UnreadableError."""
    texts: dict[str, dict[str, Text]] = {}
    for row in rows_in_force(release.folder / REFERENCE / "ref_category.csv", on):
        texts.setdefault(row["vocabulary"], {})[row["category"]] = Text(row["label_en"], row["label_zh"])
    roles = texts.setdefault("role", {})
    groups: dict[str, list[Text]] = {}
    for row in rows_in_force(release.folder / POLICY / "policy_role.csv", on):
        title = Text(row["job_title_en"], row["job_title_zh"])
        roles[row["role"]] = title
        if row["role_group"]:
            groups.setdefault(row["role_group"], []).append(title)
    # The policy names roles; a group is called by the titles of its roles.
    texts["role_group"] = {
        group: Text(
            ", ".join([titles[0].en, *(title.en[:1].lower() + title.en[1:] for title in titles[1:])]),
            "、".join(title.zh for title in titles),
        )
        for group, titles in groups.items()
    }
    metrics = rows_in_force(release.folder / POLICY / "policy_metric.csv", on)
    texts["metric"] = {row["metric"]: Text(row["label_en"], row["label_zh"]) for row in metrics}
    return Labels(texts, {row["metric"]: row["unit"] for row in metrics})
