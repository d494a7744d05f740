"""The version of the code that decides what is published, and of nothing that only talks about it.

`fenceng verify` blames the code for a difference only where something that can decide a row has changed: a model, a
macro, a reference row, the landing contract, a rule of the gates, or a module that reads, judges or publishes.
Comments, docstrings and descriptions decide nothing, and neither does a module that only schedules, prints or explains.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from expectations.project import PROJECT_ROOT

# Of the packages that decide, what only schedules, draws, words or watches. A new module decides until it stands here.
TALKS = frozenset({
    # The lint refuses a policy, and decides no row under one that it passes.
    "expectations/policy/checks.py",
    "expectations/policy/evaluate.py",
    "expectations/policy/lint.py",
    "expectations/policy/tiling.py",
    "expectations/policy/wording.py",
    "orchestration/definitions.py",
    "orchestration/keys.py",
    "orchestration/line.py",
    "orchestration/refresh.py",
    "orchestration/resources.py",
    "orchestration/schedules.py",
    "orchestration/landing/headers.py",
    "orchestration/runtime/collector.py",
    "orchestration/runtime/disk.py",
    "orchestration/runtime/failures.py",
    "orchestration/runtime/gatekeeper.py",
    "orchestration/runtime/lock.py",
    "orchestration/store/compiled_models.py",
})  # fmt: skip
# YAML keys that describe, or belong to tests and to the pages of dbt.
_DESCRIBES = frozenset({"description", "data_tests", "unit_tests", "docs", "exposures"})
# Written in C where there is one: a second less.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SQL_COMMENT = re.compile(r"""('(?:[^']|'')*'|"[^"]*")|\{#.*?#\}|/\*.*?\*/|--[^\n]*""", re.DOTALL)


def code_version(root: Path = PROJECT_ROOT) -> str:
    """The package's version and a short hash of every file that can decide a row. root: the project's folder."""
    digest = hashlib.sha256()
    for path, read in deciding_files(root):
        digest.update(f"{path.relative_to(root).as_posix()}\0{read(path.read_text(encoding='utf-8'))}\0".encode())
    return f"{version('fenceng')}+{digest.hexdigest()[:12]}"


def deciding_files(root: Path = PROJECT_ROOT) -> Iterator[tuple[Path, Callable[[str], str]]]:
    """Every file that can decide a row, in order, with what takes from its text the parts that decide."""
    for folder, pattern, read in (
        ("dbt_project", "dbt_project.yml", _yaml),
        ("dbt_project/macros", "*.sql", _sql),
        ("dbt_project/models", "*.sql", _sql),
        ("dbt_project/models", "*.yml", _yaml),
        ("expectations", "*.py", _python),
        ("expectations", "*.sql", _sql),
        ("expectations", "*.yml", _yaml),
        ("orchestration", "*.py", _python),
        ("seeds", "*.yml", _yaml),
        ("seeds/reference", "*.csv", _rows),
    ):
        for path in sorted((root / folder).rglob(pattern)):
            is_test = path.name.endswith("unit_tests.yml")
            if path.relative_to(root).as_posix() not in TALKS and not is_test:
                yield path, read


def _python(text: str) -> str:
    """Python without comments, docstrings and empty lines.

    Not the tokens themselves: Python 3.12 tells those of an f-string in another way than 3.11.
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None:
                lines[first.lineno - 1 : first.end_lineno] = [""] * ((first.end_lineno or 0) - first.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _sql(text: str) -> str:
    """SQL without comments and layout."""
    return " ".join(_SQL_COMMENT.sub(lambda found: found[1] or " ", text).split())


def _yaml(text: str) -> str:
    """YAML without comments and descriptions."""
    decisive = _decisive(yaml.load(text, Loader=_LOADER))  # noqa: S506
    return json.dumps(decisive, sort_keys=True, default=str, ensure_ascii=False)


def _decisive(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _decisive(one) for key, one in value.items() if key not in _DESCRIBES}
    return [_decisive(one) for one in value] if isinstance(value, list) else value


def _rows(text: str) -> str:
    """The rows of a CSV, whatever its line ends."""
    return json.dumps(list(csv.reader(io.StringIO(text))), ensure_ascii=False)
