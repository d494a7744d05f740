"""Points, scores and ranks among peers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .landing import Row
from .organizations import Tree
from .ranking import RULES, Rule, points_of, ranking_rows

MONTH = date(2025, 1, 1)


def tree(outlets: int) -> Tree:
    """A branch with some outlets, and an outlet of its own."""
    rows: list[Row] = [
        {"org_id": "BR", "parent_org_id": None, "org_level": "branch"},
        {"org_id": "LONE", "parent_org_id": None, "org_level": "outlet"},
        *({"org_id": f"O{n}", "parent_org_id": "BR", "org_level": "outlet"} for n in range(outlets)),
    ]
    return Tree(rows)


def figures(metric: str, values: dict[str, str | None], kind: str = "org", column: str = "value") -> list[Row]:
    """Rows of fct_kpi_monthly."""
    return [
        {"subject_kind": kind, "subject_id": name, "metric": metric, column: None if value is None else Decimal(value)}
        for name, value in values.items()
    ]


def ranked(rows: list[Row], kind: str = "org") -> dict[tuple[str, str], tuple[Decimal | None, int | None]]:
    """(subject, compare) -> (score, rank)."""
    return {
        (row["subject_id"], row["compare"]): (row["score"], row["rank"]) for row in rows if row["subject_kind"] == kind
    }


def test_points_by_hand() -> None:
    """Two in the middle share their places; better may be less; one alone is not compared."""
    growth = {"A": Decimal("0.10"), "B": Decimal("0.05"), "C": Decimal("0.05"), "D": Decimal("-0.02")}
    half = Decimal("0.5")
    assert points_of(growth, "high") == {"A": 1, "B": half, "C": half, "D": 0}
    assert points_of(growth, "low") == {"A": 0, "B": half, "C": half, "D": 1}
    assert points_of({"A": Decimal(1), "B": None}, "high") == {}
    assert points_of({"A": 1, "B": 2, "C": 3, "D": 4, "E": None}, "high")["B"] == Decimal("0.333333")
    assert points_of({"A": 1, "B": 1, "C": 1, "D": 1}, "low") == dict.fromkeys("ABCD", half)


def test_scores_by_hand() -> None:
    """The mean of the metrics that a subject has points for, by weight; overall the mean of its scores."""
    rules = [
        Rule("org", "growth", "deposit_balance", weight=Decimal(2)),
        Rule("org", "growth", "loan_balance", "year_to_date"),
        Rule("org", "control", "npl_ratio", better="low"),
    ]
    known = [
        *figures("deposit_balance", {"O0": "3", "O1": "2", "O2": "1"}),
        *figures("loan_balance", {"O0": "1", "O1": "2", "O2": None}, column="year_to_date"),
        *figures("npl_ratio", {"O0": "0.1", "O1": None, "O2": "0.1"}),
    ]
    rows = ranking_rows(known, [], tree(3), MONTH, rules)
    scores = ranked(rows)
    half = Decimal("0.5")
    # O0: (2 x 1 + 1 x 0) / 3; O1: (2 x 0.5 + 1 x 1) / 3; O2 has no points for loans
    two_thirds = Decimal("0.666667")
    assert [scores[name, "growth"] for name in ("O0", "O1", "O2")] == [(two_thirds, 1), (two_thirds, 1), (0, 3)]
    assert [scores[name, "control"] for name in ("O0", "O1", "O2")] == [(half, 1), (None, None), (half, 1)]
    overall = [scores[name, "overall"] for name in ("O0", "O1", "O2")]
    # the mean of 0.666667 and 0.5 is 0.5833335
    assert overall == [(Decimal("0.583334"), 2), (two_thirds, 1), (Decimal("0.25"), 3)]
    assert scores["LONE", "overall"] == (None, None)
    assert {(row["subject_id"], row["peer_group"], row["peers"]) for row in rows if row["compare"] == "growth"} == {
        *((f"O{n}", "BR", 3) for n in range(3)),
        ("LONE", "LONE", 1),
    }


def test_people_need_five_peers() -> None:
    """Five of a role in a branch are compared, four have rows without score and rank."""
    loads = [{"employee_id": f"E{n}", "org_id": f"O{n % 2}", "role": "lobby_manager"} for n in range(5)]
    loads += [{"employee_id": f"F{n}", "org_id": "O0", "role": "teller"} for n in range(4)]
    known = figures("doubtful_contacts", {f"E{n}": str(n) for n in range(5)}, "employee")
    known += figures("doubtful_contacts", {f"F{n}": str(n) for n in range(4)}, "employee")
    rows = ranking_rows(known, loads, tree(2), MONTH)
    scores = ranked(rows, "employee")
    assert [scores[f"E{n}", "process"] for n in range(5)] == [
        (Decimal(points), rank) for points, rank in zip(("1", "0.75", "0.5", "0.25", "0"), (1, 2, 3, 4, 5), strict=True)
    ]
    assert {scores[f"F{n}", "process"] for n in range(4)} == {(None, None)}
    assert {compare for _, compare in scores} == {"result", "process", "overall"}
    assert {row["peer_group"] for row in rows if row["subject_id"].startswith("E")} == {"BR:lobby_manager"}
    assert {row["peers"] for row in rows if row["subject_id"].startswith("F")} == {4}


def test_the_rules_are_those_of_the_text() -> None:
    """Fourteen metrics in five compares, five of them better when less."""
    assert [rule.metric for rule in RULES if rule.better == "low"] == [
        *("unreachable_share", "npl_ratio", "doubtful_share", "stale_statement_share", "doubtful_contacts"),
    ]
    assert {rule.compare for rule in RULES} == {"growth", "maintenance", "control", "result", "process"}
