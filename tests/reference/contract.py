"""The landing contract as the reference reads it: the words of the YAML file, without the warehouse's interpretation.

Tables, columns, types, keys and lists are vocabulary and written once, in expectations/landing_contract.yml. What they
mean for a row is decided by the reference itself (landing.py, reading.py, bank.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / "expectations" / "landing_contract.yml"


@dataclass(frozen=True)
class Column:
    """One column of a delivered table."""

    name: str
    type: str
    nullable: bool = False
    enum: tuple[str, ...] = ()
    ref: str | None = None
    unit: str | None = None
    optional: bool = False
    first_of: str | None = None


@dataclass(frozen=True)
class Table:
    """One delivered table."""

    name: str
    kind: str
    required: bool
    may_be_empty: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column with that name."""
        return next(c for c in self.columns if c.name == name)


def _table(name: str, stated: Mapping[str, Any]) -> Table:
    return Table(
        name=name,
        kind=stated["kind"],
        required=stated["required"],
        may_be_empty=stated.get("may_be_empty", False),
        key=tuple(stated["key"]),
        columns=tuple(_column(column, properties) for column, properties in stated["columns"].items()),
    )


def _column(name: str, stated: Mapping[str, Any]) -> Column:
    return Column(
        name=name,
        type=stated["type"],
        nullable=stated.get("nullable", False),
        enum=tuple(stated.get("enum", ())),
        ref=stated.get("ref"),
        unit=stated.get("unit"),
        optional=stated.get("optional", False),
        first_of=stated.get("first_of"),
    )


TABLES: dict[str, Table] = {
    name: _table(name, stated) for name, stated in yaml.safe_load(FILE.read_text(encoding="utf-8"))["tables"].items()
}
