"""Shared by the policy tests: a copy of the shipped rows in which single rows are changed."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from expectations.policy.lint import lint
from expectations.policy.model import PolicyRows
from expectations.policy.reading import load_policy
from expectations.project import POLICY_FOLDER

D = date(2026, 3, 31)


class Folder:
    """A copy of the shipped policy CSVs, to be changed row by row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(POLICY_FOLDER, path)

    def load(self) -> PolicyRows:
        """Read the copy."""
        return load_policy(self.path)

    def rows(self, family: str) -> list[dict[str, str]]:
        """The rows of a family, as text."""
        return self.rows_of(self.path, family)

    @staticmethod
    def rows_of(path: Path, family: str) -> list[dict[str, str]]:
        """The rows of a family in a folder, as text."""
        with (path / f"{family}.csv").open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def line(self, family: str, name: str, number: int | None = None) -> int:
        """The line of a rule's first row, or of its first row with a condition number; a row is one line."""
        rows = enumerate(self.rows(family), start=2)
        return next(
            n for n, row in rows if _is(row, name) and (number is None or row.get("condition_no") == str(number))
        )

    def problems(self, on: date | None = D) -> list[str]:
        """What the lint prints for the copy, without the folder."""
        return [str(problem).removeprefix(f"{self.path.as_posix()}/") for problem in lint(self.load(), on)]

    def write(self, family: str, rows: list[dict[str, str]]) -> None:
        """Rewrite a family."""
        file = self.path / f"{family}.csv"
        header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def drop(self, family: str, *names: str) -> None:
        """Remove rules; a name ending in * stands for every rule with that prefix."""
        kept = [row for row in self.rows(family) if not any(_is(row, name) for name in names)]
        assert len(kept) < len(self.rows(family)), f"{family} has no {names}"
        self.write(family, kept)

    def change(self, family: str, name: str, number: int | None = None, **cells: str) -> None:
        """Change cells of every row of a rule, or of the rows with one condition number."""
        rows = self.rows(family)
        hit = [row for row in rows if _is(row, name) and (number is None or row.get("condition_no") == str(number))]
        assert hit, f"{family} has no {name}"
        for row in hit:
            assert cells.keys() <= row.keys()
            row.update(cells)
        self.write(family, rows)

    def add(self, family: str, like: str, **cells: str) -> None:
        """Add the rows of a rule again, with other cells."""
        rows = self.rows(family)
        more = [row | cells for row in rows if _is(row, like)]
        assert more, f"{family} has no {like}"
        self.write(family, rows + more)

    def edit(self, family: str, change: Callable[[str], str]) -> None:
        """Change the text of a file."""
        file = self.path / f"{family}.csv"
        before = file.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        file.write_text(after, encoding="utf-8")


def _is(row: dict[str, str], name: str) -> bool:
    first = row.get("rule_id") or next(iter(row.values()))
    return first.startswith(name[:-1]) if name.endswith("*") else first == name
