"""The commands `fenceng policy ...`: what concerns the policy rows alone, before any data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

policy_app = typer.Typer(no_args_is_help=True, help="The policy rows: are they sound?")

PROBLEMS_FOUND = 3


@policy_app.command()
def lint(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of policy CSVs, laid over seeds/policy: a family that it lacks is the one there."),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="The same folder, as an option.")] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Lint the folder by itself: a family that it lacks is a problem.")
    ] = False,
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Judge one date; every stretch of time by default."),
    ] = None,
) -> None:
    """Prove that the rules leave no hole and no overlap, and check every row; exit 3 when there is a problem."""
    from expectations.policy.files import proposed_folder
    from expectations.policy.lint import lint as find_problems
    from expectations.policy.reading import load_policy
    from fenceng.terminal import out, wrong_use

    if folder and policy:
        raise wrong_use(f"the folder is given twice, as {folder} and as --policy {policy}")
    place = folder or policy
    if alone and not place:
        raise wrong_use("--alone is about a folder; name one")
    proposed = proposed_folder(place.absolute()) if place else None
    rows = load_policy() if proposed is None else load_policy(proposed) if alone else load_policy(overlay=proposed)
    day = on.date() if on else None
    problems = find_problems(rows, day)
    for problem in problems:
        out.print(str(problem), markup=False, soft_wrap=True)
    when = f"on {day}" if day else "on every date"
    if problems:
        files = len({problem.file for problem in problems})
        typer.echo(f"{_count(len(problems), 'problem')} in {_count(files, 'file')} of the policy, {when}")
        raise typer.Exit(PROBLEMS_FOUND)
    count = sum(len(family) for family in rows.rows.values())
    typer.echo(f"the policy is sound {when}: {_count(count, 'row')} in {_count(len(rows.rows), 'file')}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


class Lang(StrEnum):
    """Languages of what is printed."""

    EN = "en"
    ZH = "zh"


@policy_app.command()
def diff(
    before: Annotated[str, typer.Argument(help="A date, a folder of policy CSVs, or a git revision; see after.")],
    after: Annotated[
        str,
        typer.Argument(
            help="What it is compared with. A date reads seeds/policy; a folder or revision may end in @YYYY-MM-DD, the"
            " date on which its rows are read; without it that is the business date of the release in force."
        ),
    ],
    lang: Annotated[Lang, typer.Option(help="Language of the sentences.")] = Lang.EN,
    output: Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")] = None,
) -> None:
    """Say in sentences what changed from one policy to another, and whom each change touches in the published month."""
    import duckdb

    from fenceng.analysis.policy_diff.counts import changes_between, count_changes
    from fenceng.analysis.policy_diff.sides import DiffError, open_sides
    from fenceng.analysis.replay import SimulationError
    from fenceng.terminal import err, out, settings_for, wrong_use
    from fenceng.words.changes import DiffPrinter

    settings = settings_for(output=output)
    try:
        with open_sides(before, after, settings) as (left, right):
            changes = changes_between(left, right)
            printer = DiffPrinter(out, left, right, lang.value)
            printer.unsound(err)
            if not changes:
                printer.no_change()
                return
            with err.status("counting"):
                counts = count_changes(settings, left, right, changes)
            printer.changes(changes, counts)
    except (DiffError, SimulationError) as error:
        raise wrong_use(str(error)) from None
    except duckdb.Error as error:
        err.print(f"fenceng: the changes can't be counted: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
