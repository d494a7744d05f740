"""One complete `dbt build`, including unit tests, over a small sample bank, and checks of its manifest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from expectations.project import PROJECT_ROOT
from fenceng.sample import write_sample
from orchestration import stations
from orchestration.runtime.dbt import PROJECT_DIR, TARGET_DIR, dbt_variables
from orchestration.settings import Settings

DAY = date(2026, 3, 31)
RUNNABLE = ("seed", "model", "test")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The target folder of a build with seeds, models, data tests and unit tests."""
    folder = tmp_path_factory.mktemp("dbt")
    settings = Settings(landing=folder / "landing", output=folder / "output")
    write_sample(settings.landing, customers=300, first=DAY, last=DAY)
    stations.land(settings, DAY)
    assert stations.judge_delivery(settings, DAY).blocking == ()
    target = folder / "target"
    target.mkdir()
    # Reuse what a refresh has parsed; dbt compares files by content.
    for parsed in sorted(TARGET_DIR.glob("partial_parse.msgpack")):
        shutil.copy2(parsed, target)
    environment = os.environ | dbt_variables(settings) | {"DBT_TARGET_PATH": str(target)}
    dbt = Path(sys.executable).with_name("fenceng-dbt")
    arguments = ["--no-use-colors", "build", "--profiles-dir", str(PROJECT_DIR), "--project-dir", str(PROJECT_DIR)]
    # They are asked of a release, not built.
    arguments += ["--exclude-resource-types", "saved_query", "exposure"]
    done = subprocess.run([dbt, *arguments], env=environment, cwd=PROJECT_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "WARNING" not in done.stdout.upper().replace("0 WARNINGS", ""), done.stdout[-3000:]
    return target


def _json(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_every_node_ran_and_passed(build: Path) -> None:
    manifest = _json(build / "manifest.json")
    results = {result["unique_id"]: result["status"] for result in _json(build / "run_results.json")["results"]}
    runnable = {key for key, node in manifest["nodes"].items() if node["resource_type"] in RUNNABLE}
    assert results.keys() == runnable | manifest["unit_tests"].keys()
    assert set(results.values()) <= {"success", "pass"}
    assert {key.split(".")[0] for key in results} == {*RUNNABLE, "unit_test"}


def test_every_file_is_a_node(build: Path) -> None:
    """A model or seed that dbt skips, for example because it is disabled, would go unnoticed."""
    manifest = _json(build / "manifest.json")
    files = {"model": (PROJECT_DIR / "models", "*.sql"), "seed": (PROJECT_ROOT / "seeds", "*.csv")}
    for kind, (folder, pattern) in files.items():
        names = sorted(node["name"] for node in manifest["nodes"].values() if node["resource_type"] == kind)
        assert names == sorted(path.stem for path in folder.rglob(pattern))


def test_every_mart_has_an_enforced_contract_and_described_columns(build: Path) -> None:
    manifest = _json(build / "manifest.json")
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith("marts/")
    ]
    assert len(marts) == len(list((PROJECT_DIR / "models" / "marts").rglob("*.sql")))
    for mart in marts:
        assert mart["contract"]["enforced"], mart["name"]
        assert mart["description"].startswith("One row per"), mart["name"]
        for column in mart["columns"].values():
            assert column["description"], f"{mart['name']}.{column['name']}"
            assert column["data_type"], f"{mart['name']}.{column['name']}"


def test_every_mart_has_a_grain_test_that_asks_for_its_grain(build: Path) -> None:
    """The columns come from `meta.grain` when the test is compiled."""
    manifest = _json(build / "manifest.json")
    compiled = {result["unique_id"]: result["compiled_code"] for result in _json(build / "run_results.json")["results"]}
    asked = {
        node["attached_node"]: compiled[key]
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "unique_grain"
    }
    for key, node in manifest["nodes"].items():
        if node["resource_type"] == "model" and node["path"].startswith("marts/"):
            assert f"group by {', '.join(node['config']['meta']['grain'])}\n" in asked[key], node["name"]
