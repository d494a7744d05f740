"""What the commands print about problems of the policy rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rich.console import Console

from expectations.policy.model import PolicyRows
from expectations.policy.sheets import Problem
from fenceng.words.phrasebook import counted


def print_problems(console: Console, problems: Iterable[Problem], indent: str = "") -> None:
    """A line for each problem: file, line, rule, what is wrong."""
    for problem in problems:
        console.print(f"{indent}{problem}", markup=False, soft_wrap=True)


def print_verdict(console: Console, policy: PolicyRows, problems: Sequence[Problem], on: date | None) -> None:
    """How many problems there are, or that the policy is sound. on: the date that was checked, None for all."""
    when = f"on {on}" if on else "on every date"
    if problems:
        files = len({problem.file for problem in problems})
        words = f"{counted(len(problems), 'problem')} in {counted(files, 'file')} of the policy, {when}"
    else:
        rows = sum(len(family) for family in policy.rows.values())
        words = f"the policy is sound {when}: {counted(rows, 'row')} in {counted(len(policy.rows), 'file')}"
    console.print(words, markup=False, soft_wrap=True)
