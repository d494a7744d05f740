"""The policy rows in force on a date, read from the seeds: their hash, and the parameters that the gates need."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
BASE_SCENARIO = "base"


def rows_in_force(file: Path, on: date, scenario: str = BASE_SCENARIO) -> list[dict[str, str]]:
    """The rows of one policy CSV that hold on a date; validity is half-open, an empty valid_to is open.

    A file without validity (documents, measures) holds always. Raises ValueError for a date that can't be read.
    """
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    if not rows or "valid_from" not in rows[0]:
        return rows
    return [
        row
        for row in rows
        if row["scenario"] == scenario
        and date.fromisoformat(row["valid_from"]) <= on
        and (not row["valid_to"] or on < date.fromisoformat(row["valid_to"]))
    ]


def parameters(on: date, seeds: Path = SEEDS) -> dict[str, str]:
    """parameter_id -> value, as text, of policy_parameter.csv."""
    rows = rows_in_force(seeds / "policy" / "policy_parameter.csv", on)
    return {row["parameter_id"]: row["number_value"] for row in rows}


def policy_version(on: date, seeds: Path = SEEDS) -> str:
    """A short hash of every policy row in force: equal versions mean equal rows, whatever their order in the file."""
    digest = hashlib.sha256()
    for file in sorted((seeds / "policy").glob("*.csv")):
        lines = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows_in_force(file, on))
        digest.update("\n".join([file.name, *lines, ""]).encode())
    return f"policy-{digest.hexdigest()[:12]}"
