"""A made-up bank, written as the deliveries of the landing contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.contract import Table, load_contract
from fenceng.sample.bank import SampleBank
from fenceng.sample.columns import rows_of
from fenceng.sample.days import as_date, day_number, month_end, month_of, month_start
from fenceng.sample.defects import DefectPlan, Planting
from fenceng.sample.people import BOOKS_BEGIN
from fenceng.sample.writer import MARK, PLANTED_FILE, FileFormat, PartitionWriter

__all__ = ["PLANTED_FILE", "FileFormat", "SampleSummary", "write_sample"]

_HISTORY_MONTHS = 12
_DAY_BY_DAY = "visit"


@dataclass(frozen=True)
class SampleSummary:
    """What was written: rows by table over all partitions, dates, and planted defects."""

    rows: dict[str, int]
    partitions: dict[str, int]
    first: date
    last: date
    planted_defects: int

    @property
    def dates(self) -> int:
        """Return the number of business dates."""
        return (self.last - self.first).days + 1


def write_sample(
    landing: Path,
    *,
    customers: int,
    first: date,
    last: date,
    defects: bool = False,
    file_format: FileFormat = "parquet",
    seed: int = 20260101,
    report: Callable[[str], None] | None = None,
) -> SampleSummary:
    """Write the bank's deliveries for first..last, and twelve months of events before.

    `customers` is the bank's size at the end of 2025; it grows by 0.4 % of that a month, before
    and after. The same arguments give the same rows, and a date's sound rows are the same in every
    range. Planted event rows are spread over the range: all kinds on its first date, then one a day for about eighty
    dates.
    Existing partitions are replaced one by one, each as a whole.

    Raises ValueError for a range that is empty or begins before 2020, a bank of under 100
    customers, a landing zone with deliveries that no sample wrote, or with event partitions that
    this range would deliver a second time.
    """
    if last < first:
        raise ValueError(f"the range ends on {last}, before it begins on {first}")
    if first < BOOKS_BEGIN:
        raise ValueError(f"the sample bank's books begin on {BOOKS_BEGIN}, not on {first}")
    if file_format not in ("parquet", "csv"):
        raise ValueError(f"a file format is parquet or csv, not {file_format}")
    tell = report or (lambda _: None)
    tables = load_contract().tables
    start, end = day_number(first), day_number(last)
    _refuse_a_banks_deliveries(landing)
    _refuse_other_events(landing, start, end)
    bank = SampleBank(customers, end, seed)
    plan = DefectPlan(bank, start, is_csv=file_format == "csv") if defects else None
    tell(f"{customers} customers drawn")
    rows = dict.fromkeys(tables, 0)
    partitions = dict.fromkeys(tables, 0)
    planted: list[tuple[str, str, str, str]] = []
    writer = PartitionWriter(landing, file_format)

    def deliver(table: Table, biz_day: int, days: tuple[int, int], *, is_history: bool) -> None:
        biz_date = as_date(biz_day)
        if table.kind == "event":
            frame = bank.events(table.name, *days)
            frame = frame if frame and rows_of(frame) else None
        else:
            frame = bank.snapshot(table.name, biz_day)
        planting = Planting()
        if plan and not is_history:
            planting = plan.plant(table, biz_day, rows_of(frame) if frame else 0)
        if frame is None and not planting.rows:
            writer.remove(table, biz_date)
            return
        written = writer.write(table, biz_date, frame, planting)
        rows[table.name] += written.rows
        partitions[table.name] += 1
        planted.extend((table.name, biz_date.isoformat(), key, rule) for key, rule in written.planted)

    try:
        for table in tables.values():
            if table.kind == "event":
                for biz_day, days in _history(table.name, start):
                    deliver(table, biz_day, days, is_history=True)
        tell("history of events written")
        for day in range(start, end + 1):
            for table in tables.values():
                deliver(table, day, (day, day), is_history=False)
            tell(f"{as_date(day)} written")
        writer.write_planted(sorted(planted) if plan else None)
    finally:
        writer.close()
    return SampleSummary(rows, partitions, first, last, len(planted))


def _history(table: str, start: int) -> list[tuple[int, tuple[int, int]]]:
    """List business day and (first, last day of the events) of an event table's partitions before the range.

    A month before the range's is one partition, and so is the rest of the range's first month, except of visits: how
    late one of the month is entered makes it doubtful.
    """
    month = month_of(start)
    history = [
        (month_end(past), (month_start(past), month_end(past))) for past in range(month - _HISTORY_MONTHS, month)
    ]
    if table == _DAY_BY_DAY:
        history += [(day, (day, day)) for day in range(month_start(month), start)]
    elif start > month_start(month):
        history.append((start - 1, (month_start(month), start - 1)))
    return history


def _refuse_a_banks_deliveries(landing: Path) -> None:
    if (landing / MARK).exists():
        return
    for name in load_contract().tables:
        if (landing / name).is_dir() and any((landing / name).iterdir()):
            raise ValueError(f"{landing / name} holds deliveries that no sample wrote; name an empty folder")


def _refuse_other_events(landing: Path, start: int, end: int) -> None:
    """Refuse a landing zone whose event partitions this range would not replace.

    Another range cuts the history elsewhere, so the same event would be there twice.
    """
    for table in load_contract().tables.values():
        folder = landing / table.name
        if table.kind != "event" or not folder.is_dir():
            continue
        planned = {biz_day for biz_day, _ in _history(table.name, start)} | set(range(start, end + 1))
        for partition in sorted(folder.iterdir()):
            found = re.fullmatch(r"biz_date=(\d{4}-\d{2}-\d{2})", partition.name)
            if found and day_number(date.fromisoformat(found.group(1))) not in planned:
                raise ValueError(
                    f"{partition} is not one of this range's partitions, so its events would be "
                    "delivered twice; keep --from and move --to, or use an empty folder"
                )
