"""`fenceng explain`: its output for single customers, and that the SQL models and the Python evaluator agree on all."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal as Number
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from support.house import House, clean_environment, read_rows, run_fenceng
from support.policy_folder import Folder
from support.published_policy import republished

from expectations.policy.evaluate import Decision, decide
from expectations.policy.model import PolicyRows
from expectations.policy.reading import load_policy
from expectations.project import POLICY_FOLDER, PROJECT_ROOT
from fenceng.analysis.explanation import explanation_of
from fenceng.analysis.explanation.facts import ContradictionError, Explanation
from fenceng.analysis.replay import PublishedMonth
from fenceng.words.explanation import print_explanation
from fenceng.words.phrasebook import Language
from orchestration.store.releases import POLICY, OlderVersionError, Release, current_release, month_path

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
AS_OF = {OCTOBER: date(2026, 10, 31), NOVEMBER: date(2026, 11, 2)}

# Who has which measures, taken from the contract of the marts and not from the models.
MEASURED = {
    "retail": (
        "financial_assets", "deposit_balance", "card_spend_12m", "loan_balance", "custody_margin_balance", "age",
        "customer_years", "best_card_grade", "wealth_admission",
    ),
    "corporate": (
        "financial_assets", "deposit_balance", "loan_balance", "target_credit_amount", "open_accounts",
        "valid_credit_lines", "total_assets", "registered_capital", "economic_capital_return_12m", "revenue_12m",
        "settlement_share", "related_party_share", "profit_margin_lead", "customer_years", "administrative_level",
        "market_position", "credit_rating", "strategic_agreement", "bad_record",
    ),
}  # fmt: skip
# Scheme -> the column of fct_customer_tier_monthly that publishes its outcome.
PUBLISHED = {
    "retail_tier": "tier_code", "retail_maintainer": "recommended_role", "corporate_class": "tier_code",
    "corporate_size": "size_tier", "corporate_value": "value_class", "corporate_cooperation": "cooperation_class",
    "corporate_maintainer": "maintaining_department", "cooperation_level": "managing_level",
}  # fmt: skip


class Store:
    """A published store, and a copy of its newest release with November decided under other rows."""

    def __init__(self, house: House, changed: Release) -> None:
        self.house = house
        self.changed = changed

    @property
    def release(self) -> Release:
        found = current_release(self.house.published)
        assert found
        return found

    def month(self, name: str) -> tuple[Release, date]:
        """A release and a month by their name in the tests."""
        return {
            "october": (self.release, OCTOBER),
            "november": (self.release, NOVEMBER),
            "changed": (self.changed, NOVEMBER),
        }[name]


@pytest.fixture(scope="module")
def store(published_bank: House, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two months of 300 customers by real refreshes, and November again with exceptions and held tiers."""
    house = published_bank
    release = current_release(house.published)
    assert release
    folder = Folder(tmp_path_factory.mktemp("changed") / "policy")
    for scheme in ("retail_tier", "corporate_class"):
        folder.change("policy_scheme", scheme, downgrade_after_months="3")
    # Remove the hard conditions that nobody in the sample meets, so that the soft ones show.
    kept = [
        row
        for row in folder.rows("policy_tier_rule")
        if row["rule_id"] != "CO-STRATEGIC" or row["condition_no"] in ("4", "5", "6", "7")
    ]
    folder.write("policy_tier_rule", kept)
    exception = {
        "clause_ref": "D1 art. 2", "basis": "source", "is_gap_fill": "false", "rationale": "", "scenario": "base",
        "approver": "Branch president", "valid_from": "2026-01-01", "valid_to": "",
    }  # fmt: skip
    lead = read_rows(house.current, "select lead_org_id from marts.dim_customer where customer_id = 'C000000055'")
    outlet = lead[0]["lead_org_id"]
    folder.write(
        "policy_exception",
        [
            exception
            | {"exception_id": name, "subject_kind": kind, "subject_id": subject, "rule_id": rule, "reason": why}
            for name, kind, subject, rule, why in (
                ("EX-1", "customer", "C000000008", "RT-T2-AUM", "Assets of a deceased customer"),
                ("EX-2", "organization", outlet, "VF-OUTLET-LEADER-C2", "Outlet is being rebuilt"),
                ("EX-3", "customer", "C000000002", "RT-T1-AUM", "Not a person of its own"),
            )
        ],
    )
    month = PublishedMonth(release, AS_OF[NOVEMBER])
    changed = republished(house.settings, month, folder.path, tmp_path_factory.mktemp("releases") / release.release_id)
    return Store(house, changed)


@pytest.fixture(scope="module", params=["october", "november", "changed"])
def every(request: pytest.FixtureRequest, store: Store) -> tuple[Release, date, list[Explanation]]:
    """Every customer of a month, explained."""
    release, month = store.month(request.param)
    tiers = rows_of(release, "fct_customer_tier_monthly", month)
    assert len(tiers) > 300
    return release, month, [explanation_of(release, row["customer_id"], month) for row in tiers]


def rows_of(release: Release, table: str, month: date) -> list[dict[str, Any]]:
    """A published month of a table, read without the code under test."""
    file = month_path(release.folder, table, month)
    return read_rows(release.database, f"select * from read_parquet('{file}')") if file.exists() else []


def by_customer(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """customer_id -> rows."""
    gathered: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        gathered.setdefault(row["customer_id"], []).append(row)
    return gathered


def judged_by_python(
    policy: PolicyRows, as_of: date, tier: dict[str, Any], measures: dict[str, Any], exceptions: list[dict[str, Any]]
) -> dict[str, Decision]:
    """The Python evaluator's decision for a customer by its published measures."""
    segment = tier["segment"]
    known: dict[str, Number | str | None] = {}
    for name in MEASURED[segment]:
        value = measures[name]
        known[name] = Number(value) if isinstance(value, int) else value
    if segment == "retail" and known["age"] is None:
        known["age"] = "unknown"
    if tier["is_held"]:
        known["retail_tier" if segment == "retail" else "corporate_class"] = tier["tier_code"]
    subjects = {tier["customer_id"], tier["lead_org_id"]}
    exempt = {row["rule_id"] for row in exceptions if row["subject_id"] in subjects}
    return decide(policy, as_of, segment, known, exempt=exempt)


# ---------------------------------------------------------------- SQL and Python


def test_the_models_and_the_judge_agree_on_every_customer(every: tuple[Release, date, list[Explanation]]) -> None:
    """Outcome, met rules, winners, gap and assumed marks of every scheme, by two independent computations."""
    release, month, _ = every
    policy = load_policy(release.folder / POLICY)
    measures = {row["customer_id"]: row for row in rows_of(release, "fct_customer_measure_monthly", month)}
    evidence = by_customer(rows_of(release, "fct_tier_evidence", month))
    exceptions = rows_of(release, "fct_policy_exception_monthly", month)
    compared = 0
    for tier in rows_of(release, "fct_customer_tier_monthly", month):
        customer = tier["customer_id"]
        decisions = judged_by_python(policy, AS_OF[month], tier, measures[customer], exceptions)
        own_scheme = "retail_tier" if tier["segment"] == "retail" else "corporate_class"
        for scheme, decision in decisions.items():
            compared += 1
            said = [row for row in evidence[customer] if row["scheme"] == scheme and row["route"] != "held"]
            where = f"{customer} {scheme} {month}"
            assert {row["rule_id"] for row in said} == {rule.rule_id for rule in decision.met}, where
            is_held = tier["is_held"] and scheme == own_scheme
            winners = set() if is_held else {rule.rule_id for rule in decision.winners}
            assert {row["rule_id"] for row in said if row["is_winner"]} == winners, where
            for row in said:
                rule = next(rule for rule in decision.met if rule.rule_id == row["rule_id"])
                marks = (rule.tier_code, rule.route, rule.clause_ref, rule.is_gap_fill, rule.is_assumed)
                assert (
                    row["outcome"], row["route"], row["clause_ref"], row["is_gap_fill"], row["is_assumed"]
                ) == marks, where  # fmt: skip
                missed = {name for name in (row["soft_conditions_missed"] or "").split("; ") if name}
                wanted = {
                    condition.measure_id
                    for rule_id, number in decision.soft_missed
                    if rule_id == row["rule_id"]
                    for condition in rule.conditions
                    if condition.is_soft and condition.number == number
                }
                assert not row["is_winner"] or missed == wanted, where
            if scheme == own_scheme:
                assert tier["computed_tier_code"] == decision.tier_code, where
                if not is_held:
                    assert (tier["tier_code"], tier["is_gap_fill"], tier["is_assumed"]) == (
                        decision.tier_code, decision.is_gap_fill, decision.is_assumed,
                    ), where  # fmt: skip
            elif scheme in PUBLISHED:
                assert tier[PUBLISHED[scheme]] == decision.tier_code, where
            if scheme == "corporate_value":
                assert tier["is_value_class_assumed"] == decision.is_assumed, where
            if scheme == "corporate_cooperation":
                assert tier["is_cooperation_class_assumed"] == decision.is_assumed, where
            if scheme == "retail_scope":
                assert tier["is_in_scope"] == bool(decision.met), where
    assert compared > 1000


def test_what_explain_calls_met_and_missed_is_what_the_judge_says(
    every: tuple[Release, date, list[Explanation]],
) -> None:
    release, month, explained = every
    policy = load_policy(release.folder / POLICY)
    measures = {row["customer_id"]: row for row in rows_of(release, "fct_customer_measure_monthly", month)}
    tiers = {row["customer_id"]: row for row in rows_of(release, "fct_customer_tier_monthly", month)}
    exceptions = rows_of(release, "fct_policy_exception_monthly", month)
    view = policy.in_force(AS_OF[month])
    counted = {"met": 0, "missed": 0, "exempted": 0}
    for found in explained:
        tier = tiers[found.customer_id]
        decisions = judged_by_python(policy, AS_OF[month], tier, measures[found.customer_id], exceptions)
        assert {judged.scheme for judged in found.schemes} == decisions.keys(), found.customer_id
        stages = [view.schemes[judged.scheme].stage for judged in found.schemes]
        assert stages == sorted(stages)
        for judged in found.schemes:
            decision = decisions[judged.scheme]
            met = {one.rule.rule_id for one in judged.with_status("met")}
            assert met == {rule.rule_id for rule in decision.met}, (found.customer_id, judged.scheme)
            exempted = {one.rule.rule_id for one in judged.with_status("exempted")}
            in_force = {rule.rule_id for rule in view.rules[judged.scheme]}
            missed = {one.rule.rule_id for one in judged.with_status("missed")}
            assert (met | missed | exempted, len(judged.rules)) == (in_force, len(in_force))
            assert (judged.is_gap_fill, judged.is_assumed) == (
                (False, False)
                if found.held and judged.purpose == "tier"
                else (decision.is_gap_fill, decision.is_assumed)
            )
            for one in judged.with_status("missed"):
                assert one.missed, one.rule.rule_id
            for name in counted:
                counted[name] += len(judged.with_status(name))
    assert counted["met"] > 400
    assert counted["missed"] > 4000
    assert (counted["exempted"] > 0) is bool(policy.rows["policy_exception"])


def test_every_distance_is_the_one_to_the_bound(every: tuple[Release, date, list[Explanation]]) -> None:
    """Moving a missed number by its distance makes the condition hold, or puts it on an exclusive bound."""
    checked = 0
    for found in every[2]:
        for judged in found.schemes:
            for lack in (lack for one in judged.rules for group in one.missed for lack in group):
                if lack.side not in ("below", "above"):
                    continue
                assert isinstance(lack.value, Number)
                moved = lack.value + (lack.amount if lack.side == "below" else -lack.amount)
                bound = lack.condition.lower if lack.side == "below" else lack.condition.upper
                assert moved == bound
                assert lack.amount > 0 or lack.condition.holds(moved) is False
                checked += 1
    assert checked > 2000


# ---------------------------------------------------------------- single customers, by hand


def text(found: Explanation, lang: Language = "en", width: int = 100) -> str:
    """The printed explanation, without line breaks."""
    console = Console(file=io.StringIO(), width=width)
    print_explanation(console, found, lang)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\s+", " ", console.file.getvalue())


def test_a_customer_one_fen_below_the_lowest_tier(store: Store) -> None:
    found = explanation_of(store.release, "C000000002")
    assert (found.policy_month, found.tier["tier_code"], found.next_tier and found.next_tier.amount) == (
        NOVEMBER, "T0", Number("0.01"),
    )  # fmt: skip
    printed = text(found)
    assert "C000000002 T0 General customer" in printed
    assert "At least since 2026-10; the month before is not published." in printed
    assert "The same as in the month before. Not in the scope of care." in printed
    assert (
        "missed RT-T4-AUM -> T4 Mass affluent (D2 s. 3.1(4)) requires financial assets from 50,000 to below"
        " 100,000 CNY; has 49,999.99 CNY, short by 0.01 CNY"
    ) in printed
    assert "T4 Mass affluent needs 0.01 CNY more of financial assets (rule RT-T4-AUM)." in printed
    # Another way up: T5 by a route, shown with what opens it.
    assert "opened by RS-LOAN: loan balance from 300,000 CNY (loan balance 0 CNY, short by 300,000 CNY)" in printed
    assert "Near the next tier: financial assets of 49,999.99 CNY, 0.01 CNY below the bound of 50,000 CNY." in printed
    assert "Recommended role: none for this customer" in printed
    assert "No duties." in printed


def test_a_customer_on_a_bound_in_chinese(store: Store) -> None:
    printed = text(explanation_of(store.release, "C000000012"), "zh")
    assert "C000000012 T2 理财客户" in printed
    assert "2026年11月（数据截至2026年11月2日）" in printed
    assert (
        "认定依据 RT-T2-AUM → T2 理财客户（D2 s. 3.1(2)） 要求：金融资产20万元（含）至200万元（含）；客户情况：200万元"
        in printed
    )
    assert (
        "不符合 RT-T1-AUM → T1 私行及财富客户（D2 s. 3.1(1)） 要求：金融资产200万元（不含）以上；客户情况：200万元，"
        "恰为临界值，不含本数" in printed.replace("， 恰", "，恰")
    )
    assert "建议维护人：理财经理" in printed


def test_a_gap_fill_is_told_with_its_reason(store: Store) -> None:
    printed = text(explanation_of(store.release, "C000000019"))
    assert "No source says so; the rule fills a gap: In scope by a loan alone; s. 3.1 names no tier (R37)" in printed
    assert "decides RT-T5-LOAN -> T5 In scope by another route (D2 s. 2)" in printed
    assert "Recommended role: Outlet staff because of RM-T5" in printed


def test_an_unknown_age_is_a_value(store: Store) -> None:
    found = explanation_of(store.release, "C000000051")
    maintainer = found.for_purpose("maintainer")
    assert maintainer and [one.rule.rule_id for one in maintainer.winners] == ["RM-T4-AGE-UNKNOWN"]
    assert "has tier T4 Mass affluent; age unknown" in text(found)


def test_a_class_by_target_credit_has_deposits_to_spare(store: Store) -> None:
    found = explanation_of(store.release, "C000000085")
    own = found.for_purpose("tier")
    assert own and [one.rule.rule_id for one in own.winners] == ["CC-C1-CREDIT"]
    assert found.next_tier is None
    printed = text(found)
    assert "No better tier can be reached by an amount." in printed
    assert found.watches == (), "deposits far below the bound are no danger to a class by credit"
    # The size is judged by one measure, and the rules on other measures are labelled as such.
    assert "Corporate size: Medium (judged by total assets)" in printed
    assert "by registered capital, which does not decide this customer's size" in printed


def test_a_customer_who_fell_is_told_since_when(store: Store) -> None:
    printed = text(explanation_of(store.release, "C000000056"))
    assert "Since 2026-11. Before that T1 Private banking and wealth." in printed
    assert "Down from T1 Private banking and wealth in the month before." in printed
    before = text(explanation_of(store.release, "C000000056", OCTOBER))
    assert "C000000056 T1 Private banking and wealth" in before
    assert "New: the month before has no tier for this customer." in before


def test_duties_rest_on_the_month_before(store: Store) -> None:
    found = explanation_of(store.release, "C000000165")
    assert found.tier["tier_code"] == "C3"
    duties = {
        row["role_group"]: row
        for row in rows_of(store.release, "fct_visit_obligation_monthly", NOVEMBER)
        if row["customer_id"] == "C000000165"
    }
    assert {duty.role_group: (duty.tier_code, duty.required_contacts) for duty in found.duties} == {
        "branch_leader": ("C2", 1), "corporate_department_head": ("C2", 2), "branch_account_manager": ("C2", 3),
        "outlet_leader": ("C2", 2), "outlet_account_manager": ("C2", 3),
    }  # fmt: skip
    printed = text(found)
    assert "They follow the class of the month before: C2 Class two." in printed
    for duty in found.duties:
        row = duties[duty.role_group]
        assert (duty.counted_contacts, duty.last_contact_on) == (row["counted_contacts"], row["last_contact_on"])
    assert "按上月类别确定：C2 二类客户。" in text(found, "zh")


# ---------------------------------------------------------------- exceptions, held tiers, soft conditions


def test_an_exempted_rule_names_who_approved_it_and_why(store: Store) -> None:
    found = explanation_of(store.changed, "C000000008")
    own = found.for_purpose("tier")
    assert own
    exempted = own.with_status("exempted")
    assert [(one.rule.rule_id, one.missed) for one in exempted] == [("RT-T2-AUM", ())]
    printed = text(found)
    assert (
        "exempted RT-T2-AUM -> T2 Affluent (D2 s. 3.1(2)) requires financial assets from 200,000 to 2,000,000 CNY;"
        " has 200,000 CNY; it would hold otherwise; exception EX-1 by Branch president: Assets of a deceased customer"
        " (D1 art. 2, from 2026-01-01)"
    ) in printed
    assert "Exceptions that cover this customer RT-T2-AUM: exception EX-1" in printed
    assert "it would not hold anyway" in text(explanation_of(store.changed, "C000000002"))


def test_an_excluded_duty_names_its_exception(store: Store) -> None:
    found = explanation_of(store.changed, "C000000055")
    duty = next(duty for duty in found.duties if duty.role_group == "outlet_leader")
    assert duty.status == "excluded"
    assert duty.waiver and duty.waiver.exception_id == "EX-2"
    assert "excluded; exception EX-2 by Branch president:" in re.sub(r"\s+", " ", text(found, width=400))


def test_a_held_tier_is_told_as_such(store: Store) -> None:
    found = explanation_of(store.changed, "C000000053")
    assert found.tier["tier_code"] == "T3"
    assert found.held and (found.held.computed_tier_code, found.held.months_below) == ("T4", 1)
    own = found.for_purpose("tier")
    assert own and own.winners == ()
    printed = text(found)
    assert (
        "Held: by the measures alone the tier is T4 Mass affluent. They have been below the entry for 1 months in a"
        " row; the tier is lost after 3 (D2 s. 3.1)." in printed
    )
    assert "met RT-T4-AUM" in printed
    assert "Below the entry of the tier that is held: financial assets of 90,000 CNY, 10,000 CNY below" in printed
    # The maintainer follows the held tier.
    assert "Recommended role: Lobby manager because of RM-T3" in printed


def test_soft_conditions_are_told_of_a_met_rule(store: Store) -> None:
    missing = [
        row["customer_id"]
        for row in rows_of(store.changed, "fct_tier_evidence", NOVEMBER)
        if row["soft_conditions_missed"]
    ]
    assert missing
    found = explanation_of(store.changed, min(missing))
    cooperation = found.for_purpose("cooperation")
    assert cooperation and cooperation.winners[0].soft_missed
    assert "in principle also: share of " in text(found)


# ---------------------------------------------------------------- the command


def test_the_command_prints_the_same_bytes_each_time_and_cuts_nothing(store: Store) -> None:
    done = [
        run_fenceng("explain", "C000000075", "--output", store.house.output, env={"COLUMNS": "100"}) for _ in range(2)
    ]
    assert [one.returncode for one in done] == [0, 0]
    assert done[0].stdout == done[1].stdout
    assert "…" not in done[0].stdout
    assert "CC-C1-DEPOSIT -> C1 Class one" in done[0].stdout
    narrow = run_fenceng("explain", "C000000075", "--output", store.house.output, env={"COLUMNS": "60"})
    assert "…" not in narrow.stdout
    assert max(map(len, narrow.stdout.splitlines())) <= 60


def test_chinese_is_chinese(store: Store) -> None:
    """English only in codes, clauses and the reasons in the policy rows."""
    for customer in ("C000000002", "C000000055", "C000000165", "C000000250"):
        found = explanation_of(store.release, customer)
        printed = text(found, "zh", width=2000)
        rules = [one.rule for judged in found.schemes for one in judged.rules]
        said_in_english = {re.sub(r"\s+", " ", rule.rationale) for rule in rules} | {rule.rule_id for rule in rules}
        assert found.care
        said_in_english |= {action.rule_id for action in found.care.actions or ()}
        if found.care.maintenance:
            said_in_english |= {found.care.maintenance.row["pool_org_id"] or ""}
        for words in sorted(said_in_english - {""}, key=len, reverse=True):
            printed = printed.replace(words, "")
        printed = printed.replace(found.release_id, "").replace(found.tier["policy_version"], "")
        printed = printed.replace(found.lead_org_id, "").replace(customer, "")
        assert re.findall(r"[A-Za-z]{3,}", re.sub(r"AAA|BBB|CCC|D\d+ art\.|HOUSE", "", printed)) == []


def test_it_imports_neither_dagster_nor_dbt_nor_great_expectations(store: Store) -> None:
    code = (
        "import sys, json\n"
        "from fenceng.cli import app\n"
        f"app(['explain', 'C000000075', '--output', {str(store.house.output)!r}], standalone_mode=False)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(done.stderr.splitlines()[-1]))
    assert not imported & {"dagster", "dbt", "great_expectations", "pandas", "pyarrow"}
    assert "duckdb" in imported


def test_what_is_not_published_is_wrong_use(store: Store, tmp_path: Path) -> None:
    nobody = run_fenceng("explain", "C999999999", "--output", store.house.output)
    assert nobody.returncode == 2
    assert "no customer C999999999 in release" in nobody.stderr
    assert "2026-10, 2026-11" in nobody.stderr
    no_month = run_fenceng("explain", "C000000075", "--month", "2026-09", "--output", store.house.output)
    assert no_month.returncode == 2
    assert "2026-09 is not published; published months: 2026-10, 2026-11" in no_month.stderr
    too_early = run_fenceng("explain", "C000000311", "--month", "2026-10", "--output", store.house.output)
    assert too_early.returncode == 2
    assert "C000000311 is not published for 2026-10, but for 2026-11" in too_early.stderr
    nothing = run_fenceng("explain", "C000000075", "--output", tmp_path)
    assert nothing.returncode == 1
    assert "nothing is published" in nothing.stderr
    assert all("Traceback" not in one.stderr for one in (nobody, no_month, too_early, nothing))


def test_a_release_without_its_policy_or_evidence_is_told(store: Store, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(store.changed.folder, bare)
    shutil.rmtree(bare / "fct_policy_rule_monthly")
    with pytest.raises(OlderVersionError, match="fct_policy_rule_monthly of 2026-11 is not in release"):
        explanation_of(Release(bare), "C000000075")
    shutil.rmtree(bare / POLICY)
    with pytest.raises(OlderVersionError, match="keeps no policy"):
        explanation_of(Release(bare), "C000000075")


def test_measures_that_contradict_the_evidence_are_an_error(store: Store, tmp_path: Path) -> None:
    """October's measures with November's evidence: a customer that moved in between is contradictory."""
    mixed = tmp_path / "mixed"
    shutil.copytree(store.changed.folder, mixed)
    name = "fct_customer_measure_monthly"
    shutil.copyfile(month_path(mixed, name, OCTOBER), month_path(mixed, name, NOVEMBER))
    with pytest.raises(ContradictionError, match=r"fct_tier_evidence of 2026-11 has RT-T0-NONE for C000000054|lacks"):
        explanation_of(Release(mixed), "C000000160")


def test_the_shipped_policy_is_the_one_of_the_release(store: Store) -> None:
    """The tests above compare with the release's rows; those are the checkout's rows."""
    shipped = load_policy(POLICY_FOLDER).in_force(AS_OF[NOVEMBER])
    kept = load_policy(store.release.folder / POLICY).in_force(AS_OF[NOVEMBER])
    assert shipped.all_rules.keys() == kept.all_rules.keys()
