"""What `fenceng doctor` prints."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fenceng.analysis.doctor import Check


def print_checks(console: Console, checks: Iterable[Check]) -> None:
    """A table with a line for each check."""
    table = Table("check", "state", "detail")
    for check in checks:
        table.add_row(check.subject, "[green]ok[/]" if check.passed else "[red]fix[/]", escape(check.detail))
    console.print(table)
