"""The command `fenceng doctor`: what a refresh needs, checked."""

from __future__ import annotations

import typer
from rich.markup import escape
from rich.table import Table

from fenceng.options import Landing, Output
from fenceng.terminal import out, settings_for


def doctor(landing: Landing = None, output: Output = None) -> None:
    """Check what a refresh needs on this machine and in these folders."""
    from fenceng.analysis.doctor import examine

    settings = settings_for(landing, output)
    table = Table("check", "state", "detail")
    complaints = examine(settings)
    for complaint in complaints:
        state = "[green]ok[/]" if complaint.ok else "[red]mend[/]"
        table.add_row(complaint.subject, state, escape(complaint.detail))
    out.print(table)
    if not all(complaint.ok for complaint in complaints):
        raise typer.Exit(1)
