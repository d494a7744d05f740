"""The sample bank: the same on every run, true to the contract, its planted defects complete."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from stdnum.cn import ric, uscc

from expectations.contract import Table, load_contract
from expectations.policy.in_force import rows_in_force
from expectations.project import POLICY_FOLDER, PROJECT_ROOT
from fenceng.sample import PLANTED_FILE, FileFormat, write_sample
from fenceng.sample.bank import SampleBank
from fenceng.sample.days import day_number
from fenceng.sample.defects import DefectPlan, row_key
from fenceng.sample.streams import Streams, below, log_normal
from fenceng.sample.writer import MARK

TABLES = load_contract().tables
CUSTOMERS = 2000
FIRST, LAST = date(2025, 12, 30), date(2026, 1, 2)
Frames = Mapping[str, pd.DataFrame]
FROZEN_RAW = [2637800692297179171, 11619238454624550656, 15410512969707080285, 12037879132549680690]


def read(landing: Path, table: str, day: date | None = None) -> pd.DataFrame:
    """All values as text, null as None, plus `biz_date`; of one partition, or of all."""
    pattern = f"biz_date={day}" if day else "biz_date=*"
    frames = []
    for folder in sorted((landing / table).glob(pattern)):
        (file,) = folder.glob("part-0.*")
        if file.suffix == ".csv":
            frame = pd.read_csv(file, dtype=object, keep_default_na=False, na_values=[""])
        else:
            query = f"select columns(*)::varchar from read_parquet('{file}')"
            frame = duckdb.execute(query).df().astype(object)
        frames.append(frame.assign(biz_date=folder.name.removeprefix("biz_date=")))
    rows = pd.concat(frames, ignore_index=True).astype(object)
    return rows.where(rows.notna(), None)


def known_on(landing: Path, table: Table, day: date) -> pd.DataFrame:
    """Return the rows that a refresh for a day reads."""
    if table.kind == "snapshot":
        return read(landing, table.name, day)
    rows = read(landing, table.name)
    return rows[rows["biz_date"] <= day.isoformat()]


def hashes(landing: Path) -> dict[str, str]:
    return {
        str(file.relative_to(landing)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(landing.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a landing zone without defects, as CSV."""
    landing = tmp_path_factory.mktemp("bank")
    write_sample(landing, customers=CUSTOMERS, first=FIRST, last=LAST, file_format="csv")
    return landing


@pytest.fixture(scope="module")
def on_last(bank: Path) -> Frames:
    """Return every table as a refresh for the last day reads it."""
    return {name: known_on(bank, table, LAST) for name, table in TABLES.items()}


# ------------------------------------------------------------------ the same rows again


def test_same_arguments_give_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, customers=300, first=LAST, last=LAST, defects=True, file_format="csv")
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_streams_keep_their_numbers() -> None:
    """Frozen numbers: another machine, numpy or Python must draw the same ones."""
    raw = Streams(20260101).raw("customer.wealth", 4)
    assert raw.tolist() == FROZEN_RAW
    assert below(raw, 1000).tolist() == [int(number >> 32) * 1000 >> 32 for number in FROZEN_RAW]
    assert Streams(20260101).raw("customer.wealth", 2).tolist() == FROZEN_RAW[:2]
    assert Streams(20260102).raw("customer.wealth", 4).tolist() != FROZEN_RAW


def test_log_normal_has_its_median() -> None:
    values = log_normal(Streams(1).raw("any", 20_001), 1_000_000, 10)
    assert 0.95 < np.median(values) / 1_000_000 < 1.05
    assert np.percentile(values, 97.7) / 1_000_000 > 30  # two sigma of 2.0: e**4 = 55


def test_another_end_changes_no_other_date(bank: Path, tmp_path: Path) -> None:
    """The bank up to LAST has one more month of newcomers than the bank up to FIRST."""
    write_sample(tmp_path, customers=CUSTOMERS, first=FIRST, last=FIRST, file_format="csv")
    mine, theirs = hashes(bank), hashes(tmp_path)
    shared = mine.keys() & theirs.keys()
    assert {name for name in shared if mine[name] != theirs[name]} == set()
    assert len(shared) == len(theirs)


def test_another_beginning_changes_no_row(bank: Path, tmp_path: Path) -> None:
    earlier = FIRST - timedelta(days=1)
    write_sample(tmp_path, customers=CUSTOMERS, first=earlier, last=LAST, file_format="csv")
    mine, theirs = hashes(bank), hashes(tmp_path)
    cut = FIRST - timedelta(days=1)  # only the days of the month before FIRST are cut differently
    assert {name for name in mine if str(cut) not in name and mine[name] != theirs[name]} == set()
    for table in TABLES.values():
        if table.kind == "event":
            mine_rows, their_rows = (
                read(root, table.name).drop(columns="biz_date").sort_values(list(table.key))
                for root in (bank, tmp_path)
            )
            assert mine_rows.to_numpy().tolist() == their_rows.to_numpy().tolist()


def test_both_formats_hold_the_same_rows(tmp_path: Path) -> None:
    options = {"customers": 300, "first": LAST, "last": LAST}
    formats: tuple[FileFormat, FileFormat] = ("csv", "parquet")
    for name in formats:
        write_sample(tmp_path / name, file_format=name, **options)  # type: ignore[arg-type]
    for table in TABLES.values():
        csv_rows, parquet_rows = (read(tmp_path / name, table.name) for name in formats)
        assert list(csv_rows.columns) == [*(column.name for column in table.columns), "biz_date"]
        assert csv_rows.to_numpy().tolist() == parquet_rows.to_numpy().tolist(), table.name


def test_parquet_has_the_types_of_the_contract(tmp_path: Path) -> None:
    write_sample(tmp_path, customers=100, first=LAST, last=LAST)
    for table in TABLES.values():
        files = f"{tmp_path}/{table.name}/*/part-0.parquet"
        found = duckdb.execute(f"describe from read_parquet('{files}', hive_partitioning = false)")
        types = [(row[0], row[1].lower()) for row in found.fetchall()]
        assert types == [(column.name, column.type) for column in table.columns]


# ------------------------------------------------------------------ partitions


def test_control_files_match(bank: Path) -> None:
    for control in bank.glob("*/*/_control.json"):
        said = json.loads(control.read_text())
        (file,) = control.parent.glob("part-0.*")
        assert said["files"] == {file.name: hashlib.sha256(file.read_bytes()).hexdigest()}
        assert said["rows"] == len(pd.read_csv(file, dtype=str))


def test_partitions_of_snapshots_and_events(bank: Path) -> None:
    days = [str(FIRST + timedelta(days=n)) for n in range((LAST - FIRST).days + 1)]
    for table in TABLES.values():
        found = sorted(p.name.removeprefix("biz_date=") for p in (bank / table.name).iterdir())
        if table.kind == "snapshot":
            assert found == days
        else:
            history = [day for day in found if day < str(FIRST)]
            assert history[0] == "2024-12-31"
            in_first_month = [day for day in history if day[:7] == "2025-12"]
            assert len(history) == 12 + len(in_first_month)
            # Visits of the month come in on their days.
            assert len(in_first_month) > 20 if table.name == "visit" else len(in_first_month) <= 1
    assert not (bank / PLANTED_FILE).exists()
    assert {path.name for path in bank.iterdir()} == set(TABLES) | {MARK}


def test_events_lie_in_their_partition(on_last: Frames) -> None:
    for table, column in (("card_transaction", "transacted_on"), ("visit", "visited_on")):
        rows = on_last[table]
        assert (rows[column] <= rows["biz_date"]).all()
        assert (rows[column].str[:7] == rows["biz_date"].str[:7]).all()


def test_ranges_and_sizes_that_are_refused(bank: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ends on"):
        write_sample(tmp_path, customers=100, first=LAST, last=FIRST)
    with pytest.raises(ValueError, match="books begin"):
        write_sample(tmp_path, customers=100, first=date(2019, 1, 1), last=LAST)
    with pytest.raises(ValueError, match="at least"):
        write_sample(tmp_path, customers=99, first=FIRST, last=LAST)
    with pytest.raises(ValueError, match="delivered twice"):
        write_sample(bank, customers=CUSTOMERS, first=LAST, last=LAST)


def test_killed_run_leaves_no_half_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("fenceng.sample.writer._sha256", fail)
    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path, customers=100, first=LAST, last=LAST)
    assert [path.name for path in tmp_path.iterdir()] == [MARK]


def test_deliveries_of_a_bank_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "customer" / f"biz_date={LAST}" / "BANK.csv"
    file.parent.mkdir(parents=True)
    file.touch()
    with pytest.raises(ValueError, match="customer holds deliveries that no sample wrote; name an empty folder"):
        write_sample(tmp_path, customers=100, first=LAST, last=LAST)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]


# ------------------------------------------------------------------ true to the contract


def test_identity_numbers_are_valid_and_nobodys(on_last: Frames) -> None:
    customers = on_last["customer"]
    resident = customers.loc[customers["id_type"] == "resident_id", "id_number"]
    credit = customers.loc[customers["id_type"] == "uscc", "id_number"]
    assert len(resident) > 1500
    assert len(credit) > 80
    for number in resident:
        assert len(number) == 18
        assert number.startswith("990000")
        assert number[-1] == ric.calc_check_digit(number)
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    for number in credit:
        assert number[2:8] == "990000"
        assert number[-1] == uscc.calc_check_digit(number[:-1])
        assert uscc.validate(number) == number
    assert customers["id_number"].dropna().is_unique
    # an identity number with an X counts too
    assert resident.str.endswith("X").any()


def test_mobile_numbers_are_nobodys(on_last: Frames) -> None:
    phones = on_last["customer"]["mobile_phone"]
    bare = phones.dropna().str.replace(r"[-\s]", "", regex=True).str.removeprefix("+86")
    assert bare[bare != ""].str.removeprefix("+86").str.startswith(("154", "1990000")).all()
    assert phones.isna().any()
    assert (~bare.str.fullmatch(r"1[3-9]\d{9}")).any()
    assert phones.str.startswith("+86", na=False).any()
    assert {5, 6} <= set(bare.value_counts())
    assert (bare == "").any()
    assert bare.str.startswith("+86").any()


def test_a_sound_bank_breaks_no_rule(bank: Path) -> None:
    assert rejects(bank, LAST) == set()


def test_values_that_the_marts_need(on_last: Frames) -> None:
    for name, table in TABLES.items():
        for column in table.columns:
            if column.enum and (name, column.name) != ("corporate_profile", "institution_type"):
                missing = set(column.enum) - set(on_last[name][column.name])
                assert not missing, (name, column.name, missing)
    balances = set(on_last["account"]["balance"])
    for yuan in (50_000, 100_000, 200_000, 2_000_000, 50_000_000, 200_000_000):
        for fen in (-1, 0, 1):
            assert f"{Decimal(yuan) + Decimal(fen) / 100:.2f}" in balances
    assert (on_last["account"]["balance"].str.startswith("-")).any()
    assert on_last["account"].groupby("account_id")["currency"].nunique().max() == 2
    visits = on_last["visit"]
    assert visits.groupby("visit_id")["employee_id"].nunique().max() == 2
    calls = visits[visits["channel"] == "phone"]
    lasted = (pd.to_datetime(calls["ended_at"]) - pd.to_datetime(calls["started_at"])).dt.total_seconds()
    assert lasted.min() < 30 < lasted.max()
    assert visits.loc[visits["channel"] == "on_site", "place"].nunique() > 5
    for name in ("started_at", "ended_at", "place"):
        assert 0.1 < visits[name].isna().mean() < 0.9
    stated = on_last["card_transaction"].merge(on_last["card"], on="card_id", suffixes=("", "_now"))
    assert stated["card_kind"].isna().any()
    assert (stated["card_kind"].notna() & (stated["card_kind"] != stated["card_kind_now"])).any()
    assert set(on_last["corporate_profile"]["is_co_managed"]) == {"true", "false", None}
    weekdays = pd.to_datetime(visits["visited_on"]).dt.day_of_week
    assert weekdays.max() == 4


def test_balances_are_a_tenth_off_the_bounds(bank: Path) -> None:
    """Below them in January, above them in December: exactly a tenth, and a fen more."""
    for day, tenths, fen in ((LAST, 9, -1), (date(2025, 12, 31), 11, 1)):
        balances = set(read(bank, "account", day)["balance"])
        for bound in (50_000, 100_000, 200_000, 50_000_000, 200_000_000):
            near = Decimal(bound) * tenths / 10
            assert {f"{near:.2f}", f"{near + Decimal(fen) / 100:.2f}"} <= balances


def test_amounts_flow_up_to_the_floor_and_halve(bank: Path) -> None:
    """From December, an odd month, to January: one account each moves by a floor, by a fen less, or loses half."""
    before, after = (
        read(bank, "account", day).set_index(["account_id", "currency"])["balance"].map(Decimal)
        for day in (date(2025, 12, 31), LAST)
    )
    flows = set(before - after)
    for floor in ("500000", "10000000"):
        assert {Decimal(floor), Decimal(floor) - Decimal("0.01")} <= flows
    assert Decimal("500000.01") in flows
    for old, new in (("200000.00", "100000.00"), ("60000000.00", "30000000.00")):
        here = before == Decimal(old)
        assert {Decimal(new), Decimal(new) + Decimal("0.01")} <= set(after.reindex(before.index)[here])


def test_what_falls_due_does_so_on_the_bounds(bank: Path) -> None:
    close = date(2025, 12, 31)

    def days(*ahead: int) -> set[str]:
        return {str(close + timedelta(days=more)) for more in ahead}

    accounts, loans, cards, customers = (read(bank, name, close) for name in ("account", "loan", "card", "customer"))
    chosen = accounts[accounts["balance"] == "20000.00"]
    assert days(0, 14, 15) <= set(chosen["matures_on"])
    assert chosen.groupby(["customer_id", "matures_on"]).size().max() == 2
    assert days(0, 30, 31) <= set(loans.loc[loans["status"] == "active", "matures_on"])
    waiting = cards[(cards["card_kind"] == "credit") & (cards["status"] == "inactive") & cards["activated_on"].isna()]
    assert days(-90, -89) <= set(waiting["issued_on"])
    consenting = customers[customers["marketing_consent"] == "true"]
    birthdays = set(consenting["birth_date"].dropna().str[5:])
    assert {day[5:] for day in days(-1, 0, 1, 3, 4)} | {"02-29"} <= birthdays
    assert {"2011-12-31", "2012-02-29", "2018-10-31"} <= set(consenting["birth_date"])
    assert "2024-02-29" in set(customers["opened_on"])
    managers = set(read(bank, "relationship", close).query("relation == 'manager'")["employee_id"])
    left = read(bank, "employee", close).query(f"left_on == '{close}'")
    assert set(left["employee_id"]) & managers
    statements = known_on(bank, TABLES["financial_statement"], close)
    assert {"2023-10-30", "2023-10-31", "2023-12-31", "2024-02-29"} <= set(statements["period_end"])
    both = statements.groupby(["customer_id", "period_end"])["total_assets"].nunique()
    assert both.max() == 2


def test_customers_change_their_segment_and_are_led_by_departments(bank: Path) -> None:
    before, after = (read(bank, "customer", day).set_index("customer_id") for day in (date(2025, 12, 31), LAST))
    changed = before["customer_kind"] != after["customer_kind"].reindex(before.index)
    assert set(before.loc[changed, "customer_kind"]) == {"corporate"}
    assert set(after.loc[before.index[changed], "customer_kind"]) == {"sole_proprietor"}
    levels = read(bank, "organization", LAST).set_index("org_id")["org_level"]
    assert set(after["org_id"].map(levels)) == {"outlet", "wealth_center", "corporate_department"}


def test_ties_services_links_and_prospects_cover_their_cases(on_last: Frames) -> None:
    ties = on_last["relationship"]
    relations = ties.groupby("customer_id")["relation"].agg(frozenset)
    assert {frozenset({"customer_choice"}), frozenset({"manager", "customer_choice"})} <= set(relations)
    services = on_last["service"]
    assert services.groupby(["customer_id", "service_kind"]).size().max() == 2
    assert {"2025-10-31", "2025-11-01"} <= set(services["closed_on"])
    assert (services["closed_on"] < services["opened_on"]).any()
    links = on_last["customer_link"]
    pairs = set(zip(links["customer_id"], links["linked_customer_id"], strict=True))
    assert sum(one == other for one, other in pairs) == 1
    assert any((other, one) in pairs for one, other in pairs if one != other)
    opened = on_last["customer"].set_index("customer_id")["opened_on"]
    prospects = on_last["prospect"].assign(joined=on_last["prospect"]["customer_id"].map(opened))
    known = prospects[prospects["joined"].notna()]
    assert (known["joined"] > known["listed_on"]).any()
    assert (known["joined"] == known["listed_on"]).any()
    assert (known["joined"] < known["listed_on"]).any()
    assert (prospects["customer_id"].notna() & prospects["joined"].isna()).any()
    contacted = prospects["contacted_on"].notna()
    assert 0 < contacted.sum() < len(prospects)
    months = on_last["contribution"].groupby("customer_id")["month"].agg(["max", "size"])
    assert ((months["max"] < "2025-07-01") & (months["size"] == 1)).any()
    assert (months["size"] >= 12).any()


def numbers(values: pd.Series[str]) -> pd.Series[Decimal]:
    return values.map(Decimal)


def test_reported_metrics_have_gaps_and_end_last_month(on_last: Frames) -> None:
    rows, levels = on_last["reported_metric"], on_last["organization"].set_index("org_id")["org_level"]
    policy = {row["metric"]: row for row in rows_in_force(POLICY_FOLDER / "policy_metric.csv", LAST)}
    delivered = {name for name, row in policy.items() if row["source"] == "delivered"}
    own = {name for name, row in policy.items() if row["source"] == "warehouse"}
    assert set(rows["metric"]) == delivered | {"deposit_balance", "loan_balance", "new_customers"} | {
        "customer_satisfaction"
    }
    assert {"deposit_balance", "loan_balance", "new_customers"} <= own
    months = sorted(set(rows["month"]))
    assert (months[0], months[-1], len(months)) == ("2024-01-01", "2025-12-01", 24)
    assert set(rows["org_id"].map(levels)) == {"outlet", "branch"}
    of_outlets = rows[rows["org_id"].map(levels) == "outlet"]
    assert "deposit_rank_four_banks" not in set(of_outlets["metric"])
    september = of_outlets[of_outlets["month"] == "2025-09-01"]
    assert set(of_outlets["org_id"]) - set(september["org_id"]) == {"ORG-O00002"}
    assert "0.000000" in set(september.loc[september["metric"] == "operating_income", "value"])
    banks = {name: set(of_outlets.loc[of_outlets["metric"] == name, "org_id"]) for name in delivered}
    assert banks["deposit_total_four_banks"] - banks["deposit_total_five_banks"] == {"ORG-O00004"}
    shares = numbers(rows.loc[rows["metric"] == "electronic_channel_share", "value"])
    assert 0 < shares.min() < shares.max() <= 1


def test_reported_newcomers_agree_and_deposits_nearly_do(on_last: Frames) -> None:
    customers, rows = on_last["customer"], on_last["reported_metric"]
    december = rows[rows["month"] == "2025-12-01"].set_index(["metric", "org_id"])["value"].map(Decimal)
    joined = customers.loc[customers["opened_on"].str.startswith("2025-12"), "org_id"].value_counts()
    reported = december["new_customers"]
    outlets = [name for name in reported.index if name.startswith("ORG-O")]
    assert {name: int(reported[name]) for name in outlets} == {name: int(joined.get(name, 0)) for name in outlets}
    lead = customers.set_index("customer_id")["org_id"]
    loans = on_last["loan"].query("status == 'active' and currency == 'CNY'")
    owed = numbers(loans["principal_balance"]).groupby(loans["customer_id"].map(lead)).sum()
    for name in outlets:
        assert owed[name] * Decimal("0.8") < december["loan_balance", name] < owed[name] * Decimal("1.2")
        assert december["loan_balance", name] != owed[name]
        assert december["deposit_balance", name] < december["deposit_total_four_banks", name]


def test_targets_of_two_years_cover_their_cases(on_last: Frames) -> None:
    rows, levels = on_last["target"], on_last["organization"].set_index("org_id")["org_level"]
    assert set(rows["year"]) == {"2025-01-01", "2026-01-01"}
    assert set(rows["metric"]) == {"new_customers", "deposit_balance", "fee_income"}
    assert set(rows["org_id"].map(levels)) == {"outlet", "branch", "head_office"}
    assert set(rows.loc[numbers(rows["amount"]) < 0, "metric"]) == {"deposit_balance"}
    assert "0.00" in set(rows["amount"])
    staffed = set(on_last["employee"]["org_id"])
    assert set(rows["org_id"]) - staffed >= {"ORG-O00005"}
    assert "ORG-O00005" not in set(on_last["customer"]["org_id"])
    counts = numbers(rows.loc[rows["metric"] == "new_customers", "amount"])
    assert (counts % 1 == 0).all()


def test_scores_add_up_to_the_bounds_of_the_grades(on_last: Frames) -> None:
    rows, staff = on_last["appraisal_score"], on_last["employee"].set_index("employee_id")
    whole = rows[rows["year"] == "2024-01-01"]
    total = numbers(whole["score"]).groupby(whole["employee_id"]).agg(["sum", "size"])
    complete = set(total.loc[total["size"] == 2, "sum"].map(str))
    assert {"59.99", "60.00", "69.99", "70.00", "79.99", "80.00", "89.99", "90.00", "50.00"} <= complete
    only = whole[whole["employee_id"].isin(total.index[total["size"] == 1])]
    assert set(only["part"]) == {"leader", "performance"}
    leaders = staff[staff["role"].isin(["branch_president", "branch_vice_president", "chief_financial_officer"])]
    employed = leaders[leaders["left_on"].isna() | (leaders["left_on"] > "2024-12-31")]
    assert set(employed.index[employed["hired_on"] <= "2024-12-31"]) - set(total.index)
    assert set(total.index.map(staff["role"])) - set(leaders["role"]) == {"outlet_head"}
    # Nothing of 2025 is given by the second day of the year after it.
    assert set(rows["year"]) == {"2023-01-01", "2024-01-01"}


def test_feedback_covers_both_halves_and_all_channels(on_last: Frames) -> None:
    rows, staff = on_last["appraisal_feedback"], on_last["employee"].set_index("employee_id")
    days = set(rows["received_on"])
    assert {"2025-06-30", "2025-07-01", "2025-12-31", "2026-01-01"} <= days
    assert (rows["received_on"] <= rows["biz_date"]).all()
    asked = rows["channel"] == "questionnaire"
    assert asked.any()
    assert rows.loc[asked, "score"].isna().any()
    assert {"0.00", "100.00", "60.00"} <= set(rows.loc[asked, "score"])
    others = rows.loc[~asked, "score"]
    assert others.isna().any()
    assert others.notna().any()
    left = rows["employee_id"].map(staff["left_on"])
    assert (left <= rows["received_on"]).any()
    june = rows[rows["received_on"] == "2025-06-30"].groupby("employee_id")["score"].agg(list)
    assert ["80.00", "80.01"] in june.tolist()


def test_campaigns_stand_at_every_stage_and_have_gaps(bank: Path) -> None:
    close = date(2025, 12, 31)
    campaigns, members = (read(bank, name, close).set_index("campaign_id") for name in ("campaign", "campaign_member"))
    starts, ends = (pd.to_datetime(campaigns[name]) for name in ("starts_on", "ends_on"))
    now, follows = pd.Timestamp(close), pd.Timedelta(days=30)
    assert (starts > now).any()
    assert (ends == now).any()
    assert ((ends < now) & (ends + follows >= now)).any()
    assert (ends + follows < now).any()
    texts = campaigns[["situation", "goals", "strategy", "implementation", "feedback_channel"]]
    assert texts.notna().all(axis=1).any()
    assert texts.isna().all(axis=1).any()
    assert (texts == "\u3000 ").any(axis=None)
    assert {None, "0", "500"} <= set(campaigns["planned_conversions"])
    assert set(campaigns.index) - set(members.index)
    groups = members.groupby(level=0)["is_control"].agg(frozenset)
    assert set(groups) == {frozenset({"false"}), frozenset({"true", "false"})}
    levels = read(bank, "organization", close).set_index("org_id")["org_level"]
    assert set(campaigns["org_id"].map(levels)) == {"head_office", "branch", "sub_branch", "outlet"}


def test_members_of_campaigns_convert_on_the_bounds(on_last: Frames) -> None:
    rows = on_last["campaign_member"].merge(on_last["campaign"], on="campaign_id")
    targeted = rows["is_control"] == "false"
    for column, own, wanted in (
        ("converted_on", targeted, {"starts_on": {-1, 0}, "ends_on": {30, 31}}),
        ("converted_on", ~targeted, {"ends_on": {30, 31}}),
        ("contacted_on", targeted, {"starts_on": {-1, 0}, "ends_on": {0, 1}}),
        ("contacted_on", ~targeted, {"starts_on": {0}}),
    ):
        for anchor, distances in wanted.items():
            found = pd.to_datetime(rows.loc[own, column]) - pd.to_datetime(rows.loc[own, anchor])
            assert distances <= set(found.dt.days), (column, anchor)
    known = on_last["customer"].set_index("customer_id")["marketing_consent"]
    assert (~rows["customer_id"].isin(known.index)).any()
    consent = rows.loc[targeted & rows["contacted_on"].notna(), "customer_id"].map(known)
    assert {"true", "false"} < set(consent.fillna("unknown"))
    assert (rows["contacted_on"].dropna() <= str(LAST)).all()


def test_visits_show_each_signal_and_stop_short_of_it(bank: Path) -> None:
    """December, by the bounds of the shipped policy."""
    rows = known_on(bank, TABLES["visit"], date(2025, 12, 31))
    rows = rows[rows["visited_on"].str.startswith("2025-12")]
    rows = rows.assign(at=pd.to_datetime(rows["started_at"]), till=pd.to_datetime(rows["ended_at"]))
    late = (pd.to_datetime(rows["biz_date"]) - pd.to_datetime(rows["visited_on"])).dt.days
    assert set(late) == {0, 7, 8}
    is_last = rows["visited_on"].isin(["2025-12-29", "2025-12-30", "2025-12-31"])
    bursts = set(is_last.groupby(rows["employee_id"]).agg(["sum", "size"]).itertuples(index=False, name=None))
    assert {(5, 9), (5, 10), (4, 4)} <= bursts
    in_person = rows[rows["channel"] == "on_site"]
    assert {8, 9} <= set(in_person.groupby(["employee_id", "visited_on"]).size())
    pairs = in_person.merge(in_person, on="employee_id")
    seconds = (pairs["at_y"] - pairs["at_x"]).dt.total_seconds()
    is_apart = (pairs["place_x"] != pairs["place_y"]) & (pairs["customer_id_x"] != pairs["customer_id_y"])
    is_apart &= pairs["place_x"].notna() & pairs["place_y"].notna()
    assert {59, 60} <= set(seconds[is_apart])
    assert 59 in set(seconds[pairs["place_x"] == pairs["place_y"]])
    calls = rows[rows["channel"] == "phone"]
    assert {29, 30} <= set((calls["till"] - calls["at"]).dt.total_seconds())
    outcomes = rows["outcome"].fillna("").str.strip().str.lower()
    copies = outcomes.groupby([rows["employee_id"], outcomes]).size()
    by_length = {(len(text), int(count)) for (_, text), count in copies.items() if len(text) > 18}
    assert {(20, 4), (20, 3), (19, 4)} <= by_length


def test_visits_are_made_on_days_off_too(on_last: Frames) -> None:
    visits = on_last["visit"]
    in_person = visits.loc[visits["channel"] == "on_site", "visited_on"]
    calendar = pd.read_csv(PROJECT_ROOT / "seeds/reference/ref_calendar_exception.csv", dtype=str)
    days_off = set(calendar.loc[calendar["is_working_day"] == "false", "calendar_date"])
    for month in ("2025-10", "2026-01"):
        assert any(day.startswith(month) for day in days_off & set(in_person))


def test_card_spend_stands_on_the_bound(on_last: Frames) -> None:
    cards, rows = on_last["card"], on_last["card_transaction"]
    credit = rows[rows["card_id"].isin(cards.loc[cards["card_kind"] == "credit", "card_id"])]
    window = credit[credit["transacted_on"] > "2025-01-02"]
    sign = window["transaction_kind"].map({"purchase": 1, "refund": -1}).fillna(0).astype(int)
    spent = (window["amount"].map(Decimal) * sign).groupby(window["customer_id"]).sum()
    assert {Decimal("50000.00"), Decimal("49999.99"), Decimal("50000.01")} <= set(spent)
    assert (spent < 0).any()


def test_the_bank_lives(tmp_path: Path) -> None:
    """Between two month ends people come and go, accounts close, loans end, balances move."""
    days = date(2025, 11, 30), date(2025, 12, 31)
    for day in days:
        write_sample(tmp_path / str(day), customers=CUSTOMERS, first=day, last=day, file_format="csv")
    before, after = (
        {n: read(tmp_path / str(day), n, day) for n, t in TABLES.items() if t.kind == "snapshot"} for day in days
    )

    def moved(table: str, column: str, value: str) -> int:
        key = list(TABLES[table].key)
        both = before[table].merge(after[table], on=key, suffixes=("_old", ""))
        return int(((both[f"{column}_old"] != value) & (both[column] == value)).sum())

    assert len(after["customer"]) == CUSTOMERS
    newcomers = after["customer"].loc[after["customer"]["opened_on"] > "2025-11-30", "opened_on"]
    assert "2025-12-01" in set(newcomers)
    assert newcomers.max() > "2025-12-10"
    assert moved("account", "status", "closed") > 0
    assert moved("loan", "status", "settled") > 0
    assert moved("card", "status", "cancelled") > 0
    assert after["employee"]["left_on"].notna().sum() > before["employee"]["left_on"].notna().sum()
    assert len(after["employee"]) > len(before["employee"])
    both = before["account"].merge(after["account"], on=["account_id", "currency"])
    assert (both["balance_x"] != both["balance_y"]).mean() > 0.3


def test_month_average_is_the_mean_of_the_balances(tmp_path: Path) -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 6)
    write_sample(tmp_path, customers=100, first=first, last=last, file_format="csv")
    rows = read(tmp_path, "account")
    rows["fen"] = rows["balance"].map(lambda text: int(Decimal(text) * 100))
    key = ["account_id", "currency"]
    rows["total"] = rows.groupby(key)["fen"].transform("sum")
    newest = rows[(rows["biz_date"] == str(last)) & rows["balance_mtd_average"].notna()]
    average = newest["balance_mtd_average"].map(lambda text: int(Decimal(text) * 100))
    assert len(newest) > 100
    assert average.tolist() == ((2 * newest["total"] + 6) // 12).tolist()


# ------------------------------------------------------------------ planted defects


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_planted_list_is_what_the_rules_reject(tmp_path: Path, file_format: FileFormat) -> None:
    summary = write_sample(tmp_path, customers=400, first=FIRST, last=LAST, defects=True, file_format=file_format)
    listed = pd.read_csv(tmp_path / PLANTED_FILE, dtype=str)
    assert list(listed.columns) == ["table_name", "business_date", "row_key", "rule_id"]
    assert len(listed) == summary.planted_defects
    assert not listed.duplicated().any()
    planted = set(listed.itertuples(index=False, name=None))
    for day in (FIRST, LAST):
        expected = {
            row for row in planted if row[1] == str(day) or (TABLES[row[0]].kind == "event" and row[1] <= str(day))
        }
        found = rejects(tmp_path, day)
        assert found - expected == set()
        assert expected - found == set()
    kinds = {rule.rsplit(".", 1)[1] for rule in listed["rule_id"]}
    wanted = {"required", "enum", "reference", "range", "future", "limit", "negative", "rate", "positive"}
    wanted |= {"checksum", "first_day", "order", "duplicate", "conflict"}
    assert kinds == wanted | ({"type"} if file_format == "csv" else set())
    assert set(listed.loc[listed["business_date"] == str(FIRST), "table_name"]) == set(TABLES)
    assert listed.groupby(["table_name", "business_date"]).size().max() < 20


def test_defects_leave_the_bank_as_it_is(tmp_path: Path) -> None:
    for name, defects in (("sound", False), ("bad", True)):
        write_sample(
            tmp_path / name, customers=300, first=LAST, last=LAST, defects=defects,
            file_format="csv",
        )  # fmt: skip
    for table in TABLES:
        for file in (tmp_path / "sound" / table).glob("*/part-0.csv"):
            bad = tmp_path / "bad" / file.relative_to(tmp_path / "sound")
            assert bad.read_text().startswith(file.read_text())


def test_event_defects_stay_below_the_gates_limit() -> None:
    """Planted event rows add up over the dates, and the gate blocks above 100 per table."""
    first = day_number(date(2025, 1, 1))
    bank = SampleBank(CUSTOMERS, first + 400, 1)
    plan = DefectPlan(bank, first, is_csv=True)
    for name, table in TABLES.items():
        planted = [plan.plant(table, first + day, real_rows=5) for day in range(400)]
        rows = [len(planting.rows) + planting.repeats_first for planting in planted]
        if table.kind == "event":
            assert 80 < sum(rows) <= 100
            assert sum(count > 0 for count in rows) > 60
            keys = {row_key(table, row.values) for plant in planted for row in plant.rows}
            rules = {(row.rule, str(row.values)) for plant in planted for row in plant.rows}
            assert len(keys) == len(rules) - sum("conflict" in rule for rule, _ in rules) / 2
        else:
            assert 0 < min(rows) <= max(rows) < 20, name


# ------------------------------------------------------------------ a small gate of its own


def row_keys(rows: pd.DataFrame, table: Table) -> pd.Series[str]:
    keys = rows[table.key[0]].fillna("(missing)")
    for name in table.key[1:]:
        keys = keys + "|" + rows[name].fillna("(missing)")
    return keys


PATTERNS = {
    "date": r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])",
    "timestamp": r"\d{4}-\d{2}-\d{2} (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d",
    "boolean": r"true|false",
    "bigint": r"-?\d+",
    "double": r"-?\d+(?:\.\d+)?",
    "decimal": r"-?\d+(?:\.\d+)?",
}
FUTURE = {"opened_on", "issued_on", "drawn_on", "visited_on", "transacted_on", "listed_on", "received_on"}


def rejects(landing: Path, day: date) -> set[tuple[str, str, str, str]]:
    """Judge what a refresh for a day reads: (table, business date, row key, rule)."""
    order = ["fx_rate", "organization", "customer", "employee"]
    order += [name for name in TABLES if name not in order]
    accepted: dict[str, set[str]] = {}
    found: set[tuple[str, str, str, str]] = set()
    for name in order:
        table = TABLES[name]
        names = [column.name for column in table.columns]
        rows = known_on(landing, table, day)
        keys = row_keys(rows, table)
        texts = rows[names].fillna("").agg("\x1f".join, axis=1)
        several = texts.groupby(keys).transform("nunique") > 1
        copy = ~several & keys.duplicated()
        broken: list[tuple[str, pd.Series[bool]]] = [
            (f"{name}.key.conflict", several),
            (f"{name}.key.duplicate", copy),
        ]
        for column in table.columns:
            values = rows[column.name]
            here = values.notna() & ~several & ~copy
            text = values.fillna("")
            rule = f"{name}.{column.name}"
            if not column.nullable:
                broken.append((f"{rule}.required", values.isna()))
            pattern = PATTERNS.get(column.type.split("(")[0])
            if pattern:
                broken.append((f"{rule}.type", here & ~text.str.fullmatch(pattern)))
                here &= text.str.fullmatch(pattern)
            if column.first_of:
                first = "-01" if column.first_of == "month" else "-01-01"
                broken.append((f"{rule}.first_day", here & ~text.str.endswith(first)))
            if column.enum:
                broken.append((f"{rule}.enum", here & ~values.isin(column.enum)))
            if column.ref:
                parents = set(rows["org_id"]) if column.ref == name else accepted[column.ref]
                broken.append((f"{rule}.reference", here & ~values.isin(parents)))
            if column.unit == "0..1":
                share = pd.to_numeric(values.where(here))
                broken.append((f"{rule}.range", here & ~share.between(0, 1)))
            if column.unit == "points":
                points = pd.to_numeric(values.where(here))
                highest = 50 if name == "appraisal_score" else 100
                broken.append((f"{rule}.range", here & ~points.between(0, highest)))
            if column.name in FUTURE:
                broken.append((f"{rule}.future", here & (text > rows["biz_date"])))
            if column.is_money:
                amount = values.where(here, "0").map(Decimal)
                limit = 10**14 if column.name == "total_assets" else 10**13
                broken.append((f"{rule}.limit", amount >= limit))
                if rule == "loan.principal_balance":
                    broken.append((f"{rule}.negative", amount < 0))
            if rule == "campaign.ends_on":
                broken.append((f"{rule}.order", here & (text < rows["starts_on"].fillna(""))))
            if rule == "fx_rate.cny_per_unit":
                broken.append((f"{rule}.positive", values.where(here, "1").map(Decimal) <= 0))
            if column.name == "currency" and name != "fx_rate":
                broken.append((f"{rule}.rate", here & ~values.isin(accepted["fx_rate"] | {"CNY"})))
        if name == "customer":
            is_wrong = [
                not is_valid_number(kind, number)
                for kind, number in zip(rows["id_type"], rows["id_number"], strict=True)
            ]
            broken.append(("customer.id_number.checksum", pd.Series(is_wrong, index=rows.index)))
        is_bad = several | copy
        for rule, where in broken:
            where = where.astype(bool)
            is_bad |= where
            for key, biz_date in zip(keys[where], rows.loc[where, "biz_date"], strict=True):
                found.add((name, str(biz_date), str(key), rule))
        accepted[name] = set(keys[~is_bad])
    return found


def is_valid_number(kind: str | None, number: str | None) -> bool:
    """Checksum of a resident id or a credit code; any other number is valid."""
    if number is None or kind not in ("resident_id", "uscc"):
        return True
    if kind == "resident_id":
        return bool(ric.calc_check_digit(number) == number[-1])
    return bool(uscc.calc_check_digit(number[:-1]) == number[-1])
