"""Every metric, asked by `mf`, is what independent SQL over the published marts says; so are the saved queries.

All questions go to one process: starting MetricFlow costs more than the questions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.dbt_files import METRICS, SAVED_QUERIES
from support.house import House, Row, read_rows
from support.mf import Answer, Question, ask

# The four closes take three minutes to build.
pytestmark = pytest.mark.slow

BLOCKS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("numbers.yml").read_text(encoding="utf-8"))
KINDS = ("flows", "stocks", "ratios")
# Metric -> its block.
BLOCK_OF = {name: number for number, block in enumerate(BLOCKS) for kind in KINDS for name in block.get(kind, {})}
OPEN = ["duties_open", "duties_behind"]
# Metrics that are 0 or null everywhere in the sample bank, and why.
NOTHING_THERE = {
    **dict.fromkeys(("exceptions_in_force", "excepted_customers", "excepted_duties"), "no exception is shipped"),
    **dict.fromkeys(("deposit_balance_12m_ago", "financial_assets_12m_ago"), "the bank has four months"),
    **dict.fromkeys(OPEN, "all months are closed"),
    **dict.fromkeys(
        ("managers_over", "people_short", "unassigned_customers", "unmaintained_customers"),
        "the sample bank has people enough",
    ),
    "held_customers": "downgrade_after_months is 0 as shipped",
    "customers_decided_by_assumption": "no shipped rule of a tier is assumed",
    "opened_prospects_c1": "the prospects of the sample bank are smaller",
}
# Saved query -> mart with the same grain, how the query calls its key, and the published ratio of each metric.
PUBLISHED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "compliance_by_level": (
        "(select * from marts.fct_visit_compliance_by_org_monthly where role_group = 'all')",
        {"metric_time__month": "policy_month", "organization": "org_id"},
        {
            "org_compliance_rate": "compliance_rate",
            "org_compliance_rate_without_doubtful": "compliance_rate_without_doubtful",
        },
    ),
    "compliance_by_branch": (
        "(select * from marts.fct_visit_compliance_by_org_monthly where role_group <> 'all' and org_level = 'branch')",
        {"metric_time__month": "policy_month", "organization__branch_id": "org_id", "duty__role_group": "role_group"},
        {"compliance_rate": "compliance_rate", "contact_completion_rate": "contact_completion_rate"},
    ),
    "visit_workload": (
        "marts.fct_visit_capacity_monthly",
        {"metric_time__month": "policy_month", "organization": "org_id", "visit_capacity__role_group": "role_group"},
        {"visit_utilisation": "utilisation"},
    ),
    "campaigns": (
        "marts.fct_campaign_result",
        {"campaign": "campaign_id"},
        {
            "conversion_rate": "conversion_rate", "control_rate": "control_rate", "lift": "lift",
            "lift_low": "lift_low", "lift_high": "lift_high",
        },
    ),
    "concentration": (
        "marts.fct_concentration_monthly",
        {
            "metric_time__month": "policy_month", "organization": "org_id", "concentration__segment": "segment",
            "concentration__measure": "measure", "concentration__group_kind": "group_kind",
            "concentration__group_code": "group_code",
        },
        {"greatest_share_of_value": "share_of_value", "greatest_share_of_customers": "share_of_customers"},
    ),
}  # fmt: skip

Keyed = dict[tuple[str, ...], Row]


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    """Each block by its groups, each block as a total, each saved query."""
    names = [[name for kind in KINDS for name in block.get(kind, {})] for block in BLOCKS]
    grouped = [
        {"metric_names": asked, "group_by_names": list(block["by"])} for block, asked in zip(BLOCKS, names, strict=True)
    ]
    return [
        *grouped,
        *({"metric_names": asked} for asked in names),
        *({"saved_query_name": name} for name in SAVED_QUERIES),
    ]


@pytest.fixture(scope="module")
def answers(four_closes: House, questions: list[Question]) -> list[Answer]:
    """What mf answers, in the order of the questions."""
    return ask(four_closes.output, questions)


def plain(value: Any) -> Any:
    """A value for comparison: numbers as floats, days and times as the text of a day."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    if isinstance(value, (date, datetime)):
        return str(value)[:10]
    if isinstance(value, str) and value.endswith(" 00:00:00"):
        return value[:10]
    return value


def keyed(rows: Answer, key: Sequence[str]) -> Keyed:
    """Rows by their key; two of one key are an error."""
    assert not isinstance(rows, str), rows
    found = {tuple(str(plain(row[name])) for name in key): {k: plain(v) for k, v in row.items()} for row in rows}
    assert len(found) == len(rows)
    return found


@cache
def by_sql(database: Path, number: int, grouped: bool) -> list[Row]:
    """What SQL says of a block; without groups, a stock is that of the newest month."""
    block = BLOCKS[number]
    mart, where = block["from"].split()[0], block.get("where", "true")
    if grouped:
        groups = block["by"]
        rows = _select(database, block, groups | block.get("flows", {}) | block.get("stocks", {}), where, len(groups))
    else:
        newest = f"{where} and policy_month = (select max(policy_month) from marts.{mart})"
        [flows] = _select(database, block, block.get("flows", {}), where)
        [stocks] = _select(database, block, block.get("stocks", {}), newest)
        rows = [flows | stocks]
    for row in rows:
        for name, (above, below) in block.get("ratios", {}).items():
            row[name] = float(row[above]) / float(row[below]) if row[above] is not None and row[below] else None
    return rows


def _select(database: Path, block: Row, selected: Mapping[str, Any], where: str, groups: int = 0) -> list[Row]:
    """The rows of a block with these columns, grouped by the first of them."""
    if not selected:
        return [{}]
    listed = ", ".join(f"{sql} as {name}" for name, sql in selected.items())
    grouped = f"group by {', '.join(map(str, range(1, groups + 1)))}" if groups else ""
    return read_rows(database, f"select {listed} from marts.{block['from']} where {where} {grouped}")


def differences(metric: str, expected: Keyed, answered: Keyed) -> list[str]:
    """Where a metric differs; money is exact to the float that mf makes of it."""
    assert expected.keys() == answered.keys()
    return [
        f"{key}: SQL {wanted}, mf {got}"
        for key, row in expected.items()
        for wanted, got in [(row[metric], answered[key][metric])]
        if (wanted is None) != (got is None)
        or (wanted is not None and not math.isclose(wanted, got, rel_tol=1e-12, abs_tol=1e-12))
    ]


def test_every_metric_has_its_sql() -> None:
    assert set(BLOCK_OF) == set(METRICS)


@pytest.mark.parametrize("metric", sorted(BLOCK_OF))
def test_mf_and_sql_agree(metric: str, four_closes: House, answers: list[Answer]) -> None:
    number = BLOCK_OF[metric]
    block = BLOCKS[number]
    key = list(block["by"])
    expected = keyed(by_sql(four_closes.current, number, grouped=True), key)
    assert differences(metric, expected, keyed(answers[number], key)) == []
    assert any(row[metric] for row in expected.values()) == (metric not in NOTHING_THERE)
    if block.get("totals", True):
        total = answers[len(BLOCKS) + number]
        assert (
            differences(metric, keyed(by_sql(four_closes.current, number, grouped=False), []), keyed(total, [])) == []
        )


def test_mf_and_sql_agree_on_duties_that_are_open(published_bank: House) -> None:
    number = BLOCK_OF["duties_open"]
    key = list(BLOCKS[number]["by"])
    [answer] = ask(published_bank.output, [{"metric_names": OPEN, "group_by_names": key}])
    expected = keyed(by_sql(published_bank.current, number, grouped=True), key)
    for metric in OPEN:
        assert differences(metric, expected, keyed(answer, key)) == []
        assert any(row[metric] for row in expected.values())


@pytest.mark.parametrize("name", sorted(SAVED_QUERIES))
def test_a_saved_query_answers_in_total_order(name: str, answers: list[Answer]) -> None:
    rows = answers[2 * len(BLOCKS) + list(SAVED_QUERIES).index(name)]
    assert rows
    assert not isinstance(rows, str), rows
    metrics = SAVED_QUERIES[name]["query_params"]["metrics"]
    assert set(metrics) < set(rows[0])
    groups = [column for column in rows[0] if column not in metrics]
    assert len(keyed(rows, groups)) == len(rows)
    assert SAVED_QUERIES[name]["query_params"]["order_by"] == SAVED_QUERIES[name]["query_params"]["group_by"]


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_ratios_are_those_that_the_marts_publish(name: str, four_closes: House, answers: list[Answer]) -> None:
    mart, key, ratios = PUBLISHED[name]
    selected = ", ".join(f"{column} as {alias}" for alias, column in {**key, **ratios}.items())
    published = keyed(read_rows(four_closes.current, f"select {selected} from {mart}"), list(key))
    answered = keyed(answers[2 * len(BLOCKS) + list(SAVED_QUERIES).index(name)], list(key))
    for metric in ratios:
        assert differences(metric, published, answered) == []
