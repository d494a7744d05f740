"""The policy as objects: rows, measures, schemes, tiers and rules, and the policy in force on a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path

from expectations.contract import Contract
from expectations.policy.files import family_files
from expectations.policy.sheets import CellValue, Problem, Schema, UnreadableError
from expectations.policy.sheets import shown as shown_path

BASE_SCENARIO = "base"

# Files of the same shape: each row is a condition of a rule.
RULE_FAMILIES = ("policy_tier_rule", "policy_maintainer", "policy_score_band")
SCOPE_PURPOSE = "scope"
# Separates the clauses of one rule's conditions, as in fct_tier_evidence.
CLAUSES = "; "
# Purposes of schemes.
PURPOSES = (SCOPE_PURPOSE, "tier", "size", "value", "cooperation", "appraisal", "maintainer", "managing_level")
# The category of a derived route measure for a customer who meets no route.
NO_ROUTE = "none"


@dataclass(frozen=True)
class Row:
    """One line of a policy CSV with typed values; an empty cell is None, or empty text in a text column."""

    family: str
    file: str
    line: int
    values: Mapping[str, CellValue]

    def text(self, column: str) -> str:
        """The value of a text column; empty if the cell is, or if the family has no such column."""
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
        """The row's name in its family: exception_id, rule_id, or its first column if it has neither."""
        for column in ("exception_id", "rule_id"):
            if column in self.values:
                return self.text(column)
        return self.text(next(iter(self.values)))

    def holds(self, on: date) -> bool:
        """Whether the date is in [valid_from, valid_to); a family without validity always holds."""
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
    """A scheme of rules; see `policy_scheme`. It may only use outcomes of schemes of an earlier stage."""

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
        """Whether a value meets it. None is unknown and meets nothing; a set meets it if any member does."""
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
    """The rows of one rule. hard and soft: one tuple of alternatives per condition number.

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
        """Whether the rule is our reading rather than the text's."""
        return self.basis == "assumed"

    def is_met(self, values: Mapping[str, Decimal | str | frozenset[str] | None]) -> bool:
        """Whether these measure values meet each hard condition number; an absent value is unknown.

        A rule with only soft conditions is never met, as in the SQL models.
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
        """The scope scheme whose met routes form this measure, or empty text."""
        measure = self.measures.get(measure_id)
        scheme = self.schemes.get(measure.derived_from_scheme) if measure else None
        return scheme.scheme if scheme and scheme.purpose == SCOPE_PURPOSE else ""

    def vocabulary(self, measure_id: str) -> tuple[str, ...]:
        """A measure's categories: routes, tiers, or a listed column; empty if any value may occur."""
        measure = self.measures[measure_id]
        if self.scheme_of_scope(measure_id):
            return (*self.routes.get(measure.derived_from_scheme, ()), NO_ROUTE)
        if measure.derived_from_scheme:
            return tuple(self.tiers.get(measure.derived_from_scheme, {}))
        return self.policy.vocabularies.get(measure.vocabulary, ())

    def parameter(self, parameter_id: str) -> Decimal | None:
        """A scalar from policy_parameter; None without a row in force."""
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
        """The policy on a date. Raises UnreadableError if a value can't be read."""
        if self.problems:
            raise UnreadableError(self.problems)
        return _in_force(self, on, scenario)

    def shown(self, family: str) -> str:
        """The path of a family's file, as shown in problems."""
        return shown_path(family_files(self.folder, self.overlay).get(family, self.folder / f"{family}.csv"))

    def changes(self, scenario: str = BASE_SCENARIO) -> tuple[date, ...]:
        """Every date on which a row starts or ceases to hold, in order."""
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


# ---------------------------------------------------------------- vocabularies


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
