"""Version of the code that decides what is published, excluding code that only reports on it.

`fenceng verify` attributes a difference to the code only if something changed that can decide a row: a model, a macro,
a reference row, the landing contract, a gate rule, or a module that reads, judges or publishes. Comments, docstrings,
descriptions and metrics decide nothing, nor do modules that only schedule, print or explain.
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

from expectations.project import CODE, PROJECT_ROOT, SHIPPED
from expectations.yaml_files import parse_yaml

# Modules of the deciding packages that only schedule, draw, word or monitor. A new module decides until listed here.
DECIDES_NOTHING = frozenset({
    # The lint rejects policies; it decides no row under a policy that passes.
    "expectations/alerts.py",
    "expectations/working_days.py",
    "expectations/policy/axes.py",
    "expectations/policy/checks/__init__.py",
    "expectations/policy/checks/access.py",
    "expectations/policy/checks/figures.py",
    "expectations/policy/checks/maintenance.py",
    "expectations/policy/checks/numbers.py",
    "expectations/policy/checks/outcomes.py",
    "expectations/policy/checks/parts.py",
    "expectations/policy/checks/references.py",
    "expectations/policy/checks/results.py",
    "expectations/policy/checks/sources.py",
    "expectations/policy/checks/visits.py",
    "expectations/policy/evaluate.py",
    "expectations/policy/lint.py",
    "expectations/policy/tiling.py",
    "expectations/policy/wording.py",
    "orchestration/definitions.py",
    "orchestration/keys.py",
    "orchestration/line.py",
    "orchestration/on_page.py",
    "orchestration/refresh.py",
    "orchestration/resources.py",
    "orchestration/schedules.py",
    "orchestration/dictionary/__init__.py",
    "orchestration/dictionary/catalogue.py",
    "orchestration/dictionary/data_contracts.py",
    "orchestration/dictionary/page.py",
    "orchestration/report/__init__.py",
    "orchestration/report/charts.py",
    "orchestration/report/figures.py",
    "orchestration/report/formats.py",
    "orchestration/report/html.py",
    "orchestration/report/labels.py",
    "orchestration/report/page.py",
    "orchestration/report/sharing.py",
    "orchestration/alerts/__init__.py",
    "orchestration/alerts/conditions.py",
    "orchestration/alerts/messages.py",
    "orchestration/alerts/receivers.py",
    "orchestration/alerts/sensors.py",
    "orchestration/alerts/tell.py",
    "orchestration/alerts/told.py",
    "orchestration/landing/headers.py",
    "orchestration/runtime/collector.py",
    "orchestration/runtime/disk.py",
    "orchestration/runtime/failures.py",
    "orchestration/runtime/gatekeeper.py",
    "orchestration/runtime/lock.py",
    "orchestration/serving/__init__.py",
    "orchestration/serving/assets.py",
    "orchestration/serving/layout.py",
    "orchestration/serving/postgres.py",
    "orchestration/serving/readers.py",
    "orchestration/store/compiled_models.py",
    "orchestration/store/rollback.py",
})  # fmt: skip
# YAML keys for descriptions, tests, dbt's documentation pages, the class of a column and its readers, and the metrics
# over published tables.
_DESCRIBES = frozenset({
    "description", "data_tests", "unit_tests", "docs", "exposures", "+group", "semantic-models", "metrics",
    "time_spine", "granularity", "level", "personal", "readers",
})  # fmt: skip
# Files of the dbt project with nothing else.
_DESCRIBING = ("unit_tests.yml", "_metrics.yml", "semantic/_exposures.yml", "semantic/_groups.yml", "_queries.yml")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_SQL_COMMENT = re.compile(r"""('(?:[^']|'')*'|"[^"]*")|\{#.*?#\}|/\*.*?\*/|--[^\n]*""", re.DOTALL)


def code_version(root: Path | None = None) -> str:
    """Return the package version and a short hash of every file that can decide a row.

    It is the same for a checkout and for the package built from it. root: a checkout, instead of the code that runs.
    """
    digest = hashlib.sha256()
    for name, path, read in deciding_files(root):
        digest.update(f"{name}\0{read(path.read_text(encoding='utf-8'))}\0".encode())
    return f"{version('fenceng')}+{digest.hexdigest()[:12]}"


def deciding_files(root: Path | None = None) -> Iterator[tuple[str, Path, Callable[[str], str]]]:
    """Yield every file that can decide a row, in order.

    Each with its path in a checkout and a function that extracts its deciding content. root: as for `code_version`.
    """
    shipped, code, project = (root, root, root) if root else (SHIPPED, CODE, PROJECT_ROOT)
    for place, folder, pattern, read in (
        (shipped, "dbt_project", "dbt_project.yml", _yaml),
        (shipped, "dbt_project/macros", "*.sql", _sql),
        (shipped, "dbt_project/models", "*.sql", _sql),
        (shipped, "dbt_project/models", "*.yml", _yaml),
        (code, "expectations", "*.py", _python),
        (code, "expectations", "*.sql", _sql),
        (code, "expectations", "*.yml", _yaml),
        (code, "orchestration", "*.py", _python),
        (shipped, "seeds", "*.yml", _yaml),
        (project, "seeds/reference", "*.csv", _rows),
    ):
        for path in sorted((place / folder).rglob(pattern)):
            name = path.relative_to(place).as_posix()
            if name not in DECIDES_NOTHING and not name.endswith(_DESCRIBING):
                yield name, path, read


def _python(text: str) -> str:
    """Return Python source without comments, docstrings and blank lines.

    Source text, not tokens: Python 3.12 tokenizes f-strings differently from 3.11.
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            lines[first.lineno - 1 : first.end_lineno] = [""] * ((first.end_lineno or 0) - first.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _sql(text: str) -> str:
    """Return SQL without comments and layout."""
    return " ".join(_SQL_COMMENT.sub(lambda found: found[1] or " ", text).split())


def _yaml(text: str) -> str:
    """Return YAML as JSON, without comments and descriptions."""
    decisive = _decisive(parse_yaml(text))
    return json.dumps(decisive, sort_keys=True, default=str, ensure_ascii=False)


def _decisive(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _decisive(one) for key, one in value.items() if key not in _DESCRIBES}
    return [_decisive(one) for one in value] if isinstance(value, list) else value


def _rows(text: str) -> str:
    """Return the rows of a CSV as JSON, independent of line endings."""
    return json.dumps(list(csv.reader(io.StringIO(text))), ensure_ascii=False)
