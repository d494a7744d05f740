"""Explain a station's failure in one sentence for the operator; the log has the rest."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.settings import PREFIX, Settings

# The first two can arrive as memory errors, but mean that there was no room to spill.
_DISK_FULL = re.compile(r"No space left on device|max_temp_directory_size|Disk quota exceeded|database or disk is full")
_OUT_OF_MEMORY = re.compile(r"Out of Memory|OutOfMemory|MemoryError|bad_alloc|bad allocation|Cannot allocate memory")
# "Runtime Error in model int_customer__credit (models/intermediate/...)" only repeats what dbt's result says.
_DBT_HEADING = re.compile(r"(Runtime|Database|Compilation|Parsing) Error( in .*)?")
FAILED = ("error", "runtime error", "fail")


class BuildFailedError(Exception):
    """The dbt build failed; the message names the model, the reason and dbt's log."""


def plain_words(message: str, settings: Settings) -> str | None:
    """Explain a tool's error message in plain words if the kind is known: memory or disk. Else None."""
    if _DISK_FULL.search(message):
        free = size(free_bytes(settings.scratch))
        return f"the disk of {settings.output} is full, {free} free now; make room, or name another --output"
    if _OUT_OF_MEMORY.search(message):
        return (
            f"the memory of {settings.memory_limit} that {PREFIX}MEMORY_LIMIT allows is not enough;"
            f" allow more, such as {PREFIX}MEMORY_LIMIT={_doubled(settings.memory_limit)}"
        )
    return None


def reason(message: str, settings: Settings) -> str:
    """Return the reason in plain words if the kind is known, else the first meaningful line of the message."""
    if known := plain_words(message, settings):
        return known
    lines = [line.strip() for line in message.splitlines()]
    said = [line for line in lines if line and not _DBT_HEADING.fullmatch(line)]
    return said[0] if said else "no reason is known"


def build_failure(
    results: Sequence[Mapping[str, Any]], said: Sequence[str], exit_code: int, settings: Settings, log: Path
) -> BuildFailedError:
    """Return the error for a dbt that ended with an exit code.

    results: as in run_results.json, empty if dbt did not get that far. said: error messages from dbt. log: dbt's log
    file.
    """
    where = f"dbt's log: {log}"
    failed = [result for result in results if result["status"] in FAILED]
    if failed:
        first, more = failed[0], len(failed) - 1
        others = f", and {more} more failed" if more else ""
        return BuildFailedError(f"{_node(first, settings)}{others}; {where}")
    if exit_code < 0:
        return BuildFailedError(
            f"dbt was killed (signal {-exit_code}); the machine may have run out of memory, of which dbt"
            f" needs {settings.memory_limit} and about 1GB more; {where}"
        )
    return BuildFailedError(f"dbt stopped: {reason(said[0] if said else '', settings)}; {where}")


def _node(result: Mapping[str, Any], settings: Settings) -> str:
    kind, _, name = str(result["unique_id"]).split(".")[:3]
    if result["status"] == "fail":
        return f"the test {name} failed: {result.get('failures') or 'some'} rows violate it"
    return f"the {kind} {name} failed: {reason(str(result.get('message') or ''), settings)}"


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of a folder, which need not exist yet."""
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


def size(amount: int) -> str:
    """Format bytes for people: 512 MB, 3.4 GB."""
    return f"{amount / 10**9:.1f} GB" if amount >= 10**9 else f"{max(amount, 0) / 10**6:.0f} MB"


def _doubled(memory: str) -> str:
    number = re.match(r"[\d.]+", memory)
    return f"{float(number[0]) * 2:g}{memory[number.end() :].strip()}" if number else "6GB"
