"""The landing contract: which tables arrive, with which columns, keys and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

CONTRACT_FILE = Path(__file__).with_name("landing_contract.yml")


@dataclass(frozen=True)
class Column:
    """A column of a delivered table. `unit` is CNY, a range such as 0..1, or None (the row's currency, or none)."""

    name: str
    type: str
    nullable: bool = False
    enum: tuple[str, ...] = ()
    ref: str | None = None
    unit: str | None = None
    pii: bool = False

    @property
    def is_money(self) -> bool:
        """Amounts are decimals of two places; a rate has eight."""
        return self.type.startswith("decimal") and self.type.endswith(",2)")

    @property
    def is_share(self) -> bool:
        """A share of one, by its declared unit."""
        return self.unit == "0..1"


@dataclass(frozen=True)
class Table:
    """A delivered table; see landing_contract.yml for the meaning of its properties."""

    name: str
    kind: Literal["snapshot", "event"]
    required: bool
    may_be_empty: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


@dataclass(frozen=True)
class Contract:
    """All tables, and the currency that every amount is turned into."""

    base_currency: str
    tables: Mapping[str, Table]

    def waves(self) -> list[list[Table]]:
        """The tables in the order of judgement: each after the tables that its references lead to.

        A reference to the own table waits for nothing: it leads to a received row. Every table with a currency
        waits for the rates. Raises ValueError when the references form a ring.
        """
        waiting = {
            table.name: {c.ref for c in table.columns if c.ref and c.ref != table.name}
            | ({"fx_rate"} if table.name != "fx_rate" and _has_currency(table) else set())
            for table in self.tables.values()
        }
        waves: list[list[Table]] = []
        while waiting:
            ready = sorted(name for name, needs in waiting.items() if not needs & waiting.keys())
            if not ready:
                raise ValueError(f"the references of {', '.join(sorted(waiting))} form a ring")
            waves.append([self.tables[name] for name in ready])
            for name in ready:
                del waiting[name]
        return waves


def _has_currency(table: Table) -> bool:
    return any(column.name == "currency" for column in table.columns)


@cache
def load_contract(path: Path = CONTRACT_FILE) -> Contract:
    """The contract as the YAML file states it. Raises KeyError or TypeError on a property that is not known."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    tables = {}
    for name, body in document["tables"].items():
        columns = tuple(
            Column(name=column, **{**properties, "enum": tuple(properties.get("enum", ()))})
            for column, properties in body["columns"].items()
        )
        tables[name] = Table(
            name=name,
            kind=body["kind"],
            required=body["required"],
            may_be_empty=body.get("may_be_empty", False),
            key=tuple(body["key"]),
            columns=columns,
        )
    return Contract(document["base_currency"], tables)
