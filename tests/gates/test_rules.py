"""The rules as files: contract, loader, dialect, checksum functions."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
import yaml
from stdnum.cn import ric, uscc

from expectations import dialect, gate_1, gate_2
from expectations.contract import CONTRACT_FILE, load_contract
from expectations.policy.rows import parameters
from expectations.rules import load_rules
from orchestration.settings import PROJECT_ROOT

CONTRACT = load_contract()
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
    return load_rules(path, CONTRACT, {"limit": "5"})


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
    (rule, _) = load(tmp_path, arguments={"column": "$column", "max_value": "$limit"})
    assert rule.arguments["max_value"] == 5.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, "unknown field colour"),
        ({"severity": "fatal"}, "severity is one of block, quarantine, warning"),
        ({"for_each": "big_column"}, "for_each is one of"),
        ({"because": "more than $limits"}, r"nothing is known of \$limits"),
        ({"arguments": {"column": "$colum"}}, r"nothing is known of \$colum"),
        ({"query": "select $nothing", "expect": "unexpected_rows"}, r"\$nothing"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, changes: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        load(tmp_path, **changes)
    assert "rules.yml, rule $table.$column.seen" in str(error.value)


def test_the_shipped_rules_load_and_have_names_of_their_own() -> None:
    from datetime import date

    in_force = parameters(date(2026, 3, 31))
    names = []
    for path in (*sorted(GATE_1.glob("*.yml")), *sorted(GATE_2.glob("*.yml"))):
        rules = load_rules(path, CONTRACT, in_force)
        assert rules, path
        names += [rule.rule_id for rule in rules]
    assert len(names) == len(set(names))
    assert len(names) > 300
    columns = sum(len(table.columns) for table in CONTRACT.tables.values())
    assert sum(name.endswith(".type") for name in names) == columns


def test_the_list_of_quarantine_kinds_is_closed() -> None:
    """semantics.md: the contract's own, and these, no others."""
    from datetime import date

    kinds = {
        rule.rule_id.rsplit(".", 1)[-1]
        for path in GATE_1.glob("*.yml")
        for rule in load_rules(path, CONTRACT, parameters(date(2026, 3, 31)))
        if rule.severity == "quarantine"
    }
    assert kinds == {
        "type", "required", "enum", "range", "reference", "duplicate", "conflict",
        "rate", "limit", "future", "negative", "checksum",
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
    with pytest.raises(KeyError):
        sa.create_engine(url).connect()


# ------------------------------------------------------------------ check characters


@pytest.fixture(scope="module")
def functions() -> duckdb.DuckDBPyConnection:
    """Return a connection with the gate's functions."""
    connection = duckdb.connect()
    connection.execute((GATE_1 / "functions.sql").read_text(encoding="utf-8"))
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
        ("is_resident_id('11010519491231002x')", False),
        ("is_resident_id('11010519491231002')", False),
        ("is_resident_id('１1010519491231002X')", False),
        ("is_resident_id('')", False),
        ("is_resident_id(null)", None),
        ("is_credit_code('91110000600037341L')", True),
        ("is_credit_code('91110000600037341l')", False),
        ("is_credit_code('9111000060003734IL')", False),
        ("is_credit_code(null)", None),
    ],
)
def test_numbers_of_another_form(functions: duckdb.DuckDBPyConnection, call: str, wanted: bool | None) -> None:
    assert functions.execute(f"select {call}").fetchall() == [(wanted,)]


# ------------------------------------------------------------------ who knows whom


def test_the_expectations_know_neither_dagster_nor_dbt(tmp_path: Path) -> None:
    """They run without the rest of the house: copied alone, they import."""
    import subprocess
    import sys

    shutil.copytree(PROJECT_ROOT / "expectations", tmp_path / "expectations")
    code = (
        "import sys; sys.path = [p for p in sys.path if 'main' not in p or 'site' in p];"
        f"sys.path.insert(0, {str(tmp_path)!r});"
        "import expectations.gate_1, expectations.gate_2;"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('dagster', 'dbt', 'orchestration')];"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
