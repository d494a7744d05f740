"""File reading against hand-worked cases."""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from .contract import TABLES, Column
from .reading import Content, data_files, parse, read_file

RATES = TABLES["fx_rate"]


def csv_of(folder: Path, data: bytes) -> Content:
    """Read bytes as a file of exchange rates."""
    (folder / "rates.csv").write_bytes(data)
    return read_file(folder / "rates.csv", RATES)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_rows_and_lines(tmp_path: Path, end: bytes) -> None:
    lines = [
        b"currency,more,cny_per_unit",
        b'"US""D",x,7.1',
        b"",
        '日元,"a",0.05'.encode(),
        b"\xc8\xd5,x,1",  # 4: a value that is not UTF-8
        b"KRW,x",  # 5: too few
        b"KRW,x,1,",  # 6: too many
        b'"KRW" ,x,1',  # 7: text after a quotation mark
        b'K"R"W,"",',
        b"K\0W,x,1",  # 9
    ]
    content = csv_of(tmp_path, b"\xef\xbb\xbf" + end.join(lines))
    assert content.faults == []
    assert content.rows == [('US"D', "7.1"), ("日元", "0.05"), ('K"R"W', None)]
    assert content.lines == [5, 6, 7, 8, 10]
    assert content.rows_stand == 8


HEADER = b"currency,cny_per_unit\n"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "no header"),
        (b"\n" + HEADER, "no header"),
        (HEADER.replace(b"\n", b",\n"), "no name"),
        (b"currency,Currency,cny_per_unit\n", "twice"),
        (b"Currency,cny_per_unit\n", "currency is missing"),
        (b"currency;cny_per_unit\n", "missing"),
        (HEADER.decode().encode("utf-16"), "UTF-16"),
        (HEADER.decode().encode("utf-16-le"), "NUL"),
        (HEADER + b"USD,1\r\nEUR,1\n", "end alike"),
        (HEADER + b'USD,"1\nEUR,1\n', "not closed"),
        (HEADER + b'"USD""\nEUR",1\n"JPY,1\n', "not closed"),
        (HEADER + b'"USD\nEUR"x,1\n', "several lines"),
        (HEADER + "日元,1\n美元,7\n".encode("gbk"), "GBK"),
    ],
)
def test_a_file_that_blocks(tmp_path: Path, data: bytes, fault: str) -> None:
    (found,) = csv_of(tmp_path, data).faults
    assert fault in found


def test_a_line_break_in_quotes_is_no_line_end(tmp_path: Path) -> None:
    content = csv_of(tmp_path, HEADER + b'"U\r\nSD",1\nEUR,2\nJPY\n')
    assert (content.faults, content.rows, content.lines) == ([], [("U\r\nSD", "1"), ("EUR", "2")], [5])


def test_an_optional_column_may_be_absent(tmp_path: Path) -> None:
    visits = TABLES["visit"]
    (tmp_path / "v.csv").write_bytes(
        b"visit_id,customer_id,employee_id,visited_on,channel,outcome,ended_at\nV,C,E,2026-03-01,phone,,2026-03-01T09:00\n"
    )
    content = read_file(tmp_path / "v.csv", visits)
    assert (content.faults, content.rows) == (
        [],
        [("V", "C", "E", "2026-03-01", "phone", None, None, "2026-03-01T09:00", None)],
    )
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'V' as visit_id, 'C' as customer_id, 'E' as employee_id, date '2026-03-01' as visited_on,"
            " 'phone' as channel, null as outcome, timestamp '2026-03-01 09:00:00' as ended_at)"
            f" to '{tmp_path}/v.parquet'"
        )
    assert read_file(tmp_path / "v.parquet", visits).rows == [
        ("V", "C", "E", "2026-03-01", "phone", None, None, "2026-03-01 09:00:00", None)
    ]
    (tmp_path / "v.csv").write_bytes(
        b"visit_id,customer_id,employee_id,visited_on,channel,outcome,Place\nV,C,E,2026-03-01,phone,,here\n"
    )
    assert read_file(tmp_path / "v.csv", visits).faults == ["column place is missing"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", " 2026/1/31 00:00:00.000", date(2026, 1, 31)),
        ("date", "2026-02-30", None),
        ("date", "2026-1/31", None),
        ("date", "20260131", None),
        ("date", "2026-01-31 00:00:01", None),
        ("date", "2026-01-31T00:00Z", None),
        ("boolean", "YES", True),
        ("boolean", " no", None),
        ("decimal(18,2)", "+1.2300e1", Decimal("12.3")),
        ("decimal(18,2)", "1e-999999999", None),
        ("decimal(18,2)", "0.00000000000000000000000000000000000001", None),
        ("decimal(18,2)", "0e99", Decimal(0)),
        ("decimal(18,2)", "-0.0e99999999999999999999", Decimal(0)),
        ("decimal(18,2)", "1e99999999999999999999", None),
        ("decimal(18,2)", "9999999999999999.99", Decimal("9999999999999999.99")),
        ("decimal(18,2)", "10000000000000000", None),
        ("decimal(18,2)", "1,000.00", None),
        ("decimal(18,2)", "１", None),
        ("decimal(24,6)", "1.0000005", None),
        ("decimal(24,6)", "999999999999999999.999999", Decimal("999999999999999999.999999")),
        ("timestamp", " 2026-01-31T08:30", datetime(2026, 1, 31, 8, 30)),
        ("timestamp", "2026-01-31 23:59:59.1234560", datetime(2026, 1, 31, 23, 59, 59, 123456)),
        ("timestamp", "2026-01-31", None),
        ("timestamp", "2026-01-31T24:00:00", None),
        ("timestamp", "2026-02-29T08:30:00", None),
        ("timestamp", "2026-01-31T08:30:00Z", None),
        ("bigint", " -9223372036854775808\t", -(2**63)),
        ("bigint", "+12", 12),
        ("bigint", "9223372036854775808", None),
        ("bigint", "12.0", None),
        ("bigint", "1e1", None),
        ("bigint", "- 3", None),
        ("double", "1e999", None),
        ("double", "NaN", None),
        ("varchar", "\udcff", None),
    ],
)
def test_values(kind: str, text: str, value: object) -> None:
    column = Column("c", kind)
    if value is None:
        with pytest.raises(ValueError):
            parse(column, text)
    else:
        assert parse(column, text) == value


@pytest.mark.parametrize(
    ("currency", "rate", "row"),
    [
        ("encode('日元')", "0.05::decimal(18,8)", ("日元", Decimal("0.05"))),
        ("'\\xC8'::blob", "1::utinyint", (None, Decimal(1))),
        ("156::bigint", "7.12::double", ("156", Decimal("7.12"))),
        ("'USD'", "7.1234567891::double", ("USD", None)),
        ("'USD'", "49999999.99::double", ("USD", Decimal("49999999.99"))),
        ("'USD'", "1e8::double", ("USD", None)),
        ("'USD'", "'nan'::double", ("USD", None)),
        ("'USD'", "7.12::float", "cny_per_unit arrived as FLOAT"),
        ("1.0::double", "1", "currency arrived as DOUBLE"),
        ("[1]", "1", "currency arrived as INTEGER[]"),
        ("null::integer[]", "null::float", (None, None)),
    ],
)
def test_physical_types(tmp_path: Path, currency: str, rate: str, row: tuple[object, ...] | str) -> None:
    file = tmp_path / "rates[1].parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {currency} as currency, {rate} as cny_per_unit) to '{file}'")
    content = read_file(file, RATES)
    if isinstance(row, str):
        assert row in content.faults[0]
        return

    def value(column: Column, text: str | None) -> object:
        try:
            return None if text is None else parse(column, text)
        except ValueError:
            return None

    (read,) = content.rows
    assert tuple(value(*pair) for pair in zip(RATES.columns, read, strict=True)) == row


def test_days_of_parquet(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    days = {
        "timestamp '2026-01-31'": date(2026, 1, 31),
        "timestamp_ns '2026-01-31 00:00:00.000000001'": None,
        "timestamptz '2026-01-30 16:00:00+00'": date(2026, 1, 31),
        "timestamptz '2026-01-31 00:00:00+00'": None,
        "timestamptz 'infinity'": None,
        "date 'infinity'": None,
    }
    table = TABLES["contribution"]
    for day, expected in days.items():
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'America/New_York'")
            connection.execute(
                f"copy (select 'C' as customer_id, {day} as month, 1 as revenue, 2 as economic_capital_return)"
                f" to '{file}'"
            )
        ((_, text, *_),) = read_file(file, table).rows
        assert text is not None
        try:
            read = parse(table.column("month"), text)
        except ValueError:
            read = None
        assert read == expected, day


def test_which_files_are_data(tmp_path: Path) -> None:
    for name in (b"b.csv", b"\xb5\xcb.parquet", b"_a.csv", b".csv", b"c.CSV", b"d.txt"):
        (tmp_path / name.decode("utf-8", "surrogateescape")).touch()
    # Anything named like a file that can't be read as one blocks and is not skipped.
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.csv")
    files = data_files(tmp_path)
    assert [path.name for path in files] == ["b.csv", "folder.csv", "gone.csv", "pipe.csv", "\udcb5\udccb.parquet"]
    assert [read_file(path, RATES).faults for path in files[1:4]] == [["no file"]] * 3
