"""The command `fenceng show`: what is published."""

from __future__ import annotations

from fenceng.options import Lang, Language, Output
from fenceng.terminal import settings_for


def show(lang: Language = Lang.EN, output: Output = None) -> None:
    """Show what is published: customers by tier, compliance by level, quarantine, versions."""
    from fenceng.words.release import print_published
    from orchestration.store.releases import release_in_force

    settings = settings_for(output=output)
    print_published(settings, release_in_force(settings), lang.value)
