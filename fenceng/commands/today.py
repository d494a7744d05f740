"""The command `fenceng today`: what an outlet has to do, for its morning meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fenceng.options import Lang, Language, Output
from fenceng.terminal import out, settings_for, wrong_use


def today(
    outlet: Annotated[
        str, typer.Option(help="Id or name of an outlet, or of an organisation above it: all below it counts.")
    ],
    person: Annotated[str | None, typer.Option(help="Only the list of this employee.")] = None,
    lang: Language = Lang.EN,
    to_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the list to a CSV file too, which Excel opens.")
    ] = None,
    output: Output = None,
) -> None:
    """List an outlet's actions of the day by person, and the visit duties that lack contacts."""
    from fenceng.analysis.replay import ReplayError
    from fenceng.analysis.today import today_of
    from fenceng.words.today import print_today, print_written, write_today
    from orchestration.store.releases import release_in_force

    settings = settings_for(output=output)
    if to_file and to_file.resolve().is_relative_to(settings.published.resolve()):
        raise wrong_use(f"{to_file} is in the published store, which only a refresh writes")
    try:
        found = today_of(release_in_force(settings), outlet, person)
    except ReplayError as error:
        raise wrong_use(str(error)) from None
    print_today(out, found, lang.value)
    if to_file:
        print_written(out, write_today(to_file, found, lang.value), to_file, lang.value)
