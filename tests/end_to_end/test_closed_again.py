"""A closed month is closed again with the visits that arrived after its close, and both months can be rebuilt."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from reference.bank import compute_from
from reference.compare import differences
from reference.landing import accept
from support.house import House, MakeHouse, Marts, Row, read_rows, run_fenceng

from fenceng.sample import write_sample

CLOSE, LATER = date(2026, 10, 31), date(2026, 11, 2)
CALLS = 12  # more than any duty asks of one person in a month

pytestmark = pytest.mark.nightly


@dataclass(frozen=True)
class Story:
    """What was published at the close, what the refresh after it said, and what is published after the second close."""

    house: House
    duty: Row
    first: Marts
    said_later: str
    second: Marts


@pytest.fixture(scope="module")
def story(make_house: MakeHouse) -> Story:
    """Close October, deliver late visits with November's first days, refresh those, and close October again."""
    house = make_house("closed_again")
    write_sample(house.landing, customers=300, first=CLOSE, last=LATER)
    house.publish(CLOSE)
    first = house.marts()
    duties = sorted(first["fct_visit_obligation_monthly"], key=lambda row: (row["customer_id"], row["role_group"]))
    duty = next(row for row in duties if row["status"] == "missed" and row["period_months"] == 1)
    _add_visits(house.landing / "visit" / f"biz_date={LATER}", duty["customer_id"], first["dim_employee"])
    later = house.refresh(LATER)
    assert later.returncode == 0, later.stderr
    again = house.refresh(CLOSE, "--known-on", str(LATER))
    assert again.returncode == 0, again.stderr
    return Story(house, duty, first, (house.output / "refresh.log").read_text(encoding="utf-8"), house.marts())


def _add_visits(partition: Path, customer_id: str, people: list[Row]) -> None:
    """Add to a delivery calls of October by everybody at a customer: whoever owes them has made them."""
    file, control = partition / "part-0.parquet", partition / "_control.json"
    days = ", ".join(f"({10 + call})" for call in range(CALLS))
    with duckdb.connect() as connection:
        connection.execute("create table employee (employee_id varchar)")
        connection.executemany("insert into employee values (?)", [[person["employee_id"]] for person in people])
        connection.execute(f"create table delivered as select * from read_parquet('{file}')")
        connection.execute(
            "insert into delivered by name select 'LATE' || employee_id || '-' || day as visit_id,"
            f" '{customer_id}' as customer_id, employee_id, make_date(2026, 10, day) as visited_on,"
            f" 'on_site' as channel from employee cross join (values {days}) as days (day)"
        )
        connection.execute(f"copy (select * exclude (biz_date) from delivered) to '{file}' (format parquet)")
        ((rows,),) = connection.execute("select count(*) from delivered").fetchall()
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    control.write_text(json.dumps({"rows": rows, "files": {file.name: sha256}}), encoding="utf-8")


def _status(marts: Marts, duty: Row) -> str:
    grain = ("policy_month", "customer_id", "role_group")
    (found,) = (
        row
        for row in marts["fct_visit_obligation_monthly"]
        if [row[name] for name in grain] == [duty[name] for name in grain]
    )
    return str(found["status"])


def test_the_next_refresh_says_what_came_too_late(story: Story) -> None:
    said = " ".join(story.said_later.split())
    assert "visits of the month before arrived after its close and count in no duty of it" in said
    assert "duties of the month before would be met by the visits that arrived after its close" in said


def test_the_second_close_counts_them(story: Story) -> None:
    assert (_status(story.first, story.duty), _status(story.second, story.duty)) == ("missed", "met")
    runs = read_rows(
        story.house.current,
        "select business_date, known_on from marts.fct_refresh_run order by published_at, run_id",
    )
    assert [(row["business_date"], row["known_on"]) for row in runs] == [(CLOSE, CLOSE), (LATER, LATER), (CLOSE, LATER)]


def test_the_second_close_is_the_references(story: Story) -> None:
    result = compute_from(accept(story.house.landing, CLOSE, LATER), CLOSE)
    # Tables without months stay those of the newest date.
    monthly = {name: rows for name, rows in result.marts.items() if name.endswith("_monthly")}
    assert differences(story.second, replace(result, marts=monthly)) == []


@pytest.mark.parametrize(("month", "rests"), [("2026-10", False), ("2026-11", True)])
def test_both_months_are_rebuilt_byte_for_byte(story: Story, month: str, rests: bool) -> None:
    """November was built from the first close, which the second one replaced."""
    done = run_fenceng("verify", "--month", month, "--landing", story.house.landing, "--output", story.house.output)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"identical: {month}" in done.stdout
    assert ("rests on 2026-10 as it was published then" in done.stdout) is rests
