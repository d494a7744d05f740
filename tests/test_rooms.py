"""The rooms of the house: which imports which, and module lengths. Read from the code; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from expectations.project import PROJECT_ROOT

# From the top floor down: a room may import itself and the rooms below it.
ROOMS = ("fenceng", "orchestration", "expectations")
TEST_ROOMS = ("support", "reference", "fuzz")
LIMIT = 500
# Modules that may be longer, and why. Remove a module that has become short enough.
LONG = {
    "tests/reference/foreign_landing.py": "one generator of a delivery, whose order of random draws is its content",
    "examples/berka/map_berka.py": "one script that maps one public data set, to be read as one page",
}


def modules(*folders: str) -> dict[str, Path]:
    """Module name -> file, for the packages in these folders of the project."""
    found = {}
    for folder in folders:
        base = (PROJECT_ROOT / folder).parent
        for file in sorted((PROJECT_ROOT / folder).rglob("*.py")):
            parts = file.relative_to(base).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def names_imported(module: str, file: Path) -> Iterator[str]:
    """Every name that a module imports, also inside functions: `a.b`, and `a.b` for `from a import b`."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            origin = ".".join(part for part in (above, node.module) if part)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def edges(found: Mapping[str, Path]) -> dict[str, set[str]]:
    """Module -> the modules among these that it imports."""
    return {
        name: {imported for wanted in names_imported(name, file) if (imported := _module(wanted, found))} - {name}
        for name, file in found.items()
    }


def _module(name: str, found: Iterable[str]) -> str | None:
    """The module that an imported name is or belongs to."""
    if name in found:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in found else None


def rooms_imported(name: str, file: Path) -> set[str]:
    """The first part of every import of a module."""
    return {wanted.split(".")[0] for wanted in names_imported(name, file)}


def test_imports_run_downstairs() -> None:
    """fenceng imports orchestration, orchestration imports expectations, and expectations imports neither."""
    for floor, room in enumerate(ROOMS):
        upstairs = {*ROOMS[:floor], *TEST_ROOMS, "tests", "conftest"}
        for name, file in modules(room).items():
            assert not rooms_imported(name, file) & upstairs, f"{name} imports what stands above it"


def test_the_board_stands_beside_the_house() -> None:
    """It runs in an environment of its own, and the line must not need it."""
    found = modules("bi")
    assert len(found) > 5
    for name, file in found.items():
        assert not rooms_imported(name, file) & {*ROOMS, *TEST_ROOMS, "tests", "conftest"}, name
    for name, file in modules(*ROOMS).items():
        assert "bi" not in rooms_imported(name, file), name


def test_each_room_is_used_by_the_one_above() -> None:
    """If a room were no longer found, the direction test would pass for lack of imports."""
    for above, below in pairwise(ROOMS):
        assert any(below in rooms_imported(name, file) for name, file in modules(above).items())


@pytest.mark.parametrize("folders", [ROOMS, ("tests/support", "tests/reference", "tests/fuzz")], ids=str)
def test_no_modules_import_each_other_in_a_circle(folders: tuple[str, ...]) -> None:
    try:
        TopologicalSorter(edges(modules(*folders))).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_circle_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n    from b import g\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("from a import f\n", encoding="utf-8")
    with pytest.raises(CycleError):
        TopologicalSorter(edges({"a": tmp_path / "a.py", "b": tmp_path / "b.py"})).prepare()


def test_the_reference_imports_nothing_of_ours() -> None:
    """Otherwise it would share the mistakes that it is meant to find."""
    ours = {*ROOMS, "support", "fuzz", "conftest"}
    for name, file in modules("tests/reference").items():
        assert not rooms_imported(name, file) & ours, name


def test_no_module_is_too_long_without_a_reason() -> None:
    files = [path for room in (*ROOMS, "bi", "examples", "tests") for path in (PROJECT_ROOT / room).rglob("*.py")]
    lengths = {
        path.relative_to(PROJECT_ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files
    }
    long = {name: lines for name, lines in lengths.items() if lines > LIMIT and not _is_test(name)}
    assert long.keys() == LONG.keys(), long


def _is_test(name: str) -> bool:
    """A test module is a list of cases and may be of any length."""
    return Path(name).name.startswith("test_")
