"""The marks beyond which somebody is told: `alerts.yml`, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from expectations.yaml_files import read_yaml

FILE = Path(__file__).with_name("alerts.yml")


class MarksError(ValueError):
    """`alerts.yml` can't be used; the message names the entry and what it must be."""


@dataclass(frozen=True)
class QuarantineMark:
    """A share of a table's rows, and a number of rows; both must be exceeded."""

    share: float
    rows: int


@dataclass(frozen=True)
class ComplianceMark:
    """The share of duties met (0 to 1) below which an organisation of a level is told of."""

    level: str
    below: float


@dataclass(frozen=True)
class Marks:
    """All marks. grace_working_days: by how many working days the newest business date may lag."""

    grace_working_days: int
    quarantine: QuarantineMark
    quarantine_of: Mapping[str, QuarantineMark]
    compliance: tuple[ComplianceMark, ...]


def load_marks(file: Path = FILE) -> Marks:
    """Read the marks. Raises MarksError for an entry that is missing, has no reason, or is out of its range."""
    try:
        text = read_yaml(file)
    except (OSError, yaml.YAMLError) as error:
        raise MarksError(f"{file} can't be read as YAML: {error}") from None
    late, quarantine, compliance = (_entry(text, name, file.name) for name in ("late", "quarantine", "compliance"))
    if not isinstance(compliance, list):
        raise MarksError(f"{file.name}: compliance must be a list of levels")
    return Marks(
        _whole(late, "grace_working_days", "late"),
        _quarantine(quarantine, "quarantine"),
        {
            table: _quarantine(mark, f"quarantine of {table}")
            for table, mark in (quarantine.get("tables") or {}).items()
        },
        tuple(_compliance(mark) for mark in compliance),
    )


def _quarantine(mark: Any, where: str) -> QuarantineMark:
    _reason(mark, where)
    return QuarantineMark(_share(mark, "share", where), _whole(mark, "rows", where))


def _compliance(mark: Any) -> ComplianceMark:
    level = str(_entry(mark, "level", "compliance"))
    _reason(mark, f"compliance of {level}")
    return ComplianceMark(level, _share(mark, "below", f"compliance of {level}"))


def _entry(text: Any, name: str, where: str) -> Any:
    if not isinstance(text, Mapping) or name not in text:
        raise MarksError(f"{FILE.name}: {where} lacks {name}")
    return text[name]


def _reason(mark: Any, where: str) -> None:
    if not _entry(mark, "because", where):
        raise MarksError(f"{FILE.name}: {where} must say why (because)")


def _whole(mark: Any, name: str, where: str) -> int:
    value = _entry(mark, name, where)
    _reason(mark, where)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MarksError(f"{FILE.name}: {name} of {where} must be a whole number from 0, not {value!r}")
    return value


def _share(mark: Any, name: str, where: str) -> float:
    value = _entry(mark, name, where)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise MarksError(f"{FILE.name}: {name} of {where} must be a share from 0 to 1, not {value!r}")
    return float(value)
