"""The whole table of physical types: what each kind of value becomes for each type of the contract, in both formats.

The expectations are written here by hand; expectations/physical_types.yml must say the same, and the reader do so.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.contract import Column, Table, load_contract
from expectations.physical_types import family, load_physical_types
from orchestration.database import connect
from orchestration.landing import read_landing
from orchestration.landing.cells import typed_select
from orchestration.warehouse import SCHEMAS

DAY = date(2026, 10, 31)
CONTRACT = load_contract()
TYPES = load_physical_types()
BAD = "unreadable"
REFUSED = "refused"
WARNED = "warned"
# The times among the texts, which only a timestamp takes.
LATER = [BAD] * 8
# A nullable column of each contract type.
COLUMNS = {
    "varchar": "credit_rating",
    "date": "established_on",
    "boolean": "is_co_managed",
    "decimal": "registered_capital",
    "double": "settlement_share",
    "timestamp": "started_at",
    "bigint": "planned_conversions",
}
# Their tables, with what else is mandatory there: columns as SQL over a row's key and value.
SOUND = {
    "corporate_profile": {"customer_id": "key", "has_bad_record": "false"},
    "visit": {
        "visit_id": "key", "customer_id": "key", "employee_id": "key", "visited_on": "date '2026-01-05'",
        "channel": "'phone'",
    },
    "campaign": {
        "campaign_id": "key", "org_id": "key", "starts_on": "date '2026-01-05'", "ends_on": "date '2026-01-05'",
    },
}  # fmt: skip
TABLE_OF = {
    column: next(name for name in SOUND if column in CONTRACT.tables[name].column_names) for column in COLUMNS.values()
}

# Kind -> (values as SQL, {contract type -> what they become; unlisted: refused}).
ARRIVALS: dict[str, tuple[list[str], dict[str, list[Any]]]] = {
    "text": (
        ["'2026-01-05'", "' 2026/1/5 '", "'true'", "'N'", "'1234.50'", "'1,234.00'", "'0.125'", "'1e3'", "''",
         "'20180630'", "'0'", "'2026-02-30'", "'2026-01-05 00:00:00+08'", "'2026-01-05 12:00:00'", "'\u00a0AA'",
         "'2026-01-05T23:59:59.1234560 '", "'2026-01-05T08:30'", "'2026-01-05T08:30:00Z'", "'2026-01-05T24:00:00'",
         "'2026-01-05T08:30:60'", "'2026-02-29T08:30:00'", "'2026-01-05T08:30:00.0000001'", "'0000-01-05T08:30:00'"],
        {
            "varchar": ["2026-01-05", " 2026/1/5 ", "true", "N", "1234.50", "1,234.00", "0.125", "1e3", None,
                        "20180630", "0", "2026-02-30", "2026-01-05 00:00:00+08", "2026-01-05 12:00:00", "\u00a0AA",
                        "2026-01-05T23:59:59.1234560 ", "2026-01-05T08:30", "2026-01-05T08:30:00Z",
                        "2026-01-05T24:00:00", "2026-01-05T08:30:60", "2026-02-29T08:30:00",
                        "2026-01-05T08:30:00.0000001", "0000-01-05T08:30:00"],
            "date": [date(2026, 1, 5), date(2026, 1, 5), BAD, BAD, BAD, BAD, BAD, BAD, None,
                     BAD, BAD, BAD, BAD, BAD, BAD, *LATER],
            "boolean": [BAD, BAD, True, False, BAD, BAD, BAD, BAD, None, BAD, False, BAD, BAD, BAD, BAD, *LATER],
            "decimal": [BAD, BAD, BAD, BAD, Decimal("1234.50"), BAD, BAD, Decimal("1000.00"), None,
                        Decimal("20180630.00"), Decimal("0.00"), BAD, BAD, BAD, BAD, *LATER],
            "bigint": [BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, None, 20180630, 0, BAD, BAD, BAD, BAD, *LATER],
            "double": [BAD, BAD, BAD, BAD, 1234.5, BAD, 0.125, 1000.0, None,
                       20180630.0, 0.0, BAD, BAD, BAD, BAD, *LATER],
            "timestamp": [BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, None,
                          BAD, BAD, BAD, BAD, datetime(2026, 1, 5, 12), BAD,
                          datetime(2026, 1, 5, 23, 59, 59, 123456), datetime(2026, 1, 5, 8, 30), BAD, BAD, BAD, BAD,
                          BAD, BAD],
        },
    ),
    "bytes": (
        ["encode('示例')", "encode('2026-01-05')", "encode('true')", "encode('1.5')", "'\\xE7\\xA4'::blob", "''::blob"],
        {
            "varchar": ["示例", "2026-01-05", "true", "1.5", BAD, None],
            "date": [BAD, date(2026, 1, 5), BAD, BAD, BAD, None],
            "boolean": [BAD, BAD, True, BAD, BAD, None],
            "decimal": [BAD, BAD, BAD, Decimal("1.50"), BAD, None],
            "double": [BAD, BAD, BAD, 1.5, BAD, None],
            "bigint": [BAD, BAD, BAD, BAD, BAD, None],
            "timestamp": [BAD, BAD, BAD, BAD, BAD, None],
        },
    ),
    "nothing": (["null"], {name: [None] for name in COLUMNS}),
    "whole_number": (
        ["0::bigint", "1", "2", "9999999999999999", "99999999999999999"],
        {
            "varchar": [WARNED, "0", "1", "2", "9999999999999999", "99999999999999999"],
            "boolean": [WARNED, False, True, BAD, BAD, BAD],
            "decimal": [Decimal("0.00"), Decimal("1.00"), Decimal("2.00"), Decimal("9999999999999999.00"), BAD],
            "double": [0.0, 1.0, 2.0, 9999999999999999.0, 99999999999999999.0],
            "bigint": [0, 1, 2, 9999999999999999, 99999999999999999],
        },
    ),
    "whole_decimal": (
        ["7::decimal(18, 0)", "1001"],
        {
            "varchar": [WARNED, "7", "1001"],
            "decimal": [Decimal("7.00"), Decimal("1001.00")],
            "double": [7.0, 1001.0],
            "bigint": [7, 1001],
        },
    ),
    "decimal": (
        ["1.5::decimal(38, 8)", "1.005", "12345678901234567890.5"],
        {"decimal": [Decimal("1.50"), BAD, BAD], "double": [1.5, 1.005, 12345678901234567890.5]},
    ),
    "float": (["0.7::float", "0.1"], {"double": [WARNED, 0.7, 0.1]}),
    "double": (
        ["1234567.89::double", "0.1::double + 0.2::double", "0.125", "'nan'::double", "'inf'::double",
         "9999999999999.99", "9e15"],
        {
            "decimal": [WARNED, Decimal("1234567.89"), Decimal("0.30"), BAD, BAD, BAD, Decimal("9999999999999.99"),
                        BAD],
            "double": [1234567.89, 0.1 + 0.2, 0.125, BAD, BAD, 9999999999999.99, 9e15],
        },
    ),
    "boolean": (["true", "false"], {"boolean": [True, False]}),
    "date": (
        ["date '2026-01-05'", "date '0001-01-01'", "date '12026-01-01'", "'infinity'::date"],
        {"date": [date(2026, 1, 5), date(1, 1, 1), BAD, BAD]},
    ),
    "timestamp": (
        ["timestamp '2026-01-05 00:00:00'", "timestamp '2026-01-05 00:00:00.000001'", "'infinity'::timestamp",
         "timestamp '12026-01-05 08:30:00'"],
        {
            "date": [date(2026, 1, 5), BAD, BAD, BAD],
            "timestamp": [datetime(2026, 1, 5), datetime(2026, 1, 5, 0, 0, 0, 1), BAD, BAD],
        },
    ),
    "instant": (
        # Midnight at the bank, midnight UTC, midnight in a summer that was an hour ahead.
        ["timestamptz '2026-01-05 00:00:00+08'", "timestamptz '2026-01-05 00:00:00+00'",
         "timestamptz '1988-07-01 00:00:00+09'"],
        {
            "date": [WARNED, date(2026, 1, 5), BAD, date(1988, 7, 1)],
            "timestamp": [WARNED, datetime(2026, 1, 5), datetime(2026, 1, 5, 8), datetime(1988, 7, 1)],
        },
    ),
    "uuid": (
        ["'5A8D71F1-f300-4367-a575-4f42e24fdb9b'::uuid"],
        {"varchar": [WARNED, "5a8d71f1-f300-4367-a575-4f42e24fdb9b"]},
    ),
}  # fmt: skip
NESTED = {
    "lists": "['AA']",
    "records of several values": "{'grade': 'AA'}",
    "maps": "map {'AA': 1}",
    "times of day without a day": "time '10:00:00'",
    "spans of time": "interval 1 month",
}


def read(folder: Path, column: str) -> tuple[list[Any], list[str], list[str]]:
    """The landed column, what blocks, and the warnings."""
    table = TABLE_OF[column]
    with connect() as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        read_landing(connection, CONTRACT, folder, DAY, folder.parent / f"links_{column}", volume_lookback=1)
        rows = connection.execute(
            f"select {column}, coalesce(list_contains(string_split(_unreadable, ','), '{column}'), false)"
            f" from landing.{table} order by {CONTRACT.tables[table].key[0]}"
        ).fetchall()
        told = connection.execute("select rule, concat(file_name, ': ', found) from delivery.defect").fetchall()
    values = [BAD if is_unreadable else value for value, is_unreadable in rows]
    assert not [value for value, is_unreadable in rows if is_unreadable and value is not None]
    blocks = [text for rule, text in told if rule != "delivery.inexact_type"]
    return values, blocks, [text for rule, text in told if rule == "delivery.inexact_type"]


def write(folder: Path, column: str, values: list[str], suffix: str) -> None:
    """Rows P0, P1, ...: one column holds the values, the others only what is mandatory."""
    table = TABLE_OF[column]
    place = folder / table / f"biz_date={DAY}"
    place.mkdir(parents=True)
    rows = ", ".join(f"('P' || lpad('{number}', 3, '0'), {value})" for number, value in enumerate(values))
    others = dict.fromkeys(CONTRACT.tables[table].column_names, "null") | SOUND[table] | {column: "value"}
    listed = ", ".join(f"{source} as {name}" for name, source in others.items())
    options = "format parquet" if suffix == ".parquet" else "format csv, header"
    duckdb.execute(
        f"copy (select {listed} from (values {rows}) as given(key, value)) to '{place / f'part-0{suffix}'}' ({options})"
    )


def test_the_table_lists_every_type_of_the_contract() -> None:
    used = {family(column.type) for table in CONTRACT.tables.values() for column in table.columns}
    assert used == set(TYPES.contract) == set(COLUMNS)
    assert set(TYPES.arrivals) == set(ARRIVALS)


@pytest.mark.parametrize("contract_type", COLUMNS)
@pytest.mark.parametrize("kind", ARRIVALS)
def test_every_kind_of_value_in_parquet(kind: str, contract_type: str, tmp_path: Path) -> None:
    values, becomes = ARRIVALS[kind]
    column = COLUMNS[contract_type]
    write(tmp_path / "landing", column, values, ".parquet")
    landed, blocks, warned = read(tmp_path / "landing", column)
    expected = becomes.get(contract_type, [REFUSED])
    stated = TYPES.contract[contract_type].arrives[kind]
    words = f"part-0.parquet: column {column} arrives as {TYPES.arrivals[kind].words}"
    if expected == [REFUSED]:
        assert (stated, blocks) == ("refuse", [words])
        return
    assert stated == ("warn" if expected[0] == WARNED else "read")
    assert blocks == []
    assert [text.split(", so that")[0] for text in warned] == ([words] if expected[0] == WARNED else [])
    assert landed == [value for value in expected if value != WARNED]


@pytest.mark.parametrize("contract_type", COLUMNS)
def test_every_text_in_csv(contract_type: str, tmp_path: Path) -> None:
    values, becomes = ARRIVALS["text"]
    column = COLUMNS[contract_type]
    write(tmp_path / "landing", column, values, ".csv")
    assert read(tmp_path / "landing", column) == (becomes[contract_type], [], [])


@pytest.mark.parametrize("contract_type", COLUMNS)
@pytest.mark.parametrize("kind", NESTED)
def test_what_the_table_does_not_list_is_refused(kind: str, contract_type: str, tmp_path: Path) -> None:
    column = COLUMNS[contract_type]
    write(tmp_path / "landing", column, [NESTED[kind]], ".parquet")
    _, blocks, _ = read(tmp_path / "landing", column)
    assert blocks == [f"part-0.parquet: column {column} arrives as {kind}"]


@pytest.mark.parametrize("kind", [kind for kind, (_, becomes) in ARRIVALS.items() if len(becomes) < len(COLUMNS)])
def test_a_refused_column_without_values_is_read(kind: str, tmp_path: Path) -> None:
    """A library may write an empty column as any type."""
    values, becomes = ARRIVALS[kind]
    contract_type = next(name for name in COLUMNS if name not in becomes)
    column = COLUMNS[contract_type]
    write(tmp_path / "landing", column, [f"case when false then {values[0]} end"], ".parquet")
    assert read(tmp_path / "landing", column) == ([None], [], [])


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_no_day_rests_on_the_machine(zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    values, becomes = ARRIVALS["instant"]
    write(tmp_path / "landing", COLUMNS["date"], values, ".parquet")
    landed, _, _ = read(tmp_path / "landing", COLUMNS["date"])
    assert landed == becomes["date"][1:]


def test_nanoseconds_that_a_timestamp_would_lose(tmp_path: Path) -> None:
    values = ["timestamp_ns '2026-01-05 08:30:00.000001000'", "timestamp_ns '2026-01-05 08:30:00.000000001'"]
    write(tmp_path / "landing", COLUMNS["timestamp"], values, ".parquet")
    landed, blocks, warned = read(tmp_path / "landing", COLUMNS["timestamp"])
    assert (landed, blocks, warned) == ([datetime(2026, 1, 5, 8, 30, 0, 1), BAD], [], [])


@pytest.mark.parametrize(
    ("values", "landed"),
    [
        (["9223372036854775807::ubigint", "9223372036854775808"], [2**63 - 1, BAD]),
        (["(-9223372036854775808)::bigint"], [-(2**63)]),
        (["9223372036854775807::decimal(38, 0)", "9223372036854775808"], [2**63 - 1, BAD]),
        (["999999999999999999::decimal(18, 0)"], [10**18 - 1]),
        (["'9223372036854775807'", "'9223372036854775808'", "'+12'", "' -3\t'", "'12.0'", "'1e1'", "'- 3'", "' '"],
         [2**63 - 1, BAD, 12, -3, BAD, BAD, BAD, BAD]),
    ],
)  # fmt: skip
def test_the_bounds_of_a_whole_number(values: list[str], landed: list[Any], tmp_path: Path) -> None:
    write(tmp_path / "landing", COLUMNS["bigint"], values, ".parquet")
    assert read(tmp_path / "landing", COLUMNS["bigint"]) == (landed, [], [])


def test_a_decimal_of_six_places() -> None:
    column = Column("value", "decimal(24,6)", level=2, personal=False)
    texts = ["0.123456", "0.1234567", "999999999999999999.999999", "1000000000000000000", "-1e-6"]
    rows = ", ".join(f"('{text}')" for text in texts)
    table = Table("t", "snapshot", False, False, ("value",), (column,))
    query = typed_select(table, {"value": "VARCHAR"}, f"(values {rows}) as source(value)", "0", "current_date")
    with connect() as connection:
        landed = connection.execute(f"select value, _unreadable from ({query})").fetchall()
    assert landed == [
        (Decimal("0.123456"), None), (None, "value"), (Decimal("999999999999999999.999999"), None), (None, "value"),
        (Decimal("-0.000001"), None),
    ]  # fmt: skip
