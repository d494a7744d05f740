"""The rules as files: contract, loader, dialect, checksum functions."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
import yaml
from stdnum.cn import ric, uscc

from expectations import dialect, gate_1, gate_2
from expectations.contract import CONTRACT_FILE, limit_name, load_contract
from expectations.findings import Finding
from expectations.gate_1.gate import DELIVERY
from expectations.policy.in_force import parameters
from expectations.project import PROJECT_ROOT
from expectations.rules import QUERY, load_rules
from expectations.runner import run_rules
from expectations.sql import functions as dialect_functions

CONTRACT = load_contract()
LIMIT = limit_name("financial_statement", "total_assets")
GATE_1 = Path(gate_1.__file__).parent
GATE_2 = Path(gate_2.__file__).parent
GOOD = {
    "rule": "$table.$column.seen",
    "for_each": "share_column",
    "severity": "warning",
    "because": "$column of $table",
    "expect": "column_values_to_not_be_null",
    "arguments": {"column": "$column"},
}


def load(folder: Path, **changes: object) -> list:
    """Load one rule, changed."""
    entry = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump([entry]), encoding="utf-8")
    return load_rules(path, CONTRACT, {"limit": "9999999999999999.99", "days": "5"})


# ------------------------------------------------------------------ the contract


def test_every_table_is_judged_after_those_it_leads_to() -> None:
    waves = [[table.name for table in wave] for wave in CONTRACT.waves()]
    order = {name: number for number, wave in enumerate(waves) for name in wave}
    assert order.keys() == CONTRACT.tables.keys()
    for table in CONTRACT.tables.values():
        for column in table.columns:
            if column.ref and column.ref != table.name:
                assert order[column.ref] < order[table.name], (table.name, column.name)
            if column.name == "currency" and table.name != "fx_rate":
                assert order["fx_rate"] < order[table.name]
    assert order["organization"] < order["customer"] < order["account"]


def test_references_in_a_ring_are_refused(tmp_path: Path) -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    document["tables"]["organization"]["columns"]["org_name"]["ref"] = "customer"
    path = tmp_path / "contract.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ValueError, match=r"customer.*organization.*form a ring"):
        load_contract(path).waves()


def test_a_reference_of_events_is_refused(tmp_path: Path) -> None:
    """Checked against the newest snapshot, events of customers that have left would be quarantined forever."""
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    document["tables"]["financial_statement"]["columns"]["customer_id"]["ref"] = "customer"
    path = tmp_path / "contract.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ValueError, match=r"a ref to financial_statement\.customer_id, a column of events"):
        load_contract(path)


def test_an_amount_needs_a_currency(tmp_path: Path) -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    del document["tables"]["contribution"]["columns"]["revenue"]["unit"]
    path = tmp_path / "contract.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ValueError, match=r"in which currency contribution\.revenue is"):
        load_contract(path)


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (
            {"type": "varchar", "optional": True},
            r"lets a file lack organization\.org_name, which must also be nullable",
        ),
        ({"type": "varchar", "first_of": "month"}, r"first_of to organization\.org_name; it is one of month, year"),
        ({"type": "date", "first_of": "week"}, r"first_of to organization\.org_name; it is one of month, year"),
    ],
)
def test_a_mark_that_its_column_cannot_bear_is_refused(marks: dict[str, object], said: str, tmp_path: Path) -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    document["tables"]["organization"]["columns"]["org_name"] = marks
    path = tmp_path / "contract.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        load_contract(path)


@pytest.mark.parametrize(("table", "day"), [("visit", None), ("visit", "channel"), ("account", "opened_on")])
def test_only_events_have_a_day_of_their_own(table: str, day: str | None, tmp_path: Path) -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    document["tables"][table]["own_day"] = day
    path = tmp_path / "contract.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ValueError, match=f"gives {table} the own_day {day}; an event table names one of its dates"):
        load_contract(path)


def test_the_first_day_of_a_year(tmp_path: Path) -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    document["tables"]["contribution"]["columns"]["month"]["first_of"] = "year"
    path = tmp_path / "contract.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    rules = load_rules(GATE_1 / "contract.yml", load_contract(path), parameters(date(2026, 3, 31)))
    (rule,) = [rule for rule in rules if rule.rule_id == "contribution.month.first_day"]
    assert (rule.severity, rule.because) == ("quarantine", "the day is not the first of its year")
    with duckdb.connect() as connection:
        connection.execute(
            "create schema landing; create table landing.contribution as select * from (values"
            " (1, date '2026-01-01'), (2, date '2026-02-01'), (3, date '2026-12-31'), (4, null)) as given(_row, month)"
        )
        assert connection.execute(f"{rule.query} order by _row").fetchall() == [(2,), (3,)]


# ------------------------------------------------------------------ the loader


def test_a_rule_is_written_out_for_each_column(tmp_path: Path) -> None:
    rules = load(tmp_path)
    assert [(rule.rule_id, rule.table, rule.because) for rule in rules] == [
        (f"corporate_profile.{name}.seen", "corporate_profile", f"{name} of corporate_profile")
        for name in ("settlement_share", "related_party_share")
    ]
    assert [rule.arguments for rule in rules] == [
        {"column": "settlement_share"},
        {"column": "related_party_share"},
    ]


def test_a_policy_parameter_is_filled_in(tmp_path: Path) -> None:
    (rule, _) = load(tmp_path, arguments={"column": "$column", "min_value": "-$days", "max_value": "$limit"})
    assert rule.arguments == {
        "column": "settlement_share",
        "min_value": -5,
        "max_value": Decimal("9999999999999999.99"),
    }
    assert type(rule.arguments["min_value"]) is int


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, "unknown field colour"),
        ({"severity": "fatal"}, "severity is one of block, quarantine, warning"),
        ({"for_each": "big_column"}, "for_each is one of"),
        ({"because": "more than $limits"}, r"nothing is known of \$limits"),
        ({"arguments": {"column": "$colum"}}, r"nothing is known of \$colum"),
        ({"query": "seen", "expect": "unexpected_rows"}, r"there is no rules/seen\.sql"),
        ({"expect": "unexpected_rows"}, r"there is no rules/corporate_profile\.settlement_share\.seen\.sql"),
        ({"for_each": "named_column", "columns": ["opened_onn", "opened_on"]}, r"no table .* column opened_onn$"),
        ({"for_each": "named_column", "columns": []}, "named_column goes with columns"),
        ({"for_each": "named_column"}, "named_column goes with columns"),
        ({"columns": ["opened_on"]}, "named_column goes with columns"),
        ({"rule": "loam.seen", "for_each": None, "table": "loam", "because": "x", "arguments": {}}, "no table loam"),
        ({"guarded_by": "$table.row.seen"}, "no rule corporate_profile.row.seen in the file"),
        ({"explained_by": "$table.$column.red"}, "no rule corporate_profile.settlement_share.red in the file"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, changes: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        load(tmp_path, **changes)
    assert f"rules.yml, rule {changes.get('rule', '$table.$column.seen')}: " in str(error.value)


@pytest.mark.parametrize("unknown", ["nothing", "policy.nothing", "add_weeks('a', 1)"])
def test_a_query_that_asks_for_what_is_not_known_is_named(tmp_path: Path, unknown: str) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "seen.sql").write_text(f"select {{{{ {unknown} }}}} from {{{{ batch }}}}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^rules\.yml, rule .*: rules/seen\.sql: .*(nothing|add_weeks)"):
        load(tmp_path, query="seen", expect="unexpected_rows", arguments=None)


def test_a_query_is_filled(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "seen.sql").write_text(
        "-- a comment\nselect {{ column }} -- {{ table }}\nfrom {{ batch }}\n    -- more\n"
        "where {{ matches(column, '{2}') }} and {{ column }} > {{ policy.days }} and '{{ rule }}' <> ''\n",
        encoding="utf-8",
    )
    (rule, _) = load(tmp_path, query="seen", expect="unexpected_rows", arguments=None)
    assert rule.query == (
        "select settlement_share -- corporate_profile\nfrom landing.corporate_profile\n"
        "where regexp_matches(settlement_share, '{2}') and settlement_share > 5"
        " and 'corporate_profile.settlement_share.seen' <> ''"
    )


def test_every_file_of_sql_is_used() -> None:
    for path in (*sorted(GATE_1.glob("*.yml")), *sorted(GATE_2.glob("*.yml"))):
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = {entry.get("query", entry["rule"]) for entry in entries if entry["expect"] == QUERY}
        assert {file.stem for file in path.with_suffix("").glob("*.sql")} == named, path.name
    gate = (GATE_1 / "gate.py").read_text(encoding="utf-8")
    named = {*re.findall(r'"((?:tables|findings)/\w+)"', gate), *(f"findings/{relation}" for relation in DELIVERY)}
    files = (file for folder in ("tables", "findings") for file in (GATE_1 / folder).glob("*.sql"))
    assert {f"{file.parent.name}/{file.stem}" for file in files} == named


def test_a_selector_that_selects_nothing_is_no_rule(tmp_path: Path) -> None:
    shares = {"corporate_profile": CONTRACT.tables["corporate_profile"]}
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump([{**GOOD, "for_each": "currency_column"}]), encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"rules.yml, rule \$table.\$column.seen: for_each currency_column selects nothing"
    ):
        load_rules(path, replace(CONTRACT, tables=shares), {})


def test_money_is_never_compared_with_a_float() -> None:
    """Great Expectations converts bounds to float; only 0 is safe for money."""
    money = {c.name for table in CONTRACT.tables.values() for c in table.columns if c.type.startswith("decimal")}
    judged = 0
    for path in GATE_1.glob("*.yml"):
        for rule in load_rules(path, CONTRACT, parameters(date(2026, 3, 31))):
            if rule.query is None and rule.arguments["column" if "column" in rule.arguments else "column_A"] in money:
                judged += 1
                bounds = {rule.arguments.get(name, 0) for name in ("min_value", "max_value")}
                assert bounds == {0}, rule.rule_id
    assert judged > 10


@pytest.mark.parametrize(
    ("limit", "below", "reached"),
    [
        ("10000000000000", "9999999999999.99", ["10000000000000.00", "10000000000000.01"]),
        # A float can't distinguish the last digits of numbers this long.
        ("999999999999999999.98", "999999999999999999.97", ["999999999999999999.98", "999999999999999999.99"]),
    ],
)
def test_the_limit_of_amounts_is_exact(limit: str, below: str, reached: list[str]) -> None:
    """At the limit, a cent above and a cent below, and the same below 0."""
    warehouse = duckdb.connect()
    warehouse.execute(
        "create schema landing; create table landing.financial_statement (_row bigint, total_assets decimal(20, 2))"
    )
    amounts = [below, *reached]
    for number, text in enumerate([*amounts, *(f"-{amount}" for amount in amounts)]):
        warehouse.execute("insert into landing.financial_statement values (?, ?)", [number, Decimal(text)])
    rules = [
        rule
        for name in ("quarantine.yml", "warnings.yml")
        for rule in load_rules(GATE_1 / name, CONTRACT, {**parameters(date(2026, 3, 31)), LIMIT: limit})
        if rule.rule_id in ("financial_statement.total_assets.limit", "financial_statement.total_assets.unit")
    ]
    found = [warehouse.execute(str(verdict.failing_rows)).fetchall() for verdict in run_rules(warehouse, rules)]
    assert found == [[(1,), (2,)], [(4,), (5,)]]


def test_every_amount_has_the_limit_of_its_own_column(tmp_path: Path) -> None:
    in_force = {**parameters(date(2026, 3, 31)), limit_name("loan", "principal_balance"): "7"}
    rules = {rule.rule_id: rule for rule in load_rules(GATE_1 / "quarantine.yml", CONTRACT, in_force)}
    assert ">= 7\n" in str(rules["loan.principal_balance.limit"].query)
    assert ">= 7\n" not in str(rules["account.balance.limit"].query)
    del in_force[limit_name("account", "balance")]
    with pytest.raises(ValueError, match=r"quarantine/foreign_money\.limit\.sql: 'amount_limit' is undefined"):
        load_rules(GATE_1 / "quarantine.yml", CONTRACT, in_force)


@pytest.mark.parametrize(
    ("rows", "words"), [(0, "t: why [r]"), (1, "t, 1 row: why [r]"), (2000, "t, 2,000 rows: why [r]")]
)
def test_a_finding_counts_in_words(rows: int, words: str) -> None:
    assert str(Finding("r", "warning", "t", rows, "why")) == words
    assert str(Finding("r", "warning", "t", rows, "why", "of a day")) == f"{words} (of a day)"


def test_the_shipped_rules_load_and_have_names_of_their_own() -> None:
    in_force = parameters(date(2026, 3, 31))
    names = []
    for path in (*sorted(GATE_1.glob("*.yml")), *sorted(GATE_2.glob("*.yml"))):
        rules = load_rules(path, CONTRACT, in_force)
        assert rules, path
        names += [rule.rule_id for rule in rules]
    assert len(names) == len(set(names))
    assert len(names) > 300
    columns = sum(len(table.columns) for table in CONTRACT.tables.values())
    assert sum(name.endswith(".type") and not name.startswith("delivery.") for name in names) == columns


def test_the_list_of_quarantine_kinds_is_closed() -> None:
    """The contract's own, these, and no others."""
    kinds = {
        rule.rule_id.rsplit(".", 1)[-1]
        for path in GATE_1.glob("*.yml")
        for rule in load_rules(path, CONTRACT, parameters(date(2026, 3, 31)))
        if rule.severity == "quarantine"
    }
    assert kinds == {
        "type", "required", "enum", "range", "first_day", "reference", "duplicate", "conflict",
        "rate", "limit", "future", "negative", "checksum", "positive", "order",
    }  # fmt: skip


# ------------------------------------------------------------------ the dialect


@pytest.fixture
def lent() -> duckdb.DuckDBPyConnection:
    """Return a connection with one table of one row."""
    connection = duckdb.connect()
    connection.execute("create table t as select 1 as a, date '2026-01-01' as b, 1.5 as c")
    return connection


@pytest.mark.parametrize(
    "statement",
    [
        "insert into t values (2, null, null)",
        "  DELETE from t",
        "update t set a = 2",
        "drop table t",
        "create table u as select 1",
        "attach ':memory:' as other",
        "copy t to '/tmp/never.csv'",
        "pragma version",
        "set memory_limit = '1GB'",
        "select 1; drop table t",
        "with x as (select 1) delete from t",
        "with x as (select 5 as a) insert into t select a, null, null from x",
        "explain analyze delete from t",
    ],
)
def test_the_dialect_refuses_to_write(lent: duckdb.DuckDBPyConnection, statement: str) -> None:
    with (
        dialect.register("refuses", lent, "main") as url,
        sa.create_engine(url).connect() as connection,
    ):
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text(statement))
        assert connection.execute(sa.text("select a from t")).fetchall() == [(1,)]


def test_the_dialect_reads_and_describes(lent: duckdb.DuckDBPyConnection) -> None:
    lent.execute("create view v as select * from t")
    with (
        dialect.register("reads", lent, "main") as url,
        sa.create_engine(url).connect() as connection,
    ):
        rows = connection.execute(sa.text("select a from t where a = :a"), {"a": 1}).fetchall()
        assert rows == [(1,)]
        inspector = sa.inspect(connection)
        assert inspector.get_table_names() == ["t"]
        assert inspector.get_view_names() == ["v"]
        types = {column["name"]: type(column["type"]) for column in inspector.get_columns("t")}
        assert types == {"a": sa.INTEGER, "b": sa.DATE, "c": sa.DECIMAL}
    assert lent.execute("select count(*) from t").fetchall() == [(1,)]  # left open


def test_a_connection_is_lent_for_a_while_only(lent: duckdb.DuckDBPyConnection) -> None:
    with dialect.register("while", lent, "main") as url:
        pass
    with pytest.raises(sa.exc.StatementError, match="while"):
        sa.create_engine(url).connect().exec_driver_sql("select 1")


# ------------------------------------------------------------------ check characters


@pytest.fixture(scope="module")
def functions() -> duckdb.DuckDBPyConnection:
    """Return a connection with the gate's functions."""
    connection = duckdb.connect()
    connection.execute(dialect_functions())
    return connection


def test_resident_ids_against_python_stdnum(functions: duckdb.DuckDBPyConnection) -> None:
    rng = random.Random(11643)
    cases = []
    for _ in range(300):
        body = "".join(rng.choices("0123456789", k=17))
        right = ric.calc_check_digit(body + "0")
        cases += [(body + check, check == right) for check in "0123456789X"]
    assert sum(is_right for _, is_right in cases) == 300
    judged = functions.execute(
        "select is_resident_id(n) from (select unnest(?) as n)", [[number for number, _ in cases]]
    ).fetchall()
    assert [value for (value,) in judged] == [is_right for _, is_right in cases]


def test_small_letters_change_no_verdict(functions: duckdb.DuckDBPyConnection) -> None:
    rng = random.Random(20)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

    def every_check(bodies: str, checks: str) -> list[str]:
        return [body + check for body in ("".join(rng.choices(bodies, k=17)) for _ in range(30)) for check in checks]

    numbers, codes = every_check("0123456789", "0123456789X"), every_check(alphabet, alphabet)
    for name, asked in (("is_resident_id", numbers), ("is_credit_code", codes)):
        judged = functions.execute(
            f"select {name}(n), {name}(lower(n)) from (select unnest(?) as n)", [asked]
        ).fetchall()
        assert {True, False} == {upper for upper, _ in judged}
        assert all(upper == lower for upper, lower in judged)


def test_credit_codes_against_python_stdnum(functions: duckdb.DuckDBPyConnection) -> None:
    rng = random.Random(32100)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    cases = []
    for _ in range(100):
        body = "".join(rng.choices(alphabet, k=17))
        right = uscc.calc_check_digit(body)
        cases += [(body + check, check == right) for check in alphabet]
    assert sum(is_right for _, is_right in cases) == 100
    judged = functions.execute(
        "select is_credit_code(n) from (select unnest(?) as n)", [[number for number, _ in cases]]
    ).fetchall()
    assert [value for (value,) in judged] == [is_right for _, is_right in cases]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("is_resident_id('11010519491231002x')", True),
        ("is_resident_id('11010519491231003x')", False),
        ("is_resident_id('11010519491231002')", False),
        ("is_resident_id('１1010519491231002X')", False),
        ("is_resident_id('')", False),
        ("is_resident_id(null)", None),
        ("is_credit_code('91110000600037341L')", True),
        ("is_credit_code('91110000600037341l')", True),
        ("is_credit_code('91110000600037341m')", False),
        ("is_credit_code('9111000060003734il')", False),
        ("is_credit_code('9111000060003734IL')", False),
        ("is_credit_code(null)", None),
    ],
)
def test_numbers_of_another_form(functions: duckdb.DuckDBPyConnection, call: str, wanted: bool | None) -> None:
    assert functions.execute(f"select {call}").fetchall() == [(wanted,)]


# ------------------------------------------------------------------ who knows whom


def test_the_expectations_know_neither_dagster_nor_dbt(tmp_path: Path) -> None:
    """They work without the rest of the house: copied alone, they can be imported."""
    shutil.copytree(PROJECT_ROOT / "expectations", tmp_path / "expectations")
    code = (
        "import importlib.util, pathlib, sys;"
        f"house, alone = pathlib.Path({str(PROJECT_ROOT)!r}).resolve(), pathlib.Path({str(tmp_path)!r}).resolve();"
        "sys.path = [str(alone)] + [p for p in sys.path if p and pathlib.Path(p).resolve() != house];"
        "import expectations.gate_1, expectations.gate_2;"
        "assert pathlib.Path(expectations.gate_1.__file__).resolve().is_relative_to(alone);"
        "assert importlib.util.find_spec('orchestration') is None;"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('dagster', 'dbt', 'orchestration')];"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
