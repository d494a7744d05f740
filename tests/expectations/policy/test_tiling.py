"""The proof against brute force: random bands, checked value by value, and random customers."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal as Number
from itertools import pairwise, product
from pathlib import Path

import pytest
from support.policy_folder import D, Folder

from expectations.policy.axes import cut
from expectations.policy.evaluate import decide
from expectations.policy.model import InForce, PolicyRows, Row
from expectations.policy.reading import load_policy
from expectations.policy.sheets import CellValue
from expectations.policy.tiling import prove

SHIPPED = load_policy()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")


def with_rules(family: str, scheme: str, rules: Sequence[Sequence[dict[str, CellValue]]]) -> InForce:
    """The shipped policy with other rules for one scheme: a rule is its conditions, a condition its cells."""
    like = next(row for row in SHIPPED.rows[family] if row.text("scheme") == scheme)
    empty = {"lower_bound": None, "lower_inclusive": None, "upper_bound": None, "upper_inclusive": None}
    rows = [
        Row(like.family, like.file, number * 10 + place,
            {**like.values, **empty, "category_value": "", "rule_id": f"R{number}", "condition_no": place, **cells})
        for number, rule in enumerate(rules)
        for place, cells in enumerate(rule, start=1)
    ]  # fmt: skip
    kept = [row for row in SHIPPED.rows[family] if row.text("scheme") != scheme]
    policy: PolicyRows = replace(SHIPPED, rows={**SHIPPED.rows, family: (*kept, *rows)})
    return policy.in_force(D)


def band(
    measure: str, lower: Number | None, with_lower: bool, upper: Number | None, with_upper: bool
) -> dict[str, CellValue]:
    return {
        "measure_id": measure,
        "lower_bound": lower,
        "lower_inclusive": None if lower is None else with_lower,
        "upper_bound": upper,
        "upper_inclusive": None if upper is None else with_upper,
    }


def told(view: InForce, scheme: str) -> list[str]:
    return [problem.message for problem in prove(view, view.schemes[scheme])]


# ---------------------------------------------------------------- as shipped


@pytest.mark.parametrize("scheme", SHIPPED.in_force(D).schemes)
def test_every_shipped_scheme_is_proved(scheme: str) -> None:
    assert told(SHIPPED.in_force(D), scheme) == []


# ---------------------------------------------------------------- one axis of whole numbers


def inside(words: str, value: int) -> bool:
    """Whether a number is in a band as the proof words it."""
    if words.startswith("= "):
        return value == int(words[2:])
    number = r"(from|above) (\d+)(?: (?:to below|to) (\d+))?|(below|up to) (\d+)"
    found = re.fullmatch(number, words)
    assert found, words
    if found[4]:
        return value < int(found[5]) or (found[4] == "up to" and value == int(found[5]))
    low, high = int(found[2]), found[3]
    above = value > low or (found[1] == "from" and value == low)
    return above and (high is None or value < int(high) or (" to below " not in words and value == int(high)))


def values_told(messages: Sequence[str]) -> set[int]:
    parts = [part for text in messages for part in re.split(r", | or ", text.split("appraisal_score ")[1])]
    return {value for value in range(101) if any(inside(part, value) for part in parts)}


@pytest.mark.parametrize("seed", range(60))
def test_bands_of_points_are_judged_as_point_by_point(seed: int) -> None:
    random_ = random.Random(seed)
    cuts = sorted(random_.sample(range(1, 100), 4))
    ends = [None, *map(Number, cuts), None]
    rules = []
    for lower, upper in pairwise(ends):
        shift = Number(random_.choice([0, 0, 0, 1, -1]))
        moved = lower if lower is None else lower + shift
        rules.append([band("appraisal_score", moved, random_.random() < 0.8, upper, random_.random() < 0.2)])
    view = with_rules("policy_score_band", "appraisal_grade", rules)
    met = {
        value: [rule for rule in view.rules["appraisal_grade"] if rule.is_met({"appraisal_score": Number(value)})]
        for value in range(101)
    }
    messages = told(view, "appraisal_grade")
    assert values_told([text for text in messages if text.startswith("hole")]) == {v for v in met if not met[v]}
    double = [text for text in messages if not text.startswith("hole")]
    assert values_told(double) == {v for v in met if len(met[v]) > 1}
    for text in double:
        names = set(re.findall(r"\bR\d+\b", text))
        assert all(names <= {rule.rule_id for rule in met[value]} for value in values_told([text]))


def test_whole_numbers_have_no_gap_between_neighbours() -> None:
    """Up to 59 and from 60 leave no customer out; 59.5 is not an age."""
    rules = [
        [band("appraisal_score", None, False, Number(59), True)],
        [band("appraisal_score", Number(60), True, None, False)],
    ]
    assert told(with_rules("policy_score_band", "appraisal_grade", rules), "appraisal_grade") == []


def test_amounts_do_have_one(folder: Folder) -> None:
    """A foreign-currency amount can come to 49,999.996 CNY, so one step of a fen is a gap."""
    folder.change("policy_tier_rule", "SZ-TA-SMALL", upper_bound="59999999.99", upper_inclusive="true")
    (message,) = told(folder.load().in_force(D), "corporate_size")
    assert message == "hole: corporate_size: nobody decides total_assets above 59,999,999.99 to below 60,000,000"


def test_the_ends_of_a_measure_are_no_holes() -> None:
    rules = [[band("appraisal_score", Number(0), True, Number(100), True)]]
    assert told(with_rules("policy_score_band", "appraisal_grade", rules), "appraisal_grade") == []
    rules = [[band("appraisal_score", Number(0), False, Number(100), False)]]
    assert told(with_rules("policy_score_band", "appraisal_grade", rules), "appraisal_grade") == [
        "hole: appraisal_grade: nobody decides appraisal_score = 0 or = 100"
    ]


def test_cells_are_as_few_as_the_conditions_tell_apart() -> None:
    view = SHIPPED.in_force(D)
    conditions = [c for rule in view.rules["appraisal_grade"] for c in rule.conditions]
    cells = cut(view.measures["appraisal_score"], conditions, (), is_unknown=False).cells
    assert [cell.span.lower for cell in cells if cell.span] == [0, 60, 70, 80, 90]
    ages = [c for rule in view.rules["retail_maintainer"] for c in rule.conditions]
    cells = cut(view.measures["age"], ages, (), is_unknown=False).cells
    assert [cell.categories for cell in cells] == [(), (), ("unknown",)]


# ---------------------------------------------------------------- two axes

RETURN, SHARE = "economic_capital_return_12m", "settlement_share"


def points(bounds: Sequence[Number]) -> Iterator[Number]:
    for bound in bounds:
        yield from (bound, bound - Number("0.001"), bound + Number("0.001"))


@pytest.mark.parametrize("seed", range(40))
def test_rectangles_are_judged_as_customer_by_customer(seed: int) -> None:
    random_ = random.Random(seed)
    returns = sorted(Number(n) for n in random_.sample(range(-5, 6), 2))
    shares = sorted(Number(n) / 10 for n in random_.sample(range(1, 10), 2))
    rules = []
    for x, y in product(range(3), range(3)):
        if random_.random() < 0.08:
            continue
        across = [None, *returns, None][x : x + 2]
        up = [None, *shares, None][y : y + 2]
        rules.append(
            [
                band(RETURN, across[0], True, across[1], random_.random() < 0.05),
                band(SHARE, up[0], random_.random() < 0.95, up[1], False),
            ]
        )
    view = with_rules("policy_tier_rule", "corporate_value", rules)
    messages = told(view, "corporate_value")
    counts = {
        sum(rule.is_met({RETURN: x, SHARE: y}) for rule in view.rules["corporate_value"])
        for x, y in product([*points(returns)], [*points(shares)])
    }
    assert any(text.startswith("hole") for text in messages) == (0 in counts)
    assert any(not text.startswith("hole") for text in messages) == (max(counts) > 1)


def test_a_hole_on_the_second_axis_is_told_on_both(folder: Folder) -> None:
    folder.change("policy_tier_rule", "VB-QUALITY-LARGE", 2, upper_bound="0.50")
    (message,) = told(folder.load().in_force(D), "corporate_value")
    assert message == (
        "hole: corporate_value: nobody decides economic_capital_return_12m from 5,000,000"
        " with settlement_share from 0.5 to below 0.6"
    )


def test_an_overlap_on_the_second_axis_is_told_on_both(folder: Folder) -> None:
    folder.change("policy_maintainer", "RM-T4-FROM-60", 2, lower_bound="55")
    (message,) = told(folder.load().in_force(D), "retail_maintainer")
    assert message == (
        "overlap: retail_maintainer: both RM-T4-UNDER-60 and RM-T4-FROM-60 hold at retail_tier T4"
        " with age from 55 to below 60"
    )


def test_a_shared_bound_on_the_second_axis_is_no_overlap(folder: Folder) -> None:
    folder.change("policy_maintainer", "RM-T4-UNDER-60", 2, upper_inclusive="true")
    (message,) = told(folder.load().in_force(D), "retail_maintainer")
    assert message == (
        "shared bound: retail_maintainer: both RM-T4-UNDER-60 and RM-T4-FROM-60 hold at age = 60 with retail_tier T4"
    )


def test_a_customer_without_a_birth_date_needs_a_maintainer(folder: Folder) -> None:
    """The measure's vocabulary says that age may be unknown, whether or not a rule names it."""
    folder.drop("policy_maintainer", "RM-T4-AGE-UNKNOWN")
    assert told(folder.load().in_force(D), "retail_maintainer") == [
        "hole: retail_maintainer: nobody decides retail_tier T4 with age unknown"
    ]


# ---------------------------------------------------------------- measures that may be unknown


def test_who_has_no_statement_is_left_to_the_default() -> None:
    """All size rules need a measure that may be unknown; the default takes customers without any."""
    view = SHIPPED.in_force(D)
    assert not any(rule.is_met({}) for rule in view.rules["corporate_size"])
    assert told(view, "corporate_size") == []


def test_a_level_without_a_size_is_a_hole_of_its_measure_alone(folder: Folder) -> None:
    folder.drop("policy_tier_rule", "SZ-AL-COUNTY", "SZ-AL-DISTRICT")
    (message,) = told(folder.load().in_force(D), "corporate_size")
    assert message == "hole: corporate_size: nobody decides administrative_level district or county"


def test_who_has_no_value_of_a_measure_is_told_apart_from_who_has_one(folder: Folder) -> None:
    folder.change("policy_tier_rule", "CO-POTENTIAL", measure_id="customer_years", lower_bound="1")
    assert told(folder.load().in_force(D), "corporate_cooperation") == [
        "hole: corporate_cooperation: nobody decides customer_years = 0 with revenue_12m unknown",
        "hole: corporate_cooperation: nobody decides customer_years = 0 with revenue_12m up to 0",
    ]


def test_rules_that_need_two_measures_that_may_be_unknown_are_proved_with_both(folder: Folder) -> None:
    """Strip the scheme to the strategic and quality classes: with fewer than their measures nothing can hold."""
    folder.drop("policy_tier_rule", "CO-POTENTIAL", "CO-CONTRIBUTING", "CO-STRATEGIC")
    messages = told(folder.load().in_force(D), "corporate_cooperation")
    assert any("bad_record" in text and "credit_rating" in text for text in messages)
    assert not any("unknown" in text for text in messages)


# ---------------------------------------------------------------- routes


def test_customers_without_a_tier_are_those_of_the_hole(folder: Folder) -> None:
    folder.drop("policy_tier_rule", "RT-T5-LOAN", "RT-T5-CUSTODY")
    policy = folder.load()
    (message,) = told(policy.in_force(D), "retail_tier")
    assert message == (
        "hole: retail_tier: nobody decides financial_assets below 50,000 with scope_route only custody or loan"
    )
    random_ = random.Random(3)
    left = 0
    for _ in range(3000):
        measures: dict[str, Number | str | None] = {
            "financial_assets": Number(random_.choice([0, 49_999, 50_000, 100_000])),
            "card_spend_12m": Number(random_.choice([0, 50_000])),
            "loan_balance": Number(random_.choice([0, 299_999, 300_000])),
            "custody_margin_balance": Number(random_.choice([0, 10_000])),
            "best_card_grade": random_.choice([None, "standard", "gold"]),
            "wealth_admission": random_.choice([None, None, "wealth"]),
            "age": Number(40),
        }
        found = decide(policy, D, "retail", measures)
        routes = set(found["retail_scope"].routes)
        in_hole = measures["financial_assets"] < Number(50_000) and bool(routes) and routes <= {"loan", "custody"}
        assert (not found["retail_tier"].met) == in_hole
        left += in_hole
    assert left > 100


def test_a_scope_that_ends_where_the_tiers_do_not_is_a_hole(folder: Folder) -> None:
    """The scope begins at assets of 60,000, T4 still at 50,000 and T5 below 50,000: T4 leaves nobody out."""
    folder.change("policy_tier_rule", "RS-AUM", lower_bound="60000.00")
    assert told(folder.load().in_force(D), "retail_tier") == []
    # The other way round: T4 begins at 60,000, and 50,000 to 60,000 is in scope with no tier.
    folder.change("policy_tier_rule", "RS-AUM", lower_bound="50000.00")
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00")
    (message,) = told(folder.load().in_force(D), "retail_tier")
    assert message.startswith("hole: retail_tier: nobody decides financial_assets from 50,000 to below 60,000")


def test_two_rules_of_one_route_are_no_matter_where_all_count(folder: Folder) -> None:
    """Also in a scheme where every met rule counts: a route is met or not, and by one rule."""
    folder.add("policy_tier_rule", "RS-LOAN", rule_id="RS-LOAN-LARGE", lower_bound="1000000.00")
    (message,) = told(folder.load().in_force(D), "retail_scope")
    assert message == ("overlap: retail_scope: both RS-LOAN and RS-LOAN-LARGE hold at loan_balance from 1,000,000")


def test_the_same_rules_on_another_route_do_not_overlap() -> None:
    """CC-C1-CREDIT and CC-C2-DEPOSIT hold for one customer; the best class decides."""
    view = SHIPPED.in_force(D)
    measures = {"deposit_balance": Number(50_000_000), "target_credit_amount": Number(200_000_000)}
    assert [rule.rule_id for rule in view.rules["corporate_class"] if rule.is_met(measures)] == [
        "CC-C1-CREDIT",
        "CC-C2-DEPOSIT",
    ]
    assert told(view, "corporate_class") == []


# ---------------------------------------------------------------- dates


def test_each_stretch_of_time_is_proved_by_its_own_rows(folder: Folder) -> None:
    folder.change("policy_tier_rule", "RT-T4-AUM", valid_to="2027-01-01")
    folder.add("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00", valid_from="2027-01-01", valid_to="")
    policy = folder.load()
    assert policy.changes() == (date(1990, 1, 1), date(2027, 1, 1))
    assert told(policy.in_force(date(2026, 12, 31)), "retail_tier") == []
    assert told(policy.in_force(date(2027, 1, 1)), "retail_tier") != []
