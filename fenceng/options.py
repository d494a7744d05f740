"""The options that several commands share, each declared once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DAY = ["%Y-%m-%d"]


class Lang(StrEnum):
    """Output languages."""

    EN = "en"
    ZH = "zh"


class FileFormat(StrEnum):
    """Formats of a delivered file."""

    PARQUET = "parquet"
    CSV = "csv"


BusinessDate = Annotated[
    datetime | None,
    typer.Option(
        "--date",
        formats=DAY,
        metavar="YYYY-MM-DD",
        help="Business date to refresh; the newest one that is delivered completely by default.",
    ),
]

KnownOn = Annotated[
    datetime | None,
    typer.Option(
        "--known-on",
        formats=DAY,
        help="Count what was recorded up to this date of what happened up to the business date; the date by default.",
    ),
]

Landing = Annotated[Path | None, typer.Option(help="Landing zone; FENCENG_LANDING or var/landing by default.")]

Output = Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")]

AllowStale = Annotated[
    bool, typer.Option("--allow-stale", help="Go on with a required snapshot that is older than the date.")
]

AllowOlder = Annotated[bool, typer.Option("--allow-older", help="Replace a month that is published with a later date.")]

Backfill = Annotated[
    int,
    typer.Option(
        "--backfill", min=0, help="First publish up to so many earlier months that are delivered and not published."
    ),
]

Verbose = Annotated[bool, typer.Option("--verbose", help="Show what Dagster and dbt print.")]

Language = Annotated[Lang, typer.Option("--lang", help="Language of what is printed.")]
