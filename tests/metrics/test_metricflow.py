"""The command `fenceng-mf`: what it prints, and how it ends where there is nothing to ask."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from support.house import House, clean_environment, read_rows

from expectations.project import PROJECT_ROOT
from fenceng.metricflow import as_published

COMMAND = Path(sys.executable).with_name("fenceng-mf")


def run(output: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, from any folder."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=clean_environment({"FENCENG_OUTPUT": str(output), "DBT_TARGET": "duckdb"}),
        cwd=PROJECT_ROOT / "docs",
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_a_saved_query_as_a_file(published_bank: House, tmp_path: Path) -> None:
    told = run(published_bank.output, "query", "--saved-query", "tier_moves", "--csv", tmp_path / "moves.csv")
    assert told.returncode == 0, told.stderr
    with (tmp_path / "moves.csv").open(encoding="utf-8", newline="") as file:
        moved = sum(int(row["moved_customers"]) for row in csv.DictReader(file))
    [row] = read_rows(published_bank.current, "select sum(customers) as moved from marts.fct_tier_migration_monthly")
    assert moved == row["moved"] > 0


def test_nothing_published_is_said_in_a_sentence(tmp_path: Path) -> None:
    told = run(tmp_path, "query", "--metrics", "customers")
    assert told.returncode == 1
    assert told.stderr == f"nothing is published in {tmp_path} yet; run `fenceng refresh` first\n"


def test_tables_have_the_names_that_readers_know() -> None:
    build = {"alias": "fct_x", "database": "building", "schema_name": "month_in_hand", "relation_name": "?"}
    spine = {"alias": "dim_date", "database": "building", "schema_name": "marts", "relation_name": "?"}
    manifest = as_published(
        {
            "semantic_models": [{"name": "x", "node_relation": build}],
            "project_configuration": {"time_spines": [{"node_relation": spine}]},
        }
    )
    assert manifest["semantic_models"][0] == {
        "name": "x",
        "node_relation": {
            "alias": "fct_x",
            "database": "fenceng",
            "schema_name": "marts",
            "relation_name": '"fenceng"."marts"."fct_x"',
        },
    }
    [told] = manifest["project_configuration"]["time_spines"]
    assert told["node_relation"]["relation_name"] == '"fenceng"."marts"."dim_date"'
