"""Values that are odd, wrong or missing; rows doubled, moved, or changed in one of two copies. In either format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reference.contract import Column

from .catalogue import NothingToDamageError, damage
from .zone import EVENTS, Sheet, Zone

ODD_TEXT = [
    "", " ", "\t", "\u00a0", "\u200b", "\ufeff", "NULL", "\\N", "None", "N/A", "-", "0", "'", '"', ",", "|",
    "(missing)",
    "'; drop table customer; --", "{batch}", "$table", "%s", "{0}", "\\", "\x07", "\x1b[31m", "😀", "e\u0301", "=1+1",
    "\u202e", "客户", "TRUE", "1e5", "x" * 300, "a\nb", "a\r\nb", "\x00",
]  # fmt: skip
ODD_NUMBERS = [
    "0", "-0", "-0.00", "+1", "00001.10", ".5", "5.", "1e3", "1E+3", "1.5e-1", "1e-3", "1e400", "-1e400", "1e-400",
    "1e999999999", "1e-999999999", "0e999999999", "0e99999999999999999999", "NaN", "inf", "-Infinity", "1,000.00",
    "1_000", "１２", "0x10", "1 000", " 1.00 ", "\t1.00", "1.00\u00a0", "1.005", "1.000", "1.0000000000000000000000000",
    "1.00000000000000000000000000000000000000001", "1.0000000000000000000000000000001e0",
    "100000000000000000000000e-20",
    "9999999999999.99", "10000000000000.00", "9999999999999999.99", "99999999999999999.99", "1e16", "1e15",
    "123456789012345678901234567890.12", "--1", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "1.0f", "¥1.00", "1%",
    "0.1e1", "12345678901234567890", "1" * 400, "0." + "0" * 400 + "1", "0" * 400 + "1.50", "1d5", "TRUE", "0.005e2",
]  # fmt: skip
ODD_DAYS = [
    "2026-10-31 00:00:00", "2026-10-31T00:00:00", "2026-10-31 00:00", "2026-10-31 00:00:00.000",
    "2026-10-31 00:00:00.0",
    "2026-10-31 00:00:01", "2026-10-31 23:59:59", "2026-10-31T00:00:00Z", "2026-10-31 00:00:00+08", "2026/10/31",
    "2026/9/1", "2026-9-1", "2026/10-31", "2026.10.31", "20261031", "31.10.2026", "31/10/2026", "10/31/2026",
    "2026-02-29", "2024-02-29", "2026-13-01", "2026-00-10", "2026-10-00", "0000-01-01", "0001-01-01", "9999-12-31",
    "12026-01-01", "-2026-01-01", "2026-10-31 (BC)", "infinity", "-infinity", "epoch", "now", "today", "46326",
    " 2026-10-31", "2026-10-31 ", "\t2026-10-31", "2026-10-31\u00a0", "2026年10月31日", "２０２６-10-31",
    "2026-10-31 24:00",
    "1900-01-01", "2099-12-31", "2026-11-01", "2026-11-02", "2026-10-31 00:00:00.000000000", "2026-10-31  00:00:00",
    "2026-1-031", "2026-010-1", "26-10-31", "2026-10", "2026-10-31,", "Oct 31 2026", "1986-05-04", "1940-06-01",
]  # fmt: skip
ODD_TRUTH = [
    "TRUE",
    "False",
    "t",
    "F",
    "yes",
    "NO",
    "Y",
    "n",
    "1",
    "0",
    "2",
    "on",
    "off",
    "是",
    "否",
    " true",
    "1.0",
    "tru",
]
AROUND = [" {}", "{} ", "\t{}", "{}\t", "{}\u00a0", "\u3000{}", "{}\u200b", "\ufeff{}", "{}\r", "{}\n", "{}'", '"{}"']


def odd_values(column: Column) -> list[str]:
    """Values that occur in columns of this type now and then."""
    kind = column.type.split("(")[0]
    numbers = dict.fromkeys(("decimal", "double", "bigint"), ODD_NUMBERS)
    odd = {**numbers, "date": ODD_DAYS, "boolean": ODD_TRUTH}.get(kind, [])
    if column.enum:
        first = column.enum[0]
        odd = [first.upper(), f"{first} ", f" {first}", first[:-1], first.title(), f"{first}\u200b", *column.enum]
    return odd * 3 + ODD_TEXT


def _change(zone: Zone, change: Callable[[Sheet, Path], None]) -> Path:
    path = zone.file()
    sheet = zone.load(path)
    if not sheet.rows or not sheet.names:
        raise NothingToDamageError
    change(sheet, path)
    zone.save(path, sheet)
    zone.note(str(path.relative_to(zone.landing)))
    return path


def _rows(zone: Zone, sheet: Sheet) -> list[list[str | None]]:
    count = zone.rng.choice([1, 1, 1, 2, 3, 5, len(sheet.rows)])
    return zone.rng.sample(sheet.rows, min(count, len(sheet.rows)))


def _column(zone: Zone, sheet: Sheet, path: Path) -> tuple[int, Column]:
    columns = [column for column in zone.table_of(path).columns if column.name in sheet.names]
    if not columns:
        raise NothingToDamageError
    column = zone.rng.choice(columns)
    return sheet.names.index(column.name), column


@damage("values", 6)
def odd_value(zone: Zone) -> None:
    def change(sheet: Sheet, path: Path) -> None:
        place, column = _column(zone, sheet, path)
        value = zone.rng.choice(odd_values(column))
        for row in _rows(zone, sheet):
            row[place] = value
        zone.note(f"{column.name} = {value!r}")

    _change(zone, change)


@damage("values", 3)
def many_odd_values(zone: Zone) -> None:
    """Several values, one per row, so that one delivery tries many."""

    def change(sheet: Sheet, path: Path) -> None:
        for row in zone.rng.sample(sheet.rows, min(len(sheet.rows), zone.rng.choice([5, 20, 60]))):
            place, column = _column(zone, sheet, path)
            row[place] = zone.rng.choice(odd_values(column))

    _change(zone, change)


@damage("values", 2)
def around_a_key(zone: Zone) -> None:
    """Blanks and invisible characters around values of a key or a reference."""

    def change(sheet: Sheet, path: Path) -> None:
        table = zone.table_of(path)
        names = [c.name for c in table.columns if (c.name in table.key or c.ref) and c.name in sheet.names]
        if not names:
            raise NothingToDamageError
        name, form = zone.rng.choice(names), zone.rng.choice(AROUND)
        place = sheet.names.index(name)
        for row in _rows(zone, sheet):
            row[place] = form.format(row[place] or "")
        zone.note(f"{name} as {form!r}")

    _change(zone, change)


@damage("values", 1.5)
def missing_value(zone: Zone) -> None:
    def change(sheet: Sheet, path: Path) -> None:
        place, column = _column(zone, sheet, path)
        if zone.rng.random() < 0.5:
            column = zone.table_of(path).column(zone.rng.choice(zone.table_of(path).key))
            place = sheet.names.index(column.name) if column.name in sheet.names else place
        for row in _rows(zone, sheet):
            row[place] = zone.rng.choice([None, "", ""])
        zone.note(f"{column.name} is missing")

    _change(zone, change)


@damage("values", 2)
def doubled_rows(zone: Zone) -> None:
    """Identical copies, or copies with one different value, in the same file."""

    def change(sheet: Sheet, path: Path) -> None:
        copies = [list(row) for row in _rows(zone, sheet) for _ in range(zone.rng.choice([1, 1, 2]))]
        if zone.rng.random() < 0.5:
            place, column = _column(zone, sheet, path)
            for row in copies:
                row[place] = zone.rng.choice([*odd_values(column), sheet.rows[0][place]])
        sheet.rows += copies
        if zone.rng.random() < 0.5:
            zone.rng.shuffle(sheet.rows)

    _change(zone, change)


@damage("values", 1)
def rows_in_another_partition(zone: Zone) -> None:
    """Some rows of one partition moved or copied to another one of the table."""
    name = zone.rng.choice(EVENTS)
    found = [path for path in zone.files() if zone.table_of(path).name == name]
    if len(found) < 2:
        raise NothingToDamageError
    one, two = zone.rng.sample(found, 2)
    left, right = zone.load(one), zone.load(two)
    if left.names != right.names or not left.rows:
        raise NothingToDamageError
    moved = _rows(zone, left)
    right.rows += [list(row) for row in moved]
    if zone.rng.random() < 0.5:
        left.rows = [row for row in left.rows if not any(row is other for other in moved)]
        zone.save(one, left)
    zone.save(two, right)
    zone.note(f"{one.relative_to(zone.landing)} -> {two.relative_to(zone.landing)}")


@damage("values", 1)
def rows_lost(zone: Zone) -> None:
    def change(sheet: Sheet, path: Path) -> None:
        for row in _rows(zone, sheet):
            sheet.rows.remove(row)

    _change(zone, change)


@damage("values", 0.5)
def other_order(zone: Zone) -> None:
    _change(zone, lambda sheet, path: zone.rng.shuffle(sheet.rows))


@damage("values", 1)
def swapped_columns(zone: Zone) -> None:
    """The names of two columns are swapped, their values are not."""

    def change(sheet: Sheet, path: Path) -> None:
        one, two = zone.rng.sample(range(len(sheet.names)), 2) if len(sheet.names) > 1 else (0, 0)
        sheet.names[one], sheet.names[two] = sheet.names[two], sheet.names[one]
        zone.note(f"{sheet.names[one]} and {sheet.names[two]}")

    _change(zone, change)


@damage("values", 1)
def loops_and_orphans(zone: Zone) -> None:
    """Organisations that are their own ancestors, or whose parent is missing."""
    found = [path for path in zone.files() if zone.table_of(path).name == "organization"]
    if not found:
        raise NothingToDamageError
    path = zone.rng.choice(found)
    sheet = zone.load(path)
    if not {"org_id", "parent_org_id"} <= set(sheet.names) or len(sheet.rows) < 2:
        raise NothingToDamageError
    own, parent = sheet.names.index("org_id"), sheet.names.index("parent_org_id")
    one, two = zone.rng.sample(sheet.rows, 2)
    one[parent] = zone.rng.choice([two[own], one[own], "NOBODY", None])
    if zone.rng.random() < 0.5:
        two[parent] = one[own]
    zone.save(path, sheet)
    zone.note(str(path.relative_to(zone.landing)))


@damage("values", 1)
def a_rate(zone: Zone) -> None:
    """A currency without a rate, an invalid rate, amounts in another currency."""
    found = [path for path in zone.files() if "currency" in {c.name for c in zone.table_of(path).columns}]
    if not found:
        raise NothingToDamageError
    path = zone.rng.choice(found)
    sheet = zone.load(path)
    if "currency" not in sheet.names or not sheet.rows:
        raise NothingToDamageError
    for row in _rows(zone, sheet):
        row[sheet.names.index("currency")] = zone.rng.choice(["USD", "JPY", "usd", "CNY", "XXX", "RMB", "cny", "CNY "])
    zone.save(path, sheet)
    zone.note(str(path.relative_to(zone.landing)))
