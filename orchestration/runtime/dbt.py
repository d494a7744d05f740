"""The dbt project as Dagster sees it: its location, its manifest, and the environment that its profile needs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliInvocation, DbtProject

from expectations.policy.reading import load_policy
from expectations.policy.sheets import UnreadableError
from expectations.project import DBT_PROJECT, PROJECT_ROOT, PROJECT_VARIABLE, SHIPPED_SEEDS, why_no_project
from orchestration.runtime.children import PARENT, environment_of_children
from orchestration.runtime.dbt_command import DBT_EXECUTABLE
from orchestration.runtime.failures import BuildFailedError, build_failure
from orchestration.settings import Settings, SettingsError

PROJECT_DIR = DBT_PROJECT
# Not dbt's own target/: a manifest parsed there by hand has other relative paths and must not be picked up here.
TARGET_DIR = PROJECT_ROOT / "var" / "dbt"
TARGETS_KEPT = 3
# A refresh of another output folder may still be writing into its target folder.
TARGET_AT_REST = 6 * 3600  # seconds since the last line in dbt's log


class DbtDocsError(OSError):
    """dbt ended without its pages; the message has its words."""


def environment_of_dbt(settings: Settings) -> AbstractContextManager[None]:
    """Set what `fenceng-dbt` and dbt_project/profiles.yml read, for a dbt started inside the block."""
    return environment_of_children(dbt_variables(settings))


def dbt_variables(settings: Settings) -> dict[str, str]:
    """Give the variables that `fenceng-dbt` and dbt_project/profiles.yml read."""
    return {
        # dbt runs in the folder of its own project, from which the one in use can't be found.
        PROJECT_VARIABLE: str(PROJECT_ROOT),
        "FENCENG_OUTPUT": str(settings.output),
        "FENCENG_MEMORY_LIMIT": settings.memory_limit,
        "DBT_TARGET_PATH": str(TARGET_DIR),
        PARENT: str(os.getpid()),
        # dagster-dbt looks up `dbt` on the PATH, and the virtual environment may not be activated.
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", ""),
    }


def prepared_project() -> DbtProject:
    """Return the dbt project with an up-to-date manifest; dbt parses only if a project file changed.

    Raises UnreadableError if dbt has to parse and policy rows can't be read; without a parse, the lint reports such
    rows. Raises SettingsError without a project, since dbt would write into the installed package.
    """
    if missing := why_no_project():
        raise SettingsError(missing)
    # Parsing only writes into the target folder, but the profile requires an output folder.
    with environment_of_dbt(Settings(landing=TARGET_DIR, output=TARGET_DIR.parent / "output")):
        project = DbtProject(project_dir=PROJECT_DIR, profiles_dir=PROJECT_DIR, target_path=TARGET_DIR)
        state = _state_of_project()
        if _is_stale(project.manifest_path, state):
            if problems := load_policy().problems:
                raise UnreadableError(problems)
            project.preparer.prepare(project)
            _parsed_from(project.manifest_path).write_text(state, encoding="utf-8")
    return project


def _parsed_from(manifest: Path) -> Path:
    """Return the file that says from which project files the manifest was parsed."""
    return manifest.with_name("parsed_from")


def _is_stale(manifest: Path, state: str) -> bool:
    parsed_from = _parsed_from(manifest)
    if not manifest.exists() or not parsed_from.exists():
        return True
    return parsed_from.read_text(encoding="utf-8") != state


def _state_of_project() -> str:
    """Return a hash of all files that dbt parses. Not of their times: an upgraded package may bring older ones."""
    texts = (
        path
        for folder in (PROJECT_DIR, SHIPPED_SEEDS)
        for pattern in ("*.sql", "*.yml", "*.md")
        for path in folder.rglob(pattern)
        if "target" not in path.parts
    )
    # The manifest lists seeds but not their rows.
    seeds = SHIPPED_SEEDS.rglob("*.csv")
    digest = hashlib.sha256()
    for path in sorted({*texts, *seeds}):
        digest.update(os.fsencode(path) + b"\0")
        if path.suffix != ".csv":
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def load_manifest(project: DbtProject) -> dict[str, Any]:
    """Return the parsed manifest."""
    loaded: dict[str, Any] = json.loads(project.manifest_path.read_text(encoding="utf-8"))
    return loaded


def write_dbt_docs(project: DbtProject, file: Path) -> Path:
    """Write dbt's own pages of the project as one file, and return it: models, their SQL and the graph.

    It reads no database: types and descriptions are those of the YAML. Raises OSError, DbtDocsError with dbt's words.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        for parsed in ("partial_parse.msgpack", "manifest.json"):
            shutil.copyfile(TARGET_DIR / parsed, target / parsed)
        # Same folders as for `prepared_project`: dbt parses anew where a variable of the profile differs.
        settings = Settings(landing=TARGET_DIR, output=TARGET_DIR.parent / "output")
        settings.output.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [DBT_EXECUTABLE, "docs", "generate", "--static", "--empty-catalog", "--no-compile"],
            cwd=project.project_dir,
            env=os.environ | dbt_variables(settings) | {"DBT_TARGET_PATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DbtDocsError(f"dbt could not write its pages:\n{done.stdout}{done.stderr}")
        file.parent.mkdir(parents=True, exist_ok=True)
        page = (target / "static_index.html").read_text(encoding="utf-8")
        # dbt writes where the project lies on this machine.
        file.write_text(
            page.replace(f"{project.project_dir}/", "").replace(str(project.project_dir), "."), encoding="utf-8"
        )
    return file


def mart_grains(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return mart -> grain columns, from `meta.grain` in its YAML."""
    return {
        node["name"]: node["config"]["meta"]["grain"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith("marts/")
    }


def failure_of(build: DbtCliInvocation, settings: Settings) -> BuildFailedError:
    """Return why a build failed, from dbt's run results or, if there are none, from its error messages."""
    results = build.target_path / "run_results.json"
    listed = json.loads(results.read_text(encoding="utf-8"))["results"] if results.exists() else []
    said = build._error_messages
    return build_failure(listed, said, build.process.wait(), settings, build.target_path / "dbt.log")


def drop_old_targets(project: DbtProject) -> None:
    """Delete old target folders, some MB per run; the newest few stay for inspecting compiled SQL."""
    runs = [path for path in TARGET_DIR.glob("*-*-*") if path.is_dir()]
    for path in sorted(runs, key=_last_word)[:-TARGETS_KEPT]:
        if time.time() - _last_word(path) > TARGET_AT_REST:
            shutil.rmtree(path, ignore_errors=True)


def _last_word(target: Path) -> float:
    log = target / "dbt.log"
    return (log if log.exists() else target).stat().st_mtime
