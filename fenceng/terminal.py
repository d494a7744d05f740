"""Shared by all commands: the two consoles, settings from options, wrong use, progress, findings."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner

from expectations.findings import Finding
from expectations.policy.sheets import Problem
from expectations.project import why_no_project
from orchestration.settings import Settings, SettingsError, settings_from
from orchestration.station_names import Station

# Width of output to a file or pipe, so that it is not cut at 80.
PIPED_WIDTH = 120
COLOURS = {"block": "red", "quarantine": "yellow", "warning": "dim"}
LOG_BYTES = 10 * 2**20
# Our error handler for characters that a terminal or log can't show.
REPLACED = "fenceng.replaced"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Substitutes of the same width: - | + for lines of tables, \\xNN for a byte of a file's name, else ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS"):
        straight = " AND " not in name and " ARC " not in name
        return "-" if straight and "HORIZONTAL" in name else "|" if straight and "VERTICAL" in name else "+"
    return "?" * max(cell_len(character), 1)


codecs.register_error(REPLACED, _replaced)


def replace_what_cannot_be_shown() -> None:
    """On a terminal or pipe that is not UTF-8, replace what it can't show; printing never makes a command fail."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=REPLACED)


def _width(stream: TextIO | None) -> int | None:
    """The width to print at, None to let rich work it out. stream: None if it was closed (`>&-`)."""
    is_terminal = stream is not None and stream.isatty()
    return None if is_terminal or "COLUMNS" in os.environ else PIPED_WIDTH


out = Console(highlight=False, emoji=False, width=_width(sys.stdout))
err = Console(stderr=True, highlight=False, emoji=False, width=_width(sys.stderr))


def settings_for(
    landing: Path | None = None, output: Path | None = None, allow_stale: bool = False, allow_older: bool = False
) -> Settings:
    """Settings from the environment; an option overrides its variable. Ends the command if one is wrong."""
    given = {name: str(folder.absolute()) for name, folder in (("landing", landing), ("output", output)) if folder}
    given |= {
        name: "true" for name, is_given in (("allow_stale", allow_stale), ("allow_older", allow_older)) if is_given
    }
    try:
        return settings_from(os.environ, **given)
    except SettingsError as error:
        raise wrong_use(str(error)) from None


def require_project() -> None:
    """End the command if there is no project; `settings_for` does so too."""
    if missing := why_no_project():
        raise wrong_use(missing)


def unreadable(problems: Sequence[Problem]) -> typer.Exit:
    """Say which policy rows can't be read; the caller raises the returned exception."""
    for problem in problems:
        err.print(str(problem), markup=False, soft_wrap=True)
    err.print("[bold red]refused:[/] the policy can't be read; correct these files first")
    return typer.Exit(3)


def wrong_use(message: str) -> typer.Exit:
    """Say what is wrong with the call; the caller raises the returned exception."""
    err.print(f"[bold red]fenceng:[/] {escape(message)}", soft_wrap=True)
    return typer.Exit(2)


@contextlib.contextmanager
def log_file(settings: Settings, title: str, verbose: bool) -> Iterator[Path | None]:
    """Append what Dagster and dbt print to `<output>/refresh.log`, or print it if verbose.

    A log of more than LOG_BYTES is moved to refresh.log.1 first.
    """
    if verbose:
        yield None
        return
    settings.output.mkdir(parents=True, exist_ok=True)
    path = settings.output / "refresh.log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name("refresh.log.1"))
    with (
        path.open("a", encoding="utf-8", errors=REPLACED) as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
    ):
        log.write(f"==== {title}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, process {os.getpid()}\n")
        yield path


@contextlib.contextmanager
def progress(named: Callable[[str], str] = str) -> Iterator[Callable[[Station], None]]:
    """A line for each station when it is done, with its seconds.

    named: the label of a station in the language of the command; also of `start` and `all`.
    """
    # Made before stdout is redirected to the log, so it stays on the terminal.
    terminal = Console(file=sys.__stderr__, highlight=False, emoji=False)
    began = time.monotonic()
    current: list[tuple[str, float]] = [(named("start"), began)]
    # Not console.status, which on a terminal captures stdout and stderr, including what belongs in the log.
    spinner = Spinner("dots", text=named("start"), style="status.spinner")
    with Live(spinner, console=terminal, transient=True, redirect_stdout=False, redirect_stderr=False):

        def at_station(station: Station) -> None:
            before, since = current[-1]
            terminal.print(_timed(before, since))
            current.append((named(station.label), time.monotonic()))
            spinner.update(text=current[-1][0])

        yield at_station
    terminal.print(_timed(*current[-1]))
    terminal.print(_timed(named("all"), began))


def _timed(label: str, since: float) -> str:
    """A label, filled to eight columns or more, and the seconds since a time."""
    return f"  {set_cell_size(label, max(cell_len(label), 8))} {time.monotonic() - since:6.1f} s"


def print_findings(
    findings: tuple[Finding, ...],
    log: Path | None = None,
    severities: Collection[str] = COLOURS.keys(),
    worded: Callable[[Finding], str] = str,
) -> None:
    """A line for each finding, the worst first: all at the end of the run's log, some severities on the terminal.

    worded: a finding as a sentence on the terminal; the log is in English.
    """
    if log and findings:
        with log.open("a", encoding="utf-8", errors=REPLACED) as handle:
            handle.writelines(f"{finding.severity:<10} {finding}\n" for finding in findings)
    for finding in findings:
        if finding.severity in severities:
            err.print(
                f"[{COLOURS[finding.severity]}]{finding.severity:<10}[/] {escape(worded(finding))}", soft_wrap=True
            )
