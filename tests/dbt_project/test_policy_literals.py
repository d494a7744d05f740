"""The policy is rows: no policy number and no word of a policy list appears in SQL, gate rules or Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from support.dbt_files import SQL_FILES, code, policy_rows, read_yaml, without_comments

from expectations.project import POLICY_FOLDER
from expectations.project import PROJECT_ROOT as ROOT

LANDING = read_yaml(ROOT / "expectations" / "landing_contract.yml")["tables"]

# Literals in SQL and rules larger than this are type sizes or somebody's rule.
LARGEST_NUMBER = 10
# Unit conversions, which no policy changes.
UNITS = {Decimal(12): "months of a year", Decimal(100): "hundredths of a whole"}
_WARNINGS = "expectations/gate_1/warnings"
# (file, number) -> why it is not a policy number.
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
            "fct_customer_holding_monthly.conserved",
            "fct_customer_measure_monthly.population",
        )
    },
    ("expectations/gate_2/marts/every_mart.personal_number.sql", Decimal(11)): "digits of a mobile number",
    ("expectations/gate_2/marts/every_mart.personal_number.sql", Decimal(17)): "digits before a check character",
    ("expectations/gate_2/marts/every_mart.personal_number.sql", Decimal(86)): "the dialling code of mainland China",
    ("expectations/gate_2/marts/fct_customer_tier_monthly.next_tier.sql", Decimal("0.01")): "the last place of money",
    ("expectations/gate_2/marts/fct_kpi_monthly.reported.sql", Decimal("0.01")): "the last place of money",
    ("expectations/gate_2/marts/fct_kpi_monthly.reported_parts.sql", Decimal("0.01")): "the last place of money",
    ("expectations/policy/checks/numbers.py", Decimal("0.60")): "an example in a message",
    ("expectations/policy/checks/numbers.py", Decimal(60)): "an example in a message",
    ("orchestration/schedules.py", Decimal(60)): "seconds from one look of the sensor to the next",
    ("fenceng/terminal.py", Decimal(120)): "characters of a line",
    ("fenceng/analysis/organizations.py", Decimal("0.4")): "how alike names are that a message suggests",
    ("expectations/working_days.py", Decimal(31)): "days of a month",
    ("orchestration/alerts/sensors.py", Decimal(30)): "seconds from one look of the sensor to the next",
    ("orchestration/serving/assets.py", Decimal(30)): "seconds from one look of the sensor to the next",
    ("orchestration/serving/postgres.py", Decimal("0.5")): "seconds from one try of the flip to the next",
    ("orchestration/serving/postgres.py", Decimal(20)): "shift of a number of bytes",
    ("orchestration/serving/postgres.py", Decimal(10000)): "how PostgreSQL counts its versions",
    ("orchestration/alerts/told.py", Decimal(500)): "causes that are remembered",
    ("orchestration/on_page.py", Decimal(20)): "sentences that a page lists",
    ("orchestration/schedules.py", Decimal(30)): "a minute of the hour",
    ("orchestration/report/figures.py", Decimal(13)): "months that a chart shows: a year, and the month to compare",
    ("orchestration/report/formats.py", Decimal(1000)): "a thousand, a unit of amounts",
    ("orchestration/report/formats.py", Decimal(10**4)): "ten thousand, a unit of amounts in Chinese",
    ("orchestration/report/formats.py", Decimal(10**6)): "a million, a unit of amounts",
    ("orchestration/report/formats.py", Decimal(10**8)): "a hundred million, a unit of amounts in Chinese",
    ("orchestration/report/formats.py", Decimal(10**9)): "a billion, a unit of amounts",
    ("fenceng/analysis/export.py", Decimal(31)): "characters of a sheet's name in Excel",
    ("fenceng/analysis/export.py", Decimal(10**4)): "rows that are read at a time",
    ("fenceng/terminal.py", Decimal(20)): "bits of a mebibyte",
    ("fenceng/words/assignment.py", Decimal(20)): "lines that a list prints, and bits of a mebibyte",
    ("orchestration/landing/csv_files.py", Decimal(20)): "bits of a mebibyte",
    ("orchestration/landing/csv_files.py", Decimal(24)): "bits",
    ("dbt_project/macros/policy/amount_missing.sql", Decimal("0.01")): "the last place of money",
    ("dbt_project/models/staging/landing/stg_landing__customer_phone.sql", Decimal(86)): "the dialling code of China",
    ("dbt_project/macros/dialect/white_space.sql", Decimal(85)): "a control character of Unicode, U+0085",
    ("dbt_project/macros/dialect/months_from.sql", Decimal(12)): "months of a year",
    ("dbt_project/macros/dialect/period_end.sql", Decimal(12)): "months of a year",
    ("dbt_project/macros/result/largest_remainder.sql", Decimal(100)): "hundredths of a whole",
    ("dbt_project/macros/result/largest_remainder.sql", Decimal("0.01")): "a hundredth",
    ("dbt_project/models/intermediate/result/int_result__campaign_lifts.sql", Decimal(15)): "places of interval_z",
    ("dbt_project/macros/dialect/matched_whole.sql", Decimal(1000)): "pieces that a text is cut into",
    ("dbt_project/models/intermediate/customer/int_customer__former_balances.sql", Decimal(12)): "in a column's name",
    ("dbt_project/models/marts/customer_view/fct_customer_360_monthly.sql", Decimal(12)): "in a column's name",
}
# Folders whose numbers are not decisions.
NUMBERS_UNSEARCHED = {"fenceng/sample": "draws customers around the bounds; decides nothing"}
PYTHON_FILES = [
    path
    for folder in ("fenceng", "orchestration", "expectations")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.relative_to(ROOT).as_posix() not in NUMBERS_UNSEARCHED
]
RULE_FILES = sorted(
    path
    for gate in ("gate_1", "gate_2")
    for path in (ROOT / "expectations" / gate).rglob("*")
    if path.suffix in (".yml", ".sql")
)

# (file stem, word) -> why the word is structure and not a list of the policy.
WORDS_ALLOWED = {
    ("fct_prospect_funnel_monthly", "C1"): "opened_c1 is named after it",
    ("fct_prospect_funnel_monthly", "C2"): "opened_c2 is named after it",
    ("fct_prospect_funnel_monthly", "C3"): "opened_c3 is named after it",
    ("int_customer__channels", "corporate"): "the segment, not the kind of customer",
    ("int_customer__channels", "institution"): "the size group, not the kind of customer",
    ("int_result__outlet_customers", "corporate"): "the segment, not the kind of customer",
    ("int_customer__profiles", "medium"): "a level of confidence, not a size",
    ("int_maintenance__corporate_managers", "corporate"): "the segment, not the kind of customer",
    ("int_organization__branches", "branch"): "the level of an organisation, not the one that manages a class",
    ("int_customer__holdings", "custody_margin"): "names the only component of brokerage rows",
    ("measures", "corporate"): "the segment, not the kind of customer",
    ("int_customer__corporate_measures", "corporate"): "the segment, not the kind of customer",
    ("int_customer__measure_values", "corporate"): "the segment, not the kind of customer",
    ("int_decision__outcomes", "corporate"): "the segment, not the kind of customer",
    ("int_customer__measure_values", "unknown"): "what policy_measure calls the age without a birth date",
    ("int_customer__corporate_standing", "in_force"): "what policy_measure calls a strategic agreement that was signed",
    ("int_customer__corporate_standing", "none"): "what policy_measure calls a record without a fault",
    ("int_decision__route_values", "none"): "a customer without a route needs a value that a rule can name",
    ("fct_customer_tier_monthly.holdings_conserved", "custody_margin"): "names the only component of brokerage rows",
    ("fct_concentration_monthly.conserved", "branch"): "the level of an organisation, not the one that manages a class",
    ("fct_customer_holding_monthly.conserved", "custody_margin"): "names the only component of brokerage rows",
    ("dim_organization.levels", "branch"): "the level of an organisation, not the one that manages a class",
    ("dim_organization.levels", "sub_branch"): "the level of an organisation, not the one that manages a class",
    ("dim_organization", "branch"): "the level of an organisation, not the one that manages a class",
    ("customer.birth_date.kind", "personal"): "a natural person: the contract's word, whatever its segment",
    ("customer.birth_date.kind", "sole_proprietor"): "a natural person: the contract's word, whatever its segment",
    ("int_action__outcomes", "listed"): "an action on the list, not a company on an exchange",
    ("fct_customer_action.listed", "listed"): "an action on the list, not a company on an exchange",
    ("fct_customer_action", "listed"): "an action on the list, not a company on an exchange",
    ("dim_organization", "sub_branch"): "the level of an organisation, not the one that manages a class",
}
# Columns of the policy seeds whose values are lists that SQL and the rules may not repeat. Purposes, resolvers and
# kinds of capacity are not included: they are the engine's words, and the policy chooses from them.
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
    # Its routes are called tier and class, like purposes of schemes.
    "policy_maintainer": ("rule_id", "category_value"),
    "policy_score_band": ("rule_id",),
}


# What may begin with a docstring.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def words_used(text: str) -> set[str]:
    """The quoted words of a SQL text."""
    return set(re.findall(r"'(\w[\w-]*)'", text))


def policy_numbers() -> set[Decimal]:
    """The fractions and larger numbers of all policy rows: small counts occur everywhere for other reasons."""
    cells = (cell for file in POLICY_FOLDER.glob("*.csv") for row in policy_rows(file.stem) for cell in row.values())
    numbers = {Decimal(cell) for cell in cells if re.fullmatch(r"\d+(?:\.\d+)?", cell)}
    return {number for number in numbers if number > LARGEST_NUMBER or number % 1} - set(UNITS)


def policy_words() -> set[str]:
    """Every role, channel, status, tier and the like in the policy, except names of tables and measures."""
    listed = {
        row[column]
        for seed, names in POLICY_WORDS.items()
        for row in policy_rows(seed)
        for column in names
        if row[column]
    }
    return listed - set(LANDING) - {row["measure_id"] for row in policy_rows("policy_measure")}


def numbers_in_python(text: str) -> Iterator[Decimal]:
    """The number literals of Python code, including those in strings, except docstrings."""
    tree = ast.parse(text)
    documented = [node.body[0] for node in ast.walk(tree) if isinstance(node, DOCUMENTED) and node.body]
    docstrings = {node.value for node in documented if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield Decimal(str(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield from numbers_in_text(node.value)


def numbers_in_rules(text: str) -> Iterator[Decimal]:
    """The numbers of a YAML rule file, except in the reasons for rules."""
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
    """Standalone numbers, except type sizes."""
    sizeless = re.sub(r"\b(?:decimal|numeric|varchar|char)\s*\([^)]*\)", " ", text, flags=re.I)
    for found in re.findall(r"(?<![\w.#-])\d[\d_]*(?:\.\d+)?(?:e\d+)?(?![\w.-])", sizeless):
        yield Decimal(found.replace("_", ""))


def not_allowed(path: Path, numbers: set[Decimal]) -> set[Decimal]:
    """The numbers of a file without a reason in NUMBERS_ALLOWED."""
    name = path.relative_to(ROOT).as_posix()
    return {number for number in numbers if (name, number) not in NUMBERS_ALLOWED}


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
    assert not_allowed(path, policy_numbers() & numbers) == set()
    assert not_allowed(path, {number for number in numbers if number > LARGEST_NUMBER}) == set()


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
