"""The command `fenceng simulate`: what a proposed policy would change, before anybody signs it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fenceng.options import DAY, Lang, Language, Output
from fenceng.terminal import err, out, settings_for, wrong_use


def simulate(
    policy: Annotated[
        Path, typer.Option(help="Folder of proposed policy CSVs; a family that it lacks is the one in force.")
    ],
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=DAY, help="Business date; the newest published one by default."),
    ] = None,
    lang: Language = Lang.EN,
    output: Output = None,
    allow_problems: Annotated[
        bool, typer.Option("--allow-problems", help="Go on with a proposal that the policy lint refuses.")
    ] = False,
) -> None:
    """Try a proposed policy on a published month: who changes tier, how many contacts and people it needs."""
    from expectations.policy.lint import lint
    from fenceng.analysis.proposal import open_proposal
    from fenceng.analysis.replay import ReplayError, published_month
    from fenceng.analysis.simulation import simulate_month
    from fenceng.words.problems import print_problems
    from fenceng.words.simulation import print_refused, print_simulation
    from orchestration.store.releases import NothingPublishedError

    settings = settings_for(output=output)
    try:
        month = published_month(settings, on.date() if on else None)
        with open_proposal(month, policy.absolute()) as proposal:
            problems = lint(proposal.rows, month.business_date)
            print_problems(err, problems)
            if problems and not allow_problems:
                print_refused(err, lang.value)
                raise typer.Exit(3)
            with err.status("simulating") as status:
                result = simulate_month(settings, proposal, status.update)
            view = proposal.rows.in_force(month.business_date)
    except (NothingPublishedError, ReplayError) as error:
        raise wrong_use(str(error)) from None
    print_simulation(out, result, view, lang.value)
