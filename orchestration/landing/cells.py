"""SQL that reads a delivered value as the contract's type: exactly, or null with the column's name in `_unreadable`.

What may arrive for which type, and what is refused, is the table expectations/physical_types.yml.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from expectations.contract import Column, Table
from expectations.physical_types import Arrival, family, load_physical_types, scale_of
from orchestration.database import literal
from orchestration.settings import TIME_ZONE

# Days that a DATE can be and no calendar shows: DuckDB's and Parquet's reach millions of years.
_FIRST_DAY, _LAST_DAY = "date '0001-01-01'", "date '9999-12-31'"
_DAY = r"[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}"
_MIDNIGHT = r"([ T]00:00(:00([.]0+)?)?)?"
_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_BLANKS = r"[ \t]*"
_TRUTH = "(?i)true|false|t|f|yes|no|y|n|1|0"
# A sum of doubles is off by some of its last bits; this far from a whole number of places it was meant as one.
_DOUBLE_NOISE = "5e-11"


@dataclass(frozen=True)
class _Cell:
    """A column of the contract as a scan holds it; `types` are read for what the file has."""

    column: Column
    arrival: Arrival
    duckdb_type: str

    @property
    def source(self) -> str:
        """The value as it stands in the file."""
        return f'source."{self.column.name}"'

    @property
    def text(self) -> str:
        """The value as text; an empty text is null."""
        if self.arrival.name == "bytes":
            return f"nullif(try(decode({self.source})), '')"
        if self.arrival.name == "text":
            return f"nullif(cast({self.source} as varchar), '')"
        return f"cast({self.source} as varchar)"

    @property
    def is_given(self) -> str:
        """Whether there is a value at all."""
        return f"octet_length({self.source}) > 0" if self.arrival.name == "bytes" else f"{self.text} is not null"

    @property
    def is_exact(self) -> bool:
        """Whether every value that may arrive so is one of the contract's type."""
        if self.arrival.name == "decimal" or self.arrival.name == "whole_decimal":
            return family(self.column.type) in ("varchar", "double") or _fits(self.duckdb_type, self.column.type)
        return self.arrival.name in _ALWAYS_EXACT[family(self.column.type)]


_ALWAYS_EXACT = {
    "varchar": ("text", "whole_number", "uuid", "nothing"),
    "date": ("nothing",),
    "boolean": ("boolean", "nothing"),
    "decimal": ("nothing",),
    "double": ("whole_number", "nothing"),
}


def typed_select(table: Table, types: Mapping[str, str], scan: str, row: str, business_date: str) -> str:
    """The query of a scan's rows in the contract's types.

    types: column -> DuckDB's type. A column that the scan lacks, or holds in a type that is refused, is null: the
    delivery blocks where that would lose a value. row, business_date: SQL of `_row` and `_biz_date`.
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
        # A time of day is no date: cutting it would be a guess at what was meant. A zone would move the day.
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


def _decimal(cell: _Cell) -> str:
    kind, scale = cell.column.type, scale_of(cell.column.type)
    if cell.arrival.name == "whole_number" or cell.is_exact:
        return f"try_cast({cell.source} as {kind})"
    if cell.arrival.name == "double":
        # Up to here a double's own last place is finer than the last place that is asked for.
        bound = 2 ** (53 - math.ceil(scale * math.log2(10)))
        rounded = f"round({cell.source}, {scale})"
        return (
            f"case when abs({cell.source}) < {bound} and abs({cell.source} - {rounded}) <= {_DOUBLE_NOISE}"
            f" then try_cast(cast({rounded} as varchar) as {kind}) end"
        )
    cast = f"try_cast({cell.text} as {kind})"
    # DuckDB rounds what has too many places; an amount that does not fit the contract is not ours to round.
    plain = f"regexp_full_match({cell.text}, '{_BLANKS}[+-]?[0-9]*([.][0-9]{{0,{scale}}}0*)?{_BLANKS}')"
    with_exponent = (
        f"regexp_full_match({cell.text}, '{_BLANKS}{_NUMBER}{_BLANKS}')"
        f" and try_cast({cell.text} as decimal(38, 18)) = {cast}"
        f" and try_cast({cell.text} as double) = cast({cast} as double)"
    )
    return f"case when {plain} or ({with_exponent}) then {cast} end"


def _fits(duckdb_type: str, contract_type: str) -> bool:
    """Whether every number of one decimal type is one of another."""
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


_READERS: dict[str, Callable[[_Cell], str]] = {
    "varchar": _varchar,
    "boolean": _boolean,
    "date": _date,
    "decimal": _decimal,
    "double": _double,
}
