"""Policies of other banks from rows alone: the same code with other CSVs refreshes, publishes and stays correct."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.house import House, HouseCopy, Row, read_rows, run_fenceng

from expectations.policy.evaluate import decide
from expectations.policy.lint import lint
from expectations.policy.reading import load_policy
from expectations.project import POLICY_FOLDER, PROJECT_ROOT

PACKS = PROJECT_ROOT / "examples" / "policies"
OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 2)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample bank's landing zone over a month end."""
    folder = tmp_path_factory.mktemp("bank") / "landing"
    done = run_fenceng("sample", "--customers", 400, "--from", OCTOBER, "--to", NOVEMBER, "--landing", folder)
    assert done.returncode == 0, done.stderr
    return folder


def house(folder: Path, pack: str, landing: Path) -> HouseCopy:
    """A copy of the project with a pack's rows, over the bank."""
    made = HouseCopy(folder, PACKS / pack)
    made.landing.symlink_to(landing)
    return made


def refreshed(house: HouseCopy, *days: date) -> House:
    """The house after a refresh of each day."""
    for day in days:
        done = house.refresh(day)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return house


@pytest.mark.parametrize("pack", sorted(folder.name for folder in PACKS.iterdir() if folder.is_dir()))
def test_a_pack_is_sound(pack: str) -> None:
    assert lint(load_policy(POLICY_FOLDER, overlay=PACKS / pack)) == ()


# ------------------------------------------------------------------ visits by size


@pytest.fixture(scope="module")
def by_size(tmp_path_factory: pytest.TempPathFactory, landing: Path) -> House:
    """A month under the policy that requires visits by size of business."""
    return refreshed(house(tmp_path_factory.mktemp("by_size"), "visit_by_size", landing), NOVEMBER)


def decided(house: House, pack: str, scheme: str, day: date) -> Iterator[tuple[Row, str | None]]:
    """Each customer's published row, and the Python evaluator's outcome for the published measures."""
    view = load_policy(POLICY_FOLDER, overlay=PACKS / pack).in_force(day)
    measures = read_rows(
        house.current, f"select * from marts.fct_customer_measure_monthly where policy_month = '{day:%Y-%m}-01'"
    )
    tiers = read_rows(
        house.current, f"select * from marts.fct_customer_tier_monthly where policy_month = '{day:%Y-%m}-01'"
    )
    published = {row["customer_id"]: row for row in tiers}
    for row in measures:
        values = {
            name: Decimal(value) if isinstance(value, int) else value
            for name, value in row.items()
            if name in view.measures
        }
        decision = decide(view.policy, day, row["segment"], values).get(scheme)
        if decision:
            yield published[row["customer_id"]], decision.tier_code


@pytest.mark.slow
def test_classes_are_those_of_the_other_policy(by_size: House) -> None:
    compared = list(decided(by_size, "visit_by_size", "visit_size", NOVEMBER))
    assert [row["tier_code"] for row, _ in compared] == [outcome for _, outcome in compared]
    assert {outcome for _, outcome in compared} == {"V1", "V2", "V3"}


@pytest.mark.slow
def test_a_duty_of_a_quarter_counts_the_quarter(by_size: House) -> None:
    """On 2 November an October visit fulfils the quarter's duty, but none of the month's."""
    duties = read_rows(by_size.current, "select * from marts.fct_visit_obligation_monthly")
    assert Counter(row["role_group"] for row in duties).keys() == {"account_manager"}
    assert {row["required_contacts"] for row in duties} == {1}
    first = {"V1": date(2026, 11, 1), "V2": date(2026, 10, 1), "V3": date(2026, 7, 1)}
    for row in duties:
        last = row["last_contact_on"]
        contacted = last is not None and last >= first[row["tier_code"]]
        assert (row["counted_contacts"] > 0) == contacted, row
        if row["status"] != "excluded":
            assert row["status"] == ("met" if contacted else "open"), row
    earlier = [
        row
        for row in duties
        if row["tier_code"] == "V2" and row["status"] == "met" and row["last_contact_on"] < date(2026, 11, 1)
    ]
    assert earlier, "no duty that a visit of October fulfils: the test shows nothing"


@pytest.mark.slow
def test_contacts_of_longer_periods_weigh_on_each_month_alike(by_size: House) -> None:
    months = {"V1": 1, "V2": 3, "V3": 6}
    duties = read_rows(by_size.current, "select * from marts.fct_visit_obligation_monthly where status <> 'excluded'")
    required = read_rows(
        by_size.current,
        "select sum(required_contacts) as contacts, sum(duties) as duties from marts.fct_visit_capacity_monthly",
    )[0]
    assert required["duties"] == len(duties)
    # Rounded to two places once per organisation and period.
    assert (
        abs(float(required["contacts"]) - sum(1 / months[row["tier_code"]] for row in duties)) < 0.01 * len(months) * 20
    )


# ------------------------------------------------------------------ stars that fall late


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory, landing: Path) -> House:
    """Two months under the star policy, whose amounts double in the second."""
    made = house(tmp_path_factory.mktemp("stars"), "stars", landing)
    file = made.policy / "policy_tier_rule.csv"
    with file.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    doubled = []
    for row in (row for row in rows if row["scheme"] == "star"):
        bounds = {end: row[end] and str(float(row[end]) * 2) for end in ("lower_bound", "upper_bound")}
        doubled.append(row | bounds | {"valid_from": "2026-11-01"})
        row["valid_to"] = "2026-11-01"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows + doubled)
    return refreshed(made, OCTOBER, NOVEMBER)


@pytest.mark.slow
def test_a_star_is_kept_in_the_first_months_below(stars: House) -> None:
    rows = read_rows(
        stars.current,
        "select * from marts.fct_customer_tier_monthly where segment = 'retail' and policy_month = '2026-11-01'",
    )
    below = [row for row in rows if row["computed_tier_code"] != row["tier_code"]]
    assert len(below) > 50, "doubled amounts put many below their star"
    for row in rows:
        assert row["tier_movement"] != "down", row
        assert row["is_held"] == (row["computed_tier_code"] != row["tier_code"])
        assert row["months_below"] == int(row["is_held"])
        if row["is_held"]:
            assert row["tier_code"] == row["previous_tier_code"]
    held = read_rows(
        stars.current,
        "select sum(held) as held from marts.fct_tier_stability_monthly where policy_month = '2026-11-01'",
    )
    assert held[0]["held"] == len(below)


@pytest.mark.slow
def test_a_held_star_has_its_reason(stars: House) -> None:
    evidence = read_rows(
        stars.current, "select * from marts.fct_tier_evidence where policy_month = '2026-11-01' and route = 'held'"
    )
    assert evidence
    assert {(row["observed_value"], row["bound"], row["is_winner"]) for row in evidence} == {
        ("months_below = 1", "months_below < 6", True)
    }


@pytest.mark.slow
def test_without_a_scheme_of_routes_scope_is_more_than_the_default(stars: House) -> None:
    rows = read_rows(
        stars.current,
        "select * from marts.fct_customer_tier_monthly where segment = 'retail' and policy_month = '2026-10-01'",
    )
    assert {row["is_in_scope"] for row in rows} == {True, False}
    assert all(row["is_in_scope"] == (row["tier_code"] != "S0") for row in rows)
