"""The commands `fenceng versions` and `fenceng rollback`: what is kept, and back to it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from fenceng.options import Lang, Language, Output
from fenceng.terminal import err, out, settings_for, wrong_use


def versions(lang: Language = Lang.EN, output: Output = None) -> None:
    """List the kept releases and the months: dates, policy, code, when published, and which is in force."""
    from fenceng.analysis.versions import versions_of
    from fenceng.words.versions import print_versions

    print_versions(out, versions_of(settings_for(output=output)), lang.value)


def rollback(
    why: Annotated[str, typer.Option("--why", help="The reason, for the record.", metavar="TEXT", show_default=False)],
    release: Annotated[
        str | None,
        typer.Argument(help="Id of the release, as `fenceng versions` lists it; the one before by default."),
    ] = None,
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Put a kept release back in force, in one step, and record who did it, when and why."""
    from fenceng.words.versions import print_rollback
    from orchestration.runtime.lock import RefreshRunningError
    from orchestration.store.rollback import RollbackError, roll_back

    settings = settings_for(output=output)
    if not why.strip():
        raise wrong_use("--why is empty; say why, for the record")
    try:
        record = roll_back(settings, release, why.strip())
    except RollbackError as error:
        raise wrong_use(str(error)) from None
    except RefreshRunningError as error:
        err.print(f"[bold red]fenceng:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    print_rollback(out, record, lang.value)
