"""The dbt project keeps its conventions; read from its files, without a run or a manifest."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations.project import PROJECT_ROOT

ROOT = PROJECT_ROOT
DBT_PROJECT = ROOT / "dbt_project"
MODEL_DIR = DBT_PROJECT / "models"
SEEDS = ROOT / "seeds"
POLICY = SEEDS / "policy"
# The contract of the published marts, where it lies beside the checkout.
MART_CONTRACT = ROOT.parent / "shared" / "contract" / "marts.yml"

MODELS = {path.stem: path for path in sorted(MODEL_DIR.rglob("*.sql"))}
SQL_FILES = sorted(
    path for folder in ("models", "macros", "tests", "analyses") for path in (DBT_PROJECT / folder).rglob("*.sql")
)
MOST_LINES = 80
PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "dim_")}

# Models without a key, and why they need none.
KEYLESS = {"int_customer__holdings": "a view that int_customer__balances only adds up"}

# Models without a unit test, and what of them there is not to test.
NOTHING_DECIDED = {
    "stg_landing__card": "renames",
    "stg_landing__contribution": "renames",
    "stg_landing__financial_statement": "renames",
    "stg_landing__organization": "renames",
    "stg_landing__visit": "renames",
    "stg_run__previous_tier": "renames",
    "dim_customer": "columns of int_customer__segments",
    "dim_employee": "columns of stg_landing__employee",
    "fct_customer_measure_monthly": "int_customer__measures with the month beside it",
    "fct_held_back_monthly": "columns of gate 1 with the month beside them",
    "fct_quarantine": "columns of gate 1",
}

# Agreed marts that no model builds yet: they rest on the assignment of customers to people.
NOT_BUILT = {"fct_maintenance_assignment_monthly", "fct_manager_load_monthly", "fct_contact_red_list"}

# Larger literals in SQL and in the rules than this are sizes of types or somebody's rule.
LARGEST_NUMBER = 10
# Numbers of units, which no policy changes.
UNITS = {Decimal(12): "months of a year", Decimal(100): "hundredths of a whole"}
_WARNINGS = "expectations/gate_1/warnings"
# (file, number) -> why it is not the policy's number.
NUMBERS_ALLOWED: dict[tuple[str, Decimal], str] = {
    ("expectations/dialect.py", Decimal(10_000)): "rows that a finding lists at most",
    (f"{_WARNINGS}/customer.mobile_phone.repeated.sql", Decimal(11)): "digits of a mobile number",
    (f"{_WARNINGS}/customer.id_number.old_form.sql", Decimal(15)): "digits of an identity number of the old form",
    (f"{_WARNINGS}/customer.birth_date.identity.sql", Decimal(18)): "characters of an identity number (GB 11643)",
    (f"{_WARNINGS}/customer.mobile_phone.format.sql", Decimal(86)): "the dialling code of mainland China",
    **{
        (f"expectations/gate_2/marts/{rule}.sql", Decimal("0.005")): "half of the last place of money"
        for rule in (
            "fct_customer_tier_monthly.holdings_conserved",
            "fct_customer_tier_monthly.credit_conserved",
            "fct_customer_tier_monthly.card_spend_conserved",
            "fct_customer_measure_monthly.population",
        )
    },
    ("expectations/gate_2/marts/every_mart.personal_number.sql", Decimal(11)): "digits of a mobile number",
    ("expectations/gate_2/marts/every_mart.personal_number.sql", Decimal(17)): "digits before a check character",
    ("expectations/gate_2/marts/every_mart.personal_number.sql", Decimal(86)): "the dialling code of mainland China",
    ("expectations/gate_2/marts/fct_customer_tier_monthly.next_tier.sql", Decimal("0.01")): "the last place of money",
    ("expectations/policy/checks/numbers.py", Decimal("0.60")): "an example in a message",
    ("expectations/policy/checks/numbers.py", Decimal(60)): "an example in a message",
    ("orchestration/definitions.py", Decimal(60)): "seconds from one look of the sensor to the next",
    ("fenceng/analysis/doctor.py", Decimal(14)): "the first Python that is too new",
    ("orchestration/terminal.py", Decimal(120)): "characters of a line",
}
# Folders whose numbers are no decisions.
NUMBERS_UNSEARCHED = {"fenceng/sample": "draws customers around the bounds; decides nothing"}
PYTHON_FILES = [
    path
    for folder in ("orchestration", "expectations")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.relative_to(ROOT).as_posix() not in NUMBERS_UNSEARCHED
]
RULE_FILES = sorted(
    path
    for gate in ("gate_1", "gate_2")
    for path in (ROOT / "expectations" / gate).rglob("*")
    if path.suffix in (".yml", ".sql")
)

# Models over policy rows alone: what they make of the shipped rows is what a unit test of a rule wants to see.
POLICY_MODELS = {
    "int_policy__conditions", "int_policy__rule_bounds", "int_policy__rules", "int_policy__tier_entries",
}  # fmt: skip

# (file stem, word) -> why the word is structure and not a list of the policy.
WORDS_ALLOWED = {
    ("int_customer__holdings", "custody_margin"): "names the only component of brokerage rows",
    ("measures", "corporate"): "the segment, not the kind of customer",
    ("int_customer__corporate_measures", "corporate"): "the segment, not the kind of customer",
    ("int_customer__measure_values", "corporate"): "the segment, not the kind of customer",
    ("int_decision__outcomes", "corporate"): "the segment, not the kind of customer",
    ("int_customer__measure_values", "unknown"): "what policy_measure calls the age without a birth date",
    ("int_customer__standings", "in_force"): "what policy_measure calls a strategic agreement that was signed",
    ("int_customer__standings", "none"): "what policy_measure calls a record without a fault",
    ("int_decision__route_values", "none"): "who meets no route has to have some value that a rule can name",
    ("fct_customer_tier_monthly.holdings_conserved", "custody_margin"): "names the only component of brokerage rows",
    ("dim_organization.levels", "branch"): "the level of an organisation, not the one that manages a class",
    ("dim_organization.levels", "sub_branch"): "the level of an organisation, not the one that manages a class",
    ("dim_organization", "branch"): "the level of an organisation, not the one that manages a class",
    ("customer.birth_date.kind", "personal"): "a natural person: the contract's word, whatever its segment",
    ("customer.birth_date.kind", "sole_proprietor"): "a natural person: the contract's word, whatever its segment",
    ("dim_organization", "sub_branch"): "the level of an organisation, not the one that manages a class",
}
# Columns of the policy seeds whose values are lists that SQL and the rules may not repeat. Purposes, resolvers and
# kinds of capacity are not among them: those are the words of the engine, and the policy chooses from them.
POLICY_WORDS = {
    "policy_role": ("role", "role_group"),
    "policy_visit_channel": ("channel",),
    "policy_visit_frequency": ("rule_id",),
    "policy_counted_status": ("status",),
    "policy_card_spend": ("card_kind", "transaction_kind"),
    "policy_department_level": ("org_level",),
    "policy_aum_component": ("component",),
    "policy_segment": ("customer_kind", "institution_type"),
    "policy_statement_kind": ("report_kind",),
    "policy_scheme": ("scheme",),
    "policy_tier": ("tier_code",),
    "policy_tier_rule": ("rule_id", "route", "category_value"),
    # Its routes are called tier and class, and so is the purpose of a scheme.
    "policy_maintainer": ("rule_id", "category_value"),
    "policy_score_band": ("rule_id",),
}


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


LANDING: dict[str, Mapping[str, Any]] = _yaml(ROOT / "expectations" / "landing_contract.yml")["tables"]
ENTRIES: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry for path in sorted(MODEL_DIR.rglob("_*__models.yml")) for entry in _yaml(path)["models"]
}

SEED_ENTRIES: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry for path in sorted(SEEDS.glob("*/_*__seeds.yml")) for entry in _yaml(path)["seeds"]
}
# What may begin with a docstring.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def layer(model: str) -> str:
    """staging, intermediate or marts."""
    return MODELS[model].relative_to(MODEL_DIR).parts[0]


MARTS = [model for model in MODELS if layer(model) == "marts"]


def without_comments(text: str) -> str:
    """SQL without comments of SQL and of Jinja."""
    return re.sub(r"--[^\n]*", " ", re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL))


def code(path: Path) -> str:
    """A SQL file without its comments."""
    return without_comments(path.read_text(encoding="utf-8"))


def words_used(text: str) -> set[str]:
    """The words in quotes of a SQL text."""
    return set(re.findall(r"'(\w[\w-]*)'", text))


def columns(model: str) -> dict[str, Mapping[str, Any]]:
    """Column -> its YAML entry."""
    return {column["name"]: column for column in ENTRIES[model].get("columns", [])}


def policy_rows(seed: str) -> list[dict[str, str]]:
    """The rows of a policy CSV."""
    with (POLICY / f"{seed}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def policy_numbers() -> set[Decimal]:
    """The fractions and the larger numbers of all policy rows: small counts are everywhere for other reasons."""
    cells = (cell for file in POLICY.glob("*.csv") for row in policy_rows(file.stem) for cell in row.values())
    numbers = {Decimal(cell) for cell in cells if re.fullmatch(r"\d+(?:\.\d+)?", cell)}
    return {number for number in numbers if number > LARGEST_NUMBER or number % 1} - set(UNITS)


def policy_words() -> set[str]:
    """Every role, channel, status, tier and the like that the policy lists; names of tables and measures are none."""
    listed = {
        row[column]
        for seed, names in POLICY_WORDS.items()
        for row in policy_rows(seed)
        for column in names
        if row[column]
    }
    return listed - set(LANDING) - {row["measure_id"] for row in policy_rows("policy_measure")}


def numbers_in_python(text: str) -> Iterator[Decimal]:
    """The number literals of a Python text, also those in its texts, but for docstrings."""
    tree = ast.parse(text)
    documented = [node.body[0] for node in ast.walk(tree) if isinstance(node, DOCUMENTED) and node.body]
    docstrings = {node.value for node in documented if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield Decimal(str(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield from numbers_in_text(node.value)


def numbers_in_rules(text: str) -> Iterator[Decimal]:
    """The numbers of a YAML file of rules, but for the words of why a rule is there."""
    waiting = [yaml.safe_load(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            waiting += [value for key, value in node.items() if key != "because"]
        elif isinstance(node, list):
            waiting += node
        else:
            yield from numbers_in_text(str(node))


def numbers_of(path: Path) -> set[Decimal]:
    """The numbers of a file of Python, rules or SQL."""
    search = {".py": numbers_in_python, ".yml": numbers_in_rules, ".sql": numbers_in_text}[path.suffix]
    return set(search(code(path) if path.suffix == ".sql" else path.read_text(encoding="utf-8")))


def numbers_in_text(text: str) -> Iterator[Decimal]:
    """Numbers that stand by themselves, sizes of types left out."""
    sizeless = re.sub(r"\b(?:decimal|numeric|varchar|char)\s*\([^)]*\)", " ", text, flags=re.I)
    for found in re.findall(r"(?<![\w.#-])\d[\d_]*(?:\.\d+)?(?:e\d+)?(?![\w.-])", sizeless):
        yield Decimal(found.replace("_", ""))


def not_allowed(path: Path, numbers: set[Decimal]) -> set[Decimal]:
    """Those of a file's numbers that NUMBERS_ALLOWED gives no reason for."""
    name = path.relative_to(ROOT).as_posix()
    return {number for number in numbers if (name, number) not in NUMBERS_ALLOWED}


def upper_keywords(text: str) -> set[str]:
    """Words in capitals outside comments and literals; no name is one, so each is a keyword."""
    bare = re.sub(r"'[^']*'", "''", without_comments(text))
    return set(re.findall(r"\b[A-Z]{2,}\b", bare))


# --- what every model says of itself ---


def test_every_model_has_an_entry_and_every_entry_a_model() -> None:
    names = [entry["name"] for path in MODEL_DIR.rglob("_*__models.yml") for entry in _yaml(path)["models"]]
    assert sorted(names) == sorted(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_entry_begins_with_the_grain_and_describes_every_column(model: str) -> None:
    entry = ENTRIES[model]
    assert entry["description"].startswith("One row per "), "the first line is the grain"
    grain = entry["config"]["meta"]["grain"]
    assert bool(grain) != (model in KEYLESS)
    assert set(grain) <= set(columns(model))
    assert len(columns(model)) == len(entry["columns"]), "a column is named twice"
    bare = [name for name, column in columns(model).items() if not column.get("description")]
    assert bare == []


@pytest.mark.parametrize("model", MODELS)
def test_entry_stands_in_the_file_of_its_folder(model: str) -> None:
    folder = MODELS[model].parent
    entries = _yaml(folder / f"_{folder.name}__models.yml")["models"]
    assert model in {entry["name"] for entry in entries}


@pytest.mark.parametrize("model", MARTS)
def test_mart_types_every_column_tests_its_grain_and_enforces_its_contract(model: str) -> None:
    entry = ENTRIES[model]
    assert [name for name, column in columns(model).items() if "data_type" not in column] == []
    tests = [test for test in entry["data_tests"] if "unique_grain" in test]
    assert [test["unique_grain"]["arguments"]["columns"] for test in tests] == [entry["config"]["meta"]["grain"]]
    assert entry["config"].get("contract", {"enforced": True})["enforced"]


def test_contracts_of_the_marts_are_enforced() -> None:
    marts = _yaml(DBT_PROJECT / "dbt_project.yml")["models"]["fenceng"]["marts"]
    assert marts["+contract"]["enforced"] is True


# --- what every seed says of itself ---


def test_every_seed_has_an_entry_and_every_entry_a_seed() -> None:
    assert sorted(SEED_ENTRIES) == sorted(path.stem for path in SEEDS.glob("*/*.csv"))


@pytest.mark.parametrize("seed", SEED_ENTRIES)
def test_entry_types_and_describes_every_column_of_the_seed(seed: str) -> None:
    entry, file = SEED_ENTRIES[seed], next(SEEDS.glob(f"*/{seed}.csv"))
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert entry["description"].startswith("One row per "), "the first line is the grain"
    assert list(entry["config"]["column_types"]) == header
    assert [column["name"] for column in entry["columns"]] == header
    assert [column["name"] for column in entry["columns"] if not column.get("description")] == []


# --- how a model is written ---


@pytest.mark.parametrize("model", MODELS)
def test_name_says_layer_and_folder(model: str) -> None:
    assert model.startswith(PREFIXES[layer(model)])
    if layer(model) != "marts":
        assert model.split("_", 1)[1].startswith(f"{MODELS[model].parent.name}__")


@pytest.mark.parametrize("model", MODELS)
def test_model_is_short_lower_case_and_ends_with_final(model: str) -> None:
    text = MODELS[model].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert upper_keywords(text) == set()
    assert re.match(r"(?:\{\{ config\([^}]*\) \}\}\n\n)?with\n", text), "imports come first"
    assert text.endswith("\nselect * from final\n")


# --- the policy is rows, not code ---


@pytest.mark.parametrize("kind", ["number", "category"])
@pytest.mark.parametrize("segment", ["retail", "corporate"])
def test_measures_that_sql_takes_are_those_that_a_rule_may_name(segment: str, kind: str) -> None:
    """A measure that the rows name and SQL does not take would be a rule that nobody meets."""
    macro = (DBT_PROJECT / "macros" / "policy" / "measures.sql").read_text(encoding="utf-8")
    listed = macro.split(f"{{% macro {kind}_measures", 1)[1].split("{%- endmacro", 1)[0]
    taken = re.findall(r"'(\w+)'", re.search(rf"'{segment}': \[(.*?)\]", listed, flags=re.DOTALL)[1])  # type: ignore[index]
    named = [
        row["measure_id"]
        for row in policy_rows("policy_measure")
        if row["kind"] == kind and row["segment"] in (segment, "both") and not row["derived_from_scheme"]
    ]
    assert sorted(taken) == sorted(named)


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_number_of_the_policy_in_python(path: Path) -> None:
    assert not_allowed(path, policy_numbers() & numbers_of(path)) == set()


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_no_number_that_could_be_a_limit_in_the_rules(path: Path) -> None:
    """A limit is a row of policy_parameter, which a rule names."""
    numbers = numbers_of(path)
    assert not_allowed(path, policy_numbers() & numbers) == set()
    assert not_allowed(path, {number for number in numbers if number > LARGEST_NUMBER}) == set()


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.stem)
def test_no_number_that_could_be_a_rule_in_sql(path: Path) -> None:
    numbers = set(numbers_in_text(code(path)))
    assert policy_numbers() & numbers == set()
    assert {number for number in numbers if number > LARGEST_NUMBER} == set()


@pytest.mark.parametrize("path", [*SQL_FILES, *RULE_FILES], ids=lambda path: path.stem)
def test_no_word_of_a_policy_list_in_sql_and_rules(path: Path) -> None:
    found = policy_words() & words_used(code(path))
    assert {word for word in found if (path.stem, word) not in WORDS_ALLOWED} == set()


def test_every_allowed_number_and_word_is_still_there() -> None:
    for file, number in NUMBERS_ALLOWED:
        assert number in numbers_of(ROOT / file), f"{file}: {number}"
    stems = {path.stem: path for path in [*SQL_FILES, *RULE_FILES]}
    for stem, word in WORDS_ALLOWED:
        assert word in words_used(code(stems[stem])) & policy_words()


@pytest.mark.parametrize("model", MODELS)
def test_model_that_decides_something_has_a_unit_test_beside_it(model: str) -> None:
    folder = MODELS[model].parent
    path = folder / f"_{folder.name}__unit_tests.yml"
    tested = {test["model"] for test in _yaml(path)["unit_tests"]} if path.exists() else set()
    assert (model in tested) != (model in NOTHING_DECIDED)


def test_unit_tests_read_the_rows_that_they_name() -> None:
    """`format: sql` names a relation by hand; another seed behind the name would go unseen."""
    for path in MODEL_DIR.rglob("_*__unit_tests.yml"):
        for given in (given for test in _yaml(path)["unit_tests"] for given in test["given"]):
            if given.get("format") == "sql":
                name = re.fullmatch(r"ref\('(\w+)'\)", given["input"])
                assert name, given["input"]
                assert given["rows"] == f"select * from {_folder_of_rows(name[1])}.{name[1]}"


def _folder_of_rows(name: str) -> str:
    """The schema of a seed, or of a model that a unit test may read as built."""
    if name in POLICY_MODELS:
        return "intermediate"
    folder = "policy" if name.startswith("policy_") else "reference"
    assert (POLICY.parent / folder / f"{name}.csv").exists(), f"{name}: neither a seed nor a model over policy rows"
    return folder


def test_policy_models_rest_on_policy_rows_alone() -> None:
    for model in POLICY_MODELS:
        read = {name for name in re.findall(r"\w+", code(MODELS[model])) if name in MODELS and name != model}
        assert read <= POLICY_MODELS


# --- what leaves the warehouse ---


@pytest.mark.skipif(not MART_CONTRACT.exists(), reason="the marts' contract is not at hand")
def test_marts_have_the_columns_and_types_of_their_contract() -> None:
    short: dict[str, dict[str, object]] = {}
    for table, agreed in _yaml(MART_CONTRACT)["tables"].items():
        if table not in MARTS:
            continue
        built = {name: column["data_type"].replace(" ", "") for name, column in columns(table).items()}
        lacking = {
            name: (kind, built.get(name))
            for name, kind in agreed["columns"].items()
            if built.get(name) != kind.replace(" ", "")
        }
        if lacking:
            short[table] = {"agreed and built": lacking}
        if ENTRIES[table]["config"]["meta"]["grain"] != agreed["grain"]:
            short.setdefault(table, {})["grain"] = agreed["grain"]
    assert short == {}


@pytest.mark.skipif(not MART_CONTRACT.exists(), reason="the marts' contract is not at hand")
def test_every_agreed_mart_is_built() -> None:
    """But for those that are known to be missing; what has been built is no longer one of them."""
    assert set(_yaml(MART_CONTRACT)["tables"]) - set(MARTS) == NOT_BUILT


@pytest.mark.parametrize("model", MARTS)
def test_no_personal_column_reaches_a_mart(model: str) -> None:
    personal = {name for table in LANDING.values() for name, column in table["columns"].items() if column.get("pii")}
    assert {"customer_name", "id_number", "birth_date", "mobile_phone"} <= personal
    assert personal & set(columns(model)) == set()
    assert personal & set(re.findall(r"\w+", code(MODELS[model]))) == set()


# --- layers ---


@pytest.mark.parametrize("model", MODELS)
def test_model_reads_only_what_its_layer_may(model: str) -> None:
    text = code(MODELS[model])
    sources = set(re.findall(r"source\(\s*'(\w+)'", text))
    # By name, not by ref(): a loop over models refers to a variable.
    read = {name for name in set(re.findall(r"\w+", text)) & set(MODELS) if name != model}
    layers = {layer(name) for name in read}
    if layer(model) == "staging":
        assert layers <= {"staging"}
    elif layer(model) == "intermediate":
        assert sources == set()
        assert layers <= {"staging", "intermediate"}
    else:
        assert "accepted" not in sources


# --- tests of these tests ---


def test_searches_find_what_is_planted() -> None:
    assert {Decimal(50_000)} <= policy_numbers() & set(numbers_in_text("where x >= 50000.00 and"))
    assert {Decimal("0.3"), Decimal(31), Decimal(800)} <= policy_numbers()
    assert set(numbers_in_text("cast(x as decimal(38, 10)) + step_12 + 1990-01-01")) == set()
    assert Decimal(2_000_000) in set(numbers_in_python("BOUND = 2_000_000"))
    assert Decimal(10_000) in set(numbers_in_python("query = 'select 1 where a > 10000'"))
    assert set(numbers_in_python('"""From 50,000."""\ndef f():\n    """To 31."""\n    return 2')) == {Decimal(2)}
    rules = "- because: more than 31 days\n  arguments: {limit: 0.3}\n  query: >\n    select 1 where a > 120"
    assert set(numbers_in_rules(rules)) == {Decimal("0.3"), Decimal(1), Decimal(120)}
    assert words_used("channel in ('on_site', 'phone')") & policy_words() == {"on_site", "phone"}
    assert words_used(without_comments("-- 'on_site'")) == set()
    assert upper_keywords("SELECT a, 'FROM' -- WHERE\nfrom b") == {"SELECT"}
