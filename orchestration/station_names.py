"""The stations of the line by name."""

from __future__ import annotations

from enum import StrEnum


class Station(StrEnum):
    """The stations in line order; each value is the name of its Dagster step."""

    LANDING = "landing"
    GATE_1 = "gate_1"
    DBT = "dbt"
    GATE_2 = "gate_2"
    PUBLISH = "publish"

    @property
    def label(self) -> str:
        """Name as printed and as stored in the run record."""
        return self.value.replace("_", " ")
