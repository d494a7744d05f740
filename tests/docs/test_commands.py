"""What the documents tell people to type exists: commands, options, targets, modules, paths; the queries run."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
from support.house import House

from expectations.project import PROJECT_ROOT
from fenceng.cli import app

# The changelog describes the past.
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "seeds/*.md", "examples/*/*.md", ".github/*.md")
    for path in PROJECT_ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)
COOKBOOK = PROJECT_ROOT / "docs/query_cookbook.md"
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
LOCKED = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
ROOMS = ("fenceng", "orchestration", "expectations", "bi", "dbt_project", "seeds", "tests", "docs", "examples")
# Placeholders for the reader's own values.
PLACEHOLDER = re.compile(r"[<>*{}$…]|\.\.\.")


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)


def _inline(text: str) -> list[str]:
    """Code within sentences, also across line ends."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


def _typed(document: Path) -> Iterator[list[str]]:
    """Every command in a document, as words."""
    text = document.read_text(encoding="utf-8")
    lines = [line for block in _blocks(text, "sh") for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *(code for code in _inline(text) if re.match(r"(\S*/)?(fenceng|make|python) ", code))]:
        for part in re.split(r"&&|\||;", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:  # the text of a here-document
                continue
            while words and re.match(r"[A-Z_]+=|export$", words[0]):
                words = words[1:]
            if words:
                yield words


def _unknown(words: list[str]) -> str | None:
    """The parts of a command that do not exist."""
    command, *rest = words
    name = command.rpartition("/")[2]
    if command.startswith(".venv/bin/") and name not in ("python", "fenceng", "fenceng-dbt", "fenceng-mf"):
        locked = re.search(rf"^{name.removesuffix('-daemon')}==", LOCKED, flags=re.MULTILINE)
        return None if locked else command
    if name == "make":
        return next((word for word in rest if re.fullmatch(r"[a-z-]+", word) and word not in TARGETS), None)
    if name == "python" and rest[:1] == ["-m"]:
        return None if importlib.util.find_spec(rest[1]) else rest[1]
    if name == "fenceng":
        return _unknown_of(typer.main.get_command(app), rest)
    return None


def _unknown_of(command: Any, words: list[str]) -> str | None:
    """The first word that is neither a command of a group nor an option of a command."""
    while words and hasattr(command, "commands"):
        if words[0].startswith("--") or PLACEHOLDER.search(words[0]):
            break
        if words[0] not in command.commands:
            return words[0]
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return next((word for word in words if word.startswith("--") and word.partition("=")[0] not in options), None)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_every_command_of_a_document_exists(document: Path) -> None:
    assert [(" ".join(words), unknown) for words in _typed(document) if (unknown := _unknown(words))] == []


def test_commands_are_found_and_told_apart() -> None:
    typed = [words for document in DOCUMENTS for words in _typed(document)]
    assert sum(words[0].endswith("fenceng") for words in typed) > 40
    assert _unknown(["fenceng", "refresh", "--dat", "2026-11-02"]) == "--dat"
    assert _unknown(["fenceng", "policy", "lnit"]) == "lnit"
    assert _unknown(["make", "tset"]) == "tset"
    assert _unknown([".venv/bin/fenceng", "explain", "CUSTOMER", "--lang", "zh"]) is None


# Tags of a run in Dagster, written like paths.
RUN_TAGS = {"fenceng/allow_stale", "fenceng/allow_older"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = {
        word.rstrip("/")
        for code in _inline(document.read_text(encoding="utf-8"))
        for word in re.split(r"[\s:]", code)
        if word.startswith(tuple(f"{room}/" for room in ROOMS))
        and not PLACEHOLDER.search(word)
        and word.partition("=")[0] not in RUN_TAGS
    }
    assert sorted(name for name in named if not (PROJECT_ROOT / name).exists()) == []


def test_the_queries_of_the_documents_run(published_bank: House) -> None:
    documents = [COOKBOOK, PROJECT_ROOT / "README.md", PROJECT_ROOT / "README.zh-CN.md"]
    queries = [query for path in documents for query in _blocks(path.read_text(encoding="utf-8"), "sql")]
    assert len(queries) > 12
    with duckdb.connect(str(published_bank.current), read_only=True) as connection:
        answers = [connection.execute(query).fetchall() for query in queries]
    assert sum(bool(rows) for rows in answers) > len(answers) // 2
