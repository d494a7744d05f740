"""Small cells of pages that are shared: hidden, together with what they could be computed from.

A cell below the least count is hidden. Whoever knows a total and all parts but one knows that one as well, so more
cells are hidden until the sums of a page, with those of the pages right below it, determine no hidden cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = dict[str, Any]
Key = tuple[str, ...]

HIDDEN = "*"
ALL = "all"
_ZERO = 1e-9
_PARTS = ("met", "open", "missed")
_MOVES = ("customers_before", "arrived", "risen", "fallen", "gone")


@dataclass(frozen=True)
class Sum:
    """An equation: the total is the sum of the parts without what is taken off.

    group: equations that are solved together. A cell that is no cell of the caller is shown nowhere.
    """

    group: Key
    total: Key
    parts: Sequence[Key]
    off: Sequence[Key] = ()

    def terms(self) -> dict[Key, int]:
        """Cell -> its sign, all on one side."""
        return {self.total: -1} | dict.fromkeys(self.parts, 1) | dict.fromkeys(self.off, -1)


def hide_cells(cells: Mapping[Key, int], sums: Sequence[Sum], least: int) -> set[Key]:
    """Return the cells to hide: those from 1 to below least, and those without which they could be computed.

    In each sum a second cell is hidden; where the sums of a group still determine a hidden cell together, another of
    its sums. Of the candidates the smallest part above 0 is taken, the total last.
    """
    hidden = {key for key, value in cells.items() if 0 < value < least}
    at: dict[Key, list[Sum]] = defaultdict(list)
    groups: dict[Key, list[Sum]] = defaultdict(list)
    for one in sums:
        groups[one.group].append(one)
        for key in one.terms():
            at[key].append(one)

    def second(equations: Iterable[Sum]) -> Key | None:
        # A zero is a poor hiding place, and totals are what a page is read for.
        ranked = {
            (cells[key] == 0, key == one.total, cells[key], key)
            for one in equations
            for key in one.terms()
            if key in cells and key not in hidden
        }
        return min(ranked)[-1] if ranked else None

    waiting = [one for key in sorted(hidden) for one in at[key]]
    # Groups whose hidden cells changed since they were solved, in order.
    unsolved = dict.fromkeys(one.group for one in waiting)
    while waiting or unsolved:
        other = None
        if waiting:
            one = waiting.pop()
            if sum(key in hidden for key in one.terms()) == 1:
                other = second([one])
        else:
            group = next(iter(unsolved))
            found = next(iter(determined(groups[group], hidden)), None)
            if found is not None:
                other = second(one for one in at[found] if one.group == group) or second(groups[group])
            if other is None:
                del unsolved[group]
        if other is not None:
            hidden.add(other)
            waiting += at[other]
            unsolved |= dict.fromkeys(one.group for one in at[other])
    return hidden


def determined(sums: Iterable[Sum], hidden: Iterable[Key]) -> list[Key]:
    """The hidden cells that the sums fix together, when every other cell is known."""
    found = []
    for equations in _connected([{key: sign for key, sign in one.terms().items() if key in hidden} for one in sums]):
        names = sorted({key for terms in equations for key in terms})
        place = {key: number for number, key in enumerate(names)}
        matrix = np.zeros((len(equations), len(names)))
        for row, terms in enumerate(equations):
            for key, sign in terms.items():
                matrix[row, place[key]] = sign
        _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
        free = np.abs(vectors[int((values > _ZERO).sum()) :])
        found += [key for key in names if not free.size or free[:, place[key]].max() < _ZERO]
    return sorted(found)


def _connected(equations: Iterable[dict[Key, int]]) -> list[list[dict[Key, int]]]:
    """Equations by what they share: those of different lists have no cell in common."""
    parts: list[tuple[set[Key], list[dict[Key, int]]]] = []
    for terms in equations:
        if not terms:
            continue
        cells, own = set(terms), [terms]
        others = []
        for part in parts:
            if part[0].isdisjoint(terms):
                others.append(part)
            else:
                cells |= part[0]
                own = part[1] + own
        parts = [*others, (cells, own)]
    return [own for _, own in parts]


def hide_small(pages: Mapping[str, Row], above: Mapping[str, Iterable[str]], least: int, counts: Iterable[str]) -> None:
    """Replace the small cells of all pages of a release by `*`, in place.

    pages: scope -> its figures. above: organisation -> the organisations above it. least: customers that a cell must
    count. counts: the metrics that count customers.
    """
    book = _Book()
    for scope, page in pages.items():
        _tiers(book, scope, page)
        _duties(book, scope, page)
        _actions(book, scope, page)
        _maintenance(book, scope, page, set(counts))
    _across(book, pages, above)
    book.hide(least)
    for page in pages.values():
        _concentration(page, least)


class _Book:
    """Cells with the places that show them, and the equations between them."""

    def __init__(self) -> None:
        self.cells: dict[Key, int] = {}
        self.sums: list[Sum] = []
        self.places: dict[Key, list[Callable[[], None]]] = defaultdict(list)

    def show(self, key: Key, row: Row, name: str, *also: str) -> None:
        """A cell of a row; `also` are hidden with it, since they tell it."""
        if row.get(name) is None:
            return
        self.cells[key] = row[name]

        def hide() -> None:
            row.update(dict.fromkeys((name, *also), HIDDEN))

        self.places[key].append(hide)

    def imply(self, key: Key, value: int) -> None:
        """A cell that no page shows and that a sum gives away."""
        if value > 0:
            self.cells[key] = value

    def hide(self, least: int) -> None:
        """Hide in all places."""
        for key in hide_cells(self.cells, self.sums, least):
            for hide in self.places[key]:
                hide()


def _tiers(book: _Book, scope: str, page: Row) -> None:
    names = ("customers", *_MOVES)
    beside = {"customers": ("financial_assets",), "customers_before": ("financial_assets_before",)}
    segments = [row["segment"] for row in page["tier_totals"] if row["segment"] != ALL]
    for row in page["tiers"]:
        for name in names:
            book.show(("tier", scope, row["segment"], row["tier_code"], name), row, name, *beside.get(name, ()))
        _moves(book, scope, row["segment"], row["tier_code"])
    for row in page["tier_totals"]:
        segment = row["segment"]
        for name in names:
            book.show(("tier", scope, segment, ALL, name), row, name, *beside.get(name, ()))
            parts = [(one["segment"], one["tier_code"]) for one in page["tiers"] if one["segment"] == segment]
            if segment == ALL:
                parts = [(one, ALL) for one in segments]
            inside = [("tier", scope, *part, name) for part in parts]
            book.sums.append(Sum(("tier", scope), ("tier", scope, segment, ALL, name), inside))
        _moves(book, scope, segment, ALL)
    months = page["months"]
    known = {months["hand"]["month"]: "customers"}
    if months["before"]:
        known[months["before"]["month"]] = "customers_before"
    for row in page["trend"]:
        name = known.get(row["month"], row["month"])
        book.show(("tier", scope, ALL, ALL, name), row, "customers", "financial_assets")


def _moves(book: _Book, scope: str, segment: str, tier: str) -> None:
    now, *come, gone = [("tier", scope, segment, tier, name) for name in ("customers", *_MOVES)]
    book.sums.append(Sum(("tier", scope), now, come, [gone]))


def _duties(book: _Book, scope: str, page: Row) -> None:
    months = {name: one["month"] for name, one in page["months"].items() if one}
    groups = [row["role_group"] for row in page["roles"] if row["role_group"] != ALL]
    for row in page["roles"]:
        for name in ("closed", "hand"):
            _statuses(book, scope, scope, months.get(name, ""), row["role_group"], row[name])
    for month in {months.get("closed", ""), months["hand"]}:
        for part in ("judged", *_PARTS):
            inside = [("duty", scope, month, group, part) for group in groups]
            book.sums.append(Sum(("duty", scope), ("duty", scope, month, ALL, part), inside))
    for row in page["trend"]:
        _statuses(book, scope, scope, row["month"], ALL, row["duties"])
    for row in (*page["organizations"], *page["furthest_behind"]):
        for name in ("closed", "hand"):
            _statuses(book, scope, row["org_id"], months.get(name, ""), ALL, row[name])
        month = months.get("closed", months["hand"])
        for group in row["missed"]:
            book.show(("duty", row["org_id"], month, group, "missed"), row["missed"], group)
        inside = [("duty", row["org_id"], month, group, "missed") for group in row["missed"]]
        book.sums.append(Sum(("duty", scope), ("duty", row["org_id"], month, ALL, "missed"), inside))
    for month in {months.get("closed", ""), months["hand"]}:
        for part in ("judged", *_PARTS):
            for group in (ALL, *groups):
                _rest(book, ("duty", scope), [("duty", one, month, group, part) for one in (scope, *_listed(page))])


def _statuses(book: _Book, scope: str, org_id: str, month: str, group: str, row: Row | None) -> None:
    if row is None:
        return
    for part in ("judged", *_PARTS):
        book.show(("duty", org_id, month, group, part), row, part, "rate", "lacking")
    judged, *parts = [("duty", org_id, month, group, part) for part in ("judged", *_PARTS)]
    book.sums.append(Sum(("duty", scope), judged, parts))


def _listed(page: Row) -> list[str]:
    return [row["org_id"] for row in page["organizations"]]


def _rest(book: _Book, group: Key, keys: Sequence[Key]) -> None:
    """A whole and those of its parts that are shown; what is left of it is implied."""
    whole, parts = keys[0], [key for key in keys[1:] if key in book.cells]
    if whole not in book.cells or not parts:
        return
    rest = ("rest", *whole)
    book.imply(rest, book.cells[whole] - sum(book.cells[key] for key in parts))
    book.sums.append(Sum(group, whole, [*parts, rest]))


def _actions(book: _Book, scope: str, page: Row) -> None:
    kinds = [row["action_kind"] for row in page["actions"]]
    for kind, row in [*zip(kinds, page["actions"], strict=True), (ALL, page["action_totals"])]:
        for name in ("listed", "due", "dropped"):
            book.show(("action", scope, kind, name), row, name)
        book.imply(("action", scope, kind, "later"), row["listed"] - row["due"])
        listed, *parts = [("action", scope, kind, name) for name in ("listed", "due", "later")]
        book.sums.append(Sum(("action", scope), listed, parts))
    for name in ("listed", "due", "dropped", "later"):
        parts = [("action", scope, kind, name) for kind in kinds]
        book.sums.append(Sum(("action", scope), ("action", scope, ALL, name), parts))
    for row in page["organizations"]:
        for name in ("listed", "due"):
            book.show(("action", row["org_id"], ALL, name), row, name)
        book.show(("action", row["org_id"], "visit_behind", "listed"), row, "behind")
        book.imply(("action", row["org_id"], ALL, "later"), row["listed"] - row["due"])
        listed, *parts = [("action", row["org_id"], ALL, name) for name in ("listed", "due", "later")]
        book.sums.append(Sum(("action", scope), listed, parts))
    for kind, name in ((ALL, "listed"), (ALL, "due"), ("visit_behind", "listed")):
        _rest(book, ("action", scope), [("action", one, kind, name) for one in (scope, *_listed(page))])


def _maintenance(book: _Book, scope: str, page: Row, counts: set[str]) -> None:
    parts = ("assigned_matching", "assigned_other", "unassigned")
    for row in page["maintenance"]:
        for name in ("customers", *parts):
            book.show(("care", scope, row["role"], name), row, name)
        inside = [("care", scope, row["role"], name) for name in parts]
        book.sums.append(Sum(("care", scope), ("care", scope, row["role"], "customers"), inside))
    for row in page["workload"]:
        book.show(("work", scope, row["role_group"]), row, "duties", "required_contacts")
    for row in page["targets"]:
        if row["metric"] in counts:
            book.show(("target", scope, row["metric"]), row, "actual", "run_rate")
    rules = [(row["table_name"], row["rule_id"]) for row in page["held_back"]]
    for rule, row in zip(rules, page["held_back"], strict=True):
        book.show(("held", *rule), row, "rows_held")
    book.show(("held", ALL), page, "held_back_total")
    book.sums.append(Sum(("held",), ("held", ALL), [("held", *rule) for rule in rules]))


def _across(book: _Book, pages: Mapping[str, Row], above: Mapping[str, Iterable[str]]) -> None:
    """The pages right below a page add up to it, with what belongs to none of them."""
    over = {scope: set(above.get(scope, ())) & set(pages) for scope in pages}
    for scope, page in pages.items():
        inside = [one for one in pages if scope in over[one]]
        nearest = [one for one in inside if not any(between in over[one] for between in inside)]
        if not nearest:
            continue
        shown = (scope, *nearest)
        for row in (*page["tiers"], *page["tier_totals"]):
            for name in ("customers", "customers_before"):
                tier = row.get("tier_code", ALL)
                _rest(book, ("tier", scope), [("tier", one, row["segment"], tier, name) for one in shown])
        for row in page["actions"]:
            for name in ("listed", "due", "dropped"):
                _rest(book, ("action", scope), [("action", one, row["action_kind"], name) for one in shown])
        months = {one["month"] for one in page["months"].values() if one}
        for month in sorted(months):
            for part in ("judged", *_PARTS):
                _rest(book, ("duty", scope), [("duty", one, month, ALL, part) for one in shown])


def _concentration(page: Row, least: int) -> None:
    """Hide a group of the greatest customers that is small, or that differs from a shown one by too few."""
    last: dict[tuple[str, str], int] = {}
    for row in page["concentration"]:
        kind = (row["segment"], row["measure"])
        if row["customers"] - last.get(kind, 0) < least and row["customers"] != last.get(kind):
            row.update(customers=HIDDEN, value=HIDDEN, share_of_value=HIDDEN)
        else:
            last[kind] = row["customers"]
