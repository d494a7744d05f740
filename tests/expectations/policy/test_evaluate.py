"""The evaluator for one customer: the readings of the shipped rows, and that there is exactly one winner."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal as Number
from pathlib import Path

import pytest
from support.policy_folder import Folder

from expectations.policy.evaluate import Decision, decide
from expectations.policy.model import PolicyRows
from expectations.policy.reading import load_policy
from expectations.policy.sheets import PolicyError

D = date(2026, 3, 31)
SHIPPED = load_policy()
# A corporate customer with only the measures that are always known.
KNOWN = {"settlement_share": Number(0), "related_party_share": Number(0), "customer_years": Number(1)}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")


def money(text: str) -> Number:
    return Number(text.replace(",", ""))


def retail(policy: PolicyRows = SHIPPED, on: date = D, **measures: Number | str | None) -> dict[str, Decision]:
    nothing = {
        name: Number(0) for name in ("financial_assets", "card_spend_12m", "loan_balance", "custody_margin_balance")
    }
    return decide(policy, on, "retail", nothing | {"age": Number(40)} | measures)


def corporate(policy: PolicyRows = SHIPPED, on: date = D, **measures: Number | str | None) -> dict[str, Decision]:
    nothing = {
        name: Number(0) for name in ("deposit_balance", "target_credit_amount", "open_accounts", "valid_credit_lines")
    }
    return decide(policy, on, "corporate", nothing | KNOWN | measures)


# ---------------------------------------------------------------- retail


@pytest.mark.parametrize(
    ("assets", "tier", "rule"),
    [
        ("2,000,000.01", "T1", "RT-T1-AUM"),
        ("2,000,000.00", "T2", "RT-T2-AUM"),
        ("200,000.00", "T2", "RT-T2-AUM"),
        ("199,999.9999999999", "T3", "RT-T3-AUM"),
        ("100,000.00", "T3", "RT-T3-AUM"),
        ("99,999.99", "T4", "RT-T4-AUM"),
        ("50,000.00", "T4", "RT-T4-AUM"),
        ("49,999.996", "T0", "RT-T0-NONE"),
        ("0", "T0", "RT-T0-NONE"),
    ],
)
def test_tiers_at_their_bounds(assets: str, tier: str, rule: str) -> None:
    decision = retail(financial_assets=money(assets))["retail_tier"]
    assert (decision.tier_code, [rule.rule_id for rule in decision.winners]) == (tier, [rule])


def test_the_scope_is_judged_first_and_its_routes_are_seen_by_the_tier() -> None:
    found = retail(card_spend_12m=Number(50_000), best_card_grade="platinum")
    assert found["retail_scope"].routes == ("card_spend", "card_grade")
    tier = found["retail_tier"]
    assert (tier.tier_code, tier.is_gap_fill) == ("T5", True)
    assert [rule.rule_id for rule in tier.winners] == ["RT-T5-CARD-SPEND", "RT-T5-GRADE"]
    assert found["retail_maintainer"].tier_code == "outlet_staff"


def test_every_met_rule_is_listed_and_the_best_rank_decides() -> None:
    tier = retail(financial_assets=Number(60_000), wealth_admission="wealth")["retail_tier"]
    assert [rule.rule_id for rule in tier.met] == ["RT-T1-ADMISSION-WM", "RT-T4-AUM"]
    assert (tier.tier_code, tier.tier_rank, [rule.rule_id for rule in tier.winners]) == (
        "T1", 1, ["RT-T1-ADMISSION-WM"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("age", "role", "gap_fill"),
    [
        (Number(59), "outlet_staff", False),
        (Number(60), "lobby_manager", True),
        ("unknown", "outlet_staff", True),
        (None, None, False),
    ],
)
def test_who_maintains_t4_by_age(age: Number | str | None, role: str | None, gap_fill: bool) -> None:
    decision = retail(financial_assets=Number(50_000), age=age)["retail_maintainer"]
    assert (decision.tier_code, decision.is_gap_fill) == (role, gap_fill)


def test_a_tier_that_is_held_goes_before_the_tier_that_is_decided() -> None:
    found = retail(financial_assets=Number(60_000), retail_tier="T2")
    assert found["retail_tier"].tier_code == "T4"
    assert found["retail_maintainer"].tier_code == "finance_manager"


def test_the_default_needs_no_maintainer() -> None:
    found = retail()
    assert (found["retail_tier"].tier_code, found["retail_tier"].is_default) == ("T0", True)
    assert (found["retail_maintainer"].tier_code, found["retail_maintainer"].met) == (None, ())


# ---------------------------------------------------------------- corporate


def test_a_rule_of_the_source_goes_before_a_gap_fill() -> None:
    both = corporate(open_accounts=Number(1), valid_credit_lines=Number(1))["corporate_class"]
    assert [rule.rule_id for rule in both.winners] == ["CC-C3-DEPOSIT", "CC-C3-CREDIT"]
    assert (both.tier_code, both.is_gap_fill) == ("C3", False)
    line_alone = corporate(valid_credit_lines=Number(1))["corporate_class"]
    assert (line_alone.tier_code, line_alone.is_gap_fill) == ("C3", True)


def test_the_size_without_a_basis_is_the_default() -> None:
    assert corporate()["corporate_size"] == Decision("corporate_size", "unknown", 6, is_default=True)
    assert corporate(registered_capital=Number(5_000_000))["corporate_size"].tier_code == "small"


def test_alternatives_of_one_condition_and_soft_conditions() -> None:
    strategic = {
        "market_position": "top_500", "strategic_agreement": "in_force", "profit_margin_lead": Number("0.00"),
        "bad_record": "none", "credit_rating": "A+", "open_accounts": Number(1),
    }  # fmt: skip
    decision = corporate(**strategic, settlement_share=Number("0.60"))["corporate_cooperation"]
    assert (decision.tier_code, decision.soft_missed) == ("strategic", (("CO-STRATEGIC", 7),))
    for missing in ("market_position", "profit_margin_lead"):
        assert corporate(**strategic | {missing: None})["corporate_cooperation"].tier_code == "potential"
    assert corporate(**strategic | {"credit_rating": "BBB"})["corporate_cooperation"].tier_code == "potential"


def test_an_assumption_is_told_apart_from_a_gap_fill() -> None:
    found = corporate(deposit_balance=Number(50_000_000), open_accounts=Number(1))["corporate_maintainer"]
    assert (found.tier_code, found.is_assumed, found.is_gap_fill) == ("branch_and_province_department", True, False)


def test_a_rule_from_which_the_customer_is_exempt_does_not_count() -> None:
    measures = {"deposit_balance": Number(50_000_000), "open_accounts": Number(1), "valid_credit_lines": Number(1)}
    exempt = decide(SHIPPED, D, "corporate", measures | {"target_credit_amount": Number(0)}, exempt=["CC-C2-DEPOSIT"])
    assert [rule.rule_id for rule in exempt["corporate_class"].winners] == ["CC-C3-CREDIT"]


# ---------------------------------------------------------------- dates, folders, wrong use


def test_a_date_reads_the_rows_of_its_day(folder: Folder) -> None:
    folder.change("policy_tier_rule", "RT-T4-AUM", valid_to="2027-01-01")
    folder.add("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00", valid_from="2027-01-01", valid_to="")
    policy = folder.load()
    assert retail(policy, date(2026, 12, 31), financial_assets=Number(55_000))["retail_tier"].tier_code == "T4"
    later = retail(policy, date(2027, 1, 1), financial_assets=Number(55_000))["retail_tier"]
    assert (later.tier_code, later.met) == ("T0", ())


def test_an_overlay_stands_for_the_files_that_it_holds(folder: Folder, tmp_path: Path) -> None:
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00")
    overlay = tmp_path / "what_if"
    overlay.mkdir()
    (folder.path / "policy_tier_rule.csv").rename(overlay / "policy_tier_rule.csv")
    policy = load_policy(overlay=overlay)
    assert policy.problems == ()
    assert retail(policy, financial_assets=Number(60_000))["retail_tier"].tier_code == "T4"
    assert retail(policy, financial_assets=Number(59_999))["retail_tier"].met == ()


def test_wrong_use_says_what_is_wrong(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="policy_measure has no financial_asset;"):
        retail(financial_asset=Number(1))
    with pytest.raises(ValueError, match="leave it out"):
        retail(scope_route="aum")
    with pytest.raises(ValueError, match="best_card_grade is a category"):
        retail(best_card_grade=Number(1))
    with pytest.raises(ValueError, match="needs a Decimal"):
        retail(age=60)  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="no folder of policy CSVs"):
        load_policy(tmp_path / "nowhere")
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="5万")
    with pytest.raises(PolicyError, match=r"policy_tier_rule\.csv:\d+ RT-T4-AUM unreadable: lower_bound '5万'"):
        retail(folder.load())


# ---------------------------------------------------------------- many customers


def draw(random_: random.Random, bounds: list[Number]) -> Number:
    """A value on a bound, just beside one, or anywhere."""
    near = random_.choice(bounds)
    return random_.choice([near, near - Number("0.01"), near + Number("0.01"), Number(random_.randrange(3_000_000))])


def test_thousands_of_customers_have_one_outcome_and_only_rules_that_they_meet() -> None:
    random_ = random.Random(7)
    bounds = [Number(n) for n in (0, 10_000, 50_000, 100_000, 200_000, 300_000, 2_000_000)]
    view = SHIPPED.in_force(D)
    seen = set()
    for _ in range(3000):
        measures: dict[str, Number | str | None] = {
            name: draw(random_, bounds)
            for name in ("financial_assets", "card_spend_12m", "loan_balance", "custody_margin_balance")
        }
        measures["best_card_grade"] = random_.choice([None, "standard", "gold", "platinum", "diamond"])
        measures["wealth_admission"] = random_.choice([None, None, None, "private_banking", "wealth"])
        measures["age"] = random_.choice(["unknown", Number(59), Number(60), Number(61)])
        found = decide(SHIPPED, D, "retail", measures)
        tier, scope, maintainer = found["retail_tier"], found["retail_scope"], found["retail_maintainer"]
        # There is a winner, every route into the outcome is one rule, and no met rule is better than the winner.
        assert tier.winners
        assert len({rule.route for rule in tier.met}) == len(tier.met)
        assert {rule.tier_code for rule in tier.winners} == {tier.tier_code}
        ranks = [view.tiers["retail_tier"][rule.tier_code].rank for rule in tier.met]
        assert ranks == sorted(ranks)
        assert (tier.tier_code == "T0") == (not scope.met)
        assert len(maintainer.met) == (tier.tier_code != "T0")
        seen.add(tier.tier_code)
    assert seen == {"T0", "T1", "T2", "T3", "T4", "T5"}


def test_thousands_of_corporates_have_one_class() -> None:
    random_ = random.Random(11)
    bounds = [Number(n) for n in (0, 50_000_000, 200_000_000)]
    seen = set()
    for _ in range(3000):
        found = corporate(
            deposit_balance=draw(random_, bounds),
            target_credit_amount=draw(random_, bounds),
            open_accounts=Number(random_.randrange(3)),
            valid_credit_lines=Number(random_.randrange(3)),
            economic_capital_return_12m=random_.choice([None, draw(random_, [*bounds, Number(-1)])]),
        )
        decision = found["corporate_class"]
        assert decision.winners
        assert found["corporate_cooperation"].winners
        assert bool(found["corporate_maintainer"].met) == (decision.tier_code != "C0")
        seen.add(decision.tier_code)
    assert seen == {"C0", "C1", "C2", "C3"}
