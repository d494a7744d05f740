"""The tree in docs/architecture.md matches the disk: each module and folder has a line, and each line exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from expectations.project import PROJECT_ROOT

DOCUMENT = PROJECT_ROOT / "docs/architecture.md"
# Rooms whose modules all have a line, and folders whose subfolders all have one.
ROOMS = ("fenceng", "orchestration", "expectations", "bi")
FOLDERS = (*ROOMS, "dbt_project", "seeds", "tests")
# Written by tools, and never committed.
MADE = {"__pycache__", "target", "logs", "dbt_packages"}


def _tree() -> list[tuple[int, str]]:
    """Depth and name of each line of the tree; every line has a description."""
    block = re.search(r"^## The tree$.*?^```text\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    assert block, "docs/architecture.md has no tree"
    lines = []
    for line in block[1].splitlines():
        found = re.fullmatch(r"((?:  )*)(\S+)  +\S.*", line)
        assert found, f"not a name and what it is: {line!r}"
        lines.append((len(found[1]) // 2, found[2]))
    return lines


def _drawn() -> Iterator[Path]:
    """The path of each line."""
    above: list[str] = []
    for depth, name in _tree():
        assert depth <= len(above), f"{name} is indented too far"
        above[depth:] = [name]
        assert all(folder.endswith("/") for folder in above[:-1]), f"{name} lies in a file"
        yield Path(*above)


def _there() -> set[Path]:
    """Every module of the rooms and every non-empty folder, as paths from the root."""
    found = set()
    for name in FOLDERS:
        for path in (PROJECT_ROOT / name).rglob("*"):
            inside = path.relative_to(PROJECT_ROOT)
            if MADE & set(inside.parts) or not path.is_file():
                continue
            found |= {folder for folder in inside.parents if folder != Path()}
            if name in ROOMS and path.suffix == ".py" and path.name != "__init__.py":
                found.add(inside)
    return found


def test_every_module_and_folder_has_a_line() -> None:
    there = _there()
    assert len(there) > 100
    assert sorted(map(str, there - set(_drawn()))) == []


def test_every_line_exists_and_stands_once() -> None:
    drawn = list(_drawn())
    assert [str(path) for path in drawn if not (PROJECT_ROOT / path).exists()] == []
    assert sorted({str(path) for path in drawn if drawn.count(path) > 1}) == []


def test_a_folder_ends_with_a_slash_and_a_file_does_not() -> None:
    drawn = dict(zip(_drawn(), (name for _, name in _tree()), strict=True))
    assert [name for path, name in drawn.items() if (PROJECT_ROOT / path).is_dir() != name.endswith("/")] == []
