"""Help and errors in the words of the commands, where Typer would use Python's: `<int range>`, `%Y-%m-%d`."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

# What Typer calls a kind of value -> what its help shows; flags take no value.
KINDS = {
    "<bool>": "",
    "<str>": "TEXT",
    "<int>": "NUMBER",
    "<int range>": "NUMBER",
    "<path>": "PATH",
    "<%Y-%m-%d>": "YYYY-MM-DD",
    "<%Y-%m>": "YYYY-MM",
    "<%Y-%m|%Y-%m-%d>": "YYYY-MM",
    "<list[str]>": "TEXT",
    # Only months are given in lists.
    "<list[datetime]>": "YYYY-MM",
}
# What a message of Typer or Pydantic says -> how we say it, in order.
SAID = (
    (r"^Value error, ", ""),
    (r"does not match the formats '%Y-%m-%d'\.", "is not a date such as 2026-01-31"),
    (r"does not match the formats .*'%Y-%m'.*", "is not a month such as 2026-01"),
    (r"Input should be greater than or equal to (\S+)", r"it must be \1 or more"),
    (r"Input should be a valid integer.*", "it must be a whole number"),
)


def speak_plainly(command: Any) -> None:
    """Replace the kinds of values in the help of a command and of its subcommands."""
    for param in (*command.params, _help_option(command)):
        param.display_type_rich = partial(_kind, type(param).display_type_rich, param)
        param._get_number_range_help_str = str
    for subcommand in getattr(command, "commands", {}).values():
        speak_plainly(subcommand)


def plain(message: str) -> str:
    """Return an error message without the words of the libraries."""
    for pattern, words in SAID:
        message = re.sub(pattern, words, message)
    return message


def _help_option(command: Any) -> Any:
    return command.get_help_option(command.context_class(command))


def _kind(typers: Any, param: Any, ctx: Any) -> str:
    shown = typers(param, ctx=ctx) or ""
    return KINDS.get(shown, shown.strip("<>"))
