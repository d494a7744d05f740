"""The dbt project from its files: models and seeds with their YAML entries, read without dbt or a run."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from expectations.project import DBT_PROJECT, POLICY_FOLDER, PROJECT_ROOT

MODEL_DIR = DBT_PROJECT / "models"
MACRO_DIR = DBT_PROJECT / "macros"
SEEDS = PROJECT_ROOT / "seeds"

# Model -> its file.
MODELS = {path.stem: path for path in sorted(MODEL_DIR.rglob("*.sql"))}
MODEL_YAML = sorted(MODEL_DIR.rglob("_*__models.yml"))
SEED_YAML = sorted(SEEDS.glob("*/_*__seeds.yml"))
METRIC_YAML = sorted(MODEL_DIR.rglob("_*__metrics.yml"))
SEMANTIC_DIR = MODEL_DIR / "semantic"
UNIT_TEST_YAML = sorted(MODEL_DIR.rglob("*__unit_tests.yml"))
SQL_FILES = sorted(
    path for folder in ("models", "macros", "tests", "analyses") for path in (DBT_PROJECT / folder).rglob("*.sql")
)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# Model or seed -> its entry in the YAML.
ENTRIES: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry for path in MODEL_YAML for entry in read_yaml(path)["models"]
}
SEED_ENTRIES: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry for path in SEED_YAML for entry in read_yaml(path)["seeds"]
}


SEMANTIC_MODELS: list[Mapping[str, Any]] = [
    entry for path in METRIC_YAML for entry in read_yaml(path)["semantic_models"]
]
# Metric -> its entry: of a measure that is a metric by itself, or of one that is made of others.
METRICS: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry
    for path in METRIC_YAML
    for entries in (
        [measure for model in read_yaml(path)["semantic_models"] for measure in model.get("measures", [])],
        read_yaml(path).get("metrics", []),
    )
    for entry in entries
}
SAVED_QUERIES: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry for entry in read_yaml(SEMANTIC_DIR / "_saved_queries.yml")["saved_queries"]
}


def layer(model: str) -> str:
    """The layer of a model: staging, intermediate or marts."""
    return MODELS[model].relative_to(MODEL_DIR).parts[0]


MARTS = [model for model in MODELS if layer(model) == "marts"]


def columns(model: str) -> dict[str, Mapping[str, Any]]:
    """Column -> its YAML entry."""
    return {column["name"]: column for column in ENTRIES[model].get("columns", [])}


def without_comments(text: str) -> str:
    """SQL without comments of SQL and of Jinja."""
    return re.sub(r"--[^\n]*", " ", re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL))


def code(path: Path) -> str:
    """A SQL file without its comments."""
    return without_comments(path.read_text(encoding="utf-8"))


def policy_rows(seed: str) -> list[dict[str, str]]:
    """The rows of a policy CSV."""
    with (POLICY_FOLDER / f"{seed}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
