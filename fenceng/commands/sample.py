"""The command `fenceng sample`: the landing zone of a made-up bank."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fenceng.options import DAY, FileFormat, Landing
from fenceng.terminal import err, out, settings_for, wrong_use


def sample(
    customers: Annotated[int, typer.Option(help="Customers of the made-up bank, 100 or more.")],
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="First business date.")],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="Last business date.")],
    landing: Landing = None,
    defects: Annotated[bool, typer.Option("--defects", help="Plant a known list of broken rows.")] = False,
    file_format: Annotated[FileFormat, typer.Option("--format", help="Format of the files.")] = FileFormat.PARQUET,
) -> None:
    """Write the landing zone of a made-up bank: the same arguments give the same files."""
    from fenceng.sample import write_sample

    settings = settings_for(landing)
    with err.status("writing the sample bank") as status:
        try:
            summary = write_sample(
                settings.landing,
                customers=customers,
                first=first.date(),
                last=last.date(),
                defects=defects,
                file_format=file_format.value,
                report=status.update,
            )
        except ValueError as error:
            raise wrong_use(str(error)) from None
    table = Table("table", "partitions", "rows", title=escape(str(settings.landing)), title_justify="left")
    for name, rows in summary.rows.items():
        table.add_row(name, f"{summary.partitions[name]:,}", f"{rows:,}")
    out.print(table)
    if defects:
        out.print(f"{summary.planted_defects:,} planted defects are listed in _planted_defects.csv")
