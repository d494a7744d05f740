"""Models, macros and seeds follow the conventions; read from the files, without a run or a manifest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.dbt_files import (
    ENTRIES,
    MACRO_DIR,
    MODEL_DIR,
    MODEL_YAML,
    MODELS,
    SEED_ENTRIES,
    SEED_YAML,
    SEEDS,
    UNIT_TEST_YAML,
    code,
    columns,
    layer,
    read_yaml,
    without_comments,
)

from expectations.policy.sheets import policy_schemas

MOST_LINES = 80
PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "dim_")}
# A description longer than this many characters that occurs this often must be a doc block.
LONG_DESCRIPTION, OFTEN = 20, 5

# Models without a key, and why they need none.
KEYLESS = {
    "int_customer__holdings": "a view that int_customer__balances only adds up",
    **{
        f"int_action__{name}": "int_action__found adds it up"
        for name in ("cards", "contacts", "days", "flows", "maturing", "reminders", "thresholds")
    },
}

# Areas that count what other marts publish, to two places: figures must agree with the rows that they add up.
OF_WHAT_IS_PUBLISHED = ("int_result__",)

# Models without a unit test, and why there is nothing to test.
NOTHING_DECIDED = {
    "stg_gate_1__delivered_table": "one column of gate 1",
    "stg_landing__card": "renames",
    "stg_landing__customer_link": "renames",
    "stg_landing__prospect": "renames",
    "stg_landing__service": "renames",
    "stg_landing__reported_metric": "renames",
    "stg_landing__target": "renames",
    "stg_landing__appraisal_score": "renames",
    "stg_landing__appraisal_feedback": "renames",
    "stg_landing__campaign": "renames",
    "stg_landing__campaign_member": "renames",
    "stg_landing__contribution": "renames",
    "stg_landing__financial_statement": "renames",
    "stg_landing__organization": "renames",
    "stg_published__kpi": "renames",
    "stg_published__previous_assignment": "renames",
    "dim_customer": "columns of int_customer__segments",
    "dim_employee": "columns of stg_landing__employee",
    "dim_role": "columns of policy_role",
    "fct_customer_measure_monthly": "int_customer__measures with the month beside it",
    "fct_maintenance_assignment_monthly": "int_maintenance__assignments with the month beside it",
    "fct_visit_obligation_monthly": "int_coverage__judgements with the dates beside it",
    "fct_visit_signal_monthly": "int_visit__signals with the month beside it",
    "fct_held_back_monthly": "columns of gate 1 with the month beside them",
    "fct_quarantine": "columns of gate 1",
}

# Models over policy rows only: a unit test of a rule may read them as built from the shipped rows.
POLICY_MODELS = {
    "int_policy__conditions", "int_policy__rule_bounds", "int_policy__rules", "int_policy__tier_entries",
}  # fmt: skip


def upper_keywords(text: str) -> set[str]:
    """Upper-case words outside comments and literals; no name is upper case, so each is a keyword."""
    bare = re.sub(r"'[^']*'", "''", without_comments(text))
    return set(re.findall(r"\b[A-Z]{2,}\b", bare))


def macros_of(text: str) -> set[str]:
    """The macros of a file; the versions of one macro for several engines count as one."""
    return {re.sub(r"^(?:default|spark)__", "", name) for name in re.findall(r"\{%-? (?:macro|test) (\w+)", text)}


def descriptions_in(text: str) -> Iterator[str]:
    """The descriptions written in a YAML file; one repeated by an anchor is written once."""
    waiting: list[yaml.Node] = [yaml.compose(text, Loader=yaml.SafeLoader)]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        for entry in node.value:
            key, value = entry if isinstance(entry, tuple) else (None, entry)
            waiting.append(value)
            if key is not None and key.value == "description" and id(value) not in seen:
                seen.add(id(value))
                yield value.value.strip()


def repeated(texts: Iterator[str]) -> dict[str, int]:
    """Long descriptions that occur often, with their counts; references to doc blocks are ignored."""
    counted = Counter(text for text in texts if len(text) > LONG_DESCRIPTION and not text.startswith("{{"))
    return {text: times for text, times in counted.items() if times >= OFTEN}


# --- the entry of a model ---


def test_every_model_has_an_entry_and_every_entry_a_model() -> None:
    names = [entry["name"] for path in MODEL_YAML for entry in read_yaml(path)["models"]]
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
    entries = read_yaml(folder / f"_{folder.name}__models.yml")["models"]
    assert model in {entry["name"] for entry in entries}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_with_a_grain_proves_it(model: str) -> None:
    """Staging only renames and casts: gate 1 proves the keys of what it reads."""
    has_grain = bool(ENTRIES[model]["config"]["meta"]["grain"]) and not model.startswith("stg_")
    assert ("unique_grain" in ENTRIES[model].get("data_tests", [])) == has_grain


# --- the entry of a seed ---


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


@pytest.mark.parametrize("seed", SEED_ENTRIES)
def test_seed_names_its_grain_and_tests_it(seed: str) -> None:
    entry = SEED_ENTRIES[seed]
    assert entry["config"]["meta"]["grain"]
    meta = entry["config"]["meta"]
    assert {*meta["grain"], *meta.get("may_be_empty", ())} <= set(entry["config"]["column_types"])
    assert "unique_grain" in entry["data_tests"]


# --- a repeated description is written once ---


def test_repeated_description_is_a_doc_block() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*MODEL_YAML, *SEED_YAML]]
    assert repeated(description for text in texts for description in descriptions_in(text)) == {}


def test_every_doc_block_is_used_and_every_reference_resolves() -> None:
    blocks = re.findall(r"\{% docs (\w+) %\}", (MODEL_DIR / "_docs.md").read_text(encoding="utf-8"))
    used = {
        name
        for path in [*MODEL_YAML, *SEED_YAML]
        for name in re.findall(r"\{\{ doc\('(\w+)'\) \}\}", path.read_text(encoding="utf-8"))
    }
    assert sorted(blocks) == sorted(used)


# --- one macro a file ---


@pytest.mark.parametrize("path", sorted(MACRO_DIR.rglob("*.sql")), ids=lambda path: path.stem)
def test_file_holds_one_macro_and_is_named_after_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    materialized = set(re.findall(r"\{% materialization (\w+)", text))
    assert macros_of(text) | materialized == {path.stem}


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


# --- unit tests ---


@pytest.mark.parametrize("model", MODELS)
def test_model_that_decides_something_has_a_unit_test_beside_it(model: str) -> None:
    path = MODELS[model].with_name(f"{model}__unit_tests.yml")
    assert path.exists() != (model in NOTHING_DECIDED)


@pytest.mark.parametrize("path", UNIT_TEST_YAML, ids=lambda path: path.stem)
def test_file_of_unit_tests_holds_those_of_the_model_that_it_is_named_after(path: Path) -> None:
    assert {f"{test['model']}__unit_tests" for test in read_yaml(path)["unit_tests"]} == {path.stem}


def test_unit_tests_read_the_rows_that_they_name() -> None:
    """`format: sql` names a relation by hand; a different seed with that name would go unnoticed."""
    for path in UNIT_TEST_YAML:
        for given in (given for test in read_yaml(path)["unit_tests"] for given in test["given"]):
            if given.get("format") == "sql":
                name = re.fullmatch(r"ref\('(\w+)'\)", given["input"])
                assert name, given["input"]
                assert given["rows"] == f"select * from {_folder_of_rows(name[1])}.{name[1]}"


def _folder_of_rows(name: str) -> str:
    """The schema of a seed, or of a model that a unit test may read as built."""
    if name in POLICY_MODELS:
        return "intermediate"
    folder = "policy" if name.startswith("policy_") else "reference"
    assert (SEEDS / folder / f"{name}.csv").exists(), f"{name}: neither a seed nor a model over policy rows"
    return folder


def test_policy_models_rest_on_policy_rows_alone() -> None:
    for model in POLICY_MODELS:
        read = {name for name in re.findall(r"\w+", code(MODELS[model])) if name in MODELS and name != model}
        assert read <= POLICY_MODELS


def test_the_open_points_are_those_of_every_family() -> None:
    """A family with assumed rows that the mart leaves out would look as if a source spoke of all of it."""
    text = code(MODELS["fct_policy_gap_monthly"])
    # Exceptions are granted by the bank, and have a mart of their own.
    with_basis = {name for name, schema in policy_schemas().items() if "basis" in schema.columns} - {"policy_exception"}
    assert set(re.findall(r"'(policy_\w+)'", text)) == with_basis


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
        allowed = {"staging", "intermediate"} | ({"marts"} if model.startswith(OF_WHAT_IS_PUBLISHED) else set())
        assert layers <= allowed
    else:
        assert "accepted" not in sources


# --- tests of these tests ---


def test_searches_find_what_is_planted() -> None:
    assert upper_keywords("SELECT a, 'FROM' -- WHERE\nfrom b") == {"SELECT"}
    assert macros_of("{% macro a(x) -%}{% macro spark__a(x) -%}{% macro b() -%}") == {"a", "b"}
    long = "The customer of the bank."
    named = f"- &x {{name: a, description: {long}}}\n" + f"- {{name: b, description: {long}}}\n" * (OFTEN - 1)
    assert repeated(descriptions_in(named)) == {long: OFTEN}
    anchored = f"- &x {{name: a, description: {long}}}\n" + "- *x\n" * OFTEN
    assert repeated(descriptions_in(anchored)) == {}
