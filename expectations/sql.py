"""SQL of the gates: files of SQL with Jinja, filled with values and with the macros of an engine's dialect.

The files read like the models of dbt_project, and sqlfluff lints both alike. Whatever engines spell differently is a
macro of `dialects/<engine>/macros.sql`, or a function of `functions.sql` beside it, which the engine must know before
a query that calls it is run.
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
    """The SQL of a file, without the comments that fill a line.

    Raises ValueError naming the file where it is not there, or asks for a value that is not known.
    """
    try:
        filled = _template(path).render(values)
    except FileNotFoundError:
        raise ValueError(f"there is no {path.parent.name}/{path.name}") from None
    except UndefinedError as unknown:
        raise ValueError(f"{path.parent.name}/{path.name}: {unknown.message}") from None
    return _COMMENT.sub("", filled).strip()


def functions() -> str:
    """The statements that make the dialect's functions in the current schema."""
    return (DIALECT / "functions.sql").read_text(encoding="utf-8")


@cache
def _template(path: Path) -> Template:
    return _environment().from_string(path.read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    # What is filled in comes from the contract and the policy, and is SQL: nothing to escape for a page.
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    macros = environment.from_string((DIALECT / "macros.sql").read_text(encoding="utf-8")).module
    environment.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})
    return environment
