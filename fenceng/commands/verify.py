"""The command `fenceng verify`: whether a published month still follows from its inputs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fenceng.options import AllowStale, Landing, Lang, Language, Output, Verbose
from fenceng.terminal import log_file, out, progress, settings_for, wrong_use


def verify(
    on: Annotated[
        datetime, typer.Option("--month", formats=["%Y-%m", "%Y-%m-%d"], help="Published month, as 2026-10.")
    ],
    landing: Landing = None,
    output: Output = None,
    allow_stale: AllowStale = False,
    verbose: Verbose = False,
    lang: Language = Lang.EN,
) -> None:
    """Rebuild a published month in a scratch folder and say whether it is identical, and if not, where it differs."""
    from fenceng.analysis.replay import ReplayError
    from fenceng.analysis.verification import verify as rebuild
    from fenceng.words.phrasebook import Phrasebook
    from fenceng.words.verification import print_failed_rebuild, print_verification
    from orchestration.refresh import Outcome
    from orchestration.store.releases import NothingPublishedError

    settings = settings_for(landing, output, allow_stale)
    month = on.date().replace(day=1)
    if not settings.landing.is_dir():
        raise wrong_use(f"no landing zone at {settings.landing}; a month is rebuilt from it")
    stations = Phrasebook("stations", lang.value)
    try:
        with log_file(settings, f"verify {month:%Y-%m}", verbose) as log, progress(stations.say) as at_station:
            result = rebuild(settings, month, at_station)
    except (NothingPublishedError, ReplayError) as error:
        raise wrong_use(str(error)) from None
    if result.refresh.outcome is not Outcome.PUBLISHED:
        print_failed_rebuild(result, log, lang.value)
        raise typer.Exit(result.refresh.outcome.value)
    print_verification(out, result, lang.value)
    if not result.is_identical:
        raise typer.Exit(1)
