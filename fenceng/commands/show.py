"""The command `fenceng show`: what is published."""

from __future__ import annotations

from typing import Annotated

import typer

from fenceng.options import Lang, Language, Output
from fenceng.terminal import out, settings_for, wrong_use


def show(
    outlet: Annotated[
        str | None,
        typer.Option(help="Instead, today's actions and the duties of an outlet, or of an organisation above it."),
    ] = None,
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Show what is published: customers by tier, compliance by level, quarantine, versions."""
    from fenceng.analysis.replay import ReplayError
    from fenceng.analysis.today import figures_of
    from fenceng.words.release import print_published
    from fenceng.words.today import print_figures
    from orchestration.store.releases import release_in_force

    settings = settings_for(output=output)
    release = release_in_force(settings)
    if outlet is None:
        print_published(settings, release, lang.value)
        return
    try:
        print_figures(out, figures_of(release, outlet), lang.value)
    except ReplayError as error:
        raise wrong_use(str(error)) from None
