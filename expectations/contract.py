"""The landing contract: the delivered tables with their columns, keys and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from expectations.yaml_files import read_yaml

CONTRACT_FILE = Path(__file__).with_name("landing_contract.yml")
# What `first_of` may name.
PERIODS = ("month", "year")
# The levels of JR/T 0197 that may be landed; the fifth is of data whose loss harms the state.
LEVELS = range(1, 5)
# The least level of a value that identifies a person.
IDENTIFYING = 3


@dataclass(frozen=True)
class Column:
    """A column of a delivered table.

    unit: CNY, metric (the unit of the row's metric), points, a range such as 0..1, or None (the row's currency, or no
    unit). code: a text that is compared letter by letter although it is not a key, reference, enum or id. optional: a
    file may lack it. first_of: the value must be the first day of a month or year. level: of JR/T 0197. personal: it
    is about one customer or employee; pii: its value alone tells who that is.
    """

    name: str
    type: str
    level: int
    personal: bool
    nullable: bool = False
    enum: tuple[str, ...] = ()
    ref: str | None = None
    unit: str | None = None
    pii: bool = False
    code: bool = False
    optional: bool = False
    first_of: Literal["month", "year"] | None = None

    @property
    def is_money(self) -> bool:
        """Amounts are decimals with two places that are no points; a rate has eight, a reported value six."""
        return self.type.startswith("decimal") and self.type.endswith(",2)") and self.unit != "points"

    @property
    def is_in_row_currency(self) -> bool:
        """Whether it is an amount in its row's currency; other amounts are in the base currency."""
        return self.is_money and self.unit is None

    @property
    def is_share(self) -> bool:
        """Whether its unit makes it a share of one."""
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
    own_day: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def codes(self) -> tuple[Column, ...]:
        """The text columns that are compared with others: an invisible character in one makes it match nothing."""
        return tuple(
            column
            for column in self.columns
            if column.type == "varchar"
            and (column.name in self.key or column.ref or column.enum or column.name.endswith("_id") or column.code)
        )

    def column(self, name: str) -> Column:
        """The column with that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


@dataclass(frozen=True)
class Contract:
    """All tables, and the currency that every amount is converted to."""

    base_currency: str
    tables: Mapping[str, Table]

    def waves(self) -> list[list[Table]]:
        """The tables in the order of judgement: each after the tables that it references.

        A reference to the same table does not count: it may lead to any received row. Every table with a currency comes
        after the rates. Raises ValueError if the references form a ring.
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


def limit_name(table: str, column: str) -> str:
    """The name of the policy's limit for an amount column, among the values filled into rules."""
    return f"amount_limit.{table}.{column}"


def _refuse_references_of_events(table: Table) -> None:
    """Old events name customers that have left; checked against the newest snapshot, they would never be accepted."""
    referring = [column.name for column in table.columns if column.ref]
    if table.kind == "event" and referring:
        raise ValueError(
            f"the landing contract gives a ref to {_listed(table, referring)}, a column of events, which outlive what"
            " they name; take the ref away, and warn of unknown ones in gate_1/warnings.yml"
        )


def _refuse_amounts_without_currency(table: Table) -> None:
    if not _has_currency(table) and (amounts := [c.name for c in table.columns if c.is_in_row_currency]):
        raise ValueError(
            f"the landing contract does not say in which currency {_listed(table, amounts)} is; give it `unit: CNY`, or"
            " the table a column currency"
        )


def _refuse_idle_marks(table: Table) -> None:
    """Refuse marks that could not mean what they say: an absent value where null is illegal, a text as a month."""
    if absent := [c.name for c in table.columns if c.optional and not c.nullable]:
        raise ValueError(f"the landing contract lets a file lack {_listed(table, absent)}, which must also be nullable")
    if undated := [c.name for c in table.columns if c.first_of and (c.type != "date" or c.first_of not in PERIODS)]:
        raise ValueError(
            f"the landing contract gives first_of to {_listed(table, undated)}; it is one of {', '.join(PERIODS)}, and"
            " the column a date"
        )


def _refuse_a_class_too_low(table: Table) -> None:
    """Refuse a level that is none, and one that would call a person's data harmless."""
    if unknown := [c.name for c in table.columns if c.level not in LEVELS]:
        raise ValueError(
            f"the landing contract gives {_listed(table, unknown)} a level that is none of {LEVELS[0]} to {LEVELS[-1]}"
        )
    if low := [c.name for c in table.columns if c.level < 2 and c.personal]:
        raise ValueError(f"the landing contract calls {_listed(table, low)} personal, which needs level 2 or above")
    if low := [c.name for c in table.columns if c.pii and not (c.personal and c.level >= IDENTIFYING)]:
        raise ValueError(
            f"the landing contract marks {_listed(table, low)} as pii, which must be personal and of level"
            f" {IDENTIFYING} or above"
        )


def _refuse_another_own_day(table: Table) -> None:
    """An event happens on a day of its own, which decides what a date knows; a snapshot is of its partition's day."""
    days = [column.name for column in table.columns if column.type == "date"]
    if (table.kind == "event") != (table.own_day in days):
        raise ValueError(
            f"the landing contract gives {table.name} the own_day {table.own_day}; an event table names one of its"
            f" dates ({', '.join(days) or 'it has none'}), a snapshot none"
        )


def _listed(table: Table, columns: list[str]) -> str:
    return ", ".join(f"{table.name}.{name}" for name in columns)


@cache
def load_contract(path: Path = CONTRACT_FILE) -> Contract:
    """The contract as stated in the YAML file.

    Raises KeyError or TypeError on a missing or unknown property, ValueError on a `ref` in an event table, an amount
    without a currency, a mark that its column can't bear, a class too low for it, or an event table without its own
    day.
    """
    document = read_yaml(path)
    tables = {}
    for name, body in document["tables"].items():
        columns = tuple(
            Column(
                name=column,
                **{
                    "level": body["level"],
                    "personal": body["personal"],
                    **properties,
                    "enum": tuple(properties.get("enum", ())),
                },
            )
            for column, properties in body["columns"].items()
        )
        tables[name] = Table(
            name=name,
            kind=body["kind"],
            required=body["required"],
            may_be_empty=body.get("may_be_empty", False),
            key=tuple(body["key"]),
            columns=columns,
            own_day=body.get("own_day"),
        )
        _refuse_references_of_events(tables[name])
        _refuse_amounts_without_currency(tables[name])
        _refuse_idle_marks(tables[name])
        _refuse_a_class_too_low(tables[name])
        _refuse_another_own_day(tables[name])
    return Contract(document["base_currency"], tables)
