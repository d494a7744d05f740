"""What was published for the months before M: the only thing that a month takes from other months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from .days import first_of_month, months_before
from .landing import Row

MONTHS = 12  # M-1 to M-12 may be read
# The tables that a later month may read.
TIERS = "fct_customer_tier_monthly"
ASSIGNMENTS = "fct_maintenance_assignment_monthly"
VIEWS = "fct_customer_360_monthly"
KPIS = "fct_kpi_monthly"
READ = (TIERS, ASSIGNMENTS, VIEWS, KPIS)


@dataclass(frozen=True)
class History:
    """Month -> table -> its published rows."""

    months: Mapping[date, Mapping[str, Sequence[Row]]] = field(default_factory=dict)

    @classmethod
    def of_store(cls, marts: Mapping[str, Iterable[Row]]) -> History:
        """The published rows of a store, which keeps all months of a table together."""
        months: dict[date, dict[str, list[Row]]] = {}
        for table in READ:
            for row in marts.get(table, ()):
                months.setdefault(row["policy_month"], {}).setdefault(table, []).append(row)
        return cls(months)

    def after(self, month: date, marts: Mapping[str, Sequence[Row]]) -> History:
        """This history and one month more: what was computed for it, as if it were published."""
        return History({**self.months, month: {table: marts.get(table, ()) for table in READ}})

    def before(self, day: date) -> Past:
        """What a refresh for a day may read of it."""
        return Past(self, first_of_month(day))


@dataclass(frozen=True)
class Past:
    """A history as seen from M."""

    history: History
    month: date

    def is_published(self, table: str, months_ago: int) -> bool:
        """Whether a table has any row of that month."""
        return bool(self.rows(table, months_ago))

    def by_customer(self, table: str, months_ago: int = 1) -> dict[str, Row]:
        """The rows of M less that many months, by customer; empty if the month is not published."""
        return {row["customer_id"]: row for row in self.rows(table, months_ago)}

    def rows(self, table: str, months_ago: int) -> Sequence[Row]:
        """The rows of M less that many months, none if the month is not published."""
        assert 1 <= months_ago <= MONTHS
        return self.history.months.get(months_before(self.month, months_ago), {}).get(table, ())
