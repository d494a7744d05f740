"""Every way in which a policy row can be slightly wrong: the mutants of a policy, in memory only.

In every family each row is removed and each flag is inverted. In the rule families each bound is moved by a step of its
measure and removed, and each other value that decides or is reported with the outcome is changed to the next one. In
every other family each number is moved by one in its last place, up and down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from expectations.policy.model import RULE_FAMILIES, PolicyRows, Row
from expectations.policy.sheets import CellValue

BOUNDS = ("lower_bound", "upper_bound")
FLAG_OF = {"lower_inclusive": "lower_bound", "upper_inclusive": "upper_bound"}
# Texts of a rule that decide, or that are reported with its outcome.
TEXTS = ("tier_code", "route", "measure_id", "basis")


@dataclass(frozen=True, eq=False)
class Mutant:
    """A policy in which one row is missing or has one different value.

    kind: removed, bound, flag, number or value. row: the shipped row; column: the one that differs, empty for a removed
    row.
    """

    name: str
    kind: str
    row: Row
    column: str
    policy: PolicyRows

    @property
    def near(self) -> tuple[str, str, str]:
        """What it touches, to order the cases: family, scheme and column, empty if none."""
        return (self.row.family, self.row.text("scheme"), self.column)

    def __str__(self) -> str:
        return self.name


def mutants(policy: PolicyRows) -> Iterator[Mutant]:
    """All mutants of all rows of all families, in the order of the files."""
    for family, rows in policy.rows.items():
        for index, row in enumerate(rows):
            for column, what, kind, instead in _changes(policy, row):
                held = {**policy.rows, family: (*rows[:index], *instead, *rows[index + 1 :])}
                name = f"{row.file}:{row.line} {row.name} {what}"
                yield Mutant(name, kind, row, column, replace(policy, rows=held))


def _changes(policy: PolicyRows, row: Row) -> Iterator[tuple[str, str, str, tuple[Row, ...]]]:
    """(column, what, kind, replacement rows) of each change of one row."""
    yield "", "removed", "removed", ()
    for column, kind, value in _other_values(policy, row):
        what = f"{column} {_shown(row.values[column])} -> {_shown(value)}"
        yield column, what, kind, (replace(row, values={**row.values, column: value}),)


def _shown(value: CellValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "empty" if value in (None, "") else str(value)


def _other_values(policy: PolicyRows, row: Row) -> Iterator[tuple[str, str, CellValue]]:
    """(column, kind, value) of each value that a row could have instead."""
    for column, held in row.values.items():
        if column in BOUNDS:
            yield from ((column, "bound", value) for value in _other_bounds(policy, row, column))
        elif column in FLAG_OF:
            if row.number(FLAG_OF[column]) is not None:
                yield column, "flag", not held
        elif isinstance(held, bool):
            yield column, "flag", not held
        elif row.family not in RULE_FAMILIES:
            yield from ((column, "number", value) for value in _other_numbers(held))
        elif column == "condition_no":
            yield from ((column, "value", value) for value in _other_conditions(policy, row))
        elif column == "category_value":
            yield from ((column, "value", value) for value in _other_categories(policy, row))
        elif column in TEXTS:
            yield from ((column, "value", value) for value in _other_texts(policy, row, column))


def _other_numbers(held: CellValue) -> Iterator[CellValue]:
    """One more and one less in the last place of a number as it is written."""
    if isinstance(held, int):
        yield from (held + 1, held - 1)
    elif isinstance(held, Decimal):
        step = Decimal(1).scaleb(min(0, int(held.as_tuple().exponent)))
        yield from (held + step, held - step)


def _other_bounds(policy: PolicyRows, row: Row, column: str) -> Iterator[Decimal | None]:
    """A step of the measure up and down, and no bound; an open end stays open."""
    bound = row.number(column)
    if bound is None:
        return
    measures = policy.rows["policy_measure"]
    step = next(m.number("step") for m in measures if m.text("measure_id") == row.text("measure_id"))
    yield from (bound + (step or 0), bound - (step or 0), None)


def _other_conditions(policy: PolicyRows, row: Row) -> Iterator[int]:
    """Into each other condition of the rule, and out of a condition of alternatives into a separate one.

    Hard and soft conditions are separated before their numbers count, and a number means nothing by itself: one that
    only renumbers a condition is not a mutant.
    """
    own = [
        int(other.number("condition_no") or 0)
        for family in RULE_FAMILIES
        for other in policy.rows[family]
        if other.name == row.name and other.flag("is_soft") == row.flag("is_soft")
    ]
    held = int(row.number("condition_no") or 0)
    yield from sorted(set(own) - {held})
    if own.count(held) > 1:
        yield max(own) + 1


def _other_categories(policy: PolicyRows, row: Row) -> Iterator[str]:
    """Every other category of the measure in the policy or a vocabulary, and an unknown one."""
    if not row.text("category_value"):
        return
    measures = policy.rows["policy_measure"]
    vocabulary = next(m.text("vocabulary") for m in measures if m.text("measure_id") == row.text("measure_id"))
    used = (
        r.text("category_value")
        for family in RULE_FAMILIES
        for r in policy.rows[family]
        if r.text("measure_id") == row.text("measure_id")
    )
    known = dict.fromkeys((*policy.vocabularies.get(vocabulary, ()), *used, "nobody_knows"))
    yield from (value for value in known if value not in ("", row.text("category_value")))


def _other_texts(policy: PolicyRows, row: Row, column: str) -> Iterator[str]:
    """The next other value of the column."""
    values = list(dict.fromkeys(r.text(column) for r in policy.rows[row.family]))
    at = values.index(row.text(column))
    yield from [value for value in (*values[at + 1 :], *values[:at]) if value][:1]
