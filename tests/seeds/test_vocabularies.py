"""The labels of ref_category: every code that a mart publishes has one, and none is left over."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest
from support.dbt_files import read_yaml

from expectations.contract import load_contract
from expectations.policy.reading import load_policy
from expectations.project import PROJECT_ROOT, REFERENCE_FOLDER

MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"
# Vocabularies of policy rows alone: `fenceng policy diff` reads the rows in sentences with them.
OF_ROWS = {
    "action_scope", "owner_department", "profile_field", "segment", "size_group", "subject_kind", "table", "unit",
    "brokerage.product_type", "kpi_measure", "value_list",
}  # fmt: skip


def vocabularies() -> dict[str, set[str]]:
    """Vocabulary -> its words in ref_category."""
    with (REFERENCE_FOLDER / "ref_category.csv").open(encoding="utf-8", newline="") as handle:
        words: dict[str, set[str]] = {}
        for row in csv.DictReader(handle):
            words.setdefault(row["vocabulary"], set()).add(row["category"])
    return words


def mart_columns() -> Iterator[tuple[str, dict[str, Any]]]:
    """`mart.column` and its entry in the marts' YAML."""
    for file in sorted(MARTS.rglob("_*__models.yml")):
        for model in read_yaml(file)["models"]:
            for column in model["columns"]:
                yield f"{model['name']}.{column['name']}", column


COLUMNS = dict(mart_columns())
WORDS = vocabularies()
# Columns of marts whose codes are the words of a vocabulary.
CODES = {
    column: code_set
    for column, entry in COLUMNS.items()
    if (code_set := entry.get("config", {}).get("meta", {}).get("code_set")) in WORDS
}


def accepted(column: dict[str, Any]) -> set[str] | None:
    """The values that a column's test accepts; None without such a test."""
    for test in column.get("data_tests", ()):
        if isinstance(test, dict) and "accepted_values" in test:
            return {str(value) for value in test["accepted_values"]["arguments"]["values"]}
    return None


@pytest.mark.parametrize("column", CODES)
def test_a_published_code_has_a_label(column: str) -> None:
    assert WORDS[CODES[column]]
    values = accepted(COLUMNS[column])
    if CODES[column] in OF_ROWS:
        assert values is None or values <= WORDS[CODES[column]]
    else:
        assert values is None or values == WORDS[CODES[column]]


def test_some_codes_are_compared() -> None:
    compared = {column for column in CODES if accepted(COLUMNS[column])}
    assert {"fct_maintenance_assignment_monthly.assignment_basis", "fct_manager_load_monthly.load_status"} <= compared


def test_every_vocabulary_is_read() -> None:
    """By a mart, a measure that rules name, the landing contract, or the sentences of the policy."""
    measures = {row.text("vocabulary").removeprefix("ref_category.") for row in load_policy().rows["policy_measure"]}
    contract = {
        f"{table.name}.{column.name}"
        for table in load_contract().tables.values()
        for column in table.columns
        if column.enum
    }
    assert WORDS.keys() - set(CODES.values()) - OF_ROWS - measures - contract == set()
    assert WORDS.keys() >= OF_ROWS


def test_chinese_in_rows_has_full_width_punctuation() -> None:
    folders = [PROJECT_ROOT / "seeds", PROJECT_ROOT / "examples" / "policies"]
    for file in sorted(file for folder in folders for file in folder.glob("*/*.csv")):
        with file.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                chinese = [value for column, value in row.items() if column.endswith("_zh")]
                assert not [value for value in chinese if re.search(r"[,:;()!?]", value)], file
