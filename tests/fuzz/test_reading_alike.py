"""Every odd value and every physical type, read by the warehouse and by the reference: the same value, or unreadable.

One file per case would be slow, so a file has one row per case. The rows are compared as landed, before any rule of
gate 1 applies.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from reference.contract import TABLES
from reference.reading import UNREADABLE, parse, read_file

from expectations.contract import load_contract
from orchestration.database import connect
from orchestration.landing import read_landing
from orchestration.warehouse import SCHEMAS

from .alike import differ
from .damage_parquet import CONSTANTS, DATES, NUMBERS
from .damage_values import ODD_DAYS, ODD_NUMBERS, ODD_TEXT, ODD_TRUTH
from .zone import Zone, csv_bytes

DAY = date(2026, 11, 1)
TABLE = TABLES["corporate_profile"]
# A column of each contract type; the key identifies the case.
COLUMNS = ["established_on", "registered_capital", "credit_rating", "has_bad_record", "settlement_share"]
CASES = [*ODD_DAYS, *ODD_NUMBERS, *ODD_TRUTH, *ODD_TEXT]
MORE_NUMBERS = [
    "0.01", "0.015", "-0.005", "1e-2", "1e-17", "1.1e17", "9e15", "1e13", "00", "0.0", "+0", "1e+00000000000000000001",
    "1" + "0" * 37, "1" + "0" * 38, "1" + "0" * 39, "0.1" + "0" * 60, "0." + "0" * 17 + "1", "0." + "0" * 18 + "1",
    "1." + "0" * 17 + "1e0", "1." + "0" * 18 + "1e0", "1." + "0" * 19 + "1e1", "1.0000000001e10", "12.5e-1", "1250e-1",
    "123.4500000000000000000000000000000000000000000001", "1e308", "1.7976931348623157e308", "1.8e308", "5e-324",
    "2.4e-324", "0.30000000000000004", "1e22", "1e23", "8.41e21", "9007199254740993", "1.e1", ".e1", "1.0e-0",
    " 1e2 ", "- 1", "1 ", "\n1", "1\n", "\u20031", "1\u2003", "-.5", "+.5e1", "1E5", "99999999999999999.995",
    "1e-18", "1e-19", "123456789012345.67e0", "1234567890123456789.01e-3", "0.004e1", "0.04e1",
    "9999999999999999.990e0",
]  # fmt: skip


def landed(folder: Path) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
    """Key -> the values as the warehouse landed them, UNREADABLE if it could not read them; and what blocks."""
    with connect() as connection:
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        links = folder.parent / "links"
        read_landing(connection, load_contract(), folder, DAY, links, volume_lookback=1)
        rows = connection.execute(
            f"select customer_id, _unreadable, {', '.join(COLUMNS)} from landing.{TABLE.name}"
        ).fetchall()
        defects = connection.execute(
            "select concat(file_name, ': ', found) from delivery.defect where rule not like '%inexact%'"
        ).fetchall()
    read: dict[str, tuple[Any, ...]] = {}
    for key, unreadable, *values in rows:
        bad = (unreadable or "").split(",")
        read[key] = tuple(UNREADABLE if name in bad else value for name, value in zip(COLUMNS, values, strict=True))
    return read, [text for (text,) in defects]


def by_the_reference(files: Sequence[Path]) -> dict[str, tuple[Any, ...]]:
    """The same for the reference."""
    read: dict[str, tuple[Any, ...]] = {}
    for file in files:
        content = read_file(file, TABLE)
        for row in content.rows:
            texts = dict(zip((column.name for column in TABLE.columns), row, strict=True))
            values = []
            for name in COLUMNS:
                text = texts[name]
                try:
                    values.append(None if text is None else parse(TABLE.column(name), text))
                except ValueError:
                    values.append(UNREADABLE)
            read[str(texts["customer_id"])] = tuple(values)
    return read


def differences(left: dict[str, tuple[Any, ...]], right: dict[str, tuple[Any, ...]], cases: Sequence[str]) -> list[str]:
    """Where the two differ, with the case."""
    found = []
    for place, case in enumerate(cases):
        one, two = left.get(str(place)), right.get(str(place))
        if one is None or two is None or repr(one) != repr(two):
            for name, value, other in zip(COLUMNS, one or COLUMNS, two or COLUMNS, strict=True):
                if repr(plain(value)) != repr(plain(other)):
                    found.append(f"{name} {case[:60]!r}: the warehouse reads {value!r}, the reference {other!r}")
    return found


def plain(value: Any) -> Any:
    """Decimals by value, whatever their scale."""
    return value.normalize() + 0 if hasattr(value, "normalize") else value


def partition(folder: Path) -> Path:
    place = folder / "landing" / TABLE.name / f"biz_date={DAY}"
    place.mkdir(parents=True)
    return place


@pytest.mark.parametrize("form", ["csv", "text", "bytes"])
def test_every_odd_text(tmp_path: Path, form: str) -> None:
    cases = [case for case in dict.fromkeys([*CASES, *MORE_NUMBERS]) if "\0" not in case]
    place = partition(tmp_path)
    names = [column.name for column in TABLE.columns]
    rows: list[list[str | None]] = [
        [str(number) if name == "customer_id" else case if name in COLUMNS else None for name in names]
        for number, case in enumerate(cases)
    ]
    file = place / ("part-0.csv" if form == "csv" else "part-0.parquet")
    if form == "csv":
        file.write_bytes(csv_bytes([names, *rows]))
    else:
        with duckdb.connect() as connection:
            connection.execute(f"create table t ({', '.join(f'{name} varchar' for name in names)})")
            connection.executemany(f"insert into t values ({', '.join('?' * len(names))})", rows)
            columns = ", ".join(f"encode({name}) as {name}" if form == "bytes" else name for name in names)
            connection.execute(f"copy (select {columns} from t) to '{file}'")
    warehouse, defects = landed(tmp_path / "landing")
    assert defects == []
    assert differences(warehouse, by_the_reference([file]), cases) == []


def test_every_physical_type(tmp_path: Path) -> None:
    """One file per type and contract column: the same files block, and the others mean the same."""
    place = partition(tmp_path)
    values = [
        "1",
        "0",
        "2",
        "-1",
        "1.5",
        "7.12",
        "1.005",
        "70368744177663.5",
        "99",
        "0.1",
        "1e30",
        "1e-7",
        "49999999.99",
    ]
    days = ["date '2026-10-31'", "date '1940-06-01'", "date '1986-05-04'", "date '1900-12-31'", "date '0001-01-02'"]
    kinds = [f"try_cast({value} as {kind})" for kind in NUMBERS for value in values]
    kinds += [
        form.format(c=day) if "{c}" in form else f"cast({day} as {form})" for form in DATES for day in days
    ] + CONSTANTS  # fmt: skip
    kinds = [kind for kind in kinds if "random" not in kind]
    cases = list(itertools.product(COLUMNS, kinds))
    files = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Shanghai'")
        for number, (column, value) in enumerate(cases):
            columns = [
                f"'{number}' as customer_id" if other.name == "customer_id"
                else f"{value if other.name == column else 'null'} as {other.name}"
                for other in TABLE.columns
            ]  # fmt: skip
            file = place / f"{number}.parquet"
            try:
                connection.execute(f"copy (select {', '.join(columns)}) to '{file}' (format parquet)")
            except duckdb.ConversionException:
                # This type has no such value: a day of year 1 in nanoseconds.
                file.unlink(missing_ok=True)
                continue
            files.append(file)
    warehouse, defects = landed(tmp_path / "landing")
    refused = {text.partition(":")[0] for text in defects}
    there = {file.name for file in files}
    by_reference = {file.name for file in files if read_file(file, TABLE).faults}
    named = {f"{number}.parquet": case for number, case in enumerate(cases)}
    assert [named[name] for name in sorted(refused ^ by_reference)] == []
    fit = [str(number) for number in range(len(cases)) if f"{number}.parquet" in there - refused]
    reference = by_the_reference([file for file in files if file.name not in refused])
    assert warehouse.keys() == reference.keys() == set(fit)
    found = []
    for number in map(int, fit):
        column, value = cases[number]
        found += differences({"0": warehouse[str(number)]}, {"0": reference[str(number)]}, [f"{column} = {value}"])
    assert found == []


HEADER = b"currency,cny_per_unit\n"
ODD_FILES = {
    "nothing": b"",
    "an empty line first": b"\n" + HEADER + b"USD,7\n",
    "only a header": HEADER,
    "no line end": HEADER + b"USD,7",
    "blank lines": HEADER + b"\n\nUSD,7\n\nEUR,8\n\n",
    "CR": (HEADER + b"USD,7\nEUR,8\n").replace(b"\n", b"\r"),
    "mixed ends": HEADER + b"USD,7\r\nEUR,8\n",
    "a mixed end in quotes": HEADER + b'"U\r\nD",7\n',
    "another end at the end": HEADER + b"USD,7\nEUR,8\r\n",
    "not closed": HEADER + b'USD,"7\nEUR,8\n',
    "not closed, last": HEADER + b'USD,7\nEUR,"8',
    "not closed, last, with an end": HEADER + b'USD,7\nEUR,"8\n',
    "doubled and not closed": HEADER + b'"US""D,7\nEUR,8\n',
    "behind a quotation mark": HEADER + b'"USD"x,7\n"EUR" ,8\nJPY,"0.05"\n',
    "behind one of two lines": HEADER + b'"US\nD"x,7\nEUR,8\n',
    "behind one, then a mark": HEADER + b'"USD"x"y,7\nEUR,8\n',
    "inside a value": HEADER + b'U"S"D,7\n"E""U",8\n',
    "a mark alone": HEADER + b'USD,"\n',
    "two marks": HEADER + b'"",""\n"""",7\n',
    "a name quoted": b'"currency","cny_per_unit"\nUSD,7\n',
    "a name of two lines": b'currency,"cny_per_unit","a\nb"\nUSD,7,x\nEUR,8\n',
    "a broken name": b'currency,"cny_per_unit"x\nUSD,7\n',
    "GBK": HEADER + "日元,7\n美元,8\nEUR,8\n".encode("gbk"),
    "GBK under a name in UTF-8": "currency,cny_per_unit,说明\n".encode() + "日元,7,甲\n".encode("gbk"),
    "GBK and UTF-8": HEADER + "日元,7\n".encode("gbk") + "美元,8\n".encode(),
    "half a character": HEADER + "日元,7\n美,8\n".encode() + b"\xe7\xbe,9\n",
    "one bad byte": HEADER + b"\xff,7\nEUR,8\n",
    "a name not in UTF-8": b"currency,cny_per_unit,\xff\nUSD,7,x\n",
    "NUL in a row": HEADER + b"U\0D,7\nEUR,8\n",
    "NUL in the header": b"currency,cny_per_unit,a\0\nUSD,7,x\n",
    "UTF-16": HEADER.decode().encode("utf-16"),
    "a mark of order": b"\xef\xbb\xbf" + HEADER + b"USD,7\n",
    "two marks of order": b"\xef\xbb\xbf\xef\xbb\xbf" + HEADER + b"USD,7\n",
    "a mark of order before quotes": b'\xef\xbb\xbf"currency",cny_per_unit\nUSD,7\n',
    "too many and too few": HEADER + b"USD\nEUR,8,9\n,\n,,\n",
    "a column more": b"x,currency,cny_per_unit\n1,USD,7\n",
    "a column less": b"currency\nUSD\n",
    "another case": b"Currency,cny_per_unit\nUSD,7\n",
    "a column twice": b"currency,cny_per_unit,CURRENCY\nUSD,7,x\n",
    "no name": b"currency,cny_per_unit,\nUSD,7,\n",
    "semicolons": HEADER.replace(b",", b";") + b"USD;7\n",
    "one megabyte": HEADER + b"x" * (1 << 20) + b",7\nEUR,8\n",
    "one quoted megabyte": HEADER + b'"' + b"x" * (1 << 20) + b'",7\nEUR,8\n',
    "the end of a file": HEADER + b"USD,7\n\x1a",
    "a form feed": HEADER + b"USD,7\x0cEUR,8\n",
    "a line separator": HEADER + "US\u2028D,7\n".encode(),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_every_odd_file(tmp_path: Path, name: str) -> None:
    place = tmp_path / "landing" / "fx_rate" / f"biz_date={DAY}"
    place.mkdir(parents=True)
    (place / "part-0.csv").write_bytes(ODD_FILES[name])
    assert differ(Zone(tmp_path / "landing", DAY, random.Random(0))) == []
