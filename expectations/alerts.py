"""The marks beyond which somebody is told: the rows of ref_alert_mark, typed.

A mark never decides what is published; the gates do. A refresh that fails or is blocked is always told of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from expectations.policy.sheets import read_sheet
from expectations.project import REFERENCE_FOLDER

FILE = REFERENCE_FOLDER / "ref_alert_mark.csv"
# The subject of a mark for all tables, or for the release as a whole.
ANY = "*"
_GRACE = ("late", ANY, "grace_working_days")
_MEASURES = {"late": ("grace_working_days",), "quarantine": ("share", "rows"), "compliance": ("below",)}
_WHOLE = ("grace_working_days", "rows")


class MarksError(ValueError):
    """The marks can't be used; the message names file, line and what is expected."""


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
    """Read the marks; compliance by level in the order of the file. Raises MarksError for rows that can't be used."""
    sheet = read_sheet(file)
    if sheet.problems:
        raise MarksError("; ".join(map(str, sheet.problems)))
    found: dict[tuple[str, str, str], Decimal] = {}
    for line in sheet.lines:
        alert, subject, measure = (line.cells[name] for name in ("alert", "subject", "measure"))
        value, where = Decimal(line.cells["value"]), f"{file.name}:{line.number}"
        if measure not in _MEASURES.get(alert, ()):
            known = ", ".join(f"{name} {one}" for name, measures in _MEASURES.items() for one in measures)
            raise MarksError(f"{where}: {alert} {measure} is no mark; the marks are {known}")
        if measure in _WHOLE and (value < 0 or value != int(value)):
            raise MarksError(f"{where}: {measure} must be a whole number from 0, not {value.normalize():f}")
        if measure not in _WHOLE and not 0 <= value <= 1:
            raise MarksError(f"{where}: {measure} must be a share from 0 to 1, not {value.normalize():f}")
        found[alert, subject, measure] = value
    subjects = {subject: None for alert, subject, _ in found if alert == "quarantine"} | {ANY: None}
    needed = {_GRACE, *(("quarantine", subject, measure) for subject in subjects for measure in ("share", "rows"))}
    if lacking := sorted(needed - found.keys()):
        raise MarksError(f"{file.name} lacks {'; '.join(' '.join(key) for key in lacking)}")
    quarantine = {
        subject: QuarantineMark(float(found["quarantine", subject, "share"]), int(found["quarantine", subject, "rows"]))
        for subject in subjects
    }
    return Marks(
        int(found[_GRACE]),
        quarantine.pop(ANY),
        quarantine,
        tuple(
            ComplianceMark(level, float(below)) for (alert, level, _), below in found.items() if alert == "compliance"
        ),
    )
