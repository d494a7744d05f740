"""The command `fenceng docs`: the data dictionary, the data contracts, and dbt's own pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from fenceng.options import Lang, Language, Output
from fenceng.terminal import out, settings_for, wrong_use


def docs(
    to: Annotated[Path, typer.Option("--to", help="Folder to write into; files of the same names are replaced.")],
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Write the dictionary of the release in force, both contracts as ODCS, and dbt's pages: offline, in one folder."""
    from orchestration.dictionary import FILE
    from orchestration.dictionary.catalogue import catalogue_of
    from orchestration.dictionary.data_contracts import LANDING_FILE, MARTS_FILE, write_contracts
    from orchestration.dictionary.page import Links, Said, render
    from orchestration.runtime.dbt import load_manifest, prepared_project, write_dbt_docs
    from orchestration.store.releases import release_in_force

    settings = settings_for(output=output)
    if to.resolve().is_relative_to(settings.published.resolve()):
        raise wrong_use(f"{to} is in the published store, which only a refresh writes")
    release = release_in_force(settings)
    manifest = release.manifest()
    project = prepared_project()
    newest = date.fromisoformat(manifest["newest_business_date"])
    catalogue = catalogue_of(release, load_manifest(project), newest)
    contracts = write_contracts(catalogue, to / "odcs")
    technical = write_dbt_docs(project, to / "dbt.html")
    links = Links(
        [
            ("technical", technical.name),
            ("odcs_landing", f"odcs/{LANDING_FILE}"),
            ("odcs_marts", f"odcs/{MARTS_FILE}"),
        ]
    )
    said = Said(
        release.release_id,
        date.fromisoformat(manifest["business_date"]),
        manifest["policy_version"],
        manifest["code_version"],
    )
    page = to / FILE
    page.write_text(render(catalogue, said, lang.value, links), encoding="utf-8")
    for file in (page, *contracts, technical):
        out.print(f"  {escape(str(file))}", soft_wrap=True)
