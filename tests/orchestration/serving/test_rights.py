"""Rights on a real PostgreSQL server: who sees which rows, and tries to see others (docs/postgres.md lists them)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from support.house import House
from support.postgres import Server, running_server

from orchestration.database import connect
from orchestration.serving.postgres import serve
from orchestration.store.releases import release_in_force

NEWEST = date(2026, 11, 1)
# The readers' table a second time, by hand: which columns say whose a row is. None: those alone who read the bank.
CUSTOMER = {"customer": "customer_id"}
EMPLOYEE = {"employee": "employee_id"}
ORGANIZATION = {"organization": "org_id"}
EITHER = {"organization": "subject_id", "employee": "subject_id"}
EVERYBODY = (
    "dim_date",
    "dim_label",
    "dim_month",
    "dim_organization",
    "dim_role",
    "dim_tier",
    "fct_policy_rule_monthly",
)
WHOSE: dict[str, dict[str, str]] = {
    "dim_customer": CUSTOMER,
    "dim_employee": EMPLOYEE,
    "fct_access_customer": EMPLOYEE,
    "fct_access_right": EMPLOYEE,
    "fct_appraisal": EMPLOYEE,
    "fct_campaign_result": ORGANIZATION,
    "fct_concentration_monthly": ORGANIZATION,
    "fct_contact_red_list": CUSTOMER,
    "fct_customer_360_monthly": CUSTOMER,
    "fct_customer_action": CUSTOMER,
    "fct_customer_action_count": {"organization": "lead_org_id"},
    "fct_customer_holding_monthly": CUSTOMER,
    "fct_customer_measure_monthly": CUSTOMER,
    "fct_customer_tier_monthly": CUSTOMER,
    "fct_held_back_monthly": CUSTOMER,
    "fct_kpi_monthly": EITHER,
    "fct_maintenance_assignment_monthly": CUSTOMER,
    "fct_maintenance_capacity_monthly": ORGANIZATION,
    "fct_manager_load_monthly": EMPLOYEE,
    "fct_policy_exception_monthly": {},
    "fct_policy_gap_monthly": {},
    "fct_prospect_funnel_monthly": ORGANIZATION,
    "fct_quarantine": {},
    "fct_ranking_monthly": EITHER,
    "fct_refresh_run": {},
    "fct_target_monthly": {**ORGANIZATION, **EMPLOYEE},
    "fct_tier_evidence": CUSTOMER,
    "fct_tier_migration_monthly": {},
    "fct_tier_stability_monthly": {},
    "fct_tier_watch_monthly": CUSTOMER,
    "fct_visit_capacity_monthly": ORGANIZATION,
    "fct_visit_compliance_by_employee_monthly": EMPLOYEE,
    "fct_visit_compliance_by_org_monthly": ORGANIZATION,
    "fct_visit_obligation_monthly": CUSTOMER,
    "fct_visit_signal_monthly": {**CUSTOMER, **EMPLOYEE},
}
LEADERS = {"branch_president", "branch_vice_president", "chief_financial_officer", "corporate_department_head"}
HEADS = {"outlet_head", "outlet_deputy_head"}
DEPARTMENTS = {"corporate_department", "wealth_center"}
Rows = list[tuple[Any, ...]]


class Bank:
    """The published tables as Python rows, and a person of each kind."""

    def __init__(self, house: House) -> None:
        self.connection = connect(house.published / "current" / "fenceng.duckdb", read_only=True)
        self.tables = [row[0] for row in self.ask("select view_name from duckdb_views() where schema_name = 'marts'")]
        self.parents = dict(self.ask("select org_id, parent_org_id from marts.dim_organization"))
        self.levels = dict(self.ask("select org_id, org_level from marts.dim_organization"))
        everybody = self.ask("select employee_id, org_id, role, is_active from marts.dim_employee")
        self.places = {employee: org for employee, org, _, _ in everybody}
        self.people = {employee: (org, role) for employee, org, role, is_active in everybody if is_active}
        self.customers = dict(self.ask("select customer_id, lead_org_id from marts.dim_customer"))
        self.named: dict[str, set[str]] = {}
        for customer, *employees in self.ask(
            "select customer_id, employee_id, credit_employee_id, beside_employee_id, specialist_employee_id"
            f" from marts.fct_maintenance_assignment_monthly where policy_month = date '{NEWEST}'"
        ):
            for employee in filter(None, employees):
                self.named.setdefault(employee, set()).add(customer)

    def ask(self, query: str) -> Rows:
        return self.connection.execute(query).fetchall()

    def first(self, *roles: str, level: str | None = None, with_customers: bool = False) -> str:
        """The first active person of a role, at a level, who looks after customers if asked for."""
        return min(
            employee
            for employee, (org, role) in self.people.items()
            if role in roles and level in (None, self.levels[org]) and (not with_customers or self.named.get(employee))
        )

    def below(self, top: str) -> set[str]:
        """An organisation and all below it."""
        found = {top}
        while more := {org for org, parent in self.parents.items() if parent in found} - found:
            found |= more
        return found

    def organizations(self, employee: str) -> set[str]:
        """The organisations whose rows somebody reads."""
        org, role = self.people[employee]
        if role in LEADERS:
            return self.below(self.parents[org] if self.levels[org] in DEPARTMENTS else org)
        return {org} if role in HEADS else set()

    def expected(self, table: str, employee: str) -> Rows:
        """The rows of a table that somebody with a right reads."""
        rows = self.connection.execute(f"select * from marts.{table}")
        columns = [column[0] for column in rows.description]
        every = rows.fetchall()
        if table in EVERYBODY:
            return every
        organizations = self.organizations(employee)
        mine = {
            "customer": {one for one, org in self.customers.items() if org in organizations}
            | self.named.get(employee, set()),
            "organization": organizations,
            "employee": {employee} | {one for one, org in self.places.items() if org in organizations},
        }
        kinds = {"organization": "org", "employee": "employee"}
        return [
            row
            for row in every
            if any(
                row[columns.index(column)] in mine[subject]
                and (WHOSE[table] is not EITHER or row[columns.index("subject_kind")] == kinds[subject])
                for subject, column in WHOSE[table].items()
            )
        ]


@pytest.fixture(scope="module")
def bank(published_bank: House) -> Bank:
    return Bank(published_bank)


@pytest.fixture(scope="module")
def server(published_bank: House, bank: Bank) -> Iterator[Server]:
    """The sample bank, served; everybody who is active has a login, and so has a stranger."""
    with running_server() as server:
        serve(published_bank.settings, release_in_force(published_bank.settings), server.url("loader"))
        # Nobody of the sample bank works at head office.
        give(server, "head_office_1", "bank")
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            for employee in [*bank.people, "stranger"]:
                connection.execute(f'create role "{employee}" login in role fenceng_reader')
            connection.execute("create role outsider login")
        yield server


def give(server: Server, employee: str, scope: str) -> None:
    """Give somebody a right, as a release would."""
    ((partition,),) = server.ask(
        "loader",
        "select partition_schema || '.' || partition_name from fenceng.batch"
        " where table_name = 'rights_of_fct_access_right'",
    )
    server.ask(
        "loader",
        f"insert into {partition} (employee_id, org_id, scope, rule_id) values (%s, 'X', %s, 'X')",
        employee,
        scope,
    )


def seen(server: Server, user: str, table: str) -> Rows:
    return server.ask(user, f"select * from marts.{table}")


def sort(rows: Rows) -> Rows:
    return sorted(rows, key=repr)


PEOPLE: dict[str, tuple[list[str], dict[str, Any]]] = {
    "branch president": (["branch_president"], {"level": "branch"}),
    "province president": (["branch_president"], {"level": "province_branch"}),
    "head of a department": (["corporate_department_head"], {}),
    "outlet head": (["outlet_head"], {"level": "outlet"}),
    "manager": (["wealth_manager", "outlet_account_manager"], {"with_customers": True}),
    "lobby manager": (["lobby_manager"], {"with_customers": True}),
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_everybody_sees_what_is_theirs_in_every_table(server: Server, bank: Bank, kind: str) -> None:
    who = bank.first(*PEOPLE[kind][0], **PEOPLE[kind][1])
    assert set(bank.tables) == {*WHOSE, *EVERYBODY}
    for table in bank.tables:
        assert sort(seen(server, who, table)) == sort(bank.expected(table, who)), table
    customers = seen(server, who, "dim_customer")
    assert 0 < len(customers) <= len(bank.customers)
    assert bank.levels[bank.people[who][0]] != "outlet" or len(customers) < len(bank.customers)


@pytest.mark.parametrize("role", ["teller", "accounting_head", "outlet_staff", None])
def test_who_has_no_right_sees_nothing(server: Server, bank: Bank, role: str | None) -> None:
    who = bank.first(role) if role else "stranger"
    assert {table: len(seen(server, who, table)) for table in bank.tables} == dict.fromkeys(bank.tables, 0)
    assert seen(server, who, "release_in_force") == []


def test_who_is_no_reader_gets_in_nowhere(server: Server) -> None:
    for relation in ("marts.dim_customer", "fenceng.batch", "fenceng.shown"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.ask("outsider", f"select * from {relation}")


def test_head_office_sees_every_row_of_every_table(server: Server, bank: Bank) -> None:
    server.ask("postgres", "create role head_office_1 login in role fenceng_reader")
    for table in set(bank.tables) - {"fct_access_right"}:
        assert sort(seen(server, "head_office_1", table)) == sort(bank.ask(f"select * from marts.{table}")), table


def test_a_tool_that_holds_the_rights_itself_sees_every_row(server: Server, bank: Bank) -> None:
    server.ask("postgres", "create role board login in role fenceng_reader, fenceng_service")
    for table in set(bank.tables) - {"fct_access_right"}:
        assert sort(seen(server, "board", table)) == sort(bank.ask(f"select * from marts.{table}")), table


# ---------------------------------------------------------------- tries to see more


@pytest.fixture(scope="module")
def manager(bank: Bank) -> str:
    """Somebody who reads own customers alone."""
    return bank.first("wealth_manager", "outlet_account_manager", with_customers=True)


@pytest.fixture(scope="module")
def stranger_customer(bank: Bank, manager: str) -> str:
    """A customer whom the manager does not look after."""
    return min(set(bank.customers) - bank.named[manager])


def test_counts_and_joins_are_of_own_rows(server: Server, bank: Bank, manager: str, stranger_customer: str) -> None:
    ((count, least, greatest),) = server.ask(
        manager, "select count(*), min(customer_id), max(customer_id) from marts.dim_customer"
    )
    assert (count, least, greatest) == (len(bank.named[manager]), min(bank.named[manager]), max(bank.named[manager]))
    for query in (
        "select from marts.dim_customer where customer_id = %s",
        "select from marts.dim_tier left join marts.dim_customer on customer_id = %s where customer_id <> ''",
        "select from marts.dim_label where exists (select from marts.fct_tier_evidence where customer_id = %s)",
        "select from marts.dim_month where (select count(*) from marts.dim_customer where customer_id = %s) > 0",
    ):
        assert server.ask(manager, query, stranger_customer) == [], query


def test_below_the_views_there_is_nothing_to_read(server: Server, manager: str) -> None:
    ((shape,),) = server.ask("loader", "select distinct shape from fenceng.release")
    ((schema, name),) = server.ask(
        "loader", "select partition_schema, partition_name from fenceng.batch where table_name = 'dim_customer'"
    )
    tables = ("dim_customer", "rights_of_dim_customer", "my_customer", "my_right")
    for relation in (f"{schema}.{name}", *(f"{shape}.{table}" for table in tables), "fenceng.batch", "fenceng.shown"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.ask(manager, f"select * from {relation}")


def test_a_function_is_shown_own_rows_alone(server: Server, bank: Bank, manager: str) -> None:
    """A cheap function in the condition would be called before a dear one: not before the rights."""
    with psycopg.connect(server.url(manager), autocommit=True) as connection:
        notices: list[str] = []
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        connection.execute(
            "create function pg_temp.peep(text) returns boolean cost 0.0000001 language plpgsql as"
            " $$ begin raise notice '%', $1; return true; end $$"
        )
        connection.execute("select count(*) from marts.dim_customer where pg_temp.peep(customer_id)")
    assert set(notices) == bank.named[manager]


def test_a_function_of_its_owner_has_the_rights_of_its_owner(server: Server, bank: Bank, manager: str) -> None:
    """`security definer` and a view of one's own give nobody more than their owner has."""
    with psycopg.connect(server.url(manager), autocommit=True) as connection:
        connection.execute(
            "create function pg_temp.all_of_them() returns bigint security definer language sql as"
            " 'select count(*) from marts.dim_customer'"
        )
        connection.execute("create temp view mine as select * from marts.dim_customer")
        own = len(bank.named[manager])
        assert connection.execute("select pg_temp.all_of_them()").fetchall() == [(own,)]
        assert connection.execute("select count(*) from mine").fetchall() == [(own,)]


def test_no_error_message_holds_a_foreign_value(server: Server, bank: Bank, manager: str) -> None:
    """A cast fails with the value in the message, so it must see own rows first."""
    own = min(bank.named[manager])
    for query in (
        "select customer_id::int from marts.dim_customer",
        "select count(*) from marts.dim_customer where customer_id::int = 1",
        "select 1 / (case when customer_id in (select customer_id from marts.dim_customer where customer_id::int > 0)"
        " then 1 else 0 end) from marts.dim_customer",
    ):
        with pytest.raises(psycopg.Error) as failed:
            server.ask(manager, query)
        told = {customer for customer in bank.customers if customer in str(failed.value)}
        assert told <= bank.named[manager], query
        assert own or told


def test_roles_and_settings_open_nothing(server: Server, bank: Bank, manager: str) -> None:
    own = len(bank.named[manager])
    president = bank.first("branch_president")
    for statement in (
        f'set role "{president}"',
        "set role loader",
        "set role postgres",
        f'set session authorization "{president}"',
        f'alter role "{manager}" superuser',
        f'grant "{president}" to "{manager}"',
        "grant loader to fenceng_reader",
        f'grant fenceng_service to "{manager}"',
        "set role fenceng_service",
        "alter table marts.dim_customer owner to current_user",
        "drop view marts.dim_customer",
        "create view marts.more as select 1 as one",
        "create table public.trap (one integer)",
        "update marts.fct_access_right set scope = 'bank'",
        "insert into marts.fct_access_right select employee_id, org_id, 'bank', rule_id from marts.fct_access_right",
        "delete from marts.dim_customer",
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/passwd')",
        "select lo_import('/etc/passwd')",
    ):
        with pytest.raises(psycopg.Error):
            server.ask(manager, statement)
        assert server.ask(manager, "select count(*) from marts.dim_customer") == [(own,)], statement
    with psycopg.connect(server.url(manager), autocommit=True) as connection:
        # The group role that every reader has is nobody.
        connection.execute("set role fenceng_reader")
        assert connection.execute("select count(*) from marts.dim_customer").fetchall() == [(0,)]
        connection.execute("reset role")
        connection.execute("set row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select count(*) from marts.dim_customer")


def test_a_group_role_is_nobody_whatever_was_delivered(server: Server, bank: Bank, manager: str) -> None:
    """An employee whose delivered id is that of the group role would else be everybody."""
    give(server, "fenceng_reader", "bank")
    with psycopg.connect(server.url(manager), autocommit=True) as connection:
        connection.execute("set role fenceng_reader")
        assert connection.execute("select count(*) from marts.dim_customer").fetchall() == [(0,)]


def test_the_search_path_leads_to_no_other_object(server: Server, bank: Bank, manager: str) -> None:
    """Operators and functions that somebody puts before the server's own must not judge the rights."""
    with psycopg.connect(server.url(manager), autocommit=True) as connection:
        connection.execute(
            "create function pg_temp.same(text, text) returns boolean language sql immutable as 'select true'"
        )
        connection.execute("create operator pg_temp.= (leftarg = text, rightarg = text, function = pg_temp.same)")
        connection.execute("create temp table dim_customer (customer_id text)")
        connection.execute("create temp table shown_batch (batch integer)")
        connection.execute("set search_path = pg_temp, marts, pg_catalog")
        assert connection.execute("select count(*) from marts.dim_customer").fetchall() == [(len(bank.named[manager]),)]


def test_a_plan_is_not_kept_for_somebody_else(server: Server, bank: Bank, manager: str) -> None:
    """A pool that changes roles on one connection: a prepared statement asks anew."""
    president = bank.first("branch_president", level="branch")
    server.ask("postgres", f'create role pool login; grant "{president}", "{manager}" to pool')
    with psycopg.connect(server.url("pool"), autocommit=True) as connection:
        counts = []
        for who in (president, manager, president):
            connection.execute(f'set role "{who}"')
            found = connection.execute("select count(*) from marts.dim_customer", prepare=True).fetchone()
            counts.append(found[0] if found else None)
    expected = {who: len(bank.expected("dim_customer", who)) for who in (president, manager)}
    assert counts == [expected[president], expected[manager], expected[president]]


def test_a_plan_tells_nothing_about_a_foreign_row(
    server: Server, bank: Bank, manager: str, stranger_customer: str
) -> None:
    """`explain analyze` counts rows that a condition removed: the count must not depend on a foreign customer's row.

    With an index on the customer it would: the index finds the row, and the rights then remove it.
    """
    held = bank.ask(f"select tier_code from marts.fct_customer_tier_monthly where customer_id = '{stranger_customer}'")
    tiers = [row[0] for row in bank.ask("select tier_code from marts.dim_tier order by tier_code")]

    def plan(customer: str, tier: str) -> str:
        rows = server.ask(
            manager,
            "explain (analyze, costs off, timing off, summary off) select from marts.fct_customer_tier_monthly"
            f" where customer_id = '{customer}' and tier_code = '{tier}'",
        )
        return "\n".join(str(row[0]) for row in rows).replace(customer, "X").replace(f"'{tier}'", "T")

    assert held[0][0] in tiers
    assert len({plan(customer, tier) for customer in (stranger_customer, "nobody") for tier in tiers}) == 1


def test_statistics_are_for_their_owner(server: Server, manager: str) -> None:
    server.ask("postgres", "analyze")
    assert server.ask(manager, "select * from pg_stats where schemaname ~ '^(fenceng|release|marts)'") == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.ask(manager, "select * from pg_statistic")
