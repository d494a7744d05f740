"""The physical types accepted for each type of the landing contract: physical_types.yml as objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

from expectations.contract import Column
from expectations.yaml_files import read_yaml

TABLE_FILE = Path(__file__).with_name("physical_types.yml")
Treatment = Literal["read", "warn", "refuse"]
TREATMENTS = ("read", "warn", "refuse")
NESTED = "nested"
# Words for types that the table does not list, by a pattern of their DuckDB name.
_UNLISTED = {
    r"\]$": "lists",
    "^STRUCT": "records of several values",
    "^MAP": "maps",
    "^TIME": "times of day without a day",
    "^INTERVAL": "spans of time",
}


@dataclass(frozen=True)
class Arrival:
    """A kind of value that a file may hold. lost: what is lost if it is read with a warning."""

    name: str
    words: str
    types: tuple[str, ...] = ()
    lost: str = ""


@dataclass(frozen=True)
class Expected:
    """A contract type: its form in words, the words for an unreadable value, the treatment by arrival."""

    form: str
    unreadable: str
    arrives: Mapping[str, Treatment]


@dataclass(frozen=True)
class PhysicalTypes:
    """The whole table."""

    arrivals: Mapping[str, Arrival]
    contract: Mapping[str, Expected]

    def arrival(self, duckdb_type: str) -> Arrival:
        """The kind of value of a DuckDB type; `nested` for an unlisted type."""
        name = duckdb_type.upper()
        if (found := re.fullmatch(r"DECIMAL\(\d+, ?(\d+)\)", name)) is not None:
            name = "DECIMAL(P,0)" if found[1] == "0" else "DECIMAL(P,S)"
        name = re.sub(r"^ENUM\(.*", "ENUM", name)
        for arrival in self.arrivals.values():
            if name in (listed.upper() for listed in arrival.types):
                return arrival
        return Arrival(
            NESTED, next((words for form, words in _UNLISTED.items() if re.search(form, name)), "other values")
        )

    def expected(self, column: Column) -> Expected:
        """The entry for a column's contract type. Raises KeyError for an unlisted type."""
        return self.contract[family(column.type)]

    def treatment(self, column: Column, arrival: Arrival) -> Treatment:
        """What happens to a contract column that arrives as this kind of value."""
        return self.expected(column).arrives.get(arrival.name, "refuse")


def family(contract_type: str) -> str:
    """The type without its parameters: decimal for decimal(18,2)."""
    return contract_type.split("(")[0]


def scale_of(contract_type: str) -> int:
    """A decimal's places; 0 for other types."""
    found = re.fullmatch(r"decimal\(\d+, ?(\d+)\)", contract_type)
    return int(found[1]) if found else 0


def unreadable(column: Column) -> str:
    """The words for a value that can't be read as the column's type."""
    return Template(load_physical_types().expected(column).unreadable).substitute(scale=scale_of(column.type))


@cache
def load_physical_types(path: Path = TABLE_FILE) -> PhysicalTypes:
    """The table as stated in the YAML file.

    Raises ValueError if a contract type does not say what happens to each kind of value.
    """
    document = read_yaml(path)
    arrivals = {
        name: Arrival(name, body["words"], tuple(body["types"]), body.get("lost", ""))
        for name, body in document["arrives"].items()
    }
    contract = {
        name: Expected(body["form"], body["unreadable"], body["arrives"]) for name, body in document["contract"].items()
    }
    for name, expected in contract.items():
        if expected.arrives.keys() != arrivals.keys() or not set(expected.arrives.values()) <= set(TREATMENTS):
            raise ValueError(f"{path.name}: {name} must say read, warn or refuse for each of {', '.join(arrivals)}")
    return PhysicalTypes(arrivals, contract)
