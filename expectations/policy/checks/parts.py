"""Building blocks shared by the checks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from expectations.policy.model import InForce, Row, Scheme
from expectations.policy.sheets import Problem
from expectations.policy.wording import plain


def tier_schemes(view: InForce, segment: str) -> list[Scheme]:
    """The schemes that decide the tiers of a segment."""
    return [scheme for scheme in view.schemes.values() if (scheme.segment, scheme.purpose) == (segment, "tier")]


def visit_schemes(view: InForce) -> list[Scheme]:
    """The schemes whose outcomes are visit classes: the tiers of corporate customers."""
    return tier_schemes(view, "corporate")


def unknown_scheme(row: Row) -> Problem:
    """A problem if the row's scheme is not in force."""
    return row.problem("L3", f"unknown scheme: {row.text('scheme')} is not in force in policy_scheme")


def one_of(row: Row, column: str, allowed: Collection[str], check: str = "L3") -> Iterator[Problem]:
    """A problem if the column has none of the allowed values."""
    if row.text(column) not in allowed:
        listed = ", ".join(allowed if isinstance(allowed, Sequence) else sorted(allowed))
        yield row.problem(check, f"unknown {column}: {row.text(column)} is not one of {listed}")


def labelled(view: InForce, row: Row, column: str, vocabulary: str) -> Iterator[Problem]:
    """A problem if the value has no label in the vocabulary of ref_category."""
    yield from one_of(row, column, view.policy.vocabularies.get(f"ref_category.{vocabulary}", ()))


def delivered(view: InForce, row: Row, column: str, source: str) -> Iterator[Problem]:
    """A problem if the landing contract does not list the value for `source`, a `<table>.<column>`."""
    known = view.policy.vocabularies.get(source)
    value = row.text(column)
    if known is None:
        yield row.problem("L3", f"unknown table: the landing contract lists no {source}")
    elif value and value not in known:
        yield row.problem("L3", f"unknown {column}: {value} is not one of {source} ({', '.join(known)})")


def spoken_of(
    view: InForce, family: str, column: str, source: str, rows: Sequence[Row], what: str = ""
) -> Iterator[Problem]:
    """A problem for each value that the landing contract lists for `source` and that no row has."""
    spoken = {row.text(column) for row in rows}
    for value in view.policy.vocabularies.get(source, ()):
        if value not in spoken:
            yield missing_row(view, family, f"no row{what}: {source} {value} of the landing contract")


def missing_row(view: InForce, family: str, message: str, check: str = "L3") -> Problem:
    """A problem for a file that lacks a row, reported at the file's header."""
    return Problem(view.policy.shown(family), 1, "", check, message)


def within(row: Row, column: str, lowest: Decimal, highest: Decimal | None) -> Iterator[Problem]:
    """A problem if the number is outside the inclusive range; None is open."""
    value = row.number(column)
    if value is not None and (value < lowest or (highest is not None and value > highest)):
        ends = f"{plain(lowest)} or more" if highest is None else f"{plain(lowest)} to {plain(highest)}"
        yield row.problem("L6", f"out of range: {column} {plain(value)} is not {ends}")


def only_columns(row: Row, kind: str, needed: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    """A problem for each of the known columns that the kind needs and that is empty, or the other way round."""
    for column in known:
        if (row.values.get(column) in (None, "")) == (column in needed):
            what = f"{kind} needs it" if column in needed else f"{kind} does not read it; leave it empty"
            yield row.problem("L2", f"{'no' if column in needed else 'superfluous'} {column}: {what}")
