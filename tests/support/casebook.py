"""The second book of the policy: test cases written from the source texts, and which of them a policy contradicts.

`cases/*.yml` holds them, one file per document. Every scalar is read as text; `~` is no value. Kinds of cases:

decision  a customer (`base` of the file, `given` of the case) and what a scheme decides. With `along`, one case for
each value of that measure. `expect` lists every met rule, the outcome first:
          `T1 by admission; T4 by aum`, followed by marks: `(gap)`, `(assumed)`, `(misses settlement_share)`.
          `unknown by default`: no rule is met and the scheme has a default. `nothing`: it has none.
list      all rows of a family, or those that fit `where` (patterns by column), in the columns named. The column `mark`
          is `source`, `gap`, `assumed` or `assumed gap`, the basis of a row; it may be given once for all rows.
matrix    a list as a table of `rows` and `columns`; every cell is stated, `none` if the policy has no row.
clause    all rows that cite a clause, as patterns of `family:rule`.
validity  the validity dates of every row of every family.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import yaml

from expectations.policy.evaluate import Decision, decide
from expectations.policy.model import RULE_FAMILIES, PolicyRows, Row, Rule
from expectations.project import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "tests" / "seeds" / "cases"
ON = date(2026, 3, 31)
NOTHING = "~"
Cells = tuple[str, ...]


class Case(Protocol):
    """Common to all kinds. subject: the scheme, family or column that the case is about; empty for all of them."""

    @property
    def case_id(self) -> str: ...
    @property
    def readings(self) -> tuple[str, ...]: ...
    @property
    def subject(self) -> str: ...

    def contradiction(self, policy: PolicyRows) -> str:
        """What the policy says instead, in one line; empty if it agrees."""


@dataclass(frozen=True)
class Answer:
    """What a scheme decides, in the words of the cases. said: a text for each met rule, best first."""

    said: tuple[str, ...] = ("nothing",)
    outcome: str = "nothing"
    is_gap_fill: bool = False
    is_assumed: bool = False


@dataclass(frozen=True)
class DecisionCase:
    """One customer and one scheme. expected: a text for each met rule, the outcome first."""

    case_id: str
    readings: tuple[str, ...]
    subject: str
    segment: str
    measures: Mapping[str, Decimal | str | None]
    expected: tuple[str, ...]

    def contradiction(self, policy: PolicyRows) -> str:
        """What the Python evaluator decides instead."""
        try:
            decision = decide(policy, ON, self.segment, self.measures).get(self.subject)
        except ValueError as error:
            return str(error)
        if decision is None:
            return f"no scheme {self.subject} for {self.segment}"
        outcome = decision.tier_code or "nothing"
        return self.difference(Answer(tuple(spoken(decision)), outcome, decision.is_gap_fill, decision.is_assumed))

    def difference(self, answer: Answer) -> str:
        """What an answer says instead of the case, in one line; empty if they agree."""
        outcome = self.expected[0].split()[0]
        if sorted(answer.said) != sorted(self.expected):
            return f"{'; '.join(answer.said)} instead of {'; '.join(self.expected)}"
        if answer.outcome != outcome:
            return f"the outcome {answer.outcome} instead of {outcome}"
        winners = [text for text in self.expected if text.split()[0] == outcome]
        marks = (all("gap" in text for text in winners), all("assumed" in text for text in winners))
        if marks != (answer.is_gap_fill, answer.is_assumed):
            return f"gap fill, assumed: {answer.is_gap_fill}, {answer.is_assumed} instead of {marks}"
        return ""


@dataclass(frozen=True)
class ListCase:
    """All matching rows of a family, each as the texts of its columns, in any order."""

    case_id: str
    readings: tuple[str, ...]
    subject: str
    where: Mapping[str, str]
    columns: tuple[str, ...]
    expected: tuple[Cells, ...]

    def contradiction(self, policy: PolicyRows) -> str:
        """Surplus and missing rows."""
        held = [
            tuple(cell(row, column) for column in self.columns)
            for row in policy.rows.get(self.subject, ())
            if row.holds(ON) and all(fnmatchcase(cell(row, column), pattern) for column, pattern in self.where.items())
        ]
        if sorted(held) == sorted(self.expected):
            return ""
        return f"too many {_without(held, self.expected)}, lacking {_without(self.expected, held)}"


@dataclass(frozen=True)
class ClauseCase:
    """The rows that cite a clause are those that match the patterns, in every family."""

    case_id: str
    readings: tuple[str, ...]
    clause: str
    expected: tuple[str, ...]
    subject: str = "clause_ref"

    def contradiction(self, policy: PolicyRows) -> str:
        """The rows that wrongly cite it, and those that wrongly do not."""
        wrong = []
        for family, rows in policy.rows.items():
            patterns = [pattern for pattern in self.expected if fnmatchcase(family, pattern.split(":")[0])]
            for row in rows if "basis" in policy.schemas[family].columns else ():
                cites = row.text("clause_ref") == self.clause
                if (cites or patterns) and cites != any(
                    fnmatchcase(name, pattern) for name in _names(policy, row) for pattern in patterns
                ):
                    wrong.append(f"{row.file}:{row.line} {row.name} {'cites it' if cites else 'does not cite it'}")
        return "; ".join(wrong)


@dataclass(frozen=True)
class ValidityCase:
    """Every row of every family with validity holds in one period and one scenario."""

    case_id: str
    readings: tuple[str, ...]
    expected: Mapping[str, str]
    subject: str = ""

    def contradiction(self, policy: PolicyRows) -> str:
        """The first row with other validity."""
        for family, rows in policy.rows.items():
            for row in rows if policy.schemas[family].has_validity else ():
                held = {column: cell(row, column) for column in self.expected}
                if held != self.expected:
                    return f"{row.file}:{row.line} {row.name} holds {held}"
        return ""


def way(tier_code: str, route: str, marks: Sequence[str], missed: Sequence[str]) -> str:
    """A met rule in the words of the cases. marks: `assumed`, `gap`; missed: measures of soft conditions."""
    behind = [*marks, f"misses {', '.join(missed)}"] if missed else marks
    return f"{tier_code} by {route}" + (f" ({', '.join(behind)})" if behind else "")


def spoken(decision: Decision) -> list[str]:
    """A decision in the words of the cases: one text per met rule, the outcome first."""
    if not decision.met:
        return [f"{decision.tier_code} by default"] if decision.tier_code else ["nothing"]
    missed = set(decision.soft_missed)
    return [
        _way(rule, sorted(group[0].measure_id for group in rule.soft if (rule.rule_id, group[0].number) in missed))
        for rule in decision.met
    ]


def _way(rule: Rule, missed: Sequence[str]) -> str:
    """The tier, the route and the marks of a rule; two ways if the rows of the rule disagree."""
    ways = set()
    for row in (condition.row for condition in rule.conditions):
        where = "" if row.text("scheme") == rule.scheme else f" in {row.text('scheme')}"
        marks = [text for text in mark(row).split() if text != "source"]
        ways.add(way(row.text("tier_code"), row.text("route") + where, marks, missed))
    return " or ".join(sorted(ways))


def cell(row: Row, column: str) -> str:
    """A value as text, numbers in one form; `mark` is the row's basis."""
    if column == "mark":
        return mark(row)
    value = row.values.get(column)
    if value is None or value == "":
        return NOTHING
    return str(value).lower() if isinstance(value, bool) else _plain(str(value))


def mark(row: Row) -> str:
    """The basis of a row: source, gap (the source's words extended to fill a gap in it), assumed or assumed gap."""
    basis, is_gap_fill = row.text("basis"), row.flag("is_gap_fill")
    if is_gap_fill:
        return "gap" if basis == "source" else f"{basis} gap"
    return basis


def _names(policy: PolicyRows, row: Row) -> Cells:
    """A row's name in patterns: family and rule or key, plus the measure for a condition of a rule."""
    key = policy.schemas[row.family].key
    name = f"{row.family}:{row.name if 'rule_id' in row.values else '/'.join(row.text(column) for column in key)}"
    return (name, f"{name} {row.text('measure_id')}") if row.family in RULE_FAMILIES else (name,)


def failing(policy: PolicyRows) -> list[str]:
    """The ids of the cases that a policy contradicts, in the order of the book."""
    return [case.case_id for case in all_cases() if case.contradiction(policy)]


def nearest_first(cases: Iterable[Case], *subjects: str) -> list[Case]:
    """The cases, those with some subjects first, then those about everything."""
    return sorted(cases, key=lambda case: (case.subject not in subjects, case.subject != ""))


@cache
def all_cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Every case of the book. Raises ValueError for a duplicate id, an unstated cell or an unknown kind."""
    cases = tuple(case for file in sorted(folder.glob("*.yml")) for case in _read(file))
    ids = [case.case_id for case in cases]
    twice = sorted({case_id for case_id in ids if ids.count(case_id) > 1})
    if twice:
        raise ValueError(f"the book has two cases {', '.join(twice)}")
    return cases


# ---------------------------------------------------------------- reading


def _read(file: Path) -> Iterator[Case]:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    book = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
    for body in book["cases"]:
        case_id, readings = f"{file.stem}: {body['id']}", tuple(body["readings"])
        match body["kind"]:
            case "decision":
                yield from _decisions(case_id, readings, book.get("base", {}), body)
            case "list" | "matrix":
                yield _list(case_id, readings, body)
            case "clause":
                yield ClauseCase(case_id, readings, body["clause"], tuple(body["expect"]))
            case "validity":
                yield ValidityCase(case_id, readings, body["expect"])
            case other:
                raise ValueError(f"{case_id}: no kind {other}")


def _decisions(case_id: str, readings: Cells, base: Mapping[str, str], body: Mapping[str, Any]) -> Iterator[Case]:
    given = {**base, **body.get("given", {})}
    segment = given.pop("segment")
    along, expect = body.get("along"), body["expect"]
    for value, text in expect.items() if along else ((None, expect),):
        measures = {name: _value(held) for name, held in {**given, **({along: value} if along else {})}.items()}
        yield DecisionCase(
            case_id=f"{case_id}, {along} {value}" if along else case_id,
            readings=readings,
            subject=body["scheme"],
            segment=segment,
            measures={name: held for name, held in measures.items() if held is not None},
            expected=tuple(part.strip() for part in text.split(";")),
        )


def _list(case_id: str, readings: Cells, body: Mapping[str, Any]) -> ListCase:
    if body["kind"] == "matrix":
        columns = (body["rows"], body["columns"], *body["cell"])
        rows = list(_cells(case_id, body["expect"]))
    else:
        columns, rows = tuple(body["columns"]), [tuple(row) for row in body["expect"]]
    if "mark" in body:
        columns, rows = (*columns, "mark"), [(*row, body["mark"]) for row in rows]
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"{case_id}: a row has not {len(columns)} values")
    expected = tuple(tuple(_plain(text) for text in row) for row in rows)
    return ListCase(case_id, readings, body["family"], body.get("where", {}), columns, expected)


def _cells(case_id: str, table: Mapping[str, Mapping[str, Any]]) -> Iterator[Cells]:
    columns = {column: None for row in table.values() for column in row}
    for name, column in product(table, columns):
        if column not in table[name]:
            raise ValueError(f"{case_id}: nothing is said of {name} and {column}; write none if nothing is due")
        held = table[name][column]
        if held != "none":
            yield (name, column, *held)


def _value(text: str) -> Decimal | str | None:
    if text == NOTHING:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _plain(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize():f}"


def _without(some: Iterable[Cells], others: Iterable[Cells]) -> list[Cells]:
    return sorted((Counter(some) - Counter(others)).elements())
