"""Semantic models, metrics, saved queries, groups and exposures, read from the files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from support.dbt_files import (
    ENTRIES,
    MARTS,
    METRIC_YAML,
    METRICS,
    MODELS,
    SAVED_QUERIES,
    SEMANTIC_DIR,
    SEMANTIC_MODELS,
    columns,
    read_yaml,
)

from expectations.project import DBT_PROJECT, PROJECT_ROOT

GROUPS = {entry["name"]: entry for entry in read_yaml(SEMANTIC_DIR / "_groups.yml")["groups"]}
EXPOSURES = {entry["name"]: entry for entry in read_yaml(SEMANTIC_DIR / "_exposures.yml")["exposures"]}
METRICS_PAGE = (PROJECT_ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Facts that nothing counts, and why.
NO_METRICS = dict.fromkeys(("fct_access_right", "fct_access_customer"), "says who may read what")
# Marts whose rows overlap, with the dimensions that tell them apart.
OVERLAPPING = {
    "concentration": {"organization", "concentration__segment", "concentration__measure", "concentration__group_kind"},
    "compliance_by_org": {"organization"},
    "target_progress": {"organization", "target_progress__metric", "target_progress__period_kind"},
    "kpi": {"kpi__metric"},
    "ranking": {"ranking__compare"},
}


def mart_of(model: Mapping[str, Any]) -> str:
    """The mart that a semantic model describes."""
    found = re.fullmatch(r"ref\('(\w+)'\)", model["model"])
    assert found
    return found[1]


def measures(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The measures of a semantic model."""
    found: list[Mapping[str, Any]] = model.get("measures", [])
    return found


def meta(entry: Mapping[str, Any]) -> Mapping[str, str]:
    """`config.meta` of an entry."""
    found: Mapping[str, str] = entry["config"]["meta"]
    return found


def kind_of(metric: Mapping[str, Any]) -> str:
    """What several months of a metric are: flow, stock, greatest or least; or ratio."""
    if "type" in metric:
        return "ratio"
    if metric["agg"] in {"min", "max"}:
        return {"min": "least", "max": "greatest"}[metric["agg"]]
    return "stock" if "non_additive_dimension" in metric else "flow"


def names_in(group_by: list[str]) -> set[str]:
    """What a saved query is grouped by, as mf calls it."""
    return {found[1] for each in group_by if (found := re.match(r"\w+\('(\w+)'", each))}


def test_every_fact_has_a_semantic_model_beside_it() -> None:
    described = Counter(map(mart_of, SEMANTIC_MODELS))
    assert set(described.values()) == {1}
    facts = {mart for mart in MARTS if mart.startswith("fct_")}
    assert facts - set(NO_METRICS) == {mart for mart in described if mart.startswith("fct_")}
    for path in METRIC_YAML:
        for model in read_yaml(path)["semantic_models"]:
            assert MODELS[mart_of(model)].parent == path.parent


@pytest.mark.parametrize("model", SEMANTIC_MODELS, ids=lambda model: model["name"])
def test_dimensions_are_columns_and_months_are_stocks_or_flows(model: Mapping[str, Any]) -> None:
    known = columns(mart_of(model))
    for dimension in model["dimensions"]:
        assert dimension.get("expr", dimension["name"]) in known
    times = {each["name"]: each for each in model["dimensions"] if each["type"] == "time"}
    if measures(model):
        assert model["defaults"]["agg_time_dimension"] in times
    if "policy_month" in times:
        assert times["policy_month"]["type_params"] == {"time_granularity": "month"}
        assert ("published_month", "policy_month") in {(each["name"], each["expr"]) for each in model["entities"]}


@pytest.mark.parametrize("model", SEMANTIC_MODELS, ids=lambda model: model["name"])
def test_no_measure_averages_or_adds_up_a_ratio(model: Mapping[str, Any]) -> None:
    ratios = {
        name
        for name, column in columns(mart_of(model)).items()
        if column["data_type"] == "double" or name.endswith(("_rate", "_share"))
    }
    for measure in measures(model):
        assert measure["agg"] in {"sum", "count_distinct", "min", "max"}
        if measure["agg"] == "sum":
            assert measure.get("expr", measure["name"]) not in ratios


def test_ratios_are_made_of_two_metrics() -> None:
    kinds = {name: entry["type"] for name, entry in METRICS.items() if "type" in entry}
    assert set(kinds.values()) == {"ratio", "derived"}
    for name in kinds:
        parts = METRICS[name]["type_params"]
        used = parts["metrics"] if kinds[name] == "derived" else [parts["numerator"], parts["denominator"]]
        assert set(used) <= set(METRICS)


def test_everything_has_a_name_in_both_languages() -> None:
    entries = {**METRICS, **SAVED_QUERIES, **EXPOSURES}
    assert [name for name, entry in entries.items() if not entry["label"] or not entry["description"]] == []
    assert [name for name, entry in (entries | GROUPS).items() if not CHINESE.search(meta(entry)["label_zh"])] == []
    for labels in (
        [entry["label"] for entry in METRICS.values()],
        [meta(entry)["label_zh"] for entry in METRICS.values()],
    ):
        assert [label for label, times in Counter(labels).items() if times > 1] == []


@pytest.mark.parametrize("name", sorted(SAVED_QUERIES))
def test_a_saved_query_tells_overlapping_rows_apart(name: str) -> None:
    asked = SAVED_QUERIES[name]["query_params"]
    assert set(asked["metrics"]) <= set(METRICS)
    assert "metric_time" in names_in(asked["group_by"])
    for model in SEMANTIC_MODELS:
        if {measure["name"] for measure in measures(model)} & set(asked["metrics"]):
            assert OVERLAPPING.get(model["name"], set()) <= names_in(asked["group_by"])


def test_each_folder_of_marts_is_a_group_with_an_owner() -> None:
    configured = read_yaml(DBT_PROJECT / "dbt_project.yml")
    folders = {MODELS[mart].parent.name for mart in MARTS}
    assert set(GROUPS) == folders
    for kind, empty in (("models", set()), ("semantic-models", set()), ("metrics", {"shared"})):
        marts = configured[kind]["fenceng"]["marts"]
        found = {folder: each["+group"] for folder, each in marts.items() if not folder.startswith("+")}
        assert found == {folder: folder for folder in folders - empty}, kind
    for entry in [*GROUPS.values(), *EXPOSURES.values()]:
        assert entry["owner"]["name"]
        assert CHINESE.search(meta(entry)["owner_zh"])
        assert (entry.get("maturity") or meta(entry)["maturity"]) in {"high", "medium", "low"}


def test_days_are_those_of_dim_date() -> None:
    [spine] = [name for name, entry in ENTRIES.items() if "time_spine" in entry]
    assert spine == "dim_date"
    assert ENTRIES[spine]["time_spine"] == {"standard_granularity_column": "calendar_date"}
    assert columns(spine)["calendar_date"]["granularity"] == "day"


@pytest.mark.parametrize("name", sorted(EXPOSURES))
def test_an_exposure_lists_the_marts_that_its_code_reads(name: str) -> None:
    folder = PROJECT_ROOT / meta(EXPOSURES[name])["code"]
    texts = [
        path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.suffix in {".py", ".sql", ".yml", ".j2"} and path.is_file()
    ]
    assert texts
    read = {mart for mart in MARTS if any(re.search(rf"\b{mart}\b", text) for text in texts)}
    assert sorted(f"ref('{mart}')" for mart in read) == EXPOSURES[name]["depends_on"]


def test_the_page_of_the_metrics_lists_them_all() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (\w+) \|$", METRICS_PAGE, flags=re.MULTILINE)
    assert sorted(listed) == sorted(
        (name, entry["label"], meta(entry)["label_zh"], kind_of(entry)) for name, entry in METRICS.items()
    )
    assert [name for name in SAVED_QUERIES if f"`{name}`" not in METRICS_PAGE] == []
