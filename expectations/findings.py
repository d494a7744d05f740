"""A finding of a gate: a rule that did not hold."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.rules import Severity


@dataclass(frozen=True)
class Finding:
    """A rule that did not hold: the table, the number of rows, and (in the detail) where."""

    rule_id: str
    severity: Severity
    table: str
    rows: int
    because: str
    detail: str = ""

    def __str__(self) -> str:
        rows = f", {self.rows:,} row{'' if self.rows == 1 else 's'}" if self.rows else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.table}{rows}: {self.because} [{self.rule_id}]{detail}"
