"""Rules in words, English and Chinese."""

from __future__ import annotations

from decimal import Decimal as Number

import pytest
from support.policy_folder import D

from expectations.policy.reading import load_policy
from fenceng.words.rules import outcome_in_words, rule_in_words, value_in_words, yuan

VIEW = load_policy().in_force(D)


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ("RT-T4-AUM", "financial assets from 50,000 to below 100,000 CNY", "金融资产5万元（含）至10万元（不含）"),
        ("RT-T2-AUM", "financial assets from 200,000 to 2,000,000 CNY", "金融资产20万元（含）至200万元（含）"),
        ("RT-T1-AUM", "financial assets above 2,000,000 CNY", "金融资产200万元（不含）以上"),
        ("CC-C1-DEPOSIT", "deposits from 200,000,000 CNY", "存款余额2亿元（含）以上"),
        (
            "CC-C3-DEPOSIT",
            "deposits below 50,000,000 CNY and open accounts from 1",
            "存款余额5000万元（不含）以下，且有效账户数1个（含）以上",
        ),
        ("SZ-TA-EXTRA-LARGE", "total assets from 30,000,000,000 CNY", "总资产300亿元（含）以上"),
        (
            "RM-T4-UNDER-60",
            "tier: T4 Mass affluent and age below 60 years",
            "层级为T4 潜力客户，且年龄60岁（不含）以下",
        ),
        ("RM-T4-AGE-UNKNOWN", "tier: T4 Mass affluent and age: unknown", "层级为T4 潜力客户，且年龄为未知"),
        ("AG-GOOD", "points from 80 to below 90", "总分80分（含）至90分（不含）"),
        ("RS-GRADE-GOLD", "best card grade: Gold", "最高卡等级为金卡"),
        ("RT-T0-NONE", "route into scope: none", "进入维护范围的途径为无"),
        (
            "RT-T5-GRADE",
            "route into scope: Card grade and financial assets below 50,000 CNY",
            "进入维护范围的途径为金卡及以上，且金融资产5万元（不含）以下",
        ),
        (
            "CO-QUALITY",
            "bad record: none and credit rating: AAA, AA+, AA, AA-, A+ or A and years as a customer from 3",
            "不良记录为无，且信用等级为AAA、AA+、AA、AA-、A+或A，且合作年限3年（含）以上",
        ),
    ],
)
def test_rules_in_words(rule: str, english: str, chinese: str) -> None:
    assert rule_in_words(VIEW, VIEW.all_rules[rule]) == english
    assert rule_in_words(VIEW, VIEW.all_rules[rule], "zh") == chinese


def test_soft_conditions_are_said_to_be_so() -> None:
    rule = VIEW.all_rules["CO-STRATEGIC"]
    assert rule_in_words(VIEW, rule).endswith("and in principle share of related parties with us from 50%")
    assert rule_in_words(VIEW, rule, "zh").endswith("且原则上关联及上下游客户合作占比50%（含）以上")


@pytest.mark.parametrize("rule", VIEW.all_rules)
def test_every_shipped_rule_has_words(rule: str) -> None:
    for language in ("en", "zh"):
        words = rule_in_words(VIEW, VIEW.all_rules[rule], language)
        assert words
        assert "_" not in words or language == "zh"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "0元"),
        ("999.50", "999.5元"),
        ("10000", "1万元"),
        ("12345.67", "12,345.67元"),
        ("125000", "12.5万元"),
        ("60000000", "6000万元"),
        ("100000000", "1亿元"),
        ("123456789", "123,456,789元"),
        ("-50000", "-5万元"),
    ],
)
def test_amounts_as_people_write_them(number: str, words: str) -> None:
    assert yuan(Number(number)) == words


def test_outcomes_and_values() -> None:
    assert outcome_in_words(VIEW, "retail_tier", "T4") == "T4 Mass affluent"
    assert outcome_in_words(VIEW, "retail_tier", "T4", "zh") == "T4 潜力客户"
    assert outcome_in_words(VIEW, "corporate_size", "extra_large", "zh") == "特大型"
    assert outcome_in_words(VIEW, "retail_tier", "T9") == "T9"
    assert value_in_words(VIEW, "financial_assets", Number(60_000)) == "60,000 CNY"
    assert value_in_words(VIEW, "financial_assets", Number(60_000), "zh") == "6万元"
    assert value_in_words(VIEW, "settlement_share", Number("0.605")) == "60.5%"
    assert value_in_words(VIEW, "age", None, "zh") == "未知"
    assert value_in_words(VIEW, "best_card_grade", "platinum", "zh") == "白金卡"
