"""Reads the files of a landing zone, by rules written a second time for the reference.

Shares nothing with the warehouse. A CSV is bytes cut by the grammar of RFC 4180 as one pattern. For Parquet, DuckDB
only decodes the file; which physical types a column may have, and what a value means, is decided here. Every value
becomes text, so that only `parse` decides what can be read: an unreadable value becomes a text that no type accepts.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from .contract import Column, Table

SUFFIXES = (".parquet", ".csv")
BANK = ZoneInfo("Asia/Shanghai")

Text = str | None
# A lone surrogate: UTF-8 can't encode it, so no delivered text can equal it.
UNREADABLE = "\udcff"


@dataclass
class Content:
    """One file's content for a table.

    rows: the contract's columns in order, as text. lines: the first lines of records that are not rows. faults: reasons
    to block the delivery; if there is one, nothing else counts. rows_stand: the file's own row count, readable or not.
    """

    faults: list[str] = field(default_factory=list)
    rows: list[tuple[Text, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rows_stand: int = 0


class Unusable(Exception):
    """A file that blocks the delivery; the message says why."""


def data_files(folder: Path) -> list[Path]:
    """List the data files of a partition, by the bytes of their names."""
    found = (p for p in folder.iterdir() if p.suffix in SUFFIXES and p.name[0] not in "_.")
    return sorted(found, key=os.fsencode)


def read_file(path: Path, table: Table) -> Content:
    """A file's content; the same bytes are read once. Not a pipe: that would wait for a writer."""
    if not path.is_file():
        return Content(["no file"])
    try:
        data = path.read_bytes()
    except OSError as error:
        return Content([f"can't be opened: {error}"])
    return _content(hashlib.sha256(data).digest(), path.suffix, table.name, _Given(path, data, table))


class _Given:
    """Passes bytes without making them part of the cache key."""

    def __init__(self, path: Path, data: bytes, table: Table) -> None:
        self.path, self.data, self.table = path, data, table

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given)


@lru_cache(maxsize=4096)
def _content(digest: bytes, suffix: str, table_name: str, given: _Given) -> Content:
    try:
        return _csv(given.data, given.table) if suffix == ".csv" else _parquet(given.path, given.table)
    except Unusable as error:
        return Content([str(error)])


# ---------------------------------------------------------------- CSV

# Bytes of a record; beyond this it is not a row: a quotation mark or a line end is missing.
LONGEST = 1 << 20
# One value and what ends it. Possessive: a doubled quotation mark must not be reread as two single ones.
_VALUE = re.compile(
    rb'(?:"(?P<quoted>(?:[^"]|"")*+)"(?P<behind>[^,\r\n]*)|(?P<plain>[^,\r\n]*))(?P<end>,|\r\n|\r|\n|\Z)'
)


@dataclass
class Record:
    """One raw record: its first line, its bytes, its values, and whether text follows a quoted one."""

    line: int
    raw: bytes
    values: list[bytes]
    is_broken: bool


def records(data: bytes) -> tuple[list[Record], set[bytes]]:
    """Cut a CSV into records without empty lines; also return the line ends outside quoted values."""
    found: list[Record] = []
    ends: set[bytes] = set()
    position, line = 0, 1
    while position < len(data):
        start, values, broken = position, [], False
        while True:
            match = _VALUE.match(data, position)
            assert match is not None
            if match["quoted"] is None:
                if match["plain"].startswith(b'"'):
                    raise Unusable(f"line {line}: a quotation mark is not closed")
                values.append(match["plain"])
            else:
                values.append(match["quoted"].replace(b'""', b'"'))
                if match["behind"]:
                    broken = True
                    if re.search(rb"[\r\n]", match["quoted"]):
                        raise Unusable(f"line {line}: broken quoting over several lines")
            position = match.end()
            if match["end"] != b",":
                break
        raw = data[start : match.start("end")]
        if match["end"]:
            ends.add(match["end"])
        if raw:
            found.append(Record(line, raw, values, broken))
        elif not found:
            raise Unusable("no header row")
        line += 1 + len(re.findall(rb"\r\n|\r|\n", raw))
    return found, ends


def _csv(data: bytes, table: Table) -> Content:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable("UTF-16 or UTF-32")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in re.split(rb"[\r\n]", data, maxsplit=1)[0]:
        raise Unusable("NUL bytes in the header: UTF-16, or no text at all")
    found, ends = records(data)
    if not found:
        raise Unusable("no header row")
    if len(ends) > 1:
        raise Unusable("the rows do not all end alike")
    header, body = found[0], found[1:]
    if header.is_broken:
        raise Unusable("the header has text behind a quotation mark")
    if not _is_utf8(header.raw):
        raise Unusable("the header is not UTF-8")
    names = [value.decode() for value in header.values]
    _check_names(names, table)
    if _is_gbk(found):
        raise Unusable("the file is GBK")
    places = [names.index(column.name) if column.name in names else None for column in table.columns]
    content = Content(rows_stand=len(body))
    for record in body:
        if (
            record.is_broken
            or len(record.values) != len(names)
            or b"\0" in record.raw
            or len(record.raw) > LONGEST
            or not _is_utf8(record.raw)
        ):  # fmt: skip
            content.lines.append(record.line)
        else:
            values = record.values
            content.rows.append(tuple(None if at is None else values[at].decode() or None for at in places))
    return content


def _check_names(names: list[str], table: Table) -> None:
    if "" in names:
        raise Unusable("a column has no name")
    lower = [name.lower() for name in names]
    if twice := sorted({name for name in lower if lower.count(name) > 1}):
        raise Unusable(f"column {twice[0]} stands twice")
    # an optional column may be absent, but not be there under a name that only looks like it
    alike = {name.strip().lower() for name in names}
    absent = [column for column in table.columns if column.name not in names]
    if missing := [column.name for column in absent if not column.optional or column.name in alike]:
        raise Unusable(f"column {', '.join(missing)} is missing")


def _is_utf8(raw: bytes) -> bool:
    return _decodes(raw, "utf-8")


def _is_gbk(found: list[Record]) -> bool:
    foreign = [record.raw for record in found if not record.raw.isascii()]
    return bool(foreign) and all(not _is_utf8(raw) and _decodes(raw, "gb18030") for raw in foreign)


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


# ---------------------------------------------------------------- Parquet

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
_WHOLE |= {f"U{name}" for name in _WHOLE}

# Contract type -> accepted physical types. Everything else is refused, unless it is null in every row.
_ALLOWED = {
    "varchar": {"text", "bytes", "whole", "decimal0", "uuid"},
    "date": {"text", "bytes", "date", "timestamp", "instant"},
    "boolean": {"text", "bytes", "whole", "boolean"},
    "decimal": {"text", "bytes", "whole", "decimal0", "decimal", "double"},
    "double": {"text", "bytes", "whole", "decimal0", "decimal", "float", "double"},
    "bigint": {"text", "bytes", "whole", "decimal0"},
    "timestamp": {"text", "bytes", "timestamp", "instant"},
}


def _kind(name: str) -> str:
    """A column's kind of value, by DuckDB's name for its type."""
    if match := re.fullmatch(r"DECIMAL\(\d+, ?(\d+)\)", name):
        return "decimal0" if match[1] == "0" else "decimal"
    if name in _WHOLE:
        return "whole"
    if name in ("VARCHAR", "JSON") or name.startswith("ENUM("):
        return "text"
    if name in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        return "timestamp"
    plain = {
        "BLOB": "bytes",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "DOUBLE": "double",
        "FLOAT": "float",
        "TIMESTAMP WITH TIME ZONE": "instant",
        "UUID": "uuid",
    }
    return plain.get(name, "other")


def _family(column: Column) -> str:
    return column.type.split("(")[0]


@cache
def connection(process: int) -> duckdb.DuckDBPyConnection:
    """Return the one DuckDB connection of this process, which only reads and writes files."""
    assert process == os.getpid()
    opened = duckdb.connect(config={"threads": 1})
    opened.execute("set timezone = 'UTC'")
    return opened


def exact(path: Path) -> str:
    """The path as a pattern that matches only this file."""
    return re.sub(r"([*?\[])", r"[\1]", os.fsencode(path).decode("utf-8"))


def _parquet(path: Path, table: Table) -> Content:
    try:
        name = exact(path)
    except UnicodeDecodeError:
        # DuckDB can't open such a name: use the bytes under another one.
        with _lent(path) as lent:
            return _parquet(lent, table)
    opened = connection(os.getpid())
    try:
        schema = opened.execute("select name, coalesce(num_children, 0) from parquet_schema(?)", [name]).fetchall()
        described = opened.execute(
            "describe select * from read_parquet(?, hive_partitioning = false)", [name]
        ).fetchall()
        _check_names(_top_level(schema), table)
        types = {row[0]: row[1] for row in described}
        columns = ", ".join(_select(one, types[one.name]) if one.name in types else "null" for one in table.columns)
        rows = opened.execute(f"select {columns} from read_parquet(?, hive_partitioning = false)", [name]).fetchall()
        stand = opened.execute("select sum(num_rows) from parquet_file_metadata(?)", [name]).fetchall()[0][0]
    except (duckdb.Error, UnicodeDecodeError, OverflowError) as error:
        raise Unusable(f"can't be decoded: {error}") from None
    if stand != len(rows):
        raise Unusable(f"the file says {stand} rows and holds {len(rows)}")
    kinds = [_kind(types.get(column.name, "VARCHAR")) for column in table.columns]
    for place, (column, kind) in enumerate(zip(table.columns, kinds, strict=True)):
        if kind not in _ALLOWED[_family(column)] and any(row[place] is not None for row in rows):
            raise Unusable(f"column {column.name} arrived as {types[column.name]}")
    readers = [_reader(column, kind) for column, kind in zip(table.columns, kinds, strict=True)]
    texts = [
        tuple(None if value is None else read(value) or None for read, value in zip(readers, row, strict=True))
        for row in rows
    ]
    return Content(rows=texts, rows_stand=len(texts))


@contextmanager
def _lent(path: Path) -> Iterator[Path]:
    """The file under a name that DuckDB can open."""
    with TemporaryDirectory() as folder:
        link = Path(folder) / "lent.parquet"
        link.symlink_to(path.absolute())
        yield link


def _top_level(schema: list[tuple[str, int]]) -> list[str]:
    """Names of the columns: the schema lists each node before its children, and the root first."""
    names: list[str] = []

    def skip(place: int) -> int:
        children = schema[place][1]
        place += 1
        for _ in range(children):
            place = skip(place)
        return place

    place = 1
    while place < len(schema):
        names.append(schema[place][0])
        place = skip(place)
    return names


def _select(column: Column, arrived: str) -> str:
    """The column as native values if Python has them, else as DuckDB writes it."""
    quoted = f'"{column.name}"'
    native = _kind(arrived) in ("text", "bytes", "whole", "decimal", "decimal0", "boolean", "double", "float")
    if native:
        return quoted
    if _kind(arrived) == "other":
        return f"case when {quoted} is not null then true end"
    return f"{quoted}::varchar"


def _reader(column: Column, kind: str) -> Callable[[Any], str]:
    """How a kind of value becomes text for the column."""
    if kind == "bytes":
        return lambda value: bytes(value).decode("utf-8", "surrogateescape")
    if kind == "boolean":
        return lambda value: "true" if value else "false"
    if kind == "float":
        return lambda value: str(np.float32(value))
    if kind == "double":
        if _family(column) == "decimal":
            places = _scale(column)
            return lambda value: _rounded(value, places)
        return repr
    if kind in ("decimal", "decimal0"):
        return lambda value: format(value, "f")
    if kind == "instant":
        return _in_the_bank
    return str


def _rounded(value: float, places: int) -> str:
    """A double that represents a decimal of that many places, else a text that is not a decimal."""
    if not math.isfinite(value) or abs(value) >= 2 ** (53 - math.ceil(places * math.log2(10))):
        return UNREADABLE
    with localcontext(Context(prec=400)):
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        # Compared with the double for the amount: for 49999999.99 that is 2e-9 more.
        is_near = abs(value - float(rounded)) <= 5e-11
    return format(rounded, "f") if is_near else UNREADABLE


def _in_the_bank(text: str) -> str:
    """An instant that DuckDB writes in UTC, in the bank's local time."""
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?\+00", text)
    if not match:
        return UNREADABLE
    try:
        utc = datetime.fromisoformat(match[1] + "+00:00")
        local = utc.astimezone(BANK).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return UNREADABLE
    return f"{local.isoformat(' ')}.{match[2]}" if match[2] else local.isoformat(" ")


# ---------------------------------------------------------------- values

BLANK = r"[ \t]*"
NUMBER = re.compile(rf"{BLANK}([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?){BLANK}", re.ASCII)
DAY = re.compile(
    rf"{BLANK}(\d{{4}})([-/])(\d{{1,2}})\2(\d{{1,2}})(?:[ T]00:00(?::00(?:\.0+)?)?)?{BLANK}", re.ASCII
)  # fmt: skip


def parse(column: Column, text: str) -> Any:
    """Parse one non-null text by the contract's type; ValueError if it does not fit."""
    if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
        raise ValueError("the bytes are not UTF-8, or the value is none")
    return text if column.type == "varchar" else _parsed(column.type, text)


def canonical(column: Column, text: Text) -> Text:
    """One text for equal values: 1.5 and 1.50 are the same amount. An unreadable text is unchanged."""
    return text if text is None or column.type == "varchar" else _canonical(column.type, text)


@lru_cache(maxsize=100_000)
def _canonical(kind: str, text: str) -> str:
    try:
        value = _parsed(kind, text)
    except ValueError:
        return text
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


@lru_cache(maxsize=100_000)
def _parsed(kind: str, text: str) -> Any:
    parsers: dict[str, Callable[[str], Any]] = {
        "date": _date,
        "boolean": _boolean,
        "double": _double,
        "bigint": _bigint,
        "timestamp": _timestamp,
    }
    if kind in parsers:
        return parsers[kind](text)
    match = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)
    assert match is not None, kind
    return _decimal(text, int(match[1]), int(match[2]))


def _scale(column: Column) -> int:
    return int(column.type.rstrip(")").split(",")[1])


def _date(text: str) -> date:
    match = DAY.fullmatch(text)
    if not match:
        raise ValueError(text)
    return date(int(match[1]), int(match[3]), int(match[4]))


def _boolean(text: str) -> bool:
    words = dict.fromkeys(("true", "t", "yes", "y", "1"), True) | dict.fromkeys(("false", "f", "no", "n", "0"), False)
    if text.lower() not in words or not text.isascii():
        raise ValueError(text)
    return words[text.lower()]


def _number(text: str) -> str:
    match = NUMBER.fullmatch(text)
    if not match:
        raise ValueError(text)
    return match[1]


def _double(text: str) -> float:
    number = float(_number(text))
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _bigint(text: str) -> int:
    match = re.fullmatch(rf"{BLANK}([+-]?\d+){BLANK}", text, re.ASCII)
    if not match or not -(2**63) <= int(match[1]) < 2**63:
        raise ValueError(text)
    return int(match[1])


def _timestamp(text: str) -> datetime:
    time = r"(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})0*)?)?"
    match = re.fullmatch(rf"{BLANK}{time}{BLANK}", text, re.ASCII)
    if not match:
        raise ValueError(text)
    hour, minute, second = (int(match[place] or 0) for place in (2, 3, 4))
    midnight = datetime.fromisoformat(match[1])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(text)
    return midnight + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(f"{match[5] or 0:0<6}"))


def _decimal(text: str, precision: int, scale: int) -> Decimal:
    """A decimal with every digit kept: only zeros after the last place, and only as many digits before it as fit."""
    if not re.search(r"[1-9]", re.split("[eE]", _number(text))[0]):
        return Decimal(0)
    try:
        sign, digits, exponent = Decimal(_number(text)).as_tuple()
    except InvalidOperation:
        raise ValueError(text) from None
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).strip("0")
    exponent += len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if exponent < -scale or exponent + len(significant) > precision - scale:
        raise ValueError(text)
    return Decimal((sign, tuple(int(digit) for digit in significant), exponent))
