"""Whose rows a mart holds: `meta.readers` of its model, from which the rights on a database server follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from expectations.project import DBT_PROJECT
from expectations.yaml_files import read_yaml

MARTS = DBT_PROJECT / "models" / "marts"
# Everybody who has any right; those alone who read the whole bank.
EVERYBODY, BANK = "everybody", "bank"
# Of JR/T 0197: from here on a loss would harm somebody.
PERSONAL_LEVEL = 3
# What a row may be about, and with `kind` the column that says which of them.
SUBJECTS = ("customer", "organization", "employee")
# How `kind` calls a subject (docs/semantics.md 12).
KINDS = {"organization": "org", "employee": "employee"}


class ReadersError(ValueError):
    """A mart does not say whose rows it holds, or says it in words that nobody knows."""


@dataclass(frozen=True)
class Readers:
    """Who may read the rows of a mart.

    everybody: whoever has a right. columns: subject -> column that names it; a row may be read by whoever may read one
    of its subjects. Without columns, and not everybody's, it is for those who read the whole bank. kind: the column
    that says which subject a row is about, if two share a column.
    """

    everybody: bool
    columns: Mapping[str, str]
    kind: str | None = None


@cache
def readers_of_marts(folder: Path = MARTS) -> Mapping[str, Readers]:
    """Return mart -> its readers, in order of name. Raises ReadersError, naming the mart."""
    models = (model for file in sorted(folder.glob("*/_*__models.yml")) for model in read_yaml(file)["models"])
    return {model["name"]: _readers(model) for model in sorted(models, key=_name)}


def _name(model: Mapping[str, Any]) -> str:
    return str(model["name"])


def _readers(model: Mapping[str, Any]) -> Readers:
    mart, told = model["name"], model["config"]["meta"].get("readers")
    if told == EVERYBODY and (personal := [*_personal(model)]):
        raise ReadersError(f"{mart}: {', '.join(personal)} is personal, and everybody would read it")
    if told in (EVERYBODY, BANK):
        return Readers(told == EVERYBODY, {})
    if not isinstance(told, Mapping) or not told or (unknown := told.keys() - {*SUBJECTS, "kind"}):
        words = "none" if told is None else ", ".join(sorted(unknown)) if isinstance(told, Mapping) and told else told
        raise ReadersError(
            f"{mart}: meta.readers is {words}; it is {EVERYBODY}, {BANK}, or columns by {', '.join(SUBJECTS)}"
        )
    return Readers(False, {subject: told[subject] for subject in SUBJECTS if subject in told}, told.get("kind"))


def _personal(model: Mapping[str, Any]) -> Iterator[str]:
    """The columns whose class (docs/data_classes.md) is that of a person's data."""
    for column in model.get("columns", ()):
        meta = column.get("config", {}).get("meta", {})
        if meta.get("personal") or meta.get("level", 0) >= PERSONAL_LEVEL:
            yield column["name"]
