"""What must hold for a refresh whatever arrives. Each broken statement is a sentence; an empty list if none is."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from reference.bank import compute_from, lost
from reference.compare import differences
from reference.contract import TABLES
from reference.history import History
from reference.landing import Accepted, accept, delivery_faults

from .counts import rows_by_file
from .line import BLOCKED, PUBLISHED, UNUSABLE, Outcome

# Words of a library or of Python, which mean nothing to a sender.
FOREIGN = re.compile(
    r"duckdb|pyarrow|traceback|invalid input error|codec|binder|conversion error|great_expectations|errno|catalog error"
    r"|parser error|io error|not implemented|unicodedecode|surrogate|exception|out of range error|object at 0x|nonetype"
    # A byte as Python escapes it; `\ud800` may be in a control file literally.
    r"|invalid unicode|sniff|\bnull_padding\b|try_cast|read_csv|read_parquet|_row\b|\\udc[89a-f]",
    re.IGNORECASE,
)
# Blocking rules that the reference does not model.
NOT_MODELLED = {"delivery.changed"}
ABOUT_FILES = {"delivery.unreadable", "delivery.column", "delivery.type", "delivery.changed", "delivery.control"}


def of_the_outcome(outcome: Outcome) -> list[str]:
    """Every exception becomes an outcome at a station, and the exit code is 0, 2 or 3."""
    if outcome.error is not None:
        return [f"1: {type(outcome.error).__name__}: {str(outcome.error).strip()[:300]}"]
    if outcome.code not in (PUBLISHED, UNUSABLE, BLOCKED):
        return [f"2: exit code {outcome.code}"]
    return []


def of_the_words(outcome: Outcome) -> list[str]:
    """A blocking finding speaks the sender's language and says where to look."""
    broken = []
    for finding in outcome.blocking:
        said = f"{finding.table}: {finding.because} ({finding.detail})"
        if (found := FOREIGN.search(said)) is not None:
            broken.append(f"5: {finding.rule_id} says {found[0]!r}: {said[:300]}")
        if not finding.table or (finding.table not in TABLES and finding.table != "landing"):
            broken.append(f"5: {finding.rule_id} names no table: {said[:300]}")
        if finding.rule_id in ABOUT_FILES and not re.search(r"\.(csv|parquet|json)", said):
            broken.append(f"5: {finding.rule_id} names no file: {said[:300]}")
        if not said.isprintable():
            broken.append(f"5: {finding.rule_id} can't be printed: {said[:300]!r}")
    return broken


def of_the_counts(outcome: Outcome, landing: Path, day: date) -> list[str]:
    """Received = accepted + quarantined = the rows in the files."""
    if not outcome.counts:
        return []
    broken = []
    for key, (received, accepted, quarantined) in outcome.counts.items():
        if received != accepted + quarantined:
            broken.append(f"3: {_named(key)}: {received} received, {accepted} accepted and {quarantined} quarantined")
    stand = rows_by_file(landing, day)
    received_by = {key: counts[0] for key, counts in outcome.counts.items() if counts[0]}
    broken += [
        f"3: {_named(key)}: {stand.get(key, 0)} rows are in the files, {received_by.get(key, 0)} were received"
        for key in sorted(stand.keys() | received_by.keys(), key=str)
        if stand.get(key, 0) != received_by.get(key, 0)
    ]
    return broken


def reference_blocks(landing: Path, day: date) -> tuple[list[str], Accepted | None]:
    """Why the reference publishes nothing, and what it accepts if the files can be read."""
    if faults := delivery_faults(landing, day):
        return faults, None
    data = accept(landing, day)
    return lost(data), data


def of_the_decision(outcome: Outcome, reasons: list[str]) -> list[str]:
    """The refresh and the reference block the same deliveries."""
    rules = {finding.rule_id for finding in outcome.blocking}
    if outcome.code == PUBLISHED and reasons:
        return [f"4: published, and the reference blocks: {'; '.join(reasons)[:300]}"]
    if outcome.code == BLOCKED and not reasons and not rules & NOT_MODELLED:
        return [f"4: blocked, and the reference does not: {'; '.join(map(str, outcome.blocking))[:400]}"]
    return []


def of_the_rows(outcome: Outcome, data: Accepted) -> list[str]:
    """The accepted rows are the reference's, value by value, and each table has as many quarantined."""
    broken = []
    for name, table in TABLES.items():
        names = [column.name for column in table.columns]
        expected = Counter(tuple(row[column] for column in names) for row in data.rows[name])
        found = Counter(outcome.accepted[name])
        for rows, words in ((found - expected, "accepted, not by the reference"), (expected - found, "not accepted")):
            broken += [f"4: {name}: {words}: {_short(names, row)}" for row in list(rows)[:2]]
        counts = [count for (of, *_), count in outcome.counts.items() if of == name]
        received, quarantined = (sum(count[place] for count in counts) for place in (0, 2))
        if (received, quarantined) != (data.received[name], data.quarantined[name]):
            broken.append(
                f"4: {name}: {received} received and {quarantined} quarantined,"
                f" by the reference {data.received[name]} and {data.quarantined[name]}"
            )
    return broken


def of_the_marts(marts: dict[str, list[dict[str, Any]]], data: Accepted, day: date, history: History) -> list[str]:
    """The marts are the reference's."""
    return [f"4: {line}" for line in differences(marts, compute_from(data, day, history))[:4]]


def _named(key: tuple[str, date, str]) -> str:
    return " ".join(map(str, key))


def _short(names: list[str], row: tuple[Any, ...]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in zip(names, row, strict=True))[:400]
