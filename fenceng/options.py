"""The options that several commands share."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Lang(StrEnum):
    """Languages of the printed explanation."""

    EN = "en"
    ZH = "zh"


BusinessDate = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Business date to refresh.")]


Landing = Annotated[Path | None, typer.Option(help="Landing zone; FENCENG_LANDING or var/landing by default.")]


Output = Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")]


class FileFormat(StrEnum):
    """Formats of a delivered file."""

    PARQUET = "parquet"
    CSV = "csv"
