"""The files of the board: every name in both languages, every column there, every data set with its kind of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from figures import FIGURES
from served import Bank

from bi.superset import assets, rights

CHARTS = {spec["id"]: spec for spec in assets.chart_specs()}
DATASETS = {lang: assets.datasets(lang) for lang in assets.LANGUAGES}


def texts(found: Any) -> Iterator[dict[str, str]]:
    """Every mapping with words in it."""
    if isinstance(found, dict):
        if "zh" in found or "en" in found:
            yield found
        for value in found.values():
            yield from texts(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts(value)


def test_every_word_is_there_in_both_languages() -> None:
    files = [path for path in assets.HERE.rglob("*.yml") if path.parent.name in ("datasets", "charts", "superset")]
    words = [text for path in files for text in texts(yaml.safe_load(path.read_text(encoding="utf-8")))]
    assert len(words) > 200
    assert [text for text in words if not (text.get("zh") and text.get("en"))] == []


def test_a_chart_names_what_its_data_set_has() -> None:
    for spec in CHARTS.values():
        dataset = DATASETS["zh"][spec["dataset"]]
        metrics = {metric["metric_name"] for metric in dataset.asset["metrics"]}
        columns = {*spec.get("columns", []), *(condition[0] for condition in spec.get("where", []))}
        columns |= {spec[place] for place in ("by", "split") if place in spec}
        assert columns <= set(dataset.columns), spec["id"]
        assert set(spec.get("metrics", [])) <= metrics, spec["id"]


def test_every_chart_has_its_figures_in_the_tests() -> None:
    assert FIGURES.keys() == CHARTS.keys()


def test_every_asset_is_its_own() -> None:
    files = assets.bundle("duckdb:///marts.duckdb")
    identifiers = [yaml.safe_load(text).get("uuid") for text in files.values()]
    assert len(set(identifiers)) == len(identifiers) == 2 * (len(CHARTS) + len(DATASETS["zh"]) + 1) + 2
    assert files == assets.bundle("duckdb:///marts.duckdb")


def test_no_average_is_taken() -> None:
    """An average of ratios is wrong for any rows but all."""
    for dataset in DATASETS["en"].values():
        for metric in dataset.asset["metrics"]:
            assert "avg" not in metric["expression"], metric


@pytest.mark.parametrize("lang", assets.LANGUAGES)
def test_a_data_set_gives_the_columns_that_it_names(bank: Bank, lang: str) -> None:
    for dataset in DATASETS[lang].values():
        described = bank.rows(f"describe {dataset.asset['sql']}")
        assert tuple(name for name, *_ in described) == dataset.columns, dataset.id


def test_a_data_set_has_the_columns_of_its_rights() -> None:
    needed = {"customers": {"customer_id"}, "organization": {"org_id"}, "employee": {"employee_id"}}
    for dataset in DATASETS["zh"].values():
        columns = set(dataset.columns)
        assert needed.get(dataset.rights, set()) <= columns, dataset.id
        if dataset.rights in ("bank", "reference"):
            assert not columns & {"customer_id", "org_id", "employee_id"}, dataset.id
        if dataset.rights == "organization":
            assert not columns & {"customer_id", "employee_id"}, dataset.id
        assert "current_username" in rights.clause(dataset.rights)


def test_a_data_set_is_read_by_whom_its_mart_is_read() -> None:
    """The board and the database server give the same rows to the same people."""
    told: dict[str, Any] = {}
    for file in (assets.HERE.parents[1] / "dbt_project/models/marts").glob("*/_*__models.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            told[model["name"]] = model["config"]["meta"]["readers"]
    words = {"customers": "customer", "bank": "bank", "reference": "everybody"}
    for dataset in DATASETS["zh"].values():
        shown = re.findall(r"^ *from (\w+)", dataset.asset["sql"].partition("final as (")[2], re.M)[0]
        readers = told[shown] if shown in told else told["dim_" + {"places": "organization", "roles": "role"}[shown]]
        expected = next(iter(readers)) if isinstance(readers, dict) else readers
        assert words.get(dataset.rights, dataset.rights) == expected, dataset.id
