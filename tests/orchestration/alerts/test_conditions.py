"""The conditions on real stores: the published sample bank, and releases whose manifest or landing zone differs."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.house import House

from expectations.alerts import FILE, ComplianceMark, MarksError, QuarantineMark, load_marks
from expectations.findings import Finding
from expectations.project import REFERENCE_FOLDER
from expectations.working_days import Calendar
from orchestration.alerts.conditions import (
    Kind,
    below_mark,
    blocked,
    expected_by,
    last_closed_month,
    late,
    quarantined,
    unpublished,
)
from orchestration.run_record import create_record, record_findings
from orchestration.settings import Settings
from orchestration.store.releases import Release, current_release
from orchestration.warehouse import open_warehouse, prepare_warehouse

MARKS = load_marks()
CALENDAR = Calendar(REFERENCE_FOLDER)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "late,*,grace_working_days,1",
            "late,*,grace_working_days,1.5",
            ":2: grace_working_days must be a whole number",
        ),
        ("quarantine,*,share,0.001", "quarantine,*,share,2", ":3: share must be a share from 0 to 1, not 2"),
        ("quarantine,*,rows,10", "quarantine,visit,rows,10", "lacks quarantine * rows; quarantine visit share"),
        ("compliance,outlet,below", "compliance,outlet,above", ":6: compliance above is no mark; the marks are late"),
        (",A fifth of the share that blocks a delivery", ",", "reason"),
        ("10,Few", "ten,Few", "ref_alert_mark.csv:4"),
    ],
)
def test_a_mark_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / FILE.name
    shipped = FILE.read_text(encoding="utf-8")
    assert shipped.count(old) == 1
    file.write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(MarksError, match=re.escape(said)):
        load_marks(file)


def test_a_table_may_have_a_mark_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / FILE.name
    own = "quarantine,customer,share,0,None\nquarantine,customer,rows,0,None\n"
    file.write_text(FILE.read_text(encoding="utf-8") + own, encoding="utf-8")
    assert load_marks(file).quarantine_of == {"customer": QuarantineMark(0.0, 0)}


@pytest.mark.parametrize(
    ("on", "grace", "expected"),
    [
        ("2026-11-03", 0, "2026-11-03"),  # a Tuesday
        ("2026-11-03", 1, "2026-11-02"),
        ("2026-11-02", 1, "2026-10-30"),  # over the weekend
        ("2026-11-01", 0, "2026-10-30"),
        ("2026-11-01", 1, "2026-10-29"),
        ("2026-10-08", 1, "2026-09-30"),  # over the National Day
        ("2026-10-10", 0, "2026-10-10"),  # a Saturday that is worked
    ],
)
def test_what_is_expected_follows_the_calendar(on: str, grace: int, expected: str) -> None:
    marks = replace(MARKS, grace_working_days=grace)
    assert expected_by(date.fromisoformat(on), marks, CALENDAR) == date.fromisoformat(expected)


def release_of(house: House) -> Release:
    release = current_release(house.published)
    assert release
    return release


def test_late_by_working_days_and_whose_turn_it_is(published_bank: House, tmp_path: Path) -> None:
    release, settings = release_of(published_bank), published_bank.settings
    assert late(settings, release, date(2026, 11, 3), MARKS) == []
    (found,) = late(settings, release, date(2026, 11, 6), MARKS)
    assert (found.kind, found.on, found.count) == (Kind.LATE, date(2026, 11, 5), 3)
    assert found.values == {"newest": "2026-11-02", "delivered": ""}
    landing = tmp_path / "landing"
    shutil.copytree(published_bank.landing, landing)
    for folder in landing.glob("*/biz_date=2026-11-02"):
        folder.rename(folder.with_name("biz_date=2026-11-04"))
    (found,) = late(replace(settings, landing=landing), release, date(2026, 11, 6), MARKS)
    assert found.values["delivered"] == "2026-11-04"
    (found,) = late(replace(settings, landing=landing), None, date(2026, 11, 6), MARKS)
    assert found.values["newest"] == ""


def test_quarantine_beyond_a_share_by_table(published_bank: House, tmp_path: Path) -> None:
    """The counts of the manifest decide: both the share and the number must be exceeded."""
    manifest = release_of(published_bank).manifest()
    manifest["delivered"] |= {
        "account": {"received": 10_000, "accepted": 9_989, "quarantined": 11},
        "customer": {"received": 10_000, "accepted": 9_990, "quarantined": 10},
        "visit": {"received": 11_000, "accepted": 10_989, "quarantined": 11},
    }
    manifest["findings"] = [
        {"table": "account", "rule_id": rule, "severity": "quarantine", "rows": rows}
        for rule, rows in (("account.a", 3), ("account.b", 8))
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (found,) = quarantined(Release(tmp_path), MARKS)
    assert (found.on, found.subject, found.rule, found.count) == (date(2026, 11, 2), "account", "account.b", 11)
    assert found.values == {"share": "0.11%", "mark": "0.10%", "received": "10,000"}
    marks = replace(MARKS, quarantine_of={"customer": QuarantineMark(0, 0)})
    assert {one.subject for one in quarantined(Release(tmp_path), marks)} == {"account", "customer"}


def test_quarantine_of_a_real_release(published_bank: House) -> None:
    """With a mark of nothing, every table of which a row was quarantined, as its manifest counts."""
    release = release_of(published_bank)
    held = {table for table, rows in release.manifest()["delivered"].items() if rows["quarantined"]}
    marks = replace(MARKS, quarantine=QuarantineMark(0, 0))
    assert {one.subject for one in quarantined(release, marks)} == held


def test_compliance_of_the_last_closed_month(published_bank: House) -> None:
    release = release_of(published_bank)
    assert last_closed_month(release) == date(2026, 10, 1)
    marks = replace(MARKS, compliance=(ComplianceMark("head_office", 1.0), ComplianceMark("outlet", 1.0)))
    bank, outlets = below_mark(release, marks)
    with duckdb.connect(str(release.database), read_only=True) as connection:
        rates = connection.execute(
            "select org_level, org_name, compliance_rate from marts.fct_visit_compliance_by_org_monthly"
            " join marts.dim_organization using (org_id, org_level)"
            " where policy_month = date '2026-10-01' and role_group = 'all' and compliance_rate < 1"
            " order by compliance_rate, org_id"
        ).fetchall()
    of_outlets = [f"{name} {rate:.1%}" for level, name, rate in rates if level == "outlet"]
    assert bank.named == tuple(f"{name} {rate:.1%}" for level, name, rate in rates if level == "head_office")
    assert (outlets.on, outlets.count, outlets.named) == (date(2026, 10, 1), len(of_outlets), tuple(of_outlets[:5]))
    assert below_mark(release, replace(MARKS, compliance=(ComplianceMark("outlet", 0.0),))) == []


def test_a_month_that_stopped_a_day_early_is_not_closed(tmp_path: Path) -> None:
    """October was published as of the 30th for the last time: its open duties are not missed."""
    file = tmp_path / "dim_month" / "dim_month.parquet"
    file.parent.mkdir()
    duckdb.sql(
        "select * from (values (date '2026-09-01', true), (date '2026-10-01', false), (date '2026-11-01', false))"
        " as months (policy_month, is_closed)"
    ).write_parquet(str(file))
    assert last_closed_month(Release(tmp_path)) == date(2026, 9, 1)


def test_the_last_refresh_that_published_nothing(tmp_path: Path) -> None:
    settings = Settings(landing=tmp_path / "landing", output=tmp_path / "output", memory_limit="500MB")
    assert unpublished(settings, None) == []
    prepare_warehouse(settings, date(2026, 11, 2), "a-run", "code")
    with open_warehouse(settings) as connection:
        create_record(connection)
    (failure,) = unpublished(settings, None)
    assert (failure.kind, failure.on) == (Kind.FAILED, date(2026, 11, 2))
    with open_warehouse(settings) as connection:
        record_findings(
            connection,
            "gate 1",
            [
                Finding("delivery.stale", "block", "customer", 310, "it is old", "C000000001"),
                Finding("delivery.volume", "warning", "account", 3, "fewer"),
                Finding("delivery.empty", "block", "account", 0, "it is empty"),
            ],
        )
    (block,) = unpublished(settings, None)
    assert (block.kind, block.subject, block.rule, block.values) == (
        Kind.BLOCKED,
        "account",
        "delivery.empty",
        {"others": "1"},
    )
    release = tmp_path / "a-run"
    assert unpublished(settings, Release(release)) == []


def test_a_detail_never_reaches_an_alert() -> None:
    (found,) = blocked(date(2026, 11, 2), [Finding("r", "block", "customer", 1, "because", "C000000001")])
    assert "C000000001" not in repr(found)


def test_marks_are_of_known_levels() -> None:
    levels = {
        line.split(",")[1]
        for line in (REFERENCE_FOLDER / "ref_category.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith("organization.org_level,")
    }
    assert {mark.level for mark in MARKS.compliance} <= levels
