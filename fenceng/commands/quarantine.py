"""The command `fenceng quarantine`: which rows the last refresh quarantined, where they are, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fenceng.options import Lang, Language, Output
from fenceng.terminal import err, out, settings_for, wrong_use


def quarantine(
    table: Annotated[str | None, typer.Option(help="Only rows of this table.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only rows under this rule: account.balance.type.")] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show each row as it was delivered, personal data and all.")
    ] = False,
    to_file: Annotated[
        Path | None, typer.Option("--csv", help="Write all of them to a CSV file, which Excel opens.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; the file holds all.")] = 100,
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """List the rows that the last refresh quarantined: key, file and line, rule, reason.

    What --show prints and writes is confidential: it comes from the landing zone and is never published.
    """
    from expectations.contract import load_contract
    from fenceng.analysis.quarantined_rows import NothingJudgedError, quarantined_rows
    from fenceng.words.quarantine import print_none, print_rows, print_written, write_rows
    from orchestration.runtime.lock import RefreshRunningError

    settings = settings_for(output=output)
    tables = load_contract().tables
    if table and table not in tables:
        raise wrong_use(f"the landing contract has no table {table}; it has {', '.join(tables)}")
    if to_file and to_file.resolve().is_relative_to(settings.published.resolve()):
        raise wrong_use(f"{to_file} is in the published store, where nothing confidential may be written")
    try:
        found = quarantined_rows(settings, table, rule)
    except (NothingJudgedError, RefreshRunningError) as error:
        err.print(f"[bold red]fenceng:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if to_file:
        write_rows(to_file, found, lang.value, with_delivered=show)
        print_written(out, found, to_file, lang.value)
    elif found.rows:
        print_rows(out, found, limit, lang.value, with_delivered=show)
    else:
        print_none(out, found, table, rule, lang.value)
