"""The policy rows of `seeds/policy`: read with file and line (sheets.py), typed by their YAML, in force on a date.

A value that can't be read is a `Problem` and never a traceback. What a file may hold (columns, types, key) stands in
the same YAML that dbt loads the files by, so that the two can't differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path

from expectations.contract import Contract, limit_name, load_contract
from expectations.policy.sheets import MAY_BE_EMPTY as MAY_BE_EMPTY
from expectations.policy.sheets import POLICY_FOLDER as POLICY_FOLDER
from expectations.policy.sheets import PROJECT_ROOT as PROJECT_ROOT
from expectations.policy.sheets import REFERENCE_FOLDER as REFERENCE_FOLDER
from expectations.policy.sheets import PolicyError as PolicyError
from expectations.policy.sheets import Problem as Problem
from expectations.policy.sheets import Schema as Schema
from expectations.policy.sheets import Sheet, UnreadableError, policy_schemas, read_sheet, reference_schemas, value_of
from expectations.policy.sheets import Value as Value
from expectations.policy.sheets import shown as shown_path

BASE_SCENARIO = "base"

# Files of one shape: a row is a condition of a rule.
RULE_FAMILIES = ("policy_tier_rule", "policy_maintainer", "policy_score_band")
SCOPE_PURPOSE = "scope"
# The reference seed of categories that no seed of their own lists, and of labels of the contract's enums.
CATEGORIES = "ref_category"
# Between the clauses that the conditions of one rule rest on, as in fct_tier_evidence.
CLAUSES = "; "
# What a scheme can be for.
PURPOSES = (SCOPE_PURPOSE, "tier", "size", "value", "cooperation", "appraisal", "maintainer", "managing_level")
# The category of a derived route measure for who meets no route.
NO_ROUTE = "none"


@dataclass(frozen=True)
class Row:
    """One line of a policy CSV, its values typed; an empty cell is None, or empty text in a column of text."""

    family: str
    file: str
    line: int
    values: Mapping[str, Value]

    def text(self, column: str) -> str:
        """The value of a column of text; empty when the cell is, or when the family has no such column."""
        value = self.values.get(column)
        return "" if value is None else str(value)

    def number(self, column: str) -> Decimal | None:
        """The value of a decimal or integer column."""
        value = self.values.get(column)
        return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

    def flag(self, column: str) -> bool:
        """The value of a boolean column; an empty cell is false."""
        return self.values.get(column) is True

    def day(self, column: str) -> date | None:
        """The value of a date column."""
        value = self.values.get(column)
        return value if isinstance(value, date) else None

    @property
    def name(self) -> str:
        """What the row is called in its family: exception_id, rule_id, or its first column where it has neither."""
        for column in ("exception_id", "rule_id"):
            if column in self.values:
                return self.text(column)
        return self.text(next(iter(self.values)))

    def holds(self, on: date) -> bool:
        """Whether the date lies in [valid_from, valid_to); a family without validity always holds."""
        start, end = self.day("valid_from"), self.day("valid_to")
        return (start is None or start <= on) and (end is None or on < end)

    def problem(self, check: str, message: str) -> Problem:
        """A problem of this row."""
        return Problem(self.file, self.line, self.name, check, message)


@dataclass(frozen=True)
class Measure:
    """A measure that a rule may name; see `policy_measure`.

    A number with a vocabulary, or a category that a rule names, has categories beside its numbers (age: unknown).
    """

    row: Row
    measure_id: str
    kind: str
    unit: str
    step: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    is_always_known: bool
    derived_from_scheme: str
    vocabulary: str

    @property
    def is_number(self) -> bool:
        """Whether rules compare it with bounds."""
        return self.kind == "number"

    @property
    def is_whole(self) -> bool:
        """Counts, years and points have no value between two neighbours; amounts and shares do, whatever the step."""
        return self.step is not None and self.step >= 1


@dataclass(frozen=True)
class Scheme:
    """A scheme of rules; see `policy_scheme`. It may use outcomes of schemes of an earlier stage only."""

    row: Row
    scheme: str
    segment: str
    purpose: str
    stage: int
    resolver: str
    own_measure_id: str
    default_tier_code: str


@dataclass(frozen=True)
class Tier:
    """An outcome of a scheme, rank 1 the best."""

    row: Row
    scheme: str
    tier_code: str
    rank: int


@dataclass(frozen=True)
class Condition:
    """One row of a rule: a band of a measure, or a category."""

    row: Row
    rule_id: str
    number: int
    measure_id: str
    lower: Decimal | None
    lower_inclusive: bool
    upper: Decimal | None
    upper_inclusive: bool
    category: str
    is_soft: bool

    def holds(self, value: Decimal | str | frozenset[str] | None) -> bool:
        """Whether a value meets it. None is an unknown value, which meets nothing; a set is met by any member."""
        if value is None:
            return False
        if self.category:
            return self.category in value if isinstance(value, frozenset) else value == self.category
        if not isinstance(value, Decimal):
            return False
        above = self.lower is None or value > self.lower or (self.lower_inclusive and value == self.lower)
        below = self.upper is None or value < self.upper or (self.upper_inclusive and value == self.upper)
        return above and below


@dataclass(frozen=True)
class Rule:
    """The rows of one rule. hard and soft: one tuple a condition number, its members alternatives.

    clause_ref: the clauses of all its conditions, each once.
    """

    row: Row
    rule_id: str
    scheme: str
    tier_code: str
    route: str
    hard: tuple[tuple[Condition, ...], ...]
    soft: tuple[tuple[Condition, ...], ...]
    clause_ref: str
    basis: str
    is_gap_fill: bool
    rationale: str

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition, hard ones first."""
        return tuple(condition for group in (*self.hard, *self.soft) for condition in group)

    @property
    def is_assumed(self) -> bool:
        """Whether the rule is a reading of ours and not the text."""
        return self.basis == "assumed"

    def is_met(self, values: Mapping[str, Decimal | str | frozenset[str] | None]) -> bool:
        """Whether each hard condition number is met by these values of measures; one that is absent is unknown.

        A rule that asks for nothing but soft conditions is never met, as in the SQL models.
        """
        return bool(self.hard) and all(
            any(condition.holds(values.get(condition.measure_id)) for condition in group) for group in self.hard
        )


@dataclass(frozen=True, eq=False)
class InForce:
    """The policy of one date. rows: by family. rules: by scheme, in the order of the files."""

    policy: PolicyRows
    on: date
    rows: Mapping[str, tuple[Row, ...]]
    schemes: Mapping[str, Scheme]
    tiers: Mapping[str, Mapping[str, Tier]]
    routes: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, Measure]
    rules: Mapping[str, tuple[Rule, ...]]

    def scheme_of_scope(self, measure_id: str) -> str:
        """The scope scheme whose met routes are this measure, or empty text."""
        measure = self.measures.get(measure_id)
        scheme = self.schemes.get(measure.derived_from_scheme) if measure else None
        return scheme.scheme if scheme and scheme.purpose == SCOPE_PURPOSE else ""

    def vocabulary(self, measure_id: str) -> tuple[str, ...]:
        """The categories of a measure: routes, tiers, or a listed column; empty where anything may come."""
        measure = self.measures[measure_id]
        if self.scheme_of_scope(measure_id):
            return (*self.routes.get(measure.derived_from_scheme, ()), NO_ROUTE)
        if measure.derived_from_scheme:
            return tuple(self.tiers.get(measure.derived_from_scheme, {}))
        return self.policy.vocabularies.get(measure.vocabulary, ())

    def parameter(self, parameter_id: str) -> Decimal | None:
        """A scalar of policy_parameter; None where there is no row in force."""
        rows = self.rows["policy_parameter"]
        return next((row.number("number_value") for row in rows if row.text("parameter_id") == parameter_id), None)

    @cached_property
    def all_rules(self) -> Mapping[str, Rule]:
        """rule_id -> rule, over all schemes."""
        return {rule.rule_id: rule for rules in self.rules.values() for rule in rules}


@dataclass(frozen=True, eq=False)
class PolicyRows:
    """All rows of a folder of policy CSVs.

    rows: family -> its rows in the order of the file. problems: what could not be read (check L0).
    vocabularies: `table.column` -> values, of the landing contract's enums and the reference CSVs.
    labels: `ref_x.column` -> value -> (English, Chinese), where the reference CSV has labels.
    """

    folder: Path
    overlay: Path | None
    schemas: Mapping[str, Schema]
    rows: Mapping[str, tuple[Row, ...]]
    problems: tuple[Problem, ...]
    contract: Contract
    vocabularies: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    def in_force(self, on: date, scenario: str = BASE_SCENARIO) -> InForce:
        """The policy of a date. Raises UnreadableError while a value can't be read."""
        if self.problems:
            raise UnreadableError(self.problems)
        return _in_force(self, on, scenario)

    def shown(self, family: str) -> str:
        """The path of a family's file, as problems name it."""
        return shown_path(family_files(self.folder, self.overlay).get(family, self.folder / f"{family}.csv"))

    def changes(self, scenario: str = BASE_SCENARIO) -> tuple[date, ...]:
        """Every date on which a row begins or ends to hold, in order."""
        return tuple(
            sorted(
                {
                    day
                    for rows in self.rows.values()
                    for row in rows
                    if row.text("scenario") in ("", scenario)
                    for day in (row.day("valid_from"), row.day("valid_to"))
                    if day
                }
            )
        )


def load_policy(
    folder: Path = POLICY_FOLDER,
    *,
    overlay: Path | None = None,
    reference: Path = REFERENCE_FOLDER,
    contract: Contract | None = None,
    is_complete: bool = True,
) -> PolicyRows:
    """Read every policy CSV of a folder. A family that the overlay holds too is read from there, whole.

    is_complete: whether a file that is not there is a problem; an older version's release lacks younger families.
    Raises PolicyError when the folder or the overlay is none; everything else that is wrong with a file is a problem
    of the result.
    """
    for place in (folder, overlay):
        if place and not place.is_dir():
            raise PolicyError(f"no folder of policy CSVs at {place}")
    problems: list[Problem] = []
    files = family_files(folder, overlay)

    def read(file: Path, schema: Schema) -> Sheet:
        return read_sheet(file, schema) if is_complete or file.exists() else Sheet(file, schema, (), ())

    sheets = {
        family: read(files.pop(family, folder / f"{family}.csv"), schema) for family, schema in policy_schemas().items()
    }
    hint = "there is no family of this name; _policy__seeds.yml lists them"
    problems += [_unreadable(file, hint) for file in files.values()]
    problems += _strays(folder, overlay, reference)
    categories = {name: read(reference / f"{name}.csv", schema) for name, schema in reference_schemas().items()}
    problems += [problem for sheet in (*sheets.values(), *categories.values()) for problem in sheet.problems]
    contract = contract or load_contract()
    vocabularies, labels = _vocabularies(categories, contract)
    rows = {family: _rows(sheet) for family, sheet in sheets.items()}
    return PolicyRows(folder, overlay, policy_schemas(), rows, tuple(sorted(problems)), contract, vocabularies, labels)


def _strays(folder: Path, overlay: Path | None, reference: Path) -> list[Problem]:
    """CSVs that somebody may take for read and that are not, and CSVs that dbt alone would read."""
    problems = [
        _unreadable(file, "the name does not end in .csv, in small letters; rename the file")
        for place in (folder, overlay)
        if place
        for file in place.iterdir()
        if file.suffix != ".csv" and file.suffix.lower() == ".csv"
    ]
    known = reference_schemas()
    problems += [
        _unreadable(file, "there is no reference table of this name; _reference__seeds.yml lists them")
        for file in reference.glob("*.csv")
        if file.stem not in known
    ]
    if folder == POLICY_FOLDER:
        problems += [
            _unreadable(file, "only CSVs in policy/ and reference/ are read; move the file out of seeds/")
            for file in POLICY_FOLDER.parent.rglob("*.csv")
            if file.parent not in (POLICY_FOLDER, REFERENCE_FOLDER)
        ]
    return problems


def _unreadable(file: Path, message: str) -> Problem:
    return Problem(shown_path(file), 0, "", "L0", f"unreadable: {message}")


def _rows(sheet: Sheet) -> tuple[Row, ...]:
    columns, file = sheet.schema.columns, shown_path(sheet.file)
    return tuple(
        Row(
            sheet.schema.family,
            file,
            line.number,
            {name: value_of(line.cells[name], kind) for name, kind in columns.items()},
        )
        for line in sheet.lines
    )


def family_files(folder: Path, overlay: Path | None = None) -> dict[str, Path]:
    """family -> CSV, by name; a file of the overlay stands for the one of the folder."""
    places = (folder, overlay) if overlay else (folder,)
    return dict(sorted({file.stem: file for place in places for file in place.glob("*.csv")}.items()))


def proposed_folder(place: Path) -> Path:
    """The folder of CSVs that somebody means by a place: the place, or its folder `policy`, as in seeds/ or a release.

    Raises PolicyError for a place that is no folder, or that holds no CSV.
    """
    if place.is_file():
        raise PolicyError(f"{place} is a file; give the folder that holds the policy CSVs")
    if not place.is_dir():
        raise PolicyError(f"no folder of policy CSVs at {place}")
    folder = place / POLICY_FOLDER.name if (place / POLICY_FOLDER.name).is_dir() else place
    if not any(file.suffix.lower() == ".csv" for file in folder.iterdir()):
        raise PolicyError(f"{place} holds no policy CSV, such as policy_tier_rule.csv")
    return folder


def rows_in_force(file: Path, on: date, scenario: str = BASE_SCENARIO) -> list[dict[str, str]]:
    """The rows of one policy CSV that hold on a date, as canonical text; validity is half-open, an empty end is open.

    A file without validity (documents, measures) holds always. Raises UnreadableError naming file and line.
    """
    sheet = read_sheet(file)
    if sheet.problems:
        raise UnreadableError(sheet.problems)
    rows = [dict(line.cells) for line in sheet.lines]
    if not sheet.schema.has_validity:
        return rows
    day = on.isoformat()
    return [
        row
        for row in rows
        if row["scenario"] == scenario and row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
    ]


def values_in_force(file: Path, on: date) -> list[dict[str, Value]]:
    """What the rows of one policy CSV say on a date, without since when and how long: 50000 is 50000.00."""
    columns = read_sheet(file).schema.columns
    return [
        {name: value_of(text, columns[name]) for name, text in row.items() if name not in ("valid_from", "valid_to")}
        for row in rows_in_force(file, on)
    ]


def parameters(on: date, folder: Path = POLICY_FOLDER, overlay: Path | None = None) -> dict[str, str]:
    """What the rules of the gates are filled with, as text: the scalars by name, and the limits of amounts.

    Raises UnreadableError.
    """
    files = family_files(folder, overlay)

    def rows(family: str) -> list[dict[str, str]]:
        return rows_in_force(files.get(family, folder / f"{family}.csv"), on)

    scalars = {row["parameter_id"]: row["number_value"] for row in rows("policy_parameter")}
    limits = {
        limit_name(row["table_name"], row["column_name"]): row["amount_limit"] for row in rows("policy_amount_limit")
    }
    return scalars | limits


def earliest_date(folder: Path = POLICY_FOLDER) -> date:
    """The first date on which any policy row is in force; before it there is nothing to decide by.

    A row that can't be read is passed over: the lint names it. Raises PolicyError when there is no other.
    """
    dates = [
        line.cells["valid_from"]
        for file in family_files(folder).values()
        for line in read_sheet(file).lines
        if "valid_from" in line.cells
    ]
    if not dates:
        raise PolicyError(f"no row of {shown_path(folder)} can be read; `fenceng policy lint` says why")
    return date.fromisoformat(min(dates))


def policy_version(on: date, folder: Path = POLICY_FOLDER, overlay: Path | None = None) -> str:
    """A short hash of every policy row of a folder in force on a date; see version_of."""
    return version_of(family_files(folder, overlay).values(), on)


def version_of(files: Iterable[Path], on: date) -> str:
    """A short hash of the files' rows in force: equal versions mean equal rows, whatever their order in the file.

    Since when and how long a row holds is not part of it: a row that is closed for a day to come still says the same
    of the days before, and a month that is rebuilt must not change by it.
    """
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        said = [
            {name: value for name, value in row.items() if name not in ("valid_from", "valid_to")}
            for row in rows_in_force(file, on)
        ]
        lines = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in said)
        digest.update("\n".join([file.name, *lines, ""]).encode())
    return f"policy-{digest.hexdigest()[:12]}"


# ---------------------------------------------------------------- vocabularies


def _vocabularies(
    reference: Mapping[str, Sheet], contract: Contract
) -> tuple[dict[str, tuple[str, ...]], dict[str, dict[str, tuple[str, str]]]]:
    values = {
        f"{table.name}.{column.name}": column.enum
        for table in contract.tables.values()
        for column in table.columns
        if column.enum
    }
    labels: dict[str, dict[str, tuple[str, str]]] = {}
    for family, sheet in sorted(reference.items()):
        rows = [line.cells for line in sheet.lines]
        if family == CATEGORIES:
            for row in rows:
                for name in (row["vocabulary"], f"{CATEGORIES}.{row['vocabulary']}"):
                    labels.setdefault(name, {})[row["category"]] = (row["label_en"], row["label_zh"])
                values.setdefault(name, ())
                values[name] = tuple(dict.fromkeys((*values[name], row["category"])))
            continue
        for column in rows[0] if rows else ():
            name = f"{family}.{column}"
            values[name] = tuple(dict.fromkeys(row[column] for row in rows))
            if {"label_en", "label_zh"} <= rows[0].keys():
                labels[name] = {row[column]: (row["label_en"], row["label_zh"]) for row in rows}
    return values, labels


# ---------------------------------------------------------------- in force


@lru_cache(maxsize=64)
def _in_force(policy: PolicyRows, on: date, scenario: str) -> InForce:
    rows = {
        family: tuple(row for row in rows if row.text("scenario") in ("", scenario) and row.holds(on))
        for family, rows in policy.rows.items()
    }
    tiers: dict[str, dict[str, Tier]] = {}
    for row in rows["policy_tier"]:
        rank = row.number("tier_rank") or Decimal(0)
        tiers.setdefault(row.text("scheme"), {})[row.text("tier_code")] = Tier(
            row, row.text("scheme"), row.text("tier_code"), int(rank)
        )
    routes: dict[str, tuple[str, ...]] = {}
    for row in rows["policy_route"]:
        routes[row.text("scheme")] = (*routes.get(row.text("scheme"), ()), row.text("route"))
    return InForce(
        policy=policy,
        on=on,
        rows=rows,
        schemes={row.text("scheme"): _scheme(row) for row in rows["policy_scheme"]},
        tiers=tiers,
        routes=routes,
        measures={row.text("measure_id"): _measure(row) for row in rows["policy_measure"]},
        rules=_rules([row for family in RULE_FAMILIES for row in rows[family]]),
    )


def _scheme(row: Row) -> Scheme:
    return Scheme(
        row=row,
        scheme=row.text("scheme"),
        segment=row.text("segment"),
        purpose=row.text("purpose"),
        stage=int(row.number("stage") or 0),
        resolver=row.text("resolver"),
        own_measure_id=row.text("own_measure_id"),
        default_tier_code=row.text("default_tier_code"),
    )


def _measure(row: Row) -> Measure:
    return Measure(
        row=row,
        measure_id=row.text("measure_id"),
        kind=row.text("kind"),
        unit=row.text("unit"),
        step=row.number("step"),
        lowest=row.number("lowest"),
        highest=row.number("highest"),
        is_always_known=row.flag("is_always_known"),
        derived_from_scheme=row.text("derived_from_scheme"),
        vocabulary=row.text("vocabulary"),
    )


def _rules(rows: Sequence[Row]) -> dict[str, tuple[Rule, ...]]:
    gathered: dict[str, list[Row]] = {}
    for row in rows:
        gathered.setdefault(row.text("rule_id"), []).append(row)
    rules: dict[str, tuple[Rule, ...]] = {}
    for rule_id, own in gathered.items():
        first = own[0]
        groups: dict[tuple[bool, int], list[Condition]] = {}
        for row in own:
            condition = _condition(row)
            groups.setdefault((condition.is_soft, condition.number), []).append(condition)
        rule = Rule(
            row=first,
            rule_id=rule_id,
            scheme=first.text("scheme"),
            tier_code=first.text("tier_code"),
            route=first.text("route"),
            hard=tuple(tuple(group) for (soft, _), group in sorted(groups.items()) if not soft),
            soft=tuple(tuple(group) for (soft, _), group in sorted(groups.items()) if soft),
            clause_ref=CLAUSES.join(sorted({row.text("clause_ref") for row in own})),
            basis=first.text("basis"),
            is_gap_fill=first.flag("is_gap_fill"),
            rationale=first.text("rationale"),
        )
        rules[rule.scheme] = (*rules.get(rule.scheme, ()), rule)
    return rules


def _condition(row: Row) -> Condition:
    return Condition(
        row=row,
        rule_id=row.text("rule_id"),
        number=int(row.number("condition_no") or 0),
        measure_id=row.text("measure_id"),
        lower=row.number("lower_bound"),
        lower_inclusive=row.flag("lower_inclusive"),
        upper=row.number("upper_bound"),
        upper_inclusive=row.flag("upper_inclusive"),
        category=row.text("category_value"),
        is_soft=row.flag("is_soft"),
    )
