"""Columns as arrays of whole numbers, and the SQL that turns them into the contract's values.

Money stays int64 fen until DuckDB turns it into an exact decimal; text is a dictionary code or a
number with a prefix, because a million Python strings would take longer than the whole sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fenceng.sample.streams import Int

NULL = -(2**62)  # null in every array of days, fen, thousandths and serial numbers
NO_WORD = -1  # null in an array of dictionary codes and of flags


class Column(Protocol):
    """A column of one partition."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def take(self, rows: Int) -> Column:
        """Pick rows by position."""

    def to_sql(self, name: str) -> tuple[dict[str, Any], str]:
        """Return a frame's arrays by column name, and the SQL expression over them."""


Frame = Mapping[str, Column]


@dataclass(frozen=True)
class _Numbers:
    values: Int

    def __len__(self) -> int:
        return len(self.values)

    def to_sql(self, name: str) -> tuple[dict[str, Any], str]:
        return {name: np.ascontiguousarray(self.values)}, self._expression(f"nullif({name}, {NULL})")

    def _expression(self, number: str) -> str:
        raise NotImplementedError


class Days(_Numbers):
    """Day numbers; becomes a date."""

    def take(self, rows: Int) -> Days:
        """Pick rows by position."""
        return Days(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"date '1970-01-01' + cast({number} as integer)"


class Moments(_Numbers):
    """Seconds since 1970-01-01 in local time; becomes a timestamp."""

    def take(self, rows: Int) -> Moments:
        """Pick rows by position."""
        return Moments(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"timestamp '1970-01-01' + to_seconds({number})"


class Fen(_Numbers):
    """Hundredths of a currency unit; becomes an exact decimal with two places."""

    def take(self, rows: Int) -> Fen:
        """Pick rows by position."""
        return Fen(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"cast({number} as decimal(18, 0)) * cast(0.01 as decimal(2, 2))"


class Rate(_Numbers):
    """Hundred-millionths; becomes an exact decimal with eight places."""

    def take(self, rows: Int) -> Rate:
        """Pick rows by position."""
        return Rate(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"cast({number} as decimal(18, 0)) * cast(0.00000001 as decimal(8, 8))"


class Millionths(_Numbers):
    """Millionths; becomes an exact decimal with six places."""

    def take(self, rows: Int) -> Millionths:
        """Pick rows by position."""
        return Millionths(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"cast({number} as decimal(19, 0)) * cast(0.000001 as decimal(6, 6))"


class Count(_Numbers):
    """Whole numbers; becomes a bigint."""

    def take(self, rows: Int) -> Count:
        """Pick rows by position."""
        return Count(self.values[rows])

    def _expression(self, number: str) -> str:
        return number


class Thousandths(_Numbers):
    """Thousandths; becomes a double."""

    def take(self, rows: Int) -> Thousandths:
        """Pick rows by position."""
        return Thousandths(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"cast({number} as double) / cast(1000 as double)"


class Flag(_Numbers):
    """1 true, 0 false, NO_WORD null; becomes a boolean."""

    def take(self, rows: Int) -> Flag:
        """Pick rows by position."""
        return Flag(self.values[rows])

    def _expression(self, number: str) -> str:
        return f"case {number} when 1 then true when 0 then false end"


@dataclass(frozen=True)
class Serial:
    """Whole numbers with a prefix, zero-padded to a width: C000000001."""

    prefix: str
    values: Int
    width: int = 0

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Int) -> Serial:
        """Pick rows by position."""
        return Serial(self.prefix, self.values[rows], self.width)

    def to_sql(self, name: str) -> tuple[dict[str, Any], str]:
        """Return the array, and the SQL that writes the numbers out."""
        text = f"cast(nullif({name}, {NULL}) as varchar)"
        # lpad would cut a number longer than the width
        zeros = f"repeat('0', {self.width} - length({text}))"
        return {name: np.ascontiguousarray(self.values)}, f"'{self.prefix}' || {zeros} || {text}"


@dataclass(frozen=True)
class Words:
    """Codes into a word list; NO_WORD is null."""

    codes: Int
    vocabulary: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Int) -> Words:
        """Pick rows by position."""
        return Words(self.codes[rows], self.vocabulary)

    def to_sql(self, name: str) -> tuple[dict[str, Any], str]:
        """Return a categorical array, and the SQL that reads its words."""
        categories = pd.Index(list(self.vocabulary), dtype=object)
        words = pd.Categorical.from_codes(self.codes.astype(np.int32), categories)
        return {name: words}, f"cast({name} as varchar)"


@dataclass(frozen=True)
class Joined:
    """Texts joined; null if the first is null, other nulls are left out."""

    parts: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.parts[0])

    def take(self, rows: Int) -> Joined:
        """Pick rows by position."""
        return Joined(tuple(part.take(rows) for part in self.parts))

    def to_sql(self, name: str) -> tuple[dict[str, Any], str]:
        """Return the arrays of all parts, and the SQL that joins them."""
        arrays, texts = _parts_to_sql(self.parts, name)
        rest = "".join(f" || coalesce({text}, '')" for text in texts[1:])
        return arrays, f"({texts[0]}){rest}"


@dataclass(frozen=True)
class FirstOf:
    """The first of several texts that is not null."""

    parts: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.parts[0])

    def take(self, rows: Int) -> FirstOf:
        """Pick rows by position."""
        return FirstOf(tuple(part.take(rows) for part in self.parts))

    def to_sql(self, name: str) -> tuple[dict[str, Any], str]:
        """Return the arrays of all parts, and the SQL that picks one."""
        arrays, texts = _parts_to_sql(self.parts, name)
        return arrays, f"coalesce({', '.join(texts)})"


def _parts_to_sql(parts: tuple[Column, ...], name: str) -> tuple[dict[str, Any], list[str]]:
    arrays: dict[str, Any] = {}
    texts = []
    for position, part in enumerate(parts):
        added, text = part.to_sql(f"{name}_{position}")
        arrays.update(added)
        texts.append(text)
    return arrays, texts


def rows_of(frame: Frame) -> int:
    """Return the number of rows of a frame."""
    return len(next(iter(frame.values())))


def constant(value: int, size: int) -> Int:
    """Return an array with one value throughout (shape: size)."""
    return np.full(size, value, dtype=np.int64)
