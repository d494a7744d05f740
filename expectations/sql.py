"""SQL of the gates: SQL files with Jinja, filled with values and the macros of an engine's dialect.

The files read like the models of dbt_project, and sqlfluff lints both alike. Whatever engines spell differently is a
macro in `dialects/<engine>/macros.sql`, or a function in `functions.sql` beside it, which must be created in the engine
before a query calls it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, UndefinedError

DIALECT = Path(__file__).with_name("dialects") / "duckdb"
_COMMENT = re.compile(r"^[ \t]*--[^\n]*\n?", re.MULTILINE)


def render(path: Path, values: Mapping[str, Any]) -> str:
    """The SQL of a file, without whole-line comments.

    Raises ValueError naming the file if it is missing or needs an unknown value.
    """
    try:
        filled = _template(path).render(values)
    except FileNotFoundError:
        raise ValueError(f"there is no {path.parent.name}/{path.name}") from None
    except UndefinedError as unknown:
        raise ValueError(f"{path.parent.name}/{path.name}: {unknown.message}") from None
    return _COMMENT.sub("", filled).strip()


def functions() -> str:
    """The statements that create the dialect's functions in the current schema."""
    return (DIALECT / "functions.sql").read_text(encoding="utf-8")


@cache
def _template(path: Path) -> Template:
    return _environment().from_string(path.read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    # The values come from the contract and the policy and are SQL: no HTML to escape.
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    macros = environment.from_string((DIALECT / "macros.sql").read_text(encoding="utf-8")).module
    environment.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})
    return environment
