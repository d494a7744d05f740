"""The command `fenceng show`: what is published."""

from __future__ import annotations

import typer
from rich.markup import escape

from fenceng.options import Output
from fenceng.terminal import err, settings_for
from fenceng.words.release import print_compliance, print_quality, print_release, print_tiers
from orchestration.database import connect
from orchestration.store.releases import current_release


def show(output: Output = None) -> None:
    """Show what is published: counts by tier, compliance by level, quality, versions."""
    settings = settings_for(output=output)
    release = current_release(settings.published)
    if release is None:
        err.print(f"nothing is published in {escape(str(settings.output))} yet; `fenceng refresh` does that")
        raise typer.Exit(1)
    manifest = release.manifest()
    month = manifest["newest_business_date"][:7] + "-01"
    with connect(release.database, read_only=True) as connection:
        print_tiers(connection, month)
        print_compliance(connection, month)
        print_quality(connection)
    print_release(settings, manifest)
