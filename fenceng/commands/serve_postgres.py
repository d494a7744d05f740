"""The command `fenceng serve-postgres`: the release in force on a database server, with rights for each person."""

from __future__ import annotations

import os

import typer
from rich.markup import escape

from fenceng.options import Lang, Language, Output
from fenceng.terminal import err, out, settings_for, wrong_use


def serve_postgres(output: Output = None, lang: Language = Lang.EN) -> None:
    """Load the release in force into the PostgreSQL database of FENCENG_POSTGRES_URL, and show it to readers.

    What is there already is not loaded again. Readers see the former release until the new one is whole.
    """
    from fenceng.words.phrasebook import Phrasebook
    from orchestration.serving.assets import URL
    from orchestration.serving.readers import ReadersError
    from orchestration.store.releases import release_in_force

    settings = settings_for(output=output)
    url = os.environ.get(URL)
    if not url:
        raise wrong_use(f"{URL} is not set: postgresql://user@host/database; docs/postgres.md shows how")
    try:
        from orchestration.serving.postgres import ServingError, serve
    except ModuleNotFoundError:
        raise wrong_use("the driver of PostgreSQL is not installed: pip install 'fenceng[postgres]'") from None
    release = release_in_force(settings)
    say = Phrasebook("release", lang.value).say

    def tell(table: str, rows: int) -> None:
        out.print(f"  {table:<42} {rows:>12,}", highlight=False)

    try:
        served = serve(settings, release, url, tell)
    except (ServingError, ReadersError) as error:
        err.print(f"[bold red]failed:[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    counts = {"loaded": served.loaded, "kept": served.kept, "rows": f"{served.rows:,}"}
    out.print(say("served", release=served.release_id, seconds=f"{served.seconds:.1f}", **counts), soft_wrap=True)
    if served.left_over:
        out.print(say("served.left_over", served.left_over), soft_wrap=True)
