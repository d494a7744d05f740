"""A lock that allows one refresh at a time per output folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RefreshRunningError(RuntimeError):
    """Another refresh holds the lock on the output folder."""


def refuse_if_running(output: Path) -> None:
    """Raise RefreshRunningError if another refresh is at work on the output folder; nothing is locked or written."""
    if (output / ".lock").is_file():
        with refresh_lock(output):
            pass


@contextmanager
def refresh_lock(output: Path) -> Iterator[None]:
    """Hold `<output>/.lock` during the block; the kernel frees it when the process ends, for whatever reason.

    Raises RefreshRunningError, naming the other process, if it is already held.
    """
    output.mkdir(parents=True, exist_ok=True)
    with (output / ".lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise RefreshRunningError(
                f"another refresh (process {holder}) is at work on {output}; wait for it to end"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
