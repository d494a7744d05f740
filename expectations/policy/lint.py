"""The policy linter: finds problems in the rows before any data is read.

L0 readable values, L1 no hole and no overlap (tiling.py), L2 to L7 the checks of checks.py. Rows change on dates, so
every period between two changes is checked separately; a problem that is not permanent names its period.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from expectations.findings import Finding
from expectations.policy import checks
from expectations.policy.model import BASE_SCENARIO, InForce, PolicyRows
from expectations.policy.sheets import Problem
from expectations.policy.tiling import prove

# A period [from, to); None is open.
Stretch = tuple[date, date | None]


def lint(policy: PolicyRows, on: date | None = None, scenario: str = BASE_SCENARIO) -> tuple[Problem, ...]:
    """Every problem of the policy, or of the rows in force on one date; sorted by file, line and rule.

    Unreadable values are reported alone; other problems show once they are fixed.
    """
    if policy.problems:
        return policy.problems
    if on is not None:
        return tuple(sorted({*_on(policy, on, scenario)}))
    stretches = _stretches(policy, scenario)
    found: dict[Problem, list[int]] = {}
    for number, (start, _) in enumerate(stretches):
        for problem in {*_on(policy, start, scenario)}:
            found.setdefault(problem, []).append(number)
    problems = [dated for problem, numbers in found.items() for dated in _dated(problem, numbers, stretches)]
    return tuple(sorted([*problems, *_never(policy)]))


def as_findings(problems: Sequence[Problem]) -> tuple[Finding, ...]:
    """The problems as findings of a refresh: each blocks, under its rule, or its check if it has none."""
    return tuple(
        Finding(
            problem.rule_id or problem.check, "block", problem.place, 0, problem.message, f"policy lint {problem.check}"
        )
        for problem in problems
    )


def lint_in_force(view: InForce) -> Iterator[Problem]:
    """Every problem of the rows in force; a scheme with faulty rows is not proved as well."""
    for check in checks.ALL:
        yield from check(view)
    faulty = _faulty_schemes(view)
    for scheme in view.schemes.values():
        if scheme.scheme not in faulty:
            yield from prove(view, scheme)


def _on(policy: PolicyRows, on: date, scenario: str) -> Iterator[Problem]:
    view = policy.in_force(on, scenario)
    if not any(view.rows[family] for family, schema in policy.schemas.items() if schema.has_validity):
        first = next(iter(policy.changes(scenario)), None)
        since = f"; the first row holds from {first}" if first else ""
        yield Problem(policy.shown("policy_scheme"), 1, "", "L5", f"nothing in force: no row holds on {on}{since}")
        return
    yield from lint_in_force(view)


def _stretches(policy: PolicyRows, scenario: str) -> list[Stretch]:
    changes = policy.changes(scenario) or (date.min,)
    every = list(zip(changes, [*changes[1:], None], strict=True))
    # After the last row has ended there is nothing to check; a refresh of such a date says so.
    while len(every) > 1 and not any(
        rows
        for family, rows in policy.in_force(every[-1][0], scenario).rows.items()
        if policy.schemas[family].has_validity
    ):
        every.pop()
    return every


def _dated(problem: Problem, numbers: Sequence[int], stretches: Sequence[Stretch]) -> Iterator[Problem]:
    """The problem once per run of periods, with dates unless it is permanent."""
    if len(numbers) == len(stretches):
        yield problem
        return
    for first in (n for n in numbers if n - 1 not in numbers):
        last = first
        while last + 1 in numbers:
            last += 1
        start, end = stretches[first][0], stretches[last][1]
        when = f"from {start} on" if end is None else f"from {start} to before {end}"
        yield replace(problem, message=f"{problem.message}, {when}")


def _never(policy: PolicyRows) -> Iterator[Problem]:
    for rows in policy.rows.values():
        for row in rows:
            start, end = row.day("valid_from"), row.day("valid_to")
            if start and end and end <= start:
                yield row.problem("L5", f"never in force: valid_to {end} is not after valid_from {start}")


def _faulty_schemes(view: InForce) -> Collection[str]:
    """Schemes whose rows have a fault that the proof can't handle, and those that depend on them."""
    places = {(problem.file, problem.line) for check in checks.GROUNDS for problem in check(view)}
    faulty: set[str] = set()
    for rows in view.rows.values():
        for row in rows:
            if (row.file, row.line) in places and row.text("scheme"):
                faulty.add(row.text("scheme"))
    wrong = {m.measure_id for m in view.measures.values() if (m.row.file, m.row.line) in places}
    for rules in view.rules.values():
        for rule in rules:
            if any(condition.measure_id in wrong for condition in rule.conditions):
                faulty.add(rule.scheme)
    for scheme in sorted(view.schemes.values(), key=lambda scheme: scheme.stage):
        named = {c.measure_id for rule in view.rules.get(scheme.scheme, ()) for c in rule.conditions}
        if any(m.derived_from_scheme in faulty for name in named if (m := view.measures.get(name))):
            faulty.add(scheme.scheme)
    return faulty
