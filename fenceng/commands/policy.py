"""The commands `fenceng policy ...`, which work on the policy rows and need no delivery."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fenceng.options import DAY, Lang, Language, Output
from fenceng.terminal import err, out, require_project, settings_for, wrong_use

policy_app = typer.Typer(no_args_is_help=True, help="Check the policy rows and compare them.")

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
        typer.Option("--date", formats=DAY, help="Check the rows of one date; of every date by default."),
    ] = None,
) -> None:
    """Prove that the rules leave no hole and no overlap, and check every row; exit 3 if there is a problem."""
    from expectations.policy.files import proposed_folder
    from expectations.policy.lint import lint as find_problems
    from expectations.policy.reading import load_policy
    from fenceng.words.problems import print_problems, print_verdict

    require_project()
    if folder and policy:
        raise wrong_use(f"the folder is given twice, as {folder} and as --policy {policy}")
    place = folder or policy
    if alone and not place:
        raise wrong_use("--alone is about a folder; name one")
    proposed = proposed_folder(place.absolute()) if place else None
    rows = load_policy() if proposed is None else load_policy(proposed) if alone else load_policy(overlay=proposed)
    day = on.date() if on else None
    problems = find_problems(rows, day)
    print_problems(out, problems)
    print_verdict(out, rows, problems, day)
    if problems:
        raise typer.Exit(PROBLEMS_FOUND)


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
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Say in sentences what changed between two policies, and which published customers each change touches."""
    import duckdb

    from fenceng.analysis.policy_diff.counts import changes_between, count_changes
    from fenceng.analysis.policy_diff.sides import DiffError, open_sides
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
    except DiffError as error:
        raise wrong_use(str(error)) from None
    except duckdb.Error as error:
        err.print(f"fenceng: the changes can't be counted: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
