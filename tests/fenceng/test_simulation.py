"""What-ifs and verification on a published store: their output matches an independent count of the customers."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.house import House, HouseCopy, Row, read_rows, run_fenceng

from expectations.policy.evaluate import decide
from expectations.policy.reading import load_policy
from expectations.project import POLICY_FOLDER
from fenceng.analysis.policy_diff.counts import changes_between, count_changes
from fenceng.analysis.policy_diff.sides import open_sides
from fenceng.analysis.proposal import open_proposal
from fenceng.analysis.replay import ReplayError, published_month
from fenceng.analysis.simulation import Simulation, simulate_month

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 2)
Run = Callable[..., subprocess.CompletedProcess[str]]
# The visit matrix of D1 art. 2, taken from the text: contacts a month with a co-managed customer of a class.
CONTACTS = {
    ("branch_leader", "C1"): 1, ("branch_leader", "C2"): 1,
    ("corporate_department_head", "C1"): 2, ("corporate_department_head", "C2"): 2,
    ("branch_account_manager", "C1"): 3, ("branch_account_manager", "C2"): 3,
    ("outlet_leader", "C2"): 2, ("outlet_leader", "C3"): 2,
    ("outlet_account_manager", "C2"): 3, ("outlet_account_manager", "C3"): 3,
}  # fmt: skip
CO_MANAGED = {"branch_leader", "corporate_department_head", "branch_account_manager"}


@pytest.fixture(scope="module")
def house(published_bank: House) -> House:
    """A bank over a month end, published for both months."""
    return published_bank


def proposal(folder: Path, family: str, changes: dict[str, dict[str, str]]) -> Path:
    """A folder with one family of the shipped rows, with non-empty values of some rules changed."""
    folder.mkdir(exist_ok=True)
    with (POLICY_FOLDER / f"{family}.csv").open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    for row in rows:
        change = changes.get(row["rule_id"], {})
        row.update({name: value for name, value in change.items() if row[name]})
    with (folder / f"{family}.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def higher_entry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """T4 and the scope by assets begin at 60,000."""
    upper, lower = {"upper_bound": "60000.00"}, {"lower_bound": "60000.00"}
    routes = {f"RT-T5-{name}": upper for name in ("CARD-SPEND", "LOAN", "CUSTODY", "GRADE")}
    folder = tmp_path_factory.mktemp("proposal") / "higher_entry"
    return proposal(folder, "policy_tier_rule", {"RS-AUM": lower, "RT-T4-AUM": lower, **routes})


def simulated(house: House, folder: Path, day: date | None = None) -> Simulation:
    """A what-if in process."""
    with open_proposal(published_month(house.settings, day), folder) as proposal:
        return simulate_month(house.settings, proposal)


def table(simulation: Simulation, name: str) -> list[Row]:
    """A table of a what-if."""
    return read_rows(simulation.database, f"select * from simulation.{name}")


def month_rows(house: House, name: str, day: date) -> list[Row]:
    """A published table's rows of the month."""
    return read_rows(house.current, f"select * from marts.{name} where policy_month = '{day:%Y-%m}-01'")


def judged(house: House, day: date, overlay: Path | None = None) -> dict[str, dict[str, str | None]]:
    """customer_id -> scheme -> outcome, by the Python evaluator from the published measures."""
    view = load_policy(POLICY_FOLDER, overlay=overlay).in_force(day)
    outcomes = {}
    for row in month_rows(house, "fct_customer_measure_monthly", day):
        values: dict[str, Any] = {
            name: Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for name, value in row.items()
            if name in view.measures
        }
        if row["segment"] == "retail" and values.get("age") is None:
            values["age"] = "unknown"
        decisions = decide(view.policy, day, row["segment"], values)
        outcomes[row["customer_id"]] = {scheme: decision.tier_code for scheme, decision in decisions.items()}
    return outcomes


# ------------------------------------------------------------------ no change


@pytest.mark.parametrize("day", [OCTOBER, NOVEMBER], ids=str)
def test_without_a_change_nobody_moves(house: House, day: date) -> None:
    result = simulated(house, POLICY_FOLDER, day)
    assert result.facts.families_changed == ()
    assert result.summary["customers"] == len(month_rows(house, "fct_customer_tier_monthly", day)) > 0
    assert (result.summary["customers_affected"], result.summary["customers_moved"]) == (0, 0)
    assert result.summary["contacts_in_force"] == result.summary["contacts_proposed"] > 0
    assert table(result, "affected_customer") == []
    assert not any(row["is_moved"] for row in table(result, "tier_migration"))


def test_contacts_in_force_are_customers_times_the_matrix(house: House) -> None:
    """Counted from the published classes and the text: each class as if it applied from the month's first day."""
    measures = {row["customer_id"]: row for row in month_rows(house, "fct_customer_measure_monthly", NOVEMBER)}
    expected: Counter[str] = Counter()
    for row in month_rows(house, "fct_customer_tier_monthly", NOVEMBER):
        measured = measures[row["customer_id"]]
        if measured["opened_on"] >= date(2026, 11, 2):
            continue
        for (role_group, tier_code), contacts in CONTACTS.items():
            if tier_code == row["tier_code"] and (
                role_group not in CO_MANAGED or measured["is_co_managed"] is not False
            ):
                expected[role_group] += contacts
    result = simulated(house, POLICY_FOLDER)
    counted = {row["role_group"]: row["contacts_in_force"] for row in table(result, "contacts_by_role")}
    assert {name: int(value) for name, value in counted.items() if value} == expected


# ------------------------------------------------------------------ a change


def test_who_moves_is_who_the_judge_says(house: House, higher_entry: Path) -> None:
    before, after = judged(house, NOVEMBER), judged(house, NOVEMBER, higher_entry)
    expected = {
        customer: (outcomes["retail_tier"], after[customer]["retail_tier"])
        for customer, outcomes in before.items()
        if outcomes.get("retail_tier") != after[customer].get("retail_tier")
    }
    result = simulated(house, higher_entry)
    moved = [row for row in table(result, "affected_customer") if row["purpose"] == "tier"]
    assert {row["customer_id"]: (row["outcome_in_force"], row["outcome_proposed"]) for row in moved} == expected
    assert expected
    assert {row["direction"] for row in moved} == {"down"}
    assert result.summary["customers_moved"] == result.summary["customers_down"] == len(expected)
    assets = {
        row["customer_id"]: row["financial_assets"] for row in month_rows(house, "fct_customer_tier_monthly", NOVEMBER)
    }
    assert result.summary["financial_assets_moved"] == sum(assets[customer] for customer in expected)
    migrated = {
        (row["outcome_in_force"], row["outcome_proposed"]): row["customers"]
        for row in table(result, "tier_migration")
        if row["is_moved"] and row["purpose"] == "tier"
    }
    assert migrated == Counter(expected.values())


def test_an_amount_that_is_shown_twice_is_computed_once(house: House, tmp_path: Path) -> None:
    """Measures have fractions of a fen. The customer list, the migration, the sentence and a diff agree to the fen."""
    measured = {row["customer_id"]: row["financial_assets"] for row in
                month_rows(house, "fct_customer_measure_monthly", NOVEMBER)}  # fmt: skip
    published = {row["customer_id"]: row["financial_assets"] for row in
                 month_rows(house, "fct_customer_tier_monthly", NOVEMBER)}  # fmt: skip
    folder = proposal(tmp_path / "lower", "policy_tier_rule", {
        "RT-T3-AUM": {"lower_bound": "90000.00"}, "RT-T4-AUM": {"upper_bound": "90000.00"},
    })  # fmt: skip
    result = simulated(house, folder)
    listed = [row for row in table(result, "affected_customer") if row["purpose"] == "tier"]
    moved = sum(row["financial_assets"] for row in listed)
    assert moved == sum(published[row["customer_id"]] for row in listed) > 0
    assert moved != sum(measured[row["customer_id"]] for row in listed), "the case would prove nothing"
    migrated = [row for row in table(result, "tier_migration") if row["purpose"] == "tier"]
    assert sum(row["financial_assets"] for row in migrated if row["is_moved"]) == moved
    assert sum(row["financial_assets"] for row in migrated) == sum(published.values())
    assert result.summary["financial_assets_moved"] == moved
    assert result.summary["customers_moved"] == len(listed) == sum(r["customers"] for r in migrated if r["is_moved"])
    with open_sides(NOVEMBER.isoformat(), str(folder), house.settings) as sides:
        counts = count_changes(house.settings, *sides, changes_between(*sides))
    assert [count.customers for count in counts.each] == [len(listed)] * 2
    assert [count.assets_before for count in counts.each] == [moved] * 2
    assert counts.together is not None
    assert counts.together["financial_assets_moved"] == moved


def test_maintainers_follow_the_proposed_tier(house: House, higher_entry: Path) -> None:
    after = judged(house, NOVEMBER, higher_entry)
    for row in table(simulated(house, higher_entry), "affected_customer"):
        if row["purpose"] == "maintainer":
            assert row["outcome_proposed"] == after[row["customer_id"]]["retail_maintainer"]


def test_more_contacts_need_more_people(house: House, tmp_path: Path) -> None:
    """The outlet's account managers visit class three six times instead of three."""
    folder = proposal(tmp_path / "visits", "policy_visit_frequency", {"VF-OUTLET-AM-C3": {"contacts_per_period": "6"}})
    result = simulated(house, folder)
    roles = {row["role_group"]: row for row in table(result, "contacts_by_role")}
    duties = sum(
        row["tier_code"] == "C3"
        for row in month_rows(house, "fct_customer_tier_monthly", NOVEMBER)
        if row["segment"] == "corporate"
    )
    more = roles["outlet_account_manager"]["contacts_proposed"] - roles["outlet_account_manager"]["contacts_in_force"]
    assert 0 < more <= 3 * duties
    assert more % 3 == 0
    for name, row in roles.items():
        if name != "outlet_account_manager":
            assert row["contacts_proposed"] == row["contacts_in_force"]
    for row in table(result, "staffing"):
        assert row["people_short_proposed"] == max(row["people_needed_proposed"] - row["people"], 0)
    assert result.summary["customers_affected"] == 0


def test_what_is_measured_is_measured_again_while_the_scratch_is_there(house: House, tmp_path: Path) -> None:
    """Time deposits weigh half: this needs the accepted rows of the refresh that published the month."""
    folder = proposal(tmp_path / "weights", "policy_aum_component", {"MC-AUM-TIME-DEPOSIT": {"weight": "0.5000"}})
    result = simulated(house, folder)
    assert result.facts.measured_anew
    assert result.summary["customers_down"] > 0 == result.summary["customers_up"]
    with pytest.raises(
        ReplayError, match=r"policy_aum_component decides what is measured.*fenceng refresh --date 2026-10-31"
    ):
        simulated(house, folder, OCTOBER)
    without_scratch = House(tmp_path / "elsewhere")
    without_scratch.output.mkdir(parents=True)
    without_scratch.published.symlink_to(house.published)
    with pytest.raises(ReplayError, match="fenceng refresh --date 2026-11-02"):
        simulated(without_scratch, folder)
    assert simulated(without_scratch, POLICY_FOLDER).summary["customers_moved"] == 0, "the release alone suffices"


def test_only_parameters_that_are_measured_by_need_the_accepted_rows(house: House, tmp_path: Path) -> None:
    """October's accepted rows are gone; the near-a-bound share needs none, the card spend window does."""
    shipped = (POLICY_FOLDER / "policy_parameter.csv").read_text(encoding="utf-8")
    for name, row, changed in (
        ("near", "near_threshold_share,0.1,", "near_threshold_share,0.2,"),
        ("window", "card_spend_window_months,12,", "card_spend_window_months,6,"),
    ):
        assert row in shipped
        folder = tmp_path / name
        folder.mkdir()
        (folder / "policy_parameter.csv").write_text(shipped.replace(row, changed), encoding="utf-8")
    result = simulated(house, tmp_path / "near", OCTOBER)
    assert (result.facts.families_changed, result.facts.measured_anew) == (("policy_parameter",), False)
    assert result.summary["customers_affected"] == 0
    with pytest.raises(ReplayError, match="policy_parameter decides what is measured"):
        simulated(house, tmp_path / "window", OCTOBER)


# ------------------------------------------------------------------ the command


def test_the_command_publishes_tables_of_its_own(house: House, higher_entry: Path) -> None:
    release = (house.published / "current").resolve()
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in release.rglob("*") if path.is_file()}
    done = run_fenceng("simulate", "--policy", higher_entry, "--output", house.output)
    assert done.returncode == 0, done.stderr
    assert "customers change their tier" in done.stdout
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in before} == before
    folders = [path for path in (house.published / "simulations").iterdir() if not path.name.startswith(".")]
    folder = next(path for path in folders if str(path) in done.stdout.replace("\n", ""))
    with (folder / "affected_customer.csv").open(encoding="utf-8", newline="") as handle:
        listed = list(csv.DictReader(handle))
    assert len(listed) == len(read_rows(folder / "what_if.duckdb", "select * from simulation.affected_customer")) > 0
    assert not {"customer_name", "birth_date", "mobile_phone", "id_number"} & set(listed[0])
    again = run_fenceng("simulate", "--policy", higher_entry, "--output", house.output)
    assert again.stdout == done.stdout, "the same question has the same answer"


def test_groups_and_outcomes_are_named_not_coded(house: House, higher_entry: Path) -> None:
    for language, group, purpose in (("en", "Outlet head", "tier or class"), ("zh", "网点主任", "分层分类")):
        done = run_fenceng("simulate", "--policy", higher_entry, "--output", house.output, "--lang", language)
        tables = [line for line in done.stdout.splitlines() if line.startswith("│")]
        assert tables, done.stdout
        assert any(group in line for line in tables)
        assert not [line for line in tables if re.search(r"[a-z]_[a-z]", line)], "codes such as outlet_leader"
        assert any(purpose in line for line in tables)


def test_an_unsound_proposal_is_refused(house: House, tmp_path: Path) -> None:
    folder = proposal(tmp_path / "hole", "policy_tier_rule", {"RT-T4-AUM": {"lower_bound": "60000.00"}})
    done = run_fenceng("simulate", "--policy", folder, "--output", house.output)
    assert done.returncode == 3
    assert "hole: retail_tier: nobody decides financial_assets from 50,000 to below 60,000" in done.stderr
    looked = run_fenceng("simulate", "--policy", folder, "--output", house.output, "--allow-problems")
    assert looked.returncode == 0, looked.stderr


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (None, "", "holds no policy CSV"),
        ("policy_weather.csv", "rule_id\n", "policy_weather is not a policy family"),
    ],
)
def test_a_proposal_that_is_none_is_wrong_use(
    house: HouseCopy, tmp_path: Path, file: str | None, text: str, said: str
) -> None:
    if file:
        (tmp_path / file).write_text(text, encoding="utf-8")
    done = run_fenceng("simulate", "--policy", tmp_path, "--output", house.output)
    assert done.returncode == 2, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_date_that_is_not_published_is_wrong_use(house: House, tmp_path: Path) -> None:
    for day, said in (("2026-10-30", "use --date 2026-10-31"), ("2026-09-30", "2026-09 is not published")):
        done = run_fenceng("simulate", "--policy", POLICY_FOLDER, "--date", day, "--output", house.output)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    done = run_fenceng("simulate", "--policy", POLICY_FOLDER, "--output", tmp_path)
    assert done.returncode == 2


# ------------------------------------------------------------------ verification


def verified(
    house: House, month: str, run: Callable[..., subprocess.CompletedProcess[str]] = run_fenceng
) -> tuple[int, str]:
    """What `fenceng verify` says, of this project or of a copy."""
    done = run("verify", "--month", month, "--landing", house.landing, "--output", house.output)
    return done.returncode, done.stdout


def test_a_published_month_is_rebuilt_byte_by_byte(house: House) -> None:
    """October again after November, though November is the newest: the order of dates does not matter."""
    release = os.readlink(house.published / "current")
    code, said = verified(house, "2026-10")
    assert code == 0, said
    assert "identical: 2026-10 as of 2026-10-31: 25 tables, every byte" in said
    assert os.readlink(house.published / "current") == release
    assert not list(house.output.glob("verification*"))


@pytest.mark.slow
def test_a_changed_row_is_found_with_table_and_column(house: House, tmp_path: Path) -> None:
    """T3's entry is edited in place, which nobody should do: the past changes, and verification reports it."""
    copy = HouseCopy(tmp_path)
    file = copy.policy / "policy_tier_rule.csv"
    shipped = file.read_text(encoding="utf-8")
    file.write_text(
        shipped.replace("aum,1,financial_assets,100000.00,true", "aum,1,financial_assets,90000.00,true").replace(
            "aum,1,financial_assets,50000.00,true,100000.00,false",
            "aum,1,financial_assets,50000.00,true,90000.00,false",
        ),
        encoding="utf-8",
    )
    code, said = verified(house, "2026-11", copy.command)
    assert code == 1
    assert "changed since it was published: the policy rows in force" in said
    assert "fct_customer_tier_monthly" in said
    assert " tier_code: " in said


def test_an_unpublished_month_is_wrong_use(house: House) -> None:
    code, _ = verified(house, "2026-08")
    assert code == 2
