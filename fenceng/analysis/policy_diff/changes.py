"""The differences between two policies in force, row by row.

A rule of several rows is one change. Validity dates are reported but are never a change: two dates with the same rows
in force do not differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from expectations.policy.model import RULE_FAMILIES, InForce, Row
from expectations.policy.sheets import CellValue

Kind = Literal["new", "closed", "changed"]
# Validity and scenario are not part of what a row says.
_UNSAID = frozenset({"valid_from", "valid_to", "scenario"})


@dataclass(frozen=True)
class Change:
    """A rule, or a row of another family, that is new, closed or changed.

    name: within its family. before, after: its rows in force, possibly none.
    """

    family: str
    name: str
    kind: Kind
    before: tuple[Row, ...]
    after: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that differ in a changed row; empty if new, closed, or a rule with more or fewer rows."""
        if len(self.before) != len(self.after):
            return ()
        names = dict.fromkeys(name for row in (*self.before, *self.after) for name in row.values)
        pairs = tuple(zip(_ordered(self.before), _ordered(self.after), strict=True))
        return tuple(
            name
            for name in names
            if name not in _UNSAID and any(old.values.get(name) != new.values.get(name) for old, new in pairs)
        )


def find_changes(before: InForce, after: InForce) -> tuple[Change, ...]:
    """Every change between two policies in force, by family and name.

    Each side is the policy of one date (`PolicyRows.in_force`); the two may be of different folders, dates or both.
    """
    changes = []
    for family in sorted(before.rows.keys() | after.rows.keys()):
        old, new = (_by_name(view, family) for view in (before, after))
        for name in sorted(old.keys() | new.keys()):
            left, right = old.get(name, ()), new.get(name, ())
            if _said(left) != _said(right):
                kind: Kind = "new" if not left else "closed" if not right else "changed"
                changes.append(Change(family, name, kind, left, right))
    return tuple(changes)


def beginning(change: Change) -> date | None:
    """The first day of what is new; None if closed."""
    days = [day for row in change.after if (day := row.day("valid_from"))]
    return max(days, default=None)


def ending(change: Change, after: InForce) -> date | None:
    """The first day on which a closed rule no longer holds; None if the policy does not say."""
    if change.after:
        return None
    ends = [
        day
        for row in after.policy.rows.get(change.family, ())
        if _name(after, change.family, row) == change.name and (day := row.day("valid_to")) and day <= after.on
    ]
    return max(ends, default=None)


# ---------------------------------------------------------------- comparing


def _name(view: InForce, family: str, row: Row) -> str:
    if family in RULE_FAMILIES:
        return row.text("rule_id")
    schema = view.policy.schemas.get(family)
    return ".".join(row.text(column) for column in schema.key) if schema else row.name


def _by_name(view: InForce, family: str) -> dict[str, tuple[Row, ...]]:
    gathered: dict[str, tuple[Row, ...]] = {}
    for row in view.rows.get(family, ()):
        name = _name(view, family, row)
        gathered[name] = (*gathered.get(name, ()), row)
    return gathered


def _said(rows: Sequence[Row]) -> list[list[tuple[str, str]]]:
    """What rows say, in canonical order. Numbers by value: 1 and 1.00 are equal."""
    return sorted(
        sorted((name, _plain(value)) for name, value in row.values.items() if name not in _UNSAID) for row in rows
    )


def _plain(value: CellValue) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: _said([row]))
