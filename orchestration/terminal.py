"""What every command shares: the two consoles, settings by options, wrong use."""

from __future__ import annotations

import os
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from orchestration.settings import Settings, SettingsError, settings_from

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def settings_for(landing: Path | None = None, output: Path | None = None, allow_stale: bool = False) -> Settings:
    """Settings by the environment; an option goes before its variable. Ends the command when one is wrong."""
    given = dict(os.environ)
    if landing:
        given["FENCENG_LANDING"] = str(landing.absolute())
    if output:
        given["FENCENG_OUTPUT"] = str(output.absolute())
    if allow_stale:
        given["FENCENG_ALLOW_STALE"] = "true"
    try:
        return settings_from(given)
    except SettingsError as error:
        raise wrong_use(str(error)) from None


def wrong_use(message: str) -> typer.Exit:
    """Say what is wrong with the call; raise what is returned."""
    err.print(f"[bold red]fenceng:[/] {escape(message)}", soft_wrap=True)
    return typer.Exit(2)
