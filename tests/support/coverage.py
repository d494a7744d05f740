"""Policy coverage: which readings of the sources have rows, test cases and mart columns.

The claims of `readings.yml` are checked and drawn as a page.

`make lint-policy` runs it; it fails on a claim that does not hold or a page that is out of date. `make coverage` writes
the page, `docs/policy_coverage.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from expectations.policy.model import PolicyRows, Row
from expectations.policy.reading import load_policy
from expectations.policy.sheets import PolicyError
from expectations.project import PROJECT_ROOT
from expectations.yaml_files import read_yaml

READINGS_FILE = PROJECT_ROOT / "tests" / "seeds" / "readings.yml"
CASES_FOLDER = READINGS_FILE.with_name("cases")
MARTS_FOLDER = PROJECT_ROOT / "dbt_project" / "models" / "marts"
PAGE = PROJECT_ROOT / "docs" / "policy_coverage.md"

CLAIMED, ROWS, LEFT_OUT = "claimed", "rows", "left_out"
STATES = (CLAIMED, ROWS, LEFT_OUT)
STATE_WORDS = {CLAIMED: "row, test and column", ROWS: "row and test", LEFT_OUT: "left out"}

# case file -> number of cases that name a reading
Tests = Mapping[str, int]


@dataclass(frozen=True)
class Reading:
    """One entry of readings.yml, which documents the fields."""

    reading_id: str
    clauses: tuple[str, ...]
    text: str
    state: str
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    note: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Claims:
    """All entries, and the numbers that must each have one.

    processes: what the sources say of the daily work; marts and commands serve it, and rows need not decide it.
    """

    readings: tuple[Reading, ...]
    conventions: tuple[Reading, ...]
    numbers: tuple[str, ...]
    processes: tuple[Reading, ...] = ()
    process_numbers: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Reading, ...]:
        """Readings and conventions."""
        return self.readings + self.conventions


def load_claims(file: Path = READINGS_FILE) -> Claims:
    """Read the claims. Raises ValueError for a missing or unknown field."""
    book = read_yaml(file)
    return Claims(
        readings=tuple(_reading(body) for body in book["readings"]),
        conventions=tuple(_reading(body) for body in book.get("conventions", ())),
        numbers=_numbered("R", book["covers"]),
        processes=tuple(_reading(body) for body in book.get("processes", ())),
        process_numbers=_numbered("P", book.get("covers_processes", ())),
    )


def count_tests(folder: Path = CASES_FOLDER) -> dict[str, dict[str, int]]:
    """reading -> case file -> number of cases that name it; a case along a measure counts once per value."""
    counts: dict[str, Counter[str]] = {}
    for file in sorted(folder.glob("*.yml")):
        for body in read_yaml(file)["cases"]:
            number = len(body["expect"]) if "along" in body else 1
            for reading_id in body["readings"]:
                counts.setdefault(reading_id, Counter())[file.name] += number
    return {reading_id: dict(sorted(files.items())) for reading_id, files in counts.items()}


def mart_columns(folder: Path = MARTS_FOLDER) -> frozenset[str]:
    """`mart.column` for every column that the marts' YAML describes."""
    return frozenset(
        f"{model['name']}.{column['name']}"
        for file in sorted(folder.rglob("_*__models.yml"))
        for model in read_yaml(file)["models"]
        for column in model["columns"]
    )


def row_names(policy: PolicyRows) -> dict[str, list[Row]]:
    """`family:rule` -> its rows, on any date."""
    named: dict[str, list[Row]] = {}
    for family, rows in policy.rows.items():
        key = policy.schemas[family].key
        for row in rows:
            name = row.name if "rule_id" in row.values else "/".join(row.text(column) for column in key)
            named.setdefault(f"{family}:{name}", []).append(row)
    return named


def check(claims: Claims, policy: PolicyRows, tests: Mapping[str, Tests], columns: frozenset[str]) -> tuple[str, ...]:
    """Every claim that does not hold, one sentence each, ordered by readings, rows and tests.

    Also reports: a number without an entry, a row covered by no entry, a row whose clause none of its entries names,
    a test case that names no entry.
    """
    named = row_names(policy)
    articles = {row.text("clause_ref") for row in policy.rows["policy_article"]}
    documents = {row.text("document_id") for row in policy.rows["policy_document"]}
    problems = list(_numbers(claims))
    for entry in claims.entries:
        problems += _entry(entry, named, columns, tests.get(entry.reading_id, {}))
        if entry.state != LEFT_OUT:
            problems += _clauses(entry, named, articles, documents)
    for process in claims.processes:
        problems += _process(process, columns)
    problems += _unclaimed(claims, named)
    known = {entry.reading_id for entry in claims.entries}
    problems += [
        f"{', '.join(tests[reading_id])}: a case names {reading_id}, which readings.yml does not have"
        for reading_id in sorted(tests)
        if reading_id not in known
    ]
    return tuple(problems)


def render(claims: Claims, tests: Mapping[str, Tests]) -> str:
    """The page: what is claimed, what rows alone cover, what is left out and why."""
    counted = Counter(entry.state for entry in claims.readings)
    lines = [
        "# Policy coverage",
        "",
        "Drawn from `tests/seeds/readings.yml` by `make coverage`. Every claim is checked: the rows are there and cite",
        "the clause, test cases name the reading, the columns exist.",
        "",
        f"Of {len(claims.readings)} readings of the sources, {counted[CLAIMED]} are a row, a test and a column,"
        f" {counted[ROWS]} a row and a test,",
        f"and {counted[LEFT_OUT]} are left out.",
        "",
        "- [Readings](#readings)",
        "- [Left out](#left-out)",
        "- [Conventions](#conventions)",
        "- [Daily work](#daily-work)",
        "",
        "## Readings",
        "",
        *_table([entry for entry in claims.readings if entry.state != LEFT_OUT], tests),
        "",
        "## Left out",
        "",
        "| reading | clause | what it says | why it is left out |",
        "|---|---|---|---|",
        *(
            _line(entry.reading_id, "; ".join(entry.clauses), entry.text, entry.reason)
            for entry in claims.readings
            if entry.state == LEFT_OUT
        ),
        "",
        "## Conventions",
        "",
        "No source speaks of these; they are ours.",
        "",
        *_table(claims.conventions, tests),
        "",
        "## Daily work",
        "",
        "What the sources say of processes, and the columns that serve them.",
        "",
        "| process | clause | what it says | columns | state |",
        "|---|---|---|---|---|",
        *(
            _line(
                entry.reading_id,
                "; ".join(entry.clauses),
                f"{entry.text} {entry.note}".strip(),
                ", ".join(f"`{column}`" for column in entry.columns),
                "served" if entry.state == CLAIMED else f"left out: {entry.reason}",
            )
            for entry in claims.processes
        ),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 if all is well, 1 if a claim does not hold or the page is out of date, 2 for wrong use."""
    parser = argparse.ArgumentParser(
        prog="python -m support.coverage", description="Check what the policy rows claim to cover."
    )
    parser.add_argument("--write", action="store_true", help="write the page instead of comparing it")
    parser.add_argument("--readings", type=Path, default=READINGS_FILE, help="the claims (readings.yml)")
    parser.add_argument("--cases", type=Path, default=CASES_FOLDER, help="the folder of test cases")
    parser.add_argument("--marts", type=Path, default=MARTS_FOLDER, help="the folder of the marts' models")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page")
    options = parser.parse_args(arguments)
    try:
        claims, tests = load_claims(options.readings), count_tests(options.cases)
        policy = load_policy()
        for unreadable in policy.problems:
            print(unreadable, file=sys.stderr)
        if policy.problems:
            print("The coverage can't be checked: the policy can't be read", file=sys.stderr)
            return 2
        problems = check(claims, policy, tests, mart_columns(options.marts))
    except (OSError, PolicyError, ValueError) as error:
        print(f"The coverage can't be checked: {error}", file=sys.stderr)
        return 2
    page = render(claims, tests)
    if options.write:
        options.page.write_text(page, encoding="utf-8")
    elif not options.page.exists() or options.page.read_text(encoding="utf-8") != page:
        problems += (f"{options.page.name} is out of date; run make coverage",)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


# ---------------------------------------------------------------- checks


def _numbers(claims: Claims) -> Iterator[str]:
    ids = Counter(entry.reading_id for entry in (*claims.entries, *claims.processes))
    numbers = (*claims.numbers, *claims.process_numbers)
    yield from (f"{number}: no entry" for number in numbers if number not in ids)
    yield from (f"{reading_id}: {number} entries" for reading_id, number in ids.items() if number > 1)
    for entry in claims.readings:
        if entry.reading_id not in claims.numbers:
            yield f"{entry.reading_id}: outside the file's scope"


def _process(entry: Reading, columns: frozenset[str]) -> Iterator[str]:
    who = entry.reading_id
    if entry.state not in (CLAIMED, LEFT_OUT):
        yield f"{who}: the state of a process is {CLAIMED} or {LEFT_OUT}, not {entry.state}"
    if bool(entry.reason) != (entry.state == LEFT_OUT):
        yield f"{who}: a reason stands with what is left out, and only there"
    if bool(entry.columns) != (entry.state == CLAIMED):
        yield f"{who}: columns stand with what is claimed, and only there"
    if entry.rows:
        yield f"{who}: a process has no rows; the readings name them"
    for column in entry.columns:
        if column not in columns:
            yield f"{who}: no column {column}"


def _entry(entry: Reading, named: Mapping[str, Sequence[Row]], columns: frozenset[str], tests: Tests) -> Iterator[str]:
    who = entry.reading_id
    if entry.state not in STATES:
        yield f"{who}: the state {entry.state} is not one of {', '.join(STATES)}"
    if entry.state == LEFT_OUT:
        if not entry.reason:
            yield f"{who}: left out without a reason"
        if entry.rows or entry.columns or tests:
            yield f"{who}: left out, but it has rows, columns or test cases"
        return
    if entry.reason:
        yield f"{who}: it gives a reason to be left out and is not; say it in a note"
    if not entry.rows:
        yield f"{who}: no row"
    for pattern in entry.rows:
        if not any(fnmatchcase(name, pattern) for name in named):
            yield f"{who}: no row {pattern}"
    if not tests:
        yield f"{who}: no test case names it"
    if entry.state == CLAIMED and not entry.columns:
        yield f"{who}: no column"
    if entry.state == ROWS and entry.columns:
        yield f"{who}: it names columns, so it is claimed"
    yield from (f"{who}: no column {column}" for column in entry.columns if column not in columns)


def _clauses(
    entry: Reading, named: Mapping[str, Sequence[Row]], articles: set[str], documents: set[str]
) -> Iterator[str]:
    """Rows cite clauses of their entry. A clause that no row cites need only name a known document, not an article."""
    cited = {row.text("clause_ref"): row for row in _rows_of(entry, named) if "clause_ref" in row.values}
    for clause, row in cited.items():
        if clause not in entry.clauses:
            yield f"{row.file}:{row.line} {row.name} cites {clause}, and {entry.reading_id} rests on another clause"
    yield from (
        f"{entry.reading_id}: none of its rows cites {clause}" for clause in entry.clauses[1:] if clause not in cited
    )
    for clause in entry.clauses:
        if clause not in articles and (cited or clause.split()[0] not in documents):
            yield f"{entry.reading_id}: {clause} is not a clause of policy_article"


def _unclaimed(claims: Claims, named: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Rows that cite a clause but that no entry names; the articles are the clauses themselves."""
    claimed = {id(row) for entry in claims.entries for row in _rows_of(entry, named)}
    for rows in named.values():
        for row in rows:
            if "basis" in row.values and row.family != "policy_exception" and id(row) not in claimed:
                yield f"{row.file}:{row.line} {row.name} rests on no entry of readings.yml"


def _rows_of(entry: Reading, named: Mapping[str, Sequence[Row]]) -> Iterator[Row]:
    for name, rows in named.items():
        if any(fnmatchcase(name, pattern) for pattern in entry.rows):
            yield from rows


# ---------------------------------------------------------------- the page


def _table(entries: Sequence[Reading], tests: Mapping[str, Tests]) -> list[str]:
    return [
        "| reading | clause | what it says | rows | tests | columns | state |",
        "|---|---|---|---|---|---|---|",
        *(
            _line(
                entry.reading_id,
                "; ".join(entry.clauses),
                f"{entry.text} {entry.note}".strip(),
                ", ".join(f"`{pattern}`" for pattern in entry.rows),
                ", ".join(f"{number} in {file}" for file, number in tests.get(entry.reading_id, {}).items()),
                ", ".join(f"`{column}`" for column in entry.columns),
                STATE_WORDS.get(entry.state, entry.state),
            )
            for entry in entries
        ),
    ]


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


# ---------------------------------------------------------------- reading


def _numbered(letter: str, spans: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    return tuple(f"{letter}{number:02d}" for span in spans for number in range(span["first"], span["last"] + 1))


def _reading(body: Mapping[str, Any]) -> Reading:
    fields = {"id", "clause_ref", "reading", "state", "rows", "columns", "note", "reason"}
    wrong = sorted(set(body) - fields) or sorted({"id", "clause_ref", "reading", "state"} - set(body))
    if wrong:
        raise ValueError(f"readings.yml, {body.get('id', 'an entry without id')}: {wrong[0]} is unknown or missing")
    clauses = body["clause_ref"]
    return Reading(
        reading_id=body["id"],
        clauses=(clauses,) if isinstance(clauses, str) else tuple(clauses),
        text=body["reading"],
        state=body["state"],
        rows=tuple(body.get("rows", ())),
        columns=tuple(body.get("columns", ())),
        note=body.get("note", ""),
        reason=body.get("reason", ""),
    )


if __name__ == "__main__":
    sys.exit(main())
