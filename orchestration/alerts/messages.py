"""What an alert says, in English or Chinese: date, table, rule, count, what to do. No personal value, no secret."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from expectations.contract import load_contract
from expectations.policy.reading import CATEGORIES
from expectations.policy.sheets import read_sheet
from expectations.project import REFERENCE_FOLDER
from expectations.yaml_files import read_yaml
from orchestration.alerts.conditions import Alert, Kind

Language = Literal["en", "zh"]
_LEVELS = "organization.org_level"


@dataclass(frozen=True)
class Message:
    """A message: the title stands in a mail's subject."""

    title: str
    body: str


def message_of(alert: Alert, language: Language) -> Message:
    """The message of an alert."""
    words = _Words(alert, language)
    return Message(f"{'Fenceng' if language == 'en' else '分层'} - {words.say('titles', alert.kind)}", words.body())


class _Words:
    """The words of one alert in one language."""

    def __init__(self, alert: Alert, language: Language) -> None:
        self.alert, self.language = alert, language
        month = f"{alert.on:%Y-%m}" if language == "en" else f"{alert.on.year}年{alert.on.month}月"
        named = (", " if language == "en" else "、").join(alert.named)
        self.values = {"date": alert.on.isoformat(), "month": month, "named": named, **alert.values}
        self.values |= {"subject": alert.subject, "count": f"{alert.count:,}"}

    def say(self, part: str, name: str) -> str:
        return str(_phrases()[part][name][self.language]).format(**self.values)

    def body(self) -> str:
        """A line for each thing that is known."""
        alert = self.alert
        told = {
            "month" if alert.kind is Kind.COMPLIANCE else "date": self.values[
                "month" if alert.kind is Kind.COMPLIANCE else "date"
            ],
            self._about(): self._subject(),
            "rule": alert.rule,
            "count": self.say("counts", alert.kind) if alert.count and alert.kind in _phrases()["counts"] else "",
            "cause": self._cause(),
            "remedy": self._remedy(),
        }
        return "\n".join(f"{self.say('labels', name)}{text}" for name, text in told.items() if text)

    def _about(self) -> str:
        if self.alert.kind is Kind.COMPLIANCE:
            return "level"
        if self.alert.kind is Kind.FAILED:
            return "station"
        return "policy_row" if _is_about(self.alert) == "policy" else "table"

    def _subject(self) -> str:
        alert = self.alert
        return _level(alert.subject)[self.language] if alert.kind is Kind.COMPLIANCE else alert.subject

    def _cause(self) -> str:
        alert = self.alert
        if alert.kind is Kind.LATE and not alert.values["newest"]:
            return self.say("causes", "late_none")
        said = [self.say("causes", alert.kind)]
        if alert.values.get("others", "0") != "0":
            said.append(self.say("causes", "others"))
        return (" " if self.language == "en" else "").join(said)

    def _remedy(self) -> str:
        alert = self.alert
        if alert.kind is Kind.BLOCKED:
            known = alert.rule in _phrases()["rules"]
            return self.say("rules", alert.rule if known else _is_about(alert))
        if alert.kind is Kind.LATE:
            return self.say("remedies", "late_delivered" if alert.values["delivered"] else "late_missing")
        return self.say("remedies", alert.kind)


def _is_about(alert: Alert) -> str:
    """What a blocking rule is about: delivered, mart or policy (a line of its files)."""
    if alert.subject in load_contract().tables or alert.rule.startswith("delivery."):
        return "delivered"
    return "policy" if ".csv" in alert.subject else "mart"


def _level(level: str) -> dict[str, str]:
    """The label of a level of organisation in each language."""
    for line in read_sheet(REFERENCE_FOLDER / f"{CATEGORIES}.csv").lines:
        if (line.cells["vocabulary"], line.cells["category"]) == (_LEVELS, level):
            return {"en": line.cells["label_en"], "zh": line.cells["label_zh"]}
    return {"en": level, "zh": level}


@cache
def _phrases() -> dict[str, dict[str, dict[str, str]]]:
    phrases: Any = read_yaml(Path(__file__).with_name("words.yml"))
    return dict(phrases)
