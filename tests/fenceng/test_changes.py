"""`fenceng policy diff`: changes in words, sources of a side, and counts against an independent count."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP
from decimal import Decimal as Number
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.house import House, read_rows, run_fenceng
from support.policy_folder import Folder

from expectations.policy.evaluate import Decision, decide
from expectations.policy.model import InForce, PolicyRows
from expectations.policy.reading import load_policy
from expectations.policy.sheets import UnreadableError
from expectations.project import PROJECT_ROOT
from fenceng.analysis.policy_diff.changes import Change, beginning, ending, find_changes
from fenceng.analysis.policy_diff.counts import Count, Counts, changes_between, count_changes
from fenceng.analysis.policy_diff.sides import DiffError, Side, open_sides
from fenceng.words.sentences import sentence
from orchestration.settings import Settings

D = date(2026, 11, 2)
SHIPPED = load_policy()
VIEW = SHIPPED.in_force(D)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")


def changes_of(folder: Folder, on: date = D) -> tuple[InForce, tuple[Change, ...]]:
    """The changes of a copy from the shipped rows, and its policy."""
    after = folder.load().in_force(on)
    return after, find_changes(SHIPPED.in_force(on), after)


# ---------------------------------------------------------------- words

# family, row, changed cells, and the sentences before and after in English and after in Chinese.
WORDS = [
    (
        "policy_tier_rule", "RT-T4-AUM", {"lower_bound": "60000.00"},
        "Retail tier: T4 Mass affluent for financial assets from 50,000 to below 100,000 CNY [D2 s. 3.1(4)]",
        "Retail tier: T4 Mass affluent for financial assets from 60,000 to below 100,000 CNY [D2 s. 3.1(4)]",
        "个人客户分层：金融资产6万元（含）至10万元（不含）的，为T4 潜力客户［D2 s. 3.1(4)］",
    ),
    (
        "policy_maintainer", "RM-T2", {"tier_code": "wealth_manager"},
        "Who maintains a retail customer: Finance manager for tier: T2 Affluent [D2 s. 3.1(2)]",
        "Who maintains a retail customer: Wealth manager for tier: T2 Affluent [D2 s. 3.1(2)]",
        "个人客户维护人：层级为T2 理财客户的，为财富经理［D2 s. 3.1(2)］",
    ),
    (
        "policy_score_band", "AG-PASS-GAP", {"basis": "source"},
        "Grade of an appraisal: Pass for points from 70 to below 80 [D1 art. 3, assumed, fills a gap]",
        "Grade of an appraisal: Pass for points from 70 to below 80 [D1 art. 3, fills a gap]",
        "考评等级：总分70分（含）至80分（不含）的，为合格［D1 art. 3，补充规定］",
    ),
    (
        "policy_visit_frequency", "VF-LEADER-C1", {"contacts_per_period": "2", "period_months": "3"},
        "Branch president or Branch vice president: at least 1 contact a month with each customer of C1 Class one that"
        " is co-managed (unknown counts as co-managed) [D1 art. 2]",
        "Branch president or Branch vice president: at least 2 contacts every 3 months with each customer of C1 Class"
        " one that is co-managed (unknown counts as co-managed) [D1 art. 2]",
        "分行行长或分行副行长：对C1 一类客户每户每3个月拜访不少于2次，限共管客户（未标明的视为共管）［D1 art. 2］",
    ),
    (
        "policy_aum_component", "MC-AUM-FUND", {"balance_basis": "mtd_average", "weight": "0.5000"},
        "financial assets: fund counts at 100% of its balance of the day [D2 s. 2, assumed, fills a gap]",
        "financial assets: fund counts at 50% of its average balance of the month so far [D2 s. 2, assumed, fills a"
        " gap]",
        "金融资产：基金按当月累计日均余额的50%计入［D2 s. 2，推定，补充规定］",
    ),
    (
        "policy_counted_status", "ST-ACCOUNT-FROZEN", {"status": "closed"},
        "an account with the status frozen counts [HOUSE, assumed, fills a gap]",
        "an account with the status closed counts [HOUSE, assumed, fills a gap]",
        "状态为销户的账户计入［HOUSE，推定，补充规定］",
    ),
    (
        "policy_card_spend", "CS-REFUND", {"sign": "1"},
        "a refund with a credit card is deducted from the card spend [D2 s. 2, assumed, fills a gap]",
        "a refund with a credit card is added to the card spend [D2 s. 2, assumed, fills a gap]",
        "信用卡退货计入年消费额［D2 s. 2，推定，补充规定］",
    ),
    (
        "policy_segment", "SG-SCHOOL", {"size_group": "enterprise"},
        "corporate (school) belongs to the segment corporate and is sized as institution [D4 s. 1]",
        "corporate (school) belongs to the segment corporate and is sized as enterprise [D4 s. 1]",
        "企业（学校）属于公司客户，规模按企业划分［D4 s. 1］",
    ),
    (
        "policy_size_basis", "SB-OTHER-CAPITAL", {"size_basis": "total_assets", "is_named_when_unknown": "true"},
        "size of an enterprise without credit: choice 1 is registered capital [D4 s. 1(1)2]",
        "size of an enterprise without credit: choice 1 is total assets, named even if unknown [D4 s. 1(1)2]",
        "无授信的企业客户，规模认定的第1顺位依据为总资产，数据未知时仍以此为依据［D4 s. 1(1)2］",
    ),
    (
        "policy_statement_kind", "SK-ANNUAL", {"report_kind": "interim"},
        "annual statements count for a company founded before this year [D4 s. 1(1)1]",
        "interim statements count for a company founded before this year [D4 s. 1(1)1]",
        "以前年度成立的企业可采用中期报表［D4 s. 1(1)1］",
    ),
    (
        "policy_role", "RG-LOBBY-MANAGER", {"role_group": "outlet_leader"},
        "Lobby manager: contacts count for no duty [D2 s. 3.1(3)]",
        "Lobby manager: contacts count for the group outlet_leader [D2 s. 3.1(3)]",
        "大堂经理：拜访计入岗位组 outlet_leader［D2 s. 3.1(3)］",
    ),
    (
        "policy_visit_channel", "VC-PHONE", {"channel": "message"},
        "a contact by the channel phone counts [D1 art. 2]",
        "a contact by the channel message counts [D1 art. 2]",
        "消息计入拜访次数［D1 art. 2］",
    ),
    (
        "policy_department_level", "DL-WEALTH", {"org_level": "sub_branch"},
        "a wealth center is a department of the level above [D2 s. 3.1]",
        "a sub branch is a department of the level above [D2 s. 3.1]",
        "支行视为上级机构的部门［D2 s. 3.1］",
    ),
    (
        "policy_amount_limit", "AL-FINANCIAL-STATEMENT-TOTAL-ASSETS", {"amount_limit": "10000000000000"},
        "a row is quarantined if financial_statement.total_assets reaches 100,000,000,000,000"
        " [HOUSE, assumed, fills a gap]",
        "a row is quarantined if financial_statement.total_assets reaches 10,000,000,000,000"
        " [HOUSE, assumed, fills a gap]",
        "financial_statement.total_assets 达到100000亿元的记录予以隔离［HOUSE，推定，补充规定］",
    ),
    (
        "policy_parameter", "near_threshold_share", {"number_value": "0.15"},
        "near threshold share: 10% [HOUSE, assumed, fills a gap]",
        "near threshold share: 15% [HOUSE, assumed, fills a gap]",
        "参数 near_threshold_share：15%［HOUSE，推定，补充规定］",
    ),
    (
        "policy_capacity", "CP-CUSTOMERS-LOBBY-MANAGER", {"upper_mark": "900"},
        "Lobby manager: 500 to 800 customers a person [D7 s. 1]",
        "Lobby manager: 500 to 900 customers a person [D7 s. 1]",
        "大堂经理：每人管户500至900户［D7 s. 1］",
    ),
    (
        "policy_capacity", "CP-CONTACTS-LOBBY-MANAGER", {"upper_mark": "8"},
        "Lobby manager: contacts a day 6 a person [HOUSE, assumed, fills a gap]",
        "Lobby manager: contacts a day 8 a person [HOUSE, assumed, fills a gap]",
        "大堂经理：每人每个工作日可拜访8次［HOUSE，推定，补充规定］",
    ),
    (
        "policy_red_list_reason", "RL-SHARED", {"customers_limit": "3"},
        "red list, reason 3: the number is shared (by more than 5 customers) [D7 s. 1, assumed, fills a gap]",
        "red list, reason 3: the number is shared (by more than 3 customers) [D7 s. 1, assumed, fills a gap]",
        "失联名单第3顺位原因：号码多人共用（超过3户）［D7 s. 1，推定，补充规定］",
    ),
    (
        "policy_action", "AC-LARGE_INFLOW-RETAIL",
        {"scope": "all", "needs_consent": "false", "amount_floor": "800000.00"},
        "large inflow: retail customers in scope are listed under contest, with priority 9, from 500,000 CNY; only with"
        " consent and a usable phone number [D13 s. 3, assumed, fills a gap]",
        "large inflow: all retail customers are listed under contest, with priority 9, from 800,000 CNY; only with a"
        " usable phone number [D13 s. 3, assumed, fills a gap]",
        "大额流入：全部个人客户列入“争”类待办，优先级9，金额80万元（含）以上，须有有效联系电话"
        "［D13 s. 3，推定，补充规定］",
    ),
    (
        "policy_action", "AC-BIRTHDAY-RETAIL", {"priority": "8", "needs_phone": "false", "days_ahead": "5"},
        "birthday: retail customers in scope are listed under cultivate, with priority 13, from 3 days before; only"
        " with consent and a usable phone number [D13 s. 3, assumed, fills a gap]",
        "birthday: retail customers in scope are listed under cultivate, with priority 8, from 5 days before; only with"
        " consent [D13 s. 3, assumed, fills a gap]",
        "生日：维护范围内的个人客户列入“培”类待办，优先级8，提前5天提示，须经客户同意营销［D13 s. 3，推定，补充规定］",
    ),
    (
        "policy_contact_frequency", "CF-T1", {"period_months": "2"},
        "every customer of T1 Private banking and wealth is contacted once a month [D13 s. 3, assumed, fills a gap]",
        "every customer of T1 Private banking and wealth is contacted once in 2 months [D13 s. 3, assumed, fills"
        " a gap]",
        "T1 私行及财富客户：每2个月至少联系一次［D13 s. 3，推定，补充规定］",
    ),
    (
        "policy_beside_role", "BR-T3", {"role": "outlet_deputy_head"},
        "Outlet head of the lead outlet: stands beside the maintainer of each customer of T3 Upper mass"
        " [D2 s. 3.1(3)]",
        "Deputy outlet head of the lead outlet: stands beside the maintainer of each customer of T3 Upper mass"
        " [D2 s. 3.1(3)]",
        "T3 中端客户：由牵头网点的网点副主任与维护人共同维护［D2 s. 3.1(3)］",
    ),
    (
        "policy_profile_field", "PF-CORPORATE-SIZE", {"field": "credit_rating", "weight": "0.25"},
        "file of a corporate customer: size has the weight 0.3 [D13 s. 3, assumed, fills a gap]",
        "file of a corporate customer: credit rating has the weight 0.25 [D13 s. 3, assumed, fills a gap]",
        "公司客户档案完整度：信用等级权重为0.25［D13 s. 3，推定，补充规定］",
    ),
    (
        "policy_value_list", "VL-HIGH-LEVEL-TIER-C1", {"value": "C2"},
        "classes with high-level visits: C1 Class one [D1 art. 13]",
        "classes with high-level visits: C2 Class two [D1 art. 13]",
        "高层营销客户类别：C2 二类客户［D1 art. 13］",
    ),
    (
        "policy_visit_signal", "VS-LATE-ENTRY", {"threshold": "10"},
        "doubtful visits: a visit recorded more than 7 days after it was made [D1 art. 2, assumed, fills a gap]",
        "doubtful visits: a visit recorded more than 10 days after it was made [D1 art. 2, assumed, fills a gap]",
        "存疑拜访：拜访超过10天后才录入［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_visit_signal", "VS-OFF-DAY", {"is_doubtful": "true"},
        "visits that are shown, not doubted: a visit in person on a day off [D1 art. 2, assumed, fills a gap]",
        "doubtful visits: a visit in person on a day off [D1 art. 2, assumed, fills a gap]",
        "存疑拜访：非工作日上门拜访［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_visit_signal", "VS-MONTH-END-BURST", {"threshold": "0.6"},
        "doubtful visits: at least 5 visits, and more than 50% of a person's month, on its last working days"
        " [D1 art. 2, assumed, fills a gap]",
        "doubtful visits: at least 5 visits, and more than 60% of a person's month, on its last working days"
        " [D1 art. 2, assumed, fills a gap]",
        "存疑拜访：月末最后几个工作日拜访不少于5次，且超过本人当月拜访的60%［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_visit_signal", "VS-COPIED-OUTCOME", {"minimum": "30", "is_doubtful": "false"},
        "doubtful visits: the same outcome of at least 20 characters on more than 3 visits of a person"
        " [D1 art. 2, assumed, fills a gap]",
        "visits that are shown, not doubted: the same outcome of at least 30 characters on more than 3 visits of a"
        " person [D1 art. 2, assumed, fills a gap]",
        "仅提示、不视为存疑的拜访：一人超过3次拜访的结果文字相同，且不少于30个字符［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_visit_signal", "VS-CROWDED-DAY", {"threshold": "9"},
        "doubtful visits: more than 8 visits in person of one person in a day [D1 art. 2, assumed, fills a gap]",
        "doubtful visits: more than 9 visits in person of one person in a day [D1 art. 2, assumed, fills a gap]",
        "存疑拜访：一人一天上门拜访超过9次［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_visit_signal", "VS-SAME-MINUTE", {"threshold": "90"},
        "doubtful visits: visits of one person with two customers at two places less than 60 seconds apart"
        " [D1 art. 2, assumed, fills a gap]",
        "doubtful visits: visits of one person with two customers at two places less than 90 seconds apart"
        " [D1 art. 2, assumed, fills a gap]",
        "存疑拜访：一人在不同地点拜访不同客户，开始时间相差不足90秒［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_visit_signal", "VS-SHORT-CALL", {"threshold": "20"},
        "doubtful visits: a call of less than 30 seconds [D1 art. 2, assumed, fills a gap]",
        "doubtful visits: a call of less than 20 seconds [D1 art. 2, assumed, fills a gap]",
        "存疑拜访：通话不足20秒［D1 art. 2，推定，补充规定］",
    ),
    (
        "policy_season", "SE-ANY-12", {"weight": "1.5"},
        "targets of every metric without a row of its own: each working day of December weighs 1"
        " [D7 s. 3(1), assumed, fills a gap]",
        "targets of every metric without a row of its own: each working day of December weighs 1.5"
        " [D7 s. 3(1), assumed, fills a gap]",
        "未单独规定的各项指标目标分解：12月每个工作日的权重为1.5［D7 s. 3(1)，推定，补充规定］",
    ),
    (
        "policy_target_role", "TR-ANY-TELLER", {"metric": "new_customers"},
        "Teller: shares the daily targets of every metric without a row of its own"
        " [D7 s. 3(1), assumed, fills a gap]",
        "Teller: shares the daily targets of New customers [D7 s. 3(1), assumed, fills a gap]",
        "新增客户数的每日目标分解到柜员［D7 s. 3(1)，推定，补充规定］",
    ),
    (
        "policy_appraised_role", "AR-BRANCH-VICE-PRESIDENT", {"role": "accounting_head"},
        "Branch vice president: is appraised every year [D1 art. 3]",
        "Accounting head: is appraised every year [D1 art. 3]",
        "会计主管：每年考评一次［D1 art. 3］",
    ),
    (
        "policy_access", "AC-OUTLET-HEAD", {"scope": "subtree"},
        "Outlet head: reads the rows of the own organisation [HOUSE, assumed, fills a gap]",
        "Outlet head: reads the rows of the own organisation and all below it [HOUSE, assumed, fills a gap]",
        "网点主任可查询本机构及下级机构的数据［HOUSE，推定，补充规定］",
    ),
    (
        "policy_access", "AC-HEAD-OFFICE", {"role": "teller"},
        "everybody at a head office: reads the rows of the whole bank [HOUSE, assumed, fills a gap]",
        "Teller at a head office: reads the rows of the whole bank [HOUSE, assumed, fills a gap]",
        "柜员（总行）可查询全行的数据［HOUSE，推定，补充规定］",
    ),
    (
        "policy_metric", "npl_ratio", {"denominator": "loan_balance_retail"},
        "Non-performing loan ratio of organisations: Non-performing loans by Loans [D3 ch. 3.1, assumed, fills a gap]",
        "Non-performing loan ratio of organisations: Non-performing loans by Loans to retail customers"
        " [D3 ch. 3.1, assumed, fills a gap]",
        "机构的不良贷款率：不良贷款余额除以个人贷款余额［D3 ch. 3.1，推定，补充规定］",
    ),
    (
        "policy_metric", "fee_income", {"unit": "customers"},
        "Fee income of organisations, as reported, in CNY [D3 ch. 3.1]",
        "Fee income of organisations, as reported, in customers [D3 ch. 3.1]",
        "机构的中间业务收入，按上报数，单位：个客户［D3 ch. 3.1］",
    ),
    (
        "policy_metric", "visits", {"unit": "contacts"},
        "Visits of organisations, counted here, in visits [D3 ch. 3.1, assumed, fills a gap]",
        "Visits of organisations, counted here, in contacts [D3 ch. 3.1, assumed, fills a gap]",
        "机构的拜访次数，由本系统统计，单位：次［D3 ch. 3.1，推定，补充规定］",
    ),
    (
        "policy_metric", "fee_income_share", {"ratio_basis": "value"},
        "Share of fee income of organisations: Fee income by Operating income, both since the start of the year"
        " [D3 ch. 3.1]",
        "Share of fee income of organisations: Fee income by Operating income [D3 ch. 3.1]",
        "机构的中间业务收入占比：中间业务收入除以营业收入［D3 ch. 3.1］",
    ),
    (
        "policy_ranking", "RK-ORG-CONTROL-NPL-RATIO", {"better": "high", "weight": "2"},
        "compare of organisations, control: Non-performing loan ratio (value), less is better, weight 1"
        " [D3 ch. 3.1, assumed, fills a gap]",
        "compare of organisations, control: Non-performing loan ratio (value), more is better, weight 2"
        " [D3 ch. 3.1, assumed, fills a gap]",
        "机构对比，监管强度：不良贷款率（数值），越高越好，权重2［D3 ch. 3.1，推定，补充规定］",
    ),
    (
        "policy_star", "ST-STAR-4", {"top_share": "1"},
        "star 4 or better: the first 20% of a region's customers of a segment, by their own measure"
        " [D15 s. 1, assumed, fills a gap]",
        "star 4: every other customer of the region and segment [D15 s. 1, assumed, fills a gap]",
        "4星：区域内其余同类客户［D15 s. 1，推定，补充规定］",
    ),
    (
        "policy_concentration", "CO-BAND-50K-1M-RETAIL", {"upper": "2000000.00"},
        "concentration, retail: customers whose own measure is from 50,000 to below 1,000,000 CNY (50K_1M)"
        " [D10 s. 1, assumed, fills a gap]",
        "concentration, retail: customers whose own measure is from 50,000 to below 2,000,000 CNY (50K_1M)"
        " [D10 s. 1, assumed, fills a gap]",
        "集中度，个人客户：主指标5万元（含）至200万元（不含）的客户（50K_1M）［D10 s. 1，推定，补充规定］",
    ),
    (
        "policy_concentration", "CO-TOP-0.05-CORPORATE", {"group_code": "0.03", "top_share": "0.03"},
        "concentration, corporate: the 5% of customers with the greatest values [D10 s. 1, assumed, fills a gap]",
        "concentration, corporate: the 3% of customers with the greatest values [D10 s. 1, assumed, fills a gap]",
        "集中度，公司客户：排名前3%的客户［D10 s. 1，推定，补充规定］",
    ),
    (
        "policy_role", "RG-TELLER", {"staff_sequence": "account_manager"},
        "Teller: contacts count for no duty; sequence tellers [D3 ch. 3]",
        "Teller: contacts count for no duty; sequence account managers [D3 ch. 3]",
        "柜员：拜访不计入任何拜访任务；属客户经理序列［D3 ch. 3］",
    ),
    (
        "policy_scheme", "retail_tier", {"downgrade_after_months": "3"},
        "Retail tier: the best rule that is met decides; a customer that meets none is T0 General customer; its own"
        " measure is financial assets; more of it alone leads out of the default [D2 s. 3.1]",
        "Retail tier: the best rule that is met decides; a customer that meets none is T0 General customer; its own"
        " measure is financial assets; more of it alone leads out of the default; an outcome is lost after 3 months"
        " below [D2 s. 3.1]",
        "个人客户分层：按所符合的最优规则认定；均不符合的为T0 一般客户；主指标为金融资产；主指标增长即可脱离该结果；"
        "连续3个月未达标后降级［D2 s. 3.1］",
    ),
    (
        "policy_article", "D1 art. 3", {"summary_en": "Yearly appraisal", "summary_zh": "年度考评"},
        "D1 art. 3: Yearly appraisal, its two parts and grades",
        "D1 art. 3: Yearly appraisal",
        "D1 art. 3：年度考评",
    ),
    (
        "policy_document", "D6", {"owner_department": "personal_banking"},
        "D6 is Scheme of customer cooperation classes, kept by corporate banking",
        "D6 is Scheme of customer cooperation classes, kept by personal banking",
        "D6：《银行客户分类方案》，主管部门为个人业务部",
    ),
    (
        "policy_measure", "open_accounts", {"label_en": "accounts in use", "label_zh": "在用账户数"},
        "open_accounts is called open accounts, in accounts: Accounts whose status counts",
        "open_accounts is called accounts in use, in accounts: Accounts whose status counts",
        "open_accounts：名称为在用账户数，单位为个",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("family", "name", "cells", "before", "after", "chinese"), WORDS, ids=[f"{row[0]}-{row[1]}" for row in WORDS]
)
def test_a_changed_row_is_one_sentence_before_and_after(
    folder: Folder, family: str, name: str, cells: dict[str, str], before: str, after: str, chinese: str
) -> None:
    folder.change(family, name, **cells)
    view, (change,) = changes_of(folder)
    # A family without rule_id names its rows by the whole key.
    assert change.name in (name, f"{name}.org")
    assert (change.family, change.kind) == (family, "changed")
    assert set(change.columns) == set(cells)
    assert sentence(VIEW, family, change.before) == before
    assert sentence(view, family, change.after) == after
    assert sentence(view, family, change.after, "zh") == chinese


def test_tiers_and_routes_are_named_by_scheme_and_code(folder: Folder) -> None:
    rows = folder.rows("policy_tier")
    for row in rows:
        if (row["scheme"], row["tier_code"]) == ("retail_tier", "T4"):
            row.update(label_en="Potential", label_zh="成长客户")
    folder.write("policy_tier", rows)
    rows = folder.rows("policy_route")
    for row in rows:
        if (row["scheme"], row["route"]) == ("retail_scope", "loan"):
            row.update(label_en="Loan", label_zh="贷款")
    folder.write("policy_route", rows)
    view, (route, tier) = changes_of(folder)
    assert (route.name, tier.name) == ("retail_scope.loan", "retail_tier.T4")
    assert sentence(view, "policy_route", route.after) == (
        "Scope of retail care: the route loan is called Loan [D2 s. 2]"
    )
    assert sentence(view, "policy_tier", tier.after) == ("Retail tier: T4, rank 4, is called Potential [D2 s. 3.1(4)]")
    assert sentence(view, "policy_tier", tier.after, "zh") == "个人客户分层：T4，第4级，名称为成长客户［D2 s. 3.1(4)］"


def test_an_exception_is_new(folder: Folder) -> None:
    folder.write("policy_exception", [exception("EX-1", "customer", "C000000008", "RT-T2-AUM")])
    view, (change,) = changes_of(folder)
    assert (change.name, change.kind, change.columns) == ("EX-1", "new", ())
    assert sentence(view, change.family, change.after) == (
        "customer C000000008 is exempt from RT-T2-AUM, by Branch president: A reason [D1 art. 2]"
    )
    assert sentence(view, change.family, change.after, "zh") == (
        "客户 C000000008 不适用规则 RT-T2-AUM，批准人：Branch president，理由：A reason［D1 art. 2］"
    )


def test_every_row_of_every_family_is_a_sentence_in_both_languages() -> None:
    """No family is read column by column, and no two rows of a family have the same sentence."""
    told = {row[0] for row in WORDS} | {"policy_tier", "policy_route", "policy_exception"}
    assert told == SHIPPED.rows.keys()
    for family in SHIPPED.rows:
        empty = SHIPPED.in_force(D)
        rows = find_changes(_without(empty, family), empty)
        assert all(change.kind == "new" for change in rows)
        for language in ("en", "zh"):
            said = [sentence(VIEW, family, change.after, language) for change in rows]  # type: ignore[arg-type]
            assert len(set(said)) == len(said), family
            assert not any("_from: " in words for words in said)


def _without(view: InForce, family: str) -> InForce:
    return replace(view, rows={**view.rows, family: ()})


def exception(name: str, kind: str, subject: str, rule: str) -> dict[str, str]:
    return {
        "exception_id": name, "subject_kind": kind, "subject_id": subject, "rule_id": rule,
        "approver": "Branch president", "reason": "A reason", "clause_ref": "D1 art. 2", "basis": "source",
        "is_gap_fill": "false", "rationale": "", "valid_from": "2026-01-01", "valid_to": "", "scenario": "base",
    }  # fmt: skip


def test_a_rule_of_several_rows_is_one_change(folder: Folder) -> None:
    folder.drop("policy_maintainer", "RM-T4-FROM-60")
    rows = [row for row in folder.rows("policy_tier_rule") if row["category_value"] != "listed"]
    folder.write("policy_tier_rule", rows)
    view, (closed, fewer) = changes_of(folder)
    assert (closed.name, closed.kind, len(closed.before), closed.after) == ("RM-T4-FROM-60", "closed", 2, ())
    assert (fewer.name, fewer.kind, fewer.columns) == ("CO-STRATEGIC", "changed", ())
    assert "listed company" in sentence(VIEW, fewer.family, fewer.before)
    assert "listed company" not in sentence(view, fewer.family, fewer.after)


def test_order_and_places_of_numbers_are_no_change(folder: Folder) -> None:
    for family in SHIPPED.rows:
        folder.write(family, folder.rows(family)[::-1])
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="50000", upper_bound="100000.0")
    assert changes_of(folder)[1] == ()


def test_dates_of_one_folder(folder: Folder) -> None:
    """A row that is closed and succeeded is a change from that day on, but not before."""
    folder.change("policy_tier_rule", "RT-T4-AUM", valid_to="2027-01-01")
    folder.add("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00", valid_from="2027-01-01", valid_to="")
    folder.change("policy_visit_channel", "VC-PHONE", valid_to="2026-12-01")
    policy = folder.load()
    last, first = policy.in_force(date(2026, 12, 31)), policy.in_force(date(2027, 1, 1))
    assert find_changes(policy.in_force(date(2026, 11, 30)), policy.in_force(date(1990, 1, 1))) == ()
    (change,) = find_changes(last, first)
    assert (change.name, change.kind, change.columns) == ("RT-T4-AUM", "changed", ("lower_bound",))
    assert (beginning(change), ending(change, first)) == (date(2027, 1, 1), None)
    both = find_changes(policy.in_force(date(2026, 11, 30)), first)
    assert [(one.name, one.kind, ending(one, first)) for one in both] == [
        ("RT-T4-AUM", "changed", None), ("VC-PHONE", "closed", date(2026, 12, 1)),
    ]  # fmt: skip


# ---------------------------------------------------------------- sides


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """Return settings for an output folder with nothing published."""
    return Settings(landing=tmp_path / "landing", output=tmp_path / "output", memory_limit="1GB")


def git(root: Path, *arguments: str) -> None:
    """Run git in a repository, whoever the user is."""
    who = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True, env=os.environ | who | nobody)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose project has two commits: the shipped rows without a family, and a changed rule."""
    root = tmp_path / "repository"
    project = root / "project"
    folder = Folder.__new__(Folder)
    folder.path = project / "seeds" / "policy"
    shutil.copytree(SHIPPED.folder, folder.path)
    (folder.path / "policy_exception.csv").unlink()
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "first")
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "second")
    # Uncommitted files are not part of the revision.
    folder.drop("policy_visit_channel", "VC-PHONE")
    return project


def names(sides: tuple[Side, Side]) -> list[str]:
    return [change.name for change in changes_between(*sides)]


def test_a_side_may_be_a_revision(repository: Path, empty: Settings) -> None:
    with open_sides("HEAD~1@2026-01-31", "HEAD", empty, repository) as sides:
        assert names(sides) == ["RT-T4-AUM"]
        assert [side.on for side in sides] == [date(2026, 1, 31)] * 2
    with open_sides("2026-01-31", "HEAD", empty, repository) as sides:
        assert names(sides) == ["RT-T4-AUM"]
        assert [side.what for side in sides] == ["", "HEAD"]
    with open_sides("HEAD", "HEAD@2030-01-01", empty, repository) as sides:
        assert names(sides) == []
    assert not any(side.view.policy.folder.exists() for side in sides)


def test_a_side_may_be_a_folder_or_an_overlay_or_a_date(folder: Folder, empty: Settings, tmp_path: Path) -> None:
    folder.change("policy_tier_rule", "RT-T4-AUM", valid_to="2027-01-01")
    folder.add("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00", valid_from="2027-01-01", valid_to="")
    overlay = tmp_path / "proposal" / "policy"
    overlay.mkdir(parents=True)
    shutil.copy(folder.path / "policy_tier_rule.csv", overlay)
    for place in (folder.path, overlay, overlay.parent):
        with open_sides("2026-12-31", f"{place}@2027-01-01", empty) as sides:
            assert names(sides) == ["RT-T4-AUM"]
        with open_sides("2026-12-31", str(place), empty) as sides:
            assert names(sides) == []
        with open_sides(f"{place}@2026-12-31", f"{place}@2027-01-01", empty) as sides:
            assert names(sides) == ["RT-T4-AUM"]
    with open_sides("2026-01-01", "2027-01-01", empty) as sides:
        assert names(sides) == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("HEAD", "HEAD~1", "nothing is published in .*, or give a date: HEAD@2026-01-31"),
        ("2026-02-30", "HEAD", "2026-02-30: 2026-02-30 is not a calendar day"),
        ("HEAD@2026-13-01", "HEAD", "2026-13-01 is not a calendar day"),
        ("2026-01-31", "nowhere", "nowhere is not a date, a folder or a revision that git knows in"),
        ("2026-01-31", "--output=x", "--output=x is not a date, a folder or a revision"),
        ("2026-01-31", "HEAD:project", "HEAD:project is not a date, a folder or a revision"),
    ],
)
def test_a_side_that_is_none_of_them(repository: Path, empty: Settings, before: str, after: str, says: str) -> None:
    with pytest.raises(DiffError, match=says), open_sides(before, after, empty, repository):
        pass


def test_sides_that_hold_no_policy(
    repository: Path, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opening(side: str, root: Path) -> None:
        with open_sides("2026-01-31", side, empty, root):
            pass

    (tmp_path / "bare").mkdir()
    with pytest.raises(DiffError, match=r"bare holds no policy CSV, such as policy_tier_rule\.csv"):
        opening(str(tmp_path / "bare"), repository)
    git(repository, "rm", "--quiet", "-r", "--force", "seeds")
    repository.mkdir(exist_ok=True)
    (repository / "readme").write_text("nothing\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", "third")
    with pytest.raises(DiffError, match="revision HEAD holds no policy CSV under seeds/policy"):
        opening("HEAD", repository)
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(DiffError, match="outside is not a git repository, so a revision can't be read"):
        opening("HEAD", outside)
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(DiffError, match="git is not installed"):
        opening("HEAD", repository)


def test_a_row_that_cannot_be_read_is_told_with_its_side(folder: Folder, empty: Settings) -> None:
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="5万")
    with (
        pytest.raises(
            UnreadableError,
            match=r"can't be read: .*policy/policy_tier_rule\.csv:\d+ RT-T4-AUM unreadable: .*'5万'",
        ),
        open_sides("2026-01-31", str(folder.path), empty),
    ):
        pass


def test_a_revision_names_its_own_files(repository: Path, empty: Settings) -> None:
    """A file committed in GBK, and one with a hole; a byte order mark and CRLF are harmless."""
    policy = repository / "seeds" / "policy"
    roles, rules = policy / "policy_role.csv", policy / "policy_tier_rule.csv"
    text = rules.read_text(encoding="utf-8")
    rules.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    git(repository, "commit", "--quiet", "--message", "saved by Excel", "--", str(rules))
    with open_sides("HEAD~1@2026-01-31", "HEAD", empty, repository) as sides:
        assert names(sides) == []
        # The second commit raised T4's lower bound but not its neighbour's.
        assert [str(problem).split(" ")[0] for problem in sides[1].problems] == ["HEAD:policy_tier_rule.csv:18"]
        assert "nobody decides financial_assets from 50,000 to below 60,000" in sides[1].problems[0].message
    roles.write_bytes(roles.read_text(encoding="utf-8").encode("gb18030"))
    git(repository, "commit", "--quiet", "--message", "saved in GBK", "--", str(roles))
    with (
        pytest.raises(UnreadableError, match=r"can't be read: HEAD:policy_role\.csv:\d+ unreadable: the file is saved"),
        open_sides("2026-01-31", "HEAD", empty, repository),
    ):
        pass


# ---------------------------------------------------------------- counts

RETAIL = (
    "financial_assets", "deposit_balance", "card_spend_12m", "loan_balance", "custody_margin_balance", "age",
    "customer_years", "best_card_grade", "wealth_admission",
)  # fmt: skip
CORPORATE = (
    "financial_assets", "deposit_balance", "loan_balance", "target_credit_amount", "open_accounts",
    "valid_credit_lines", "total_assets", "registered_capital", "economic_capital_return_12m", "revenue_12m",
    "settlement_share", "related_party_share", "profit_margin_lead", "customer_years", "administrative_level",
    "market_position", "credit_rating", "strategic_agreement", "bad_record",
)  # fmt: skip
OUTCOMES = ("tier", "size", "value", "cooperation", "maintainer", "managing_level")


@dataclass(frozen=True)
class Judged:
    """What a policy decides for one customer: by the Python evaluator, and the required contacts, by rule."""

    decisions: Mapping[str, Decision]
    contacts: Mapping[str, int]
    assets: Number

    def met(self) -> dict[str, str]:
        """rule_id -> outcome, for every met rule."""
        return {rule.rule_id: rule.tier_code for one in self.decisions.values() for rule in one.met}


def judge(policy: PolicyRows, measures: Mapping[str, Any]) -> Judged:
    """Decide one customer by the published measures."""
    segment = measures["segment"]
    known: dict[str, Number | str | None] = {}
    for name in RETAIL if segment == "retail" else CORPORATE:
        known[name] = Number(measures[name]) if isinstance(measures[name], int) else measures[name]
    if segment == "retail" and known["age"] is None:
        known["age"] = "unknown"
    view = policy.in_force(D)
    subjects = (measures["customer_id"], measures["lead_org_id"])
    exempt = {row.text("rule_id") for row in view.rows["policy_exception"] if row.text("subject_id") in subjects}
    decisions = decide(policy, D, segment, known, exempt=exempt)
    tier = decisions["retail_tier" if segment == "retail" else "corporate_class"].tier_code
    contacts = {}
    for row in view.rows["policy_visit_frequency"]:
        co_managed = measures["is_co_managed"]
        if co_managed is None:
            co_managed = row.flag("co_managed_when_unknown")
        owed = row.text("tier_code") == tier and (co_managed or not row.flag("requires_co_managed"))
        if owed and row.name not in exempt and measures["opened_on"] < date(2026, 11, 2):
            assert row.number("period_months") == 1
            contacts[row.name] = int(row.number("contacts_per_period") or 0)
    return Judged(decisions, contacts, measures["financial_assets"])


@pytest.fixture(scope="module")
def house(published_bank: House) -> House:
    """Two months of 300 customers: those that moved down in November could have kept their tier."""
    return published_bank


@pytest.fixture(scope="module")
def customers(house: House) -> dict[str, dict[str, Any]]:
    """Return the published measures of November by customer."""
    rows = read_rows(
        house.current, "select * from marts.fct_customer_measure_monthly where policy_month = date '2026-11-01'"
    )
    assert len(rows) > 300
    return {row["customer_id"]: row for row in rows}


@contextmanager
def counted(house: House, after: Folder) -> Iterator[tuple[tuple[Change, ...], Counts, dict[str, Count]]]:
    """The changes from the shipped rows to a folder's, with their counts."""
    with open_sides(D.isoformat(), str(after.path), house.settings) as sides:
        changes = changes_between(*sides)
        counts = count_changes(house.settings, *sides, changes)
        yield changes, counts, {change.name: count for change, count in zip(changes, counts.each, strict=True)}


def rounded(amount: Number) -> Number:
    return amount.quantize(Number("0.01"), ROUND_HALF_UP)


def proposal(folder: Folder, customers: Mapping[str, Mapping[str, Any]]) -> None:
    """Changes of every counted kind, and some that move nobody."""
    folder.change("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00")
    folder.change("policy_tier_rule", "RT-T5-LOAN", 2, upper_bound="10000.00")
    folder.change("policy_tier_rule", "RS-CUSTODY", lower_bound="200.00")
    folder.change("policy_tier_rule", "CC-C2-DEPOSIT", lower_bound="60000000.00", lower_inclusive="false")
    folder.change("policy_tier_rule", "CC-C3-DEPOSIT", 1, upper_bound="60000000.00", upper_inclusive="true")
    folder.add("policy_tier_rule", "RT-T2-AUM", rule_id="RT-T2-LOAN", route="loan", measure_id="loan_balance",
               lower_bound="1000000.00", upper_bound="", upper_inclusive="")  # fmt: skip
    folder.drop("policy_tier_rule", "RS-GRADE-GOLD")
    folder.change("policy_maintainer", "RM-T3", tier_code="finance_manager")
    folder.change("policy_visit_frequency", "VF-LEADER-C1", contacts_per_period="2")
    folder.change("policy_visit_frequency", "VF-DEPT-HEAD-C2", requires_co_managed="false")
    folder.drop("policy_visit_frequency", "VF-OUTLET-AM-C3")
    outlet = customers["C000000150"]["lead_org_id"]
    folder.write(
        "policy_exception",
        [
            exception("EX-1", "customer", "C000000008", "RT-T2-AUM"),
            exception("EX-2", "organization", outlet, "VF-OUTLET-LEADER-C2"),
            exception("EX-3", "customer", "C000000004", "CC-C1-DEPOSIT"),
        ],
    )
    folder.change("policy_parameter", "near_threshold_share", number_value="0.2")
    folder.drop("policy_visit_channel", "VC-PHONE")
    folder.change("policy_maintainer", "RM-T5", rationale="Another reason")


def test_counts_are_those_of_a_count_by_the_judge(
    house: House, customers: dict[str, dict[str, Any]], folder: Folder
) -> None:
    proposal(folder, customers)
    after_policy = folder.load()
    before = {name: judge(SHIPPED, row) for name, row in customers.items()}
    after = {name: judge(after_policy, row) for name, row in customers.items()}
    with counted(house, folder) as (changes, counts, by_name):
        pass
    assert counts.business_date == D
    rules = [change.name for change, count in zip(changes, counts.each, strict=True) if count.effect == "rule"]
    assert set(rules) == {
        "RT-T4-AUM", "RT-T5-LOAN", "RS-CUSTODY", "CC-C2-DEPOSIT", "CC-C3-DEPOSIT", "RT-T2-LOAN", "RS-GRADE-GOLD",
        "RM-T3",
    }  # fmt: skip
    for name in rules:
        touched = [one for one in customers if before[one].met().get(name) != after[one].met().get(name)]
        assert touched, name
        count = by_name[name]
        assert count.customers == len(touched), name
        assert count.begins == sum(name not in before[one].met() for one in touched), name
        assert count.ceases == sum(name not in after[one].met() for one in touched), name
        assert count.assets_before == count.assets_after == rounded(sum(after[one].assets for one in touched)), name
        assert count.contacts_before == sum(sum(before[one].contacts.values()) for one in touched), name
        assert count.contacts_after == sum(sum(after[one].contacts.values()) for one in touched), name
    for name in ("VF-LEADER-C1", "VF-DEPT-HEAD-C2", "VF-OUTLET-AM-C3"):
        touched = [one for one in customers if before[one].contacts.get(name) != after[one].contacts.get(name)]
        assert touched, name
        assert by_name[name].customers == len(touched), name
        assert by_name[name].contacts_before == sum(before[one].contacts.get(name, 0) for one in touched), name
        assert by_name[name].contacts_after == sum(after[one].contacts.get(name, 0) for one in touched), name
    summary = counts.together
    assert summary
    moved = affected = 0
    up = down = 0
    assets = Number(0)
    for one in customers:
        pair = (before[one].decisions, after[one].decisions)
        view = VIEW.schemes
        outcomes = [{name: d.tier_code for name, d in side.items() if view[name].purpose in OUTCOMES} for side in pair]
        affected += outcomes[0] != outcomes[1]
        own = "retail_tier" if customers[one]["segment"] == "retail" else "corporate_class"
        old, new = pair[0][own], pair[1][own]
        if old.tier_code != new.tier_code:
            moved += 1
            assets += rounded(after[one].assets)
            assert old.tier_rank and new.tier_rank
            up += new.tier_rank < old.tier_rank
            down += new.tier_rank > old.tier_rank
    assert up and down
    assert (
        summary["customers"], summary["customers_affected"], summary["customers_moved"], summary["customers_up"],
        summary["customers_down"], summary["financial_assets_moved"],
    ) == (len(customers), affected, moved, up, down, assets)  # fmt: skip
    assert summary["contacts_in_force"] == sum(sum(one.contacts.values()) for one in before.values())
    assert summary["contacts_proposed"] == sum(sum(one.contacts.values()) for one in after.values())
    effects = {name: by_name[name].effect for name in ("near_threshold_share", "VC-PHONE", "RM-T5")}
    assert effects == {"near_threshold_share": "elsewhere", "VC-PHONE": "people", "RM-T5": "names"}


def test_what_has_no_customers_of_its_own_is_tried_alone(
    house: House, customers: dict[str, dict[str, Any]], folder: Folder
) -> None:
    proposal(folder, customers)
    folder.change("policy_scheme", "retail_tier", downgrade_after_months="3")
    with counted(house, folder) as (_, _, by_name):
        pass
    alone: dict[str, tuple[int, int, int]] = {}
    for row in folder.load().in_force(D).rows["policy_exception"]:
        one = Folder.__new__(Folder)
        one.path = folder.path.parent / row.name
        shutil.copytree(SHIPPED.folder, one.path)
        one.write("policy_exception", [r for r in folder.rows("policy_exception") if r["exception_id"] == row.name])
        policy = one.load()
        pairs = [(judge(SHIPPED, measures), judge(policy, measures)) for measures in customers.values()]
        rule = row.text("rule_id")
        touched = [
            (old, new)
            for old, new in pairs
            if (rule in old.met(), old.contacts.keys()) != (rule in new.met(), new.contacts.keys())
        ]
        alone[row.name] = (
            len(touched),
            sum(sum(old.contacts.values()) for old, _ in touched),
            sum(sum(new.contacts.values()) for _, new in touched),
        )
    counts = {name: by_name[name] for name in alone}
    assert {
        name: (count.customers, int(count.contacts_before), int(count.contacts_after)) for name, count in counts.items()
    } == alone
    assert (alone["EX-1"], alone["EX-3"]) == ((1, 0, 0), (0, 0, 0))
    assert alone["EX-2"][0] > 0
    # A customer that moved down since October keeps its tier for three months.
    fallen = read_rows(
        house.current,
        "select count(*) as customers, sum(financial_assets) as assets from marts.fct_customer_tier_monthly"
        " where policy_month = date '2026-11-01' and segment = 'retail' and tier_movement = 'down'",
    )[0]
    assert fallen["customers"] > 0
    scheme = by_name["retail_tier"]
    assert (scheme.effect, scheme.customers, scheme.assets_after) == ("outcome", fallen["customers"], fallen["assets"])


def test_a_change_of_the_measures_is_counted_on_measures_taken_anew(house: House, folder: Folder) -> None:
    folder.change("policy_aum_component", "MC-AUM-FUND", weight="0.5000")
    with counted(house, folder) as (_, counts, by_name):
        pass
    assert (by_name["MC-AUM-FUND"].effect, by_name["MC-AUM-FUND"].customers) == ("measure", None)
    with duckdb.connect(str(house.settings.warehouse), read_only=True) as connection:
        expected = connection.execute(
            "select count(distinct account.customer_id), sum(account.balance * rate.cny_per_unit) from accepted.account"
            " inner join (select currency, cny_per_unit from accepted.fx_rate union all select 'CNY', 1) as rate"
            " on rate.currency = account.currency"
            " where product_type = 'fund' and status <> 'closed' and balance > 0"
        ).fetchall()[0]
    assert counts.of_measures
    assert counts.of_measures.customers == expected[0] > 0
    fell_by = counts.of_measures.assets_before - counts.of_measures.assets_after
    # Amounts are rounded customer by customer.
    assert abs(fell_by - expected[1] / 2) <= Number("0.005") * expected[0]
    assert counts.together


def test_measures_that_cannot_be_taken_anew_are_not_counted(
    house: House, customers: dict[str, dict[str, Any]], folder: Folder, tmp_path: Path
) -> None:
    """Rules are still counted; the joint effect is not, and the message says what would help."""
    output = tmp_path / "output"
    shutil.copytree(house.published, output / "published", symlinks=True)
    folder.change("policy_aum_component", "MC-AUM-FUND", weight="0.5000")
    folder.change("policy_visit_frequency", "VF-LEADER-C1", contacts_per_period="2")
    settings = Settings(landing=house.landing, output=output, memory_limit="1GB")
    with open_sides(D.isoformat(), str(folder.path), settings) as sides:
        changes = changes_between(*sides)
        counts = count_changes(settings, *sides, changes)
    assert (counts.of_measures, counts.together) == (None, None)
    assert "run `fenceng refresh --date 2026-11-02` first" in counts.because
    assert counts.each[1].customers == sum("VF-LEADER-C1" in judge(SHIPPED, row).contacts for row in customers.values())
    done = run_fenceng("policy", "diff", D, folder.path, "--output", output)
    assert done.returncode == 0
    flat = " ".join(done.stdout.split())
    assert "shapes the measures that the rules read; not counted: see below" in flat
    assert "run `fenceng refresh --date 2026-11-02` first, since policy_aum_component decides what is measured" in flat
    assert "customers get a different outcome" not in flat


# ---------------------------------------------------------------- the command


def test_the_command_says_before_and_after(house: House, folder: Folder, tmp_path: Path) -> None:
    folder.change("policy_tier_rule", "RT-T4-AUM", valid_to="2026-11-01")
    folder.add("policy_tier_rule", "RT-T4-AUM", lower_bound="60000.00", valid_from="2026-11-01", valid_to="")
    done = run_fenceng("policy", "diff", D, folder.path, "--output", house.output, env={"COLUMNS": "100"})
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100
    flat = " ".join(done.stdout.split())
    assert f"from 2026-11-02 to {folder.path} on 2026-11-02: 1 change" in flat
    assert "policy_tier_rule RT-T4-AUM changed, from 2026-11-01" in flat
    assert "-> Retail tier: T4 Mass affluent for financial assets from 60,000 to below 100,000 CNY" in flat
    assert "starts to apply to 0, ceases for" in flat
    assert "All changes together" in flat
    chinese = run_fenceng("policy", "diff", D, folder.path, "--output", house.output, "--lang", "zh")
    assert "policy_tier_rule RT-T4-AUM 变更，自2026-11-01起" in chinese.stdout
    assert "全部变化合计" in chinese.stdout
    again = run_fenceng("policy", "diff", D, folder.path, "--output", house.output, env={"COLUMNS": "100"})
    assert again.stdout == done.stdout


def test_the_command_says_no_change_and_what_is_wrong(folder: Folder, tmp_path: Path) -> None:
    same = run_fenceng("policy", "diff", "2026-01-31", folder.path, "--output", tmp_path)
    assert (same.returncode, "no change:" in same.stdout) == (0, True)
    folder.drop("policy_visit_channel", "VC-PHONE")
    without = run_fenceng("policy", "diff", "2026-01-31", folder.path, "--output", tmp_path)
    assert without.returncode == 0
    assert "not counted:" in without.stdout
    wrong = run_fenceng("policy", "diff", "2026-01-31", "no-such-side", "--output", tmp_path)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)


def test_the_counting_needs_neither_dagster_nor_dbt(house: House, folder: Folder) -> None:
    import sys

    folder.drop("policy_visit_frequency", "VF-OUTLET-AM-C3")
    code = (
        "import sys\nfrom fenceng.cli import app\n"
        f"app(['policy', 'diff', '{D}', {str(folder.path)!r}, '--output', {str(house.output)!r}],"
        " standalone_mode=False)\n"
        "assert not {'dagster', 'dbt', 'great_expectations'} & set(sys.modules), 'imported'\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=True, capture_output=True)
