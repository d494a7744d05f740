"""The command `fenceng-mf`: MetricFlow's command `mf`, asked of the release in force.

MetricFlow wants a dbt project with a profile and a parsed manifest. It gets a folder that holds no more than that: the
manifest of the last parse, its tables named as readers know them. A refresh builds the month in hand in a schema of its
own, `month_in_hand` of the database `building`; published, all months of a table are in the schema `marts`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from expectations.policy.sheets import UnreadableError
from expectations.project import DBT_PROJECT
from orchestration.runtime.children import FOR_DBT, settle
from orchestration.runtime.dbt import TARGET_DIR, prepared_project
from orchestration.settings import Settings, SettingsError, settings_from
from orchestration.store.releases import FILE, NothingPublishedError, StoreError, release_in_force

FOLDER = TARGET_DIR / "metrics"
MANIFEST = "semantic_manifest.json"
PROFILES = DBT_PROJECT / "published"
SCHEMA = "marts"


def lay_project() -> Path:
    """Write the folder that MetricFlow reads as a dbt project, and return it; dbt parses if a project file changed.

    Raises as `prepared_project` does.
    """
    parsed = prepared_project().manifest_path.with_name(MANIFEST)
    manifest = as_published(json.loads(parsed.read_text(encoding="utf-8")))
    target = FOLDER / "target"  # a constant of MetricFlow
    target.mkdir(parents=True, exist_ok=True)
    _replace(target / MANIFEST, json.dumps(manifest))
    _replace(FOLDER / "dbt_project.yml", (DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return FOLDER


def as_published(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a semantic manifest whose tables are those of a release's DuckDB file."""
    spines = manifest["project_configuration"]["time_spines"]
    for one in (*manifest["semantic_models"], *spines):
        table, database = one["node_relation"]["alias"], Path(FILE).stem
        one["node_relation"] |= {
            "database": database,
            "schema_name": SCHEMA,
            "relation_name": f'"{database}"."{SCHEMA}"."{table}"',
        }
    return manifest


def enter(settings: Settings) -> None:
    """Make this process one that asks the release in force: environment and folder.

    Raises NothingPublishedError, StoreError, and as `lay_project` does.
    """
    release_in_force(settings)
    folder = lay_project()
    settle(os.environ, FOR_DBT)
    os.environ |= {
        "DBT_PROJECT_DIR": str(folder),
        "DBT_PROFILES_DIR": str(PROFILES),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "FENCENG_MEMORY_LIMIT": settings.memory_limit,
    }
    # The paths of the profile are relative to it.
    os.chdir(settings.output)


def main() -> None:
    """Run `mf` on the release in force of FENCENG_OUTPUT: command `fenceng-mf`.

    Exit code 1: nothing is published. 2: a wrong setting, or MetricFlow is not installed. 3: unreadable policy rows.
    """
    try:
        from dbt_metricflow.cli.main import cli
        from update_checker import UpdateChecker
    except ModuleNotFoundError:
        _end("fenceng-mf needs MetricFlow, which is for tests and analysts: install dbt-metricflow==0.15.0", 2)
    try:
        enter(settings_from())
    except (NothingPublishedError, StoreError) as error:
        _end(str(error), 1)
    except SettingsError as error:
        _end(str(error), 2)
    except UnreadableError as error:
        _end("\n".join(map(str, error.problems)), 3)
    # mf asks PyPI for a newer version at each call; nothing here leaves the machine.
    UpdateChecker.check = lambda *_: None
    cli(prog_name="fenceng-mf")


def _end(message: str, code: int) -> None:
    sys.stderr.write(f"{message}\n")
    sys.exit(code)


def _replace(path: Path, text: str) -> None:
    """Write a file at one stroke: another process may read it."""
    written = path.with_name(f"{path.name}.{os.getpid()}")
    written.write_text(text, encoding="utf-8")
    written.replace(path)
