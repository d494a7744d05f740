"""`fenceng assign propose`: loads and surplus against a computation in plain Python, and its lists of a sample bank."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from support.house import House, Row, read_rows
from typer.testing import CliRunner

from fenceng.analysis.assignment import build
from fenceng.cli import app

HEAD = ("allocation", "surplus", "hiring")


# ---------------------------------------------------------------- a made case


@dataclass(frozen=True)
class Customer:
    """A customer and how it got its person. before: who had it by allocation in the month before."""

    name: str
    rank: int
    assets: Decimal
    role: str
    pool: str | None
    basis: str
    person: str | None
    before: str | None = None
    lead: str = "o1"

    @property
    def order(self) -> tuple[int, Decimal, str]:
        """Step 4 takes the best tier first, then larger assets, then the name."""
        return self.rank, -self.assets, self.name


@dataclass(frozen=True)
class Person:
    """A person with the cap of their role. base: whom they work for."""

    name: str
    role: str
    org: str
    base: str
    cap: int


Case = tuple[Sequence[Customer], Sequence[Person]]


def built(case: Case, asked: Sequence[str] = ("o1", "o2")) -> duckdb.DuckDBPyConnection:
    """The tables of the proposal for a case; asked: the outlets that it is for."""
    customers, people = case
    loads = Counter(one.person for one in customers)
    connection = duckdb.connect()
    connection.execute("create schema published")
    tables: Mapping[str, tuple[str, list[tuple[object, ...]]]] = {
        "fct_maintenance_assignment_monthly": (
            "customer_id varchar, tier_code varchar, lead_org_id varchar, recommended_role varchar,"
            " pool_org_id varchar, employee_id varchar, assignment_basis varchar",
            [(c.name, f"T{c.rank}", c.lead, c.role, c.pool, c.person, c.basis) for c in customers],
        ),
        "fct_customer_tier_monthly": (
            "customer_id varchar, tier_rank integer, financial_assets decimal(18, 2)",
            [(c.name, c.rank, round(c.assets, 2)) for c in customers],
        ),
        "fct_customer_measure_monthly": (
            "customer_id varchar, financial_assets decimal(38, 10)",
            [(c.name, c.assets) for c in customers],
        ),
        "fct_manager_load_monthly": (
            "employee_id varchar, role varchar, org_id varchar, assigned_customers bigint, load_cap integer,"
            " load_status varchar",
            [
                (p.name, p.role, p.org, loads[p.name], p.cap, "over" if loads[p.name] > p.cap else "within")
                for p in people
            ],
        ),
        "fct_maintenance_capacity_monthly": (
            "org_id varchar, role varchar, customers bigint, assigned_matching bigint, assigned_other bigint,"
            " unassigned bigint, people bigint, load_cap integer, people_needed bigint, people_short bigint",
            [
                ("o1", "a", 9, 1, 2, 6, 1, 3, 3, 2),
                ("o2", "a", 3, 3, 0, 0, 1, 3, 1, 0),
                ("b", "z", 1, 0, 0, 1, 0, 3, 1, 1),
            ],
        ),
        "previous_assignment": (
            "customer_id varchar, employee_id varchar, assignment_basis varchar",
            [(c.name, c.before, "allocated") for c in customers if c.before]
            # An existing relation of the month before keeps nobody.
            + [(c.name, c.person, "existing") for c in customers if c.basis == "allocated" and not c.before],
        ),
        "dim_organization": ("org_id varchar, org_name varchar", [("o1", "One"), ("o2", "Two"), ("b", "Branch")]),
        "base": ("org_id varchar, base_org_id varchar", sorted({(p.org, p.base) for p in people})),
        "member": ("org_id varchar", [(org,) for org in asked]),
    }  # fmt: skip
    for name, (columns, rows) in tables.items():
        connection.execute(f"create table published.{name} ({columns})")
        if rows:
            connection.executemany(f"insert into published.{name} values ({', '.join('?' * len(rows[0]))})", rows)
    build(connection)
    return connection


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    return connection.execute(query).fetchall()


# ---------------------------------------------------------------- the same in plain Python


def loads_step_by_step(case: Case) -> dict[str, tuple[str | None, int | None, int | None, str]]:
    """Customer -> person, load before and after, reason: customer by customer, as the steps take them."""
    customers, _ = case
    load = Counter(one.person for one in customers if one.basis in ("customer_choice", "existing", "claim"))
    decided = [one for one in customers if one.basis in ("allocated", "unassigned")]
    kept = [one for one in decided if one.person and one.before == one.person]
    others = [one for one in decided if one not in kept]
    found: dict[str, tuple[str | None, int | None, int | None, str]] = {}
    for reason, group in (("kept", kept), ("fewest_customers", others)):
        for one in sorted(group, key=lambda one: one.order):
            if one.person is None:
                found[one.name] = (None, None, None, "pool_full" if one.pool else "no_people")
                continue
            load[one.person] += 1
            found[one.name] = (one.person, load[one.person] - 1, load[one.person], reason)
    return found


def handed_over(case: Case) -> dict[str, tuple[str, int, str | None, int | None, str]]:
    """Customer -> from whom, as which, to whom, with which load before, reason: one customer after the other."""
    customers, people = case
    load = Counter(one.person for one in customers)
    leaving: list[tuple[Customer, int]] = []
    for person in people:
        own = [one for one in customers if one.person == person.name and one.basis == "existing"]
        for number in range(max(load[person.name] - person.cap, 0)):
            if own:
                worst = max(one.rank for one in own)
                smallest = min(one.assets for one in own if one.rank == worst)
                chosen = max((one for one in own if (one.rank, one.assets) == (worst, smallest)), key=lambda c: c.name)
                own.remove(chosen)
                leaving.append((chosen, number + 1))
    found = {}
    for customer, number in sorted(leaving, key=lambda pair: pair[0].order):
        free = [p for p in people if (p.role, p.base) == (customer.role, customer.pool) and load[p.name] < p.cap]
        reason = "pool_full" if customer.pool else "no_people"
        to, before = None, None
        if free:
            chosen_person = min(free, key=lambda p: (load[p.name], p.name))
            to, before, reason = chosen_person.name, load[chosen_person.name], "fewest_customers"
            load[to] += 1
        found[customer.name] = (str(customer.person), number, to, before, reason)
    return found


def made(seed: int) -> Case:
    """A case with people above the cap, full pools, pools without people, ties of tier and assets."""
    draw = random.Random(seed)
    # Role, organisation and base; d1 is a department of o1.
    places = ("a o1 o1", "a o1 o1", "a d1 o1", "b o1 o1", "b o2 o2", "c o2 o2")
    people = [Person(f"e{number}", *place.split(), cap=draw.randint(1, 4)) for number, place in enumerate(places)]
    customers: list[Customer] = []
    load: Counter[str] = Counter()
    for number in range(draw.randint(8, 30)):
        role = draw.choice("aabz")
        pool = None if role == "z" else draw.choice(["o1", "o2"]) if role == "b" else "o1"
        rank, assets = draw.randint(1, 3), Decimal(draw.choice(["0", "1.001", "1.002", "5"]))
        kind = draw.choice(["existing", "existing", "customer_choice", "claim", "allocated", "allocated"])
        in_pool = [one for one in people if (one.role, one.base) == (role, pool) and load[one.name] < one.cap]
        person = draw.choice(people).name if kind in ("existing", "customer_choice") else None
        before = None
        if person is None and in_pool:
            person = min(in_pool, key=lambda one: (load[one.name], one.name)).name
            before = draw.choice([person, None, "e9"]) if kind == "allocated" else None
        elif person is None:
            kind = "unassigned"
        if person:
            load[person] += 1
        customers.append(
            Customer(f"c{number:02}", rank, assets, role, pool, kind, person, before, draw.choice(["o1", "o2"]))
        )
    return customers, people


@pytest.mark.parametrize("seed", range(40))
def test_loads_and_surplus_are_those_of_taking_one_after_the_other(seed: int) -> None:
    case = made(seed)
    with built(case) as connection:
        loads = {
            name: tuple(rest)
            for name, *rest in rows_of(
                connection, "select customer_id, employee_id, load_before, load_after, reason from proposal.allocation"
            )
        }
        surplus = {
            name: tuple(rest)
            for name, *rest in rows_of(
                connection,
                "select customer_id, from_employee_id, surplus_place, to_employee_id, to_load_before, reason"
                " from proposal.surplus",
            )
        }
    assert loads == loads_step_by_step(case)
    assert surplus == handed_over(case)


def test_the_made_cases_hold_what_matters() -> None:
    """Otherwise the comparison above could pass on cases without a surplus."""
    reasons = Counter(
        (table, row[-1])
        for seed in range(40)
        for table, found in (("loads", loads_step_by_step(made(seed))), ("surplus", handed_over(made(seed))))
        for row in found.values()
    )
    for reason in ("fewest_customers", "pool_full", "no_people"):
        assert reasons["surplus", reason] > 5, reasons
        assert reasons["loads", reason] > 5, reasons
    assert reasons["loads", "kept"] > 5


def of_pool(number: int, person: str | None, basis: str = "existing") -> Customer:
    """A customer of one pool; a larger number has smaller assets."""
    return Customer(f"c{number:02}", 1, Decimal(100 - number), "a", "o1", basis, person)


def test_the_surplus_takes_the_emptiest_places() -> None:
    """E1 has 3, E2 has 1: five customers go to E2, E2, E1, E2, E1."""
    people = [Person(name, "a", "o1", "o1", 10) for name in ("E1", "E2")] + [Person("X", "x", "o1", "o1", 1)]
    customers = [of_pool(number, "X") for number in range(6)]
    customers += [of_pool(10 + number, "E1") for number in range(3)] + [of_pool(20, "E2")]
    with built((customers, people)) as connection:
        moves = rows_of(
            connection,
            "select customer_id, to_employee_id, to_load_before from proposal.surplus order by customer_id",
        )
    assert moves == [("c01", "E2", 1), ("c02", "E2", 2), ("c03", "E1", 3), ("c04", "E2", 3), ("c05", "E1", 4)]


def test_only_existing_relations_are_handed_over() -> None:
    people = [Person("E1", "a", "o1", "o1", 1), Person("E2", "a", "o1", "o1", 9)]
    customers = [of_pool(1, "E1"), of_pool(2, "E1", "customer_choice"), of_pool(3, "E1", "customer_choice")]
    with built((customers, people)) as connection:
        moves = rows_of(connection, "select customer_id, from_load, from_load_cap from proposal.surplus")
        person = rows_of(connection, "select employee_id, over_cap, moving, placed from proposal.overloaded")
    assert moves == [("c01", 3, 1)]
    assert person == [("E1", 2, 1, 1)]


def test_a_proposal_for_an_outlet_is_that_of_the_bank_for_its_customers() -> None:
    for seed in range(10):
        case = made(seed)
        leads = {one.name: one.lead for one in case[0]}
        for table in ("allocation", "surplus"):
            query = f"select * from proposal.{table} order by customer_id"
            with built(case) as whole, built(case, ["o2"]) as part:
                own = [
                    row for row in whole.execute(query).fetchall() if leads[next(c for c in row if c in leads)] == "o2"
                ]
                assert part.execute(query).fetchall() == own


def test_people_are_hired_where_a_listed_customer_asks() -> None:
    """Of the places that lack people the one in whose pool a customer is; b/z has none of the customers asked for."""
    customers = [of_pool(1, None, "unassigned")]
    with built((customers, [])) as connection:
        assert rows_of(connection, "select org_id, org_name, role, people_short from proposal.hiring") == [
            ("o1", "One", "a", 2)
        ]


# ---------------------------------------------------------------- the command


def run(*arguments: object) -> tuple[int, str]:
    """The command's exit code, and what it says, on one line."""
    result = CliRunner().invoke(app, ["assign", "propose", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def listed(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a list."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)


def assignments(house: House) -> list[Row]:
    """The newest month of the assignment."""
    return read_rows(
        house.current, "select * from marts.fct_maintenance_assignment_monthly where policy_month = date '2026-11-01'"
    )


def test_the_lists_are_the_published_assignment(published_bank: House, tmp_path: Path) -> None:
    house, folder = published_bank, tmp_path / "proposal"
    before = {path: path.stat().st_mtime_ns for path in house.published.rglob("*")}
    code, said = run("--out", folder, "--output", house.output)
    assert code == 0, said
    assert {path: path.stat().st_mtime_ns for path in house.published.rglob("*")} == before
    assert all((folder / f"{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf") for name in HEAD)
    rows = list(listed(folder / "allocation.csv"))
    published = assignments(house)
    assert len(rows) > 20
    assert {(row["customer"], row["to employee"] or None) for row in rows} == {
        (row["customer_id"], row["employee_id"])
        for row in published
        if row["assignment_basis"] in ("allocated", "unassigned")
    }
    loads = Counter(row["employee_id"] for row in published)
    last: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["to employee"]:
            last[row["to employee"]] = max(last[row["to employee"]], int(row["load after"]))
    assert last == {employee: loads[employee] for employee in last}
    assert "kept from the month before" in {row["why"] for row in rows}
    assert f"{folder / 'allocation.csv'}: {len(rows):,} rows" in said


def test_an_outlet_has_its_own_customers_only(published_bank: House, tmp_path: Path) -> None:
    house = published_bank
    outlet = assignments(house)[0]["lead_org_id"]
    code, said = run("--outlet", outlet, "--out", tmp_path, "--lang", "zh", "--output", house.output)
    assert code == 0, said
    assert "管户分配建议" in said
    assert "以上仅为建议，未改动任何数据" in said
    rows = list(listed(tmp_path / "allocation.csv"))
    assert rows
    assert {row["牵头网点"] for row in rows} == {outlet}


def test_without_a_folder_nothing_is_written(published_bank: House) -> None:
    files = sorted(published_bank.folder.rglob("*"))
    code, said = run("--output", published_bank.output)
    assert (code, "--out FOLDER writes the lists" in said) == (0, True)
    assert sorted(published_bank.folder.rglob("*")) == files


def test_a_folder_that_is_no_place_for_it_is_wrong_use(
    published_bank: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = published_bank
    monkeypatch.setenv("FENCENG_LANDING", str(house.landing))
    for folder, words in (
        (house.published / "p", "is in the published store"),
        (house.landing / "p", "is in the landing zone"),
    ):
        code, said = run("--out", folder, "--output", house.output)
        assert (code, words in said) == (2, True), said
        assert not folder.exists()
    (tmp_path / "surplus.csv").write_text("a reviewer's notes", encoding="utf-8")
    code, said = run("--out", tmp_path, "--output", house.output)
    assert (code, "holds a proposal already (surplus.csv)" in said) == (2, True)
    assert [file.name for file in tmp_path.iterdir()] == ["surplus.csv"]


def test_an_unknown_organisation_names_near_ones(published_bank: House) -> None:
    code, said = run("--org", "ORG-O0001", "--output", published_bank.output)
    assert (code, "no organisation ORG-O0001" in said, "ORG-O00001" in said) == (2, True, True)
