"""The commands `fenceng policy ...`: what concerns the policy rows alone, before any data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

policy_app = typer.Typer(no_args_is_help=True, help="The policy rows: are they sound?")

PROBLEMS_FOUND = 3
WRONG_USE = 2


@policy_app.command()
def lint(
    policy: Annotated[Path | None, typer.Option(help="Folder of policy CSVs; seeds/policy by default.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Judge one date; every stretch of time by default."),
    ] = None,
) -> None:
    """Prove that the rules leave no hole and no overlap, and check every row; exit 3 when there is a problem."""
    from expectations.policy.lint import lint as find_problems
    from expectations.policy.rows import POLICY_FOLDER, PolicyError, load_policy

    try:
        rows = load_policy(policy.absolute() if policy else POLICY_FOLDER)
    except PolicyError as error:
        typer.echo(f"fenceng: {error}", err=True)
        raise typer.Exit(WRONG_USE) from None
    day = on.date() if on else None
    problems = find_problems(rows, day)
    for problem in problems:
        typer.echo(problem)
    when = f"on {day}" if day else "on every date"
    if problems:
        files = len({problem.file for problem in problems})
        typer.echo(f"{_count(len(problems), 'problem')} in {_count(files, 'file')} of the policy, {when}")
        raise typer.Exit(PROBLEMS_FOUND)
    count = sum(len(family) for family in rows.rows.values())
    typer.echo(f"the policy is sound {when}: {_count(count, 'row')} in {_count(len(rows.rows), 'file')}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
