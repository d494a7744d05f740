"""Pages that are shared: small cells are hidden, and nothing that is shown gives one of them away."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.house import House

from expectations.policy.sheets import PolicyError
from orchestration.report.page import about, write_report
from orchestration.report.sharing import Sum, hide_cells, hide_small
from orchestration.report.sharing import determined as determined_by
from orchestration.settings import Settings
from orchestration.store.releases import Release

AS_OF = date(2026, 11, 2)
LEAST = 5
Cell = tuple[str, ...]


def cells(**values: int) -> dict[Cell, int]:
    return {(name,): value for name, value in values.items()}


def keys(*names: str) -> list[Cell]:
    return [(name,) for name in names]


@pytest.mark.parametrize(
    ("values", "sums", "hidden"),
    [
        # Nothing is small: zero and five are shown.
        ({"total": 5, "a": 5, "b": 0}, [("total", "a", "b")], ""),
        # A single small part would follow from the total; the next smallest goes with it, the total stays.
        ({"total": 113, "a": 4, "b": 9, "c": 100}, [("total", "a", "b", "c")], "a b"),
        # Two small parts hide each other.
        ({"total": 105, "a": 4, "b": 1, "c": 100}, [("total", "a", "b", "c")], "a b"),
        # A zero beside it hides nothing while the total is worth hiding.
        ({"total": 3, "a": 3, "b": 0}, [("total", "a", "b")], "a total"),
        # A cell of two sums is hidden in both.
        ({"x": 12, "a": 3, "b": 9, "y": 28, "c": 19}, [("x", "a", "b"), ("y", "b", "c")], "a b c"),
        # Two rows and two columns that hide two cells each: any one of the four could be anything.
        (
            {"r1": 30, "a": 3, "b": 9, "c": 18, "r2": 40, "d": 10, "e": 12, "f": 18, "x": 13, "y": 21, "z": 36},
            [("r1", "a", "b", "c"), ("r2", "d", "e", "f"), ("x", "a", "d"), ("y", "b", "e"), ("z", "c", "f")],
            "a b d e",
        ),
        # What no page shows can't be a second cell that anybody lacks.
        ({"total": 14, "a": 4, "b": 10}, [("total", "a", "b", "unknown")], "a b"),
    ],
)
def test_a_small_cell_is_hidden_with_what_it_follows_from(
    values: dict[str, int], sums: list[tuple[str, ...]], hidden: str
) -> None:
    equations = [Sum(("page",), (total,), keys(*parts)) for total, *parts in sums]
    found = hide_cells(cells(**values), equations, LEAST)
    assert {name for (name,) in found} == set(hidden.split())


def test_sums_that_fix_a_cell_together_hide_another() -> None:
    """a + b and a - b: each hides two cells, and both give a and b."""
    values = cells(a=20, b=4, total=24, net=16)
    sums = [Sum(("page",), ("total",), keys("a", "b")), Sum(("page",), ("net",), keys("a"), keys("b"))]
    assert determined_by(sums, set(keys("a", "b"))) == keys("a", "b")
    found = hide_cells(values, sums, LEAST)
    assert found == set(keys("a", "b", "net"))
    assert determined_by(sums, found) == []


@pytest.fixture(scope="module")
def release(published_bank: House) -> Release:
    return Release((published_bank.published / "current").resolve())


def shared(release: Release, folder: Path, pages: str, without: str = "") -> Path:
    """The pages of a release for sharing. without: a parameter that its policy lacks."""
    folder.mkdir()
    for part in release.folder.iterdir():
        if part.name not in ("report", "policy"):
            os.symlink(part, folder / part.name)
    (folder / "policy").mkdir()
    for file in (release.folder / "policy").iterdir():
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not without or not line.startswith(f"{without},")]
        (folder / "policy" / file.name).write_text("".join(kept), encoding="utf-8")
    settings = Settings(folder, folder, report_pages=pages, report_shared=True)
    write_report(Release(folder), about(release.manifest(), AS_OF, AS_OF), settings)
    return folder / "report"


@pytest.fixture(scope="module")
def figures(release: Release, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Page -> figures, of the bank, its branches and outlets."""
    folder = shared(release, tmp_path_factory.mktemp("shared") / "release", "outlets")
    found = {}
    for file in folder.glob("*.html"):
        block = re.search(r'id="figures">(.*?)</script>', file.read_text(encoding="utf-8"), re.S)
        assert block
        found[file.stem] = json.loads(block[1])
    return found


COUNTS = ("customers", "customers_before", "arrived", "risen", "fallen", "gone")
PARTS = ("judged", "met", "open", "missed")


def counts_of(page: dict[str, Any]) -> Iterable[Any]:
    """Every count of customers, duties, actions and rows on a page."""
    for row in (*page["tiers"], *page["tier_totals"]):
        yield from (row[name] for name in COUNTS)
    for row in (*page["roles"], *page["organizations"], *page["furthest_behind"]):
        yield from (row[which][part] for which in ("closed", "hand") if row[which] for part in PARTS)
        yield from row.get("missed", {}).values()
    for row in page["trend"]:
        yield row["customers"]
        yield from (row["duties"][part] for part in PARTS if row["duties"])
    for row in (*page["actions"], page["action_totals"]):
        yield from (row[name] for name in ("listed", "due", "dropped"))
    for row in page["organizations"]:
        yield from (row[name] for name in ("listed", "due", "behind"))
    for row in page["maintenance"]:
        yield from (row[name] for name in ("customers", "assigned_matching", "assigned_other", "unassigned"))
    yield from (row["customers"] for row in page["concentration"])
    yield from (row["duties"] for row in page["workload"])
    yield from (row["rows_held"] for row in page["held_back"])


def test_no_count_below_five_is_shown(figures: dict[str, dict[str, Any]]) -> None:
    shown = [count for page in figures.values() for count in counts_of(page) if count is not None]
    numbers = [count for count in shown if count != "*"]
    assert len(numbers) > 500
    assert len(shown) - len(numbers) > 500
    assert [count for count in numbers if 0 < count < LEAST] == []


def test_amounts_go_with_their_customers(figures: dict[str, dict[str, Any]]) -> None:
    rows = [row for page in figures.values() for row in (*page["tiers"], *page["tier_totals"])]
    assert any(row["customers"] == "*" for row in rows)
    for row in rows:
        assert (row["customers"] == "*") == (row["financial_assets"] == "*")
    for page in figures.values():
        for row in page["roles"]:
            parts = [row[which] for which in ("closed", "hand") if row[which]]
            assert all("*" not in part.values() or part["rate"] == "*" for part in parts)


def test_the_bank_keeps_its_headline(figures: dict[str, dict[str, Any]]) -> None:
    page = figures["index"]
    assert page["tier_totals"][-1]["customers"] > 250
    assert page["roles"][0]["closed"]["rate"] > 0
    assert page["least_customers"] == LEAST


def determined(equations: list[list[tuple[Cell, int]]], hidden: set[Cell]) -> list[Cell]:
    """The hidden cells that linear equations fix, everything else being known."""
    names = sorted(hidden)
    place = {name: number for number, name in enumerate(names)}
    rows = [
        [(place[cell], factor) for cell, factor in terms if cell in place]
        for terms in equations
        if any(cell in place for cell, _ in terms)
    ]
    matrix = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        for column, factor in row:
            matrix[number, column] += factor
    _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > 1e-9).sum())
    free = np.abs(vectors[rank:]).max(axis=0) if rank < len(names) else np.zeros(len(names))
    return [name for name in names if free[place[name]] < 1e-9]


def test_the_tiers_of_a_page_give_no_hidden_cell_away(figures: dict[str, dict[str, Any]]) -> None:
    checked = 0
    for name, page in figures.items():
        rows = {(row["segment"], row["tier_code"]): row for row in page["tiers"]}
        rows |= {(row["segment"], "all"): row for row in page["tier_totals"]}
        hidden = {(*key, column) for key, row in rows.items() for column in COUNTS if row[column] == "*"}
        equations: list[list[tuple[Cell, int]]] = []
        for key in rows:
            signs = zip(COUNTS, (-1, 1, 1, 1, 1, -1), strict=True)
            equations.append([((*key, column), sign) for column, sign in signs])
        for column in COUNTS:
            for segment in ("retail", "corporate"):
                parts = [((*key, column), 1) for key in rows if key[0] == segment and key[1] != "all"]
                equations.append([((segment, "all", column), -1), *parts])
            whole = [(("retail", "all", column), 1), (("corporate", "all", column), 1)]
            equations.append([(("all", "all", column), -1), *whole])
        assert determined(equations, hidden) == [], name
        checked += len(hidden)
    assert checked > 100


def test_the_duties_of_a_page_give_no_hidden_cell_away(figures: dict[str, dict[str, Any]]) -> None:
    checked = 0
    for name, page in figures.items():
        for which in ("closed", "hand"):
            rows = {row["role_group"]: row[which] for row in page["roles"] if row[which]}
            if not rows:
                continue
            hidden = {(group, part) for group, row in rows.items() for part in PARTS if row[part] == "*"}
            equations = [[((group, "judged"), -1), *(((group, part), 1) for part in PARTS[1:])] for group in rows]
            for part in PARTS:
                groups = [((group, part), 1) for group in rows if group != "all"]
                equations.append([(("all", part), -1), *groups])
            assert determined(equations, hidden) == [], (name, which)
            checked += len(hidden)
    assert checked > 20


def test_the_pages_together_give_no_hidden_tier_away(figures: dict[str, dict[str, Any]]) -> None:
    """An outlet's customers are not what is left of its branch without the other outlets."""
    equations: list[list[tuple[Cell, int]]] = []
    hidden: set[Cell] = set()
    parents = {"index": [name for name, page in figures.items() if page["scope"]["level"] == "outlet"]}
    for name, page in figures.items():
        for row in page["tiers"]:
            if row["customers"] == "*":
                hidden.add((name, row["tier_code"]))
    for whole, parts in parents.items():
        for row in figures[whole]["tiers"]:
            tier = row["tier_code"]
            equations.append([((whole, tier), -1), *(((part, tier), 1) for part in parts)])
    assert hidden
    assert [cell for cell in determined(equations, hidden) if cell[0] != "index"] == []


def test_a_policy_without_the_least_count_shares_nothing(release: Release, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="shared_cell_minimum"):
        shared(release, tmp_path / "release", "head_office", without="shared_cell_minimum")
    assert not (tmp_path / "release" / "report").exists()


def test_the_largest_customers_are_hidden_by_their_difference() -> None:
    rows = [
        {"segment": "retail", "measure": "m", "customers": count, "value": 1, "share_of_value": 0.5}
        for count in (3, 6, 8, 20)
    ]
    page: dict[str, Any] = {
        "tiers": [], "tier_totals": [], "roles": [], "organizations": [], "furthest_behind": [], "trend": [],
        "actions": [], "action_totals": {"listed": 0, "due": 0, "dropped": 0}, "maintenance": [], "workload": [],
        "targets": [], "held_back": [], "held_back_total": 0, "concentration": rows,
        "months": {"hand": {"month": "2026-11-01"}, "before": None, "closed": None},
    }  # fmt: skip
    hide_small({"bank": page}, {}, LEAST, [])
    assert [row["customers"] for row in rows] == ["*", 6, "*", 20]
