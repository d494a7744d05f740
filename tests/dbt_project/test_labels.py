"""Every code of a mart has its label in both languages, and every mart and column its Chinese name."""

from __future__ import annotations

import re

import pytest
import yaml
from support.dbt_files import MARTS, columns
from support.house import House, read_rows

from expectations.project import PROJECT_ROOT
from orchestration.store.mart_labels import mart_labels

CONTRACT = yaml.safe_load((PROJECT_ROOT / "docs" / "contract" / "marts.yml").read_text(encoding="utf-8"))["tables"]
# Text that is no code of a list: keys, texts, names, and codes that a table of their own explains.
NO_CODE = re.compile(
    r".*_id|clause_ref|rationale|reason|label_\w+|.*_version|input_fingerprint|family|group_code|peer_group|row_key"
    r"|bound|observed_value|soft_conditions_missed|category_value|missing_plan_fields|approver|org_name|code|code_set"
    r"|weekday_\w+|holiday_\w+"
)


def code_sets(mart: str) -> dict[str, str]:
    """Column -> the set of its codes."""
    found = {name: entry.get("config", {}).get("meta", {}).get("code_set") for name, entry in columns(mart).items()}
    return {name: code_set for name, code_set in found.items() if code_set}


def set_of(code_set: str) -> str:
    """The set as an SQL expression: the text in braces is a column of the row."""
    parts = re.split(r"\{(\w+)\}", code_set)
    return " || ".join(part if number % 2 else f"'{part}'" for number, part in enumerate(parts) if part)


@pytest.mark.parametrize("mart", MARTS)
def test_every_text_is_a_code_of_a_set_or_known_to_be_none(mart: str) -> None:
    texts = {name for name, entry in columns(mart).items() if entry["data_type"] == "varchar"}
    unknown = {name for name in texts - code_sets(mart).keys() if not NO_CODE.fullmatch(name)}
    assert unknown == set()
    assert CONTRACT[mart].get("codes", {}) == code_sets(mart)


def test_every_code_that_is_published_has_a_label(published_bank: House) -> None:
    asked = 0
    for mart in MARTS:
        for column, code_set in code_sets(mart).items():
            asked += 1
            missing = read_rows(
                published_bank.current,
                f"select distinct {set_of(code_set)} as code_set, {column} as code from marts.{mart}"
                f" where {column} is not null except select code_set, code from marts.dim_label",
            )
            # The sample bank reports a metric that the policy does not know.
            unknown = [row for row in missing if row["code"] != "customer_satisfaction"]
            assert unknown == [], f"{mart}.{column}"
    assert asked > 90


def test_every_code_that_a_column_may_hold_has_a_label(published_bank: House) -> None:
    labelled = {
        (row["code_set"], row["code"])
        for row in read_rows(published_bank.current, "select code_set, code from marts.dim_label")
    }
    asked = 0
    for mart in MARTS:
        for column, code_set in code_sets(mart).items():
            for test in columns(mart)[column].get("data_tests", []):
                accepted = test["accepted_values"]["arguments"]["values"] if "accepted_values" in test else []
                assert {(code_set, code) for code in accepted} <= labelled, f"{mart}.{column}"
                asked += len(accepted)
    assert asked > 50


def test_every_mart_and_column_has_a_chinese_name() -> None:
    labels = mart_labels()
    assert {mart for mart in MARTS if labels.of(mart) is None} == set()
    nameless = {(mart, name) for mart in MARTS for name in columns(mart) if labels.of(mart, name) is None}
    assert nameless == set()
    used = {(mart, name) for mart in MARTS for name in columns(mart)}
    known = {mart for mart, _ in used} | {"*"}
    stale = {
        (mart, name)
        for mart, name in labels.names
        if mart not in known or (name != "*" and not any(one == name and mart in (table, "*") for table, one in used))
    }
    assert stale == set(), "names of what is not published"


def test_comments_hold_both_languages(published_bank: House) -> None:
    for name in ("fenceng.duckdb", "marts.duckdb"):
        (row,) = read_rows(
            published_bank.current.with_name(name),
            "select comment from duckdb_columns() where table_name = 'fct_customer_tier_monthly'"
            " and column_name = 'tier_movement'",
        )
        assert row["comment"] == "层级变动 | Movement by rank compared with the month before."
