"""Help and errors speak of dates, numbers and folders, not of Python; the commands stand in the order of use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from fenceng.cli import ORDER, app
from orchestration.code_version import code_version

PYTHONS = re.compile(r"<\w|%Y|range|RANGE|INTEGER|Lang\.|FileFormat|datetime|Value error|Input should|\bbool\b|\bstr\b")


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for name, subcommand in getattr(command, "commands", {}).items():
        yield from commands(subcommand, (*words, name))


@pytest.mark.parametrize("words", [*commands(typer.main.get_command(app))], ids=" ".join)
def test_help_has_no_words_of_python(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    assert not PYTHONS.search(shown.output), shown.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("refresh --date 2026-31-1", "'2026-31-1' is not a date such as 2026-01-31"),
        ("verify --month x", "'x' is not a month such as 2026-01"),
        ("quarantine --limit 0", "it must be 1 or more"),
        ("quarantine --limit x", "it must be a whole number"),
        ("show --lang fr", "'fr' is not one of 'en', 'zh'"),
    ],
)
def test_errors_have_no_words_of_python(words: str, said: str) -> None:
    ended = CliRunner(env={"COLUMNS": "200"}).invoke(app, words.split())
    assert (ended.exit_code, said in ended.output) == (2, True), ended.output
    assert not PYTHONS.search(ended.output)


def test_commands_stand_in_the_order_of_use() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    listed = [line.split()[1] for line in shown.splitlines() if re.match(r"│ [a-z]+ ", line)]
    assert listed == [name for name in ORDER if name in listed]
    assert len(listed) >= 14


def test_the_version_names_program_and_code() -> None:
    said = CliRunner().invoke(app, ["--version"]).output.split()
    program, code = code_version().split("+")
    assert said == ["fenceng", f"{program},", "code", code]


def test_completion_is_offered() -> None:
    shown = CliRunner(env={"_FENCENG_COMPLETE": "source_bash"}).invoke(app, [], prog_name="fenceng")
    assert "_fenceng_completion" in shown.output
