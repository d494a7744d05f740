"""What `fenceng verify` prints."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fenceng.analysis.verification import TableDifference, Verification
from fenceng.terminal import err, print_findings


def print_failed_rebuild(result: Verification, log: Path | None) -> None:
    """Why the month could not be rebuilt."""
    print_findings(result.refresh.findings)
    why = escape(result.refresh.error) or "a gate or the policy lint refused it"
    err.print(f"[bold red]not rebuilt:[/] {result.month:%Y-%m} as of {result.business_date}: {why}", soft_wrap=True)
    if log:
        err.print(f"the whole log: {escape(str(log))}", soft_wrap=True)


def print_verification(console: Console, result: Verification) -> None:
    """Whether the rebuilt month is identical; otherwise each table that differs, and what has changed since."""
    head = f"{result.month:%Y-%m} as of {result.business_date}"
    if result.is_identical:
        console.print(f"[bold green]identical:[/] {head}: {len(result.tables)} tables, every byte")
    else:
        console.print(f"[bold red]different:[/] {head}: {len(result.differences)} of {len(result.tables)} tables")
    for difference in result.differences:
        _print_difference(console, difference)
    for month in result.replaced:
        console.print(
            f"  rests on {month:%Y-%m} as it was published then; that month was published again", soft_wrap=True
        )
    if result.changed:
        console.print(f"  changed since it was published: {', '.join(result.changed)}", soft_wrap=True)
    elif result.differences:
        console.print(
            "  neither landing zone, policy, code nor earlier months have changed; report this", soft_wrap=True
        )


def _print_difference(console: Console, difference: TableDifference) -> None:
    rows = f"{difference.published_rows:,} rows published, {difference.rebuilt_rows:,} rebuilt"
    if difference.bytes_only:
        console.print(f"  {difference.table}: {rows}, all equal; only the file's bytes differ", soft_wrap=True)
        return
    console.print(
        f"  {difference.table}: {rows}; {difference.missing:,} no longer there, {difference.surplus:,} new",
        soft_wrap=True,
    )
    for column, count in difference.columns.items():
        console.print(f"    {column}: {count:,} rows", soft_wrap=True)
