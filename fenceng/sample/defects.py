"""Planted defects: extra rows, each of which breaks exactly one rule of the gate.

They use ids that the bank itself does not use, so that no row of the bank is rejected with them, except
a few chains (a rejected customer with an account), all of whose rows are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from expectations.contract import Table, limit_name
from expectations.policy.in_force import parameters
from fenceng.sample.bank import SampleBank
from fenceng.sample.broken_rows import DEFECTS, REPEAT, SOUND, Defect, Text
from fenceng.sample.campaigns import campaign_id
from fenceng.sample.days import as_date, month_of, month_start
from fenceng.sample.edge_cases import SPARE_PROFILES
from fenceng.sample.people import CORPORATION

# Event rows stay in the landing zone for all later dates, and the gate blocks a delivery with more than
# 100 bad rows in a table: after the first date one defect a day, up to this many rows.
EVENT_ROWS = 90
_PERSONS_NEEDED = 31


@dataclass(frozen=True)
class PlantedRow:
    """A row to append, with every column as text, and the rule (with table) that rejects it."""

    values: Mapping[str, Text]
    rule: str


@dataclass(frozen=True)
class Planting:
    """What to append to a partition."""

    rows: tuple[PlantedRow, ...] = ()
    repeats_first: bool = False  # append a copy of the partition's first row


class DefectPlan:
    """Says what to plant in each partition; counts what event tables hold already."""

    def __init__(self, bank: SampleBank, first: int, *, is_csv: bool) -> None:
        """Plan for a bank from day `first` on; ValueError if it has too few customers."""
        people = bank.people
        present = people.present_on(first)
        is_company = people.kind[:present] >= CORPORATION
        self._persons = np.flatnonzero(~is_company)[:_PERSONS_NEEDED]
        self._companies = np.flatnonzero(is_company)[:SPARE_PROFILES]
        if len(self._persons) < _PERSONS_NEEDED or len(self._companies) < SPARE_PROFILES:
            raise ValueError(f"the bank is too small for defects on {as_date(first)}")
        self._outlet = bank.organisation.name_of(int(bank.organisation.outlets[0]))
        self._first = first
        self._is_csv = is_csv
        self._event_rows: dict[str, int] = {}

    def plant(self, table: Table, day: int, real_rows: int) -> Planting:
        """Return what to append to a table's partition with so many sound rows."""
        usable = [
            (number, defect)
            for number, defect in enumerate(DEFECTS[table.name], start=1)
            if (self._is_csv or not defect.is_csv_only) and (real_rows or defect is not REPEAT)
        ]
        if table.kind == "event":
            usable = self._for_event(table.name, day, usable)
        rows = tuple(
            row for number, defect in usable if defect is not REPEAT
            for row in self._rows(table, day, number, defect)
        )  # fmt: skip
        return Planting(rows, any(defect is REPEAT for _, defect in usable))

    def _for_event(self, table: str, day: int, usable: list[tuple[int, Defect]]) -> list[tuple[int, Defect]]:
        if day > self._first:
            usable = [usable[day % len(usable)]]
        size = sum(1 if defect.second is None else 2 for _, defect in usable)
        planted = self._event_rows.get(table, 0)
        if planted + size > EVENT_ROWS:
            return []
        self._event_rows[table] = planted + size
        return usable

    def _rows(self, table: Table, day: int, number: int, defect: Defect) -> Iterator[PlantedRow]:
        rule = f"{table.name}.{defect.rule}"
        words = self._words(day, number)
        column, _, what = defect.rule.partition(".")
        if what == "limit":
            words = {**words, "limit": _limits(as_date(day))[limit_name(table.name, column)]}
        copies = [defect.changes]
        if defect.second is not None:
            copies.append({**defect.changes, **defect.second})
        for changes in copies:
            values = {**dict.fromkeys(column.name for column in table.columns)}
            filled: dict[str, Text] = {**values, **SOUND[table.name], **changes}
            yield PlantedRow(
                {name: None if text is None else text.format_map(words) for name, text in filled.items()},
                rule,
            )

    def _words(self, day: int, number: int) -> Mapping[str, object]:
        today = as_date(day)
        return {
            "n": number,
            "day": today.isoformat(),
            "tomorrow": (today + timedelta(days=1)).isoformat(),
            "stamp": today.strftime("%Y%m%d"),
            # A person and a month that no other date's row has: the key is unique over all partitions.
            "person_of_day": f"C{self._persons[today.day - 1] + 1:09d}",
            "month": as_date(month_start(month_of(day) - 12 * number)).isoformat(),
            "second_day": as_date(month_start(month_of(day) - 12 * number) + 1).isoformat(),
            "outlet": self._outlet,
            "person": f"C{self._persons[0] + 1:09d}",
            "company": f"C{self._companies[0] + 1:09d}",
            "campaign": f"M{campaign_id(month_of(day))}",
            "spare": f"C{self._companies[(number - 1) % SPARE_PROFILES] + 1:09d}",
        }


@cache
def _limits(on: date) -> Mapping[str, str]:
    """The policy's amount limits on a date."""
    return parameters(on)


def row_key(table: Table, values: Mapping[str, Text]) -> str:
    """Join the values of the key columns by '|', as the quarantine does."""
    return "|".join(values[name] or "(missing)" for name in table.key)
