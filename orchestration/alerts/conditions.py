"""When somebody is told: each condition is a function of what is published, recorded or delivered, and of a date.

No clock and no personal value: an alert holds a date, a table or an organisation, a rule and counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import cast

import duckdb

from expectations.alerts import ComplianceMark, Marks
from expectations.contract import load_contract
from expectations.findings import Finding
from expectations.project import REFERENCE_FOLDER
from expectations.working_days import Calendar
from orchestration.database import connect
from orchestration.landing import deliveries
from orchestration.run_record import recorded_findings
from orchestration.settings import Settings
from orchestration.store.releases import Release, current_release

# How many outlets a message names.
NAMED = 5


class Kind(StrEnum):
    """What an alert is about."""

    FAILED = "failed"
    BLOCKED = "blocked"
    LATE = "late"
    QUARANTINE = "quarantine"
    COMPLIANCE = "compliance"
    PUBLISHED = "published"
    TEST = "test"


@dataclass(frozen=True)
class Alert:
    """Something to tell.

    on: business date, for compliance the month's first day. subject: table, station or level of organisation. rule:
    the rule that did not hold, empty if there is none. count: rows, working days or organisations. named: organisations
    by name. values: figures that the words of the kind use.
    """

    kind: Kind
    on: date
    subject: str = ""
    rule: str = ""
    count: int = 0
    named: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """What makes two alerts the same: kind, date, subject and rule."""
        return "|".join((self.kind, self.on.isoformat(), self.subject, self.rule))


def blocked(business_date: date, found: Sequence[Finding]) -> list[Alert]:
    """Return an alert for the findings that block a date: the first, with the number of the others."""
    blocking = [finding for finding in found if finding.severity == "block"]
    return blocked_by(business_date, [(one.table, one.rule_id, one.rows) for one in blocking])


def blocked_by(business_date: date, found: Sequence[tuple[str, str, int]]) -> list[Alert]:
    """Return an alert for a date that is blocked. found: table, rule and rows of each finding."""
    if not found:
        return []
    table, rule, rows = found[0]
    return [Alert(Kind.BLOCKED, business_date, table, rule, rows, values={"others": str(len(found) - 1)})]


def failed(business_date: date, station: str) -> list[Alert]:
    """Return an alert for a date whose refresh failed. station: where, empty if none had started.

    The message of an error is left out: it may quote a delivered value.
    """
    return [Alert(Kind.FAILED, business_date, station)]


def unpublished(settings: Settings, release: Release | None) -> list[Alert]:
    """Return an alert for the last refresh if it published nothing: blocked, or failed.

    The caller makes sure that no refresh is at work.
    """
    run = _last_run(settings)
    if run is None or (release and run[1] == release.release_id):
        return []
    business_date, _ = run
    return blocked(business_date, recorded_findings(settings)) or failed(business_date, "")


def _last_run(settings: Settings) -> tuple[date, str] | None:
    """Business date and id of the last refresh that began to read, None if there is none."""
    if not settings.warehouse.exists():
        return None
    try:
        with connect(settings.warehouse, read_only=True) as connection:
            found = connection.execute("select business_date, run_id from run.context").fetchone()
    except duckdb.Error:
        return None
    return (found[0], found[1]) if found else None


def expected_by(on: date, marks: Marks, calendar: Calendar) -> date:
    """Return the business date that must be published by a date: its last working day, less the days of grace."""
    day, left = on, marks.grace_working_days
    while not calendar.is_working(day) or left:
        left -= calendar.is_working(day)
        day -= timedelta(days=1)
    return day


def late(settings: Settings, release: Release | None, on: date, marks: Marks) -> list[Alert]:
    """Return an alert if the newest published business date is before the one that is expected by a date.

    count: working days behind. The landing zone says whose turn it is: the sender's, or the refresh's.
    """
    calendar = Calendar(REFERENCE_FOLDER)
    expected = expected_by(on, marks, calendar)
    newest = newest_date(release)
    if newest and newest >= expected:
        return []
    # Without a release nobody can say since when.
    days = [newest + timedelta(days=n + 1) for n in range((expected - newest).days)] if newest else []
    complete = deliveries(settings.landing, load_contract(), newest)
    delivered = [day for day in complete if (newest or date.min) < day <= on]
    values = {
        "newest": newest.isoformat() if newest else "",
        "delivered": max(delivered).isoformat() if delivered else "",
    }
    return [Alert(Kind.LATE, expected, count=sum(map(calendar.is_working, days)), values=values)]


def quarantined(release: Release | None, marks: Marks) -> list[Alert]:
    """Return an alert for each table of which the release's refresh quarantined more than the marks allow."""
    if release is None:
        return []
    manifest = release.manifest()
    alerts = []
    for table, rows in sorted(manifest["delivered"].items()):
        mark = marks.quarantine_of.get(table, marks.quarantine)
        held, received = rows["quarantined"], rows["received"]
        if held > mark.rows and held > mark.share * received:
            values = {"share": f"{held / received:.2%}", "mark": f"{mark.share:.2%}", "received": f"{received:,}"}
            rule = _most_broken(manifest["findings"], table)
            alerts.append(
                Alert(Kind.QUARANTINE, date.fromisoformat(manifest["business_date"]), table, rule, held, values=values)
            )
    return alerts


def _most_broken(findings: Sequence[dict[str, object]], table: str) -> str:
    """The rule that most quarantined rows of a table broke; the first by name of equals."""
    rules = [
        (-int(str(f["rows"])), str(f["rule_id"]))
        for f in findings
        if (f["table"], f["severity"]) == (table, "quarantine")
    ]
    return min(rules)[1] if rules else ""


def below_mark(release: Release | None, marks: Marks) -> list[Alert]:
    """Return an alert for each level with organisations whose compliance of the last closed month is below the mark."""
    month = last_closed_month(release)
    if release is None or month is None:
        return []
    with connect(release.database, read_only=True) as connection:
        return [alert for mark in marks.compliance for alert in _below(connection, month, mark)]


def _below(connection: duckdb.DuckDBPyConnection, month: date, mark: ComplianceMark) -> Iterator[Alert]:
    rows = connection.execute(
        "select coalesce(organisation.org_name, fact.org_id), fact.compliance_rate, count(*) over ()"
        " from marts.fct_visit_compliance_by_org_monthly as fact"
        " left join marts.dim_organization as organisation on organisation.org_id = fact.org_id"
        " where fact.policy_month = ? and fact.org_level = ? and fact.role_group = 'all' and fact.compliance_rate < ?"
        " order by fact.compliance_rate, fact.org_id limit ?",
        [month, mark.level, mark.below, NAMED],
    ).fetchall()
    if rows:
        named = tuple(f"{name} {rate:.1%}" for name, rate, _ in rows)
        values = {"mark": f"{mark.below:.0%}"}
        yield Alert(Kind.COMPLIANCE, month, mark.level, count=rows[0][2], named=named, values=values)


def last_closed_month(release: Release | None) -> date | None:
    """Return the first day of the newest closed month (dim_month), None if there is none.

    A month that was never published with its last day is not closed: its open duties are not missed. Raises
    OlderVersionError for a release without dim_month.
    """
    if release is None:
        return None
    with connect() as connection:
        ((month,),) = connection.execute(
            f"select max(policy_month) from ({release.rows('dim_month')}) where is_closed"
        ).fetchall()
    return cast(date | None, month)


def newest_date(release: Release | None) -> date | None:
    """Return the newest published business date, None if nothing is published."""
    return date.fromisoformat(release.manifest()["newest_business_date"]) if release else None


def of_release(settings: Settings, on: date, marks: Marks) -> list[Alert]:
    """Return what the store says by a date: late, quarantine, compliance."""
    release = current_release(settings.published)
    return [*late(settings, release, on, marks), *quarantined(release, marks), *below_mark(release, marks)]
