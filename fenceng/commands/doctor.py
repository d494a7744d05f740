"""The command `fenceng doctor`: whether everything a refresh needs is there."""

from __future__ import annotations

import typer

from fenceng.options import Landing, Lang, Language, Output
from fenceng.terminal import out, settings_for


def doctor(landing: Landing = None, output: Output = None, lang: Language = Lang.EN) -> None:
    """Check what a refresh needs on this machine and in these folders."""
    from fenceng.analysis.doctor import examine
    from fenceng.words.doctor import print_checks

    checks = examine(settings_for(landing, output))
    print_checks(out, checks, lang.value)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)
