"""SQL that casts delivered values to the contract's types, exactly or to null with the column in `_unreadable`.

expectations/physical_types.yml lists which physical types are accepted for each contract type, and which are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from expectations.contract import Column, Table
from expectations.physical_types import Arrival, family, load_physical_types, scale_of
from expectations.quoting import literal
from orchestration.settings import TIME_ZONE

# Accepted calendar range: DATE in DuckDB and Parquet spans millions of years.
_FIRST_DAY, _LAST_DAY = "date '0001-01-01'", "date '9999-12-31'"
_FIRST_TIME, _END_OF_TIME = "timestamp '0001-01-01 00:00:00'", "timestamp '10000-01-01 00:00:00'"
_DAY = r"[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?"
_MIDNIGHT = r"([ T]00:00(:00([.]0+)?)?)?"
_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_BLANKS = r"[ \t]*"
_TRUTH = "(?i)true|false|t|f|yes|no|y|n|1|0"
# A sum of doubles is off in its last bits; a value this close to its rounding counts as exact.
_DOUBLE_NOISE = "5e-11"
# No amount has a larger exponent, whatever its digits.
_POWER = 400


@dataclass(frozen=True)
class _Cell:
    """A contract column in a scan, with the physical type that the file gives it."""

    column: Column
    arrival: Arrival
    duckdb_type: str

    @property
    def source(self) -> str:
        """SQL of the value as stored in the file."""
        return f'source."{self.column.name}"'

    @property
    def text(self) -> str:
        """SQL of the value as text; empty text becomes null."""
        if self.arrival.name == "bytes":
            return f"nullif(try(decode({self.source})), '')"
        if self.arrival.name == "text":
            return f"nullif(cast({self.source} as varchar), '')"
        return f"cast({self.source} as varchar)"

    @property
    def is_given(self) -> str:
        """SQL condition that a value is present."""
        return f"octet_length({self.source}) > 0" if self.arrival.name == "bytes" else f"{self.text} is not null"

    @property
    def is_exact(self) -> bool:
        """Whether every value of the physical type is valid in the contract's type."""
        if self.arrival.name == "decimal" or self.arrival.name == "whole_decimal":
            return family(self.column.type) in ("varchar", "double") or (
                family(self.column.type) == "decimal" and _fits(self.duckdb_type, self.column.type)
            )
        return self.arrival.name in _ALWAYS_EXACT[family(self.column.type)]


_ALWAYS_EXACT = {
    "varchar": ("text", "whole_number", "uuid", "nothing"),
    "date": ("nothing",),
    "timestamp": ("nothing",),
    "boolean": ("boolean", "nothing"),
    "decimal": ("nothing",),
    "double": ("whole_number", "nothing"),
    "bigint": ("nothing",),
}


def typed_select(table: Table, types: Mapping[str, str], scan: str, row: str, business_date: str) -> str:
    """Return the query that casts a scan's rows to the contract's types.

    types: column -> DuckDB type. A column that is missing from the scan or has a refused type becomes null; where that
    would lose a value, the delivery is blocked. row, business_date: SQL of `_row` and `_biz_date`.
    """
    cells = {
        column.name: _Cell(column, load_physical_types().arrival(types[column.name]), types[column.name])
        for column in table.columns
        if column.name in types
    }
    values = {
        column.name: _value(cells[column.name]) if column.name in cells else f"cast(null as {column.type})"
        for column in table.columns
    }
    doubtful = [
        f"case when {cell.is_given} and {values[name]} is null then '{name}' end"
        for name, cell in cells.items()
        if not _is_refused(cell) and not cell.is_exact
    ]
    unreadable = f"nullif(concat_ws(',', {', '.join(doubtful)}), '')" if doubtful else "cast(null as varchar)"
    listed = ", ".join(f"{value} as {name}" for name, value in values.items())
    return f"select {listed}, {row} as _row, {business_date} as _biz_date, {unreadable} as _unreadable from {scan}"


def _is_refused(cell: _Cell) -> bool:
    return load_physical_types().treatment(cell.column, cell.arrival) == "refuse"


def _value(cell: _Cell) -> str:
    if cell.arrival.name == "nothing" or _is_refused(cell):
        return f"cast(null as {cell.column.type})"
    return _READERS[family(cell.column.type)](cell)


def _varchar(cell: _Cell) -> str:
    return cell.text


def _boolean(cell: _Cell) -> str:
    if cell.arrival.name == "boolean":
        return cell.source
    if cell.arrival.name == "whole_number":
        return f"case {cell.source} when 1 then true when 0 then false end"
    return f"case when regexp_full_match({cell.text}, '{_TRUTH}') then try_cast({cell.text} as boolean) end"


def _date(cell: _Cell) -> str:
    if cell.arrival.name in ("text", "bytes"):
        # Refuse a time of day: truncating it would guess at the sender's intent. A time zone could shift the day.
        form = f"{_BLANKS}{_DAY}{_MIDNIGHT}{_BLANKS}"
        return _in_calendar(
            f"case when regexp_full_match({cell.text}, '{form}') then try_cast({cell.text} as date) end"
        )
    if cell.arrival.name == "date":
        return _in_calendar(cell.source)
    moment = cell.source
    if cell.arrival.name == "instant":
        moment = f"try(timezone({literal(TIME_ZONE)}, {moment}))"
    day = _in_calendar(f"try_cast({moment} as date)")
    return f"case when try_cast({day} as timestamp) = {moment} then {day} end"


def _in_calendar(day: str) -> str:
    return f"case when {day} between {_FIRST_DAY} and {_LAST_DAY} then {day} end"


def _timestamp(cell: _Cell) -> str:
    if cell.arrival.name in ("text", "bytes"):
        # A day alone is refused: midnight would be a guess. So is a zone: the contract's times are local.
        form = f"{_BLANKS}{_TIME}{_BLANKS}"
        moment = f"case when regexp_full_match({cell.text}, '{form}') then try_cast({cell.text} as timestamp) end"
    else:
        stored = cell.source
        if cell.arrival.name == "instant":
            stored = f"try(timezone({literal(TIME_ZONE)}, {stored}))"
        # A nanosecond that the contract's type drops.
        moment = f"case when try_cast({stored} as timestamp) = {stored} then try_cast({stored} as timestamp) end"
    return (
        f"list_transform([{moment}], lambda moment: case when moment >= {_FIRST_TIME} and moment < {_END_OF_TIME}"
        " then moment end)[1]"
    )


def _decimal(cell: _Cell) -> str:
    kind, scale = cell.column.type, scale_of(cell.column.type)
    if cell.arrival.name == "whole_number" or cell.is_exact:
        return f"try_cast({cell.source} as {kind})"
    if cell.arrival.name == "double":
        # Below this bound a double resolves more decimal places than the contract requires.
        bound = 2 ** (53 - math.ceil(scale * math.log2(10)))
        rounded = f"round({cell.source}, {scale})"
        return (
            f"case when abs({cell.source}) < {bound} and abs({cell.source} - {rounded}) <= {_DOUBLE_NOISE}"
            f" then try_cast(cast({rounded} as varchar) as {kind}) end"
        )
    # DuckDB would round surplus decimal places; an amount that doesn't fit the contract is not ours to round.
    exact = f"{_BLANKS}[+-]?[0-9]*([.][0-9]{{0,{scale}}}0*)?{_BLANKS}"
    written_out = (
        f"list_transform([{_written_out(cell.text)}],"
        f" lambda plain: case when regexp_full_match(plain, '{exact}') then try_cast(plain as {kind}) end)[1]"
    )
    return (
        f"case when regexp_full_match({cell.text}, '{exact}') then try_cast({cell.text} as {kind})"
        f" when regexp_full_match({cell.text}, '{_BLANKS}{_NUMBER}{_BLANKS}') then {written_out} end"
    )


def _written_out(number: str) -> str:
    """Return SQL that expands scientific notation digit for digit; null if no amount has such an exponent."""
    digits, power = "(n.whole || n.part)", "case n.power when '' then 0 else try_cast(n.power as integer) end"
    point = f"(length(n.whole) + {power})"
    return (
        f"list_transform([regexp_extract({number}, '([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]+))?{_BLANKS}$',"
        " ['sign', 'whole', 'part', 'power'])], lambda n: case"
        f" when regexp_full_match({digits}, '0*') then '0'"
        f" when abs({power}) > {_POWER} then null"
        f" when {point} <= 0 then n.sign || '0.' || repeat('0', -{point}) || {digits}"
        f" when {point} >= length({digits}) then n.sign || {digits} || repeat('0', {point} - length({digits}))"
        f" else n.sign || left({digits}, {point}) || '.' || substr({digits}, {point} + 1) end)[1]"
    )


def _fits(duckdb_type: str, contract_type: str) -> bool:
    """Return whether every number of one decimal type fits the other."""
    (precision, scale), (most, places) = (
        [int(part) for part in re.findall(r"\d+", name)] for name in (duckdb_type, contract_type)
    )
    return scale <= places and precision - scale <= most - places


def _double(cell: _Cell) -> str:
    if cell.arrival.name == "double":
        return f"case when isfinite({cell.source}) then {cell.source} end"
    cast = f"try_cast({cell.text} as double)"
    form = f"{_BLANKS}{_NUMBER}{_BLANKS}"
    return f"case when regexp_full_match({cell.text}, '{form}') and isfinite({cast}) then {cast} end"


def _bigint(cell: _Cell) -> str:
    if cell.arrival.name in ("text", "bytes"):
        # DuckDB would round 1.5, and read an exponent.
        form = f"{_BLANKS}[+-]?[0-9]+{_BLANKS}"
        return f"case when regexp_full_match({cell.text}, '{form}') then try_cast({cell.text} as bigint) end"
    return f"try_cast({cell.source} as bigint)"


_READERS: dict[str, Callable[[_Cell], str]] = {
    "varchar": _varchar,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
    "decimal": _decimal,
    "double": _double,
    "bigint": _bigint,
}
