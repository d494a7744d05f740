"""The commands `fenceng assign ...`: who should maintain whom, as a proposal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fenceng.options import Lang, Language, Output
from fenceng.terminal import out, settings_for, wrong_use

assign_app = typer.Typer(no_args_is_help=True, help="Propose who should maintain whom.")


@assign_app.callback()
def assign() -> None:
    """Propose who should maintain whom."""


@assign_app.command()
def propose(
    organization: Annotated[
        str | None,
        typer.Option(
            "--org", "--outlet", help="Only customers of this organisation and all below it, by its id or name."
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the lists as CSV, which Excel opens; none by default.")
    ] = None,
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Propose from the newest month who goes to whom, who hands over how many customers, and where to hire.

    It changes no source, no published table and no policy row.
    """
    from fenceng.analysis.assignment import open_assignment
    from fenceng.analysis.replay import ReplayError
    from fenceng.words.assignment import files_of, print_not_written, print_proposal, write_proposal
    from orchestration.store.releases import release_in_force

    settings = settings_for(output=output)
    release = release_in_force(settings)
    if folder:
        _check(folder, {"the published store": settings.published, "the landing zone": settings.landing})
        there = [file.name for file in files_of(folder) if file.exists()]
        if there:
            raise wrong_use(
                f"{folder} holds a proposal already ({', '.join(there)}), which somebody may be reviewing;"
                " name another folder"
            )
    try:
        with open_assignment(settings, release, organization) as found:
            print_proposal(out, found, lang.value)
            if folder:
                write_proposal(out, folder, found, lang.value)
            else:
                print_not_written(out, lang.value)
    except ReplayError as error:
        raise wrong_use(str(error)) from None


def _check(folder: Path, forbidden: dict[str, Path]) -> None:
    """Refuse a folder inside one that other programs read."""
    for name, place in forbidden.items():
        if folder.resolve().is_relative_to(place.resolve()):
            raise wrong_use(f"{folder} is in {name}; a proposal goes elsewhere")
