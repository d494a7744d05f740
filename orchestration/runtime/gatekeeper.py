"""A separate process for the gates.

Importing Great Expectations takes about as long as importing Dagster. Started at the beginning of a refresh, this
process does its imports in parallel on the second core, and keeps the memory of the gates out of the refresh's own
process.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from expectations.project import PROJECT_ROOT, PROJECT_VARIABLE
from expectations.runner import preload
from orchestration.runtime.children import die_with_parent, environment_of_children
from orchestration.runtime.collector import long_lived

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _pool() -> ProcessPoolExecutor:
    # spawn: a fork would copy locks held by threads of DuckDB and Dagster.
    return ProcessPoolExecutor(
        max_workers=1, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(), _log())
    )


def _log() -> str | None:
    """Return the file that this process's output is redirected to, None if it prints to the terminal."""
    name = getattr(sys.stderr, "name", None)
    return name if sys.stderr is not sys.__stderr__ and isinstance(name, str) and Path(name).is_file() else None


def _begin(parent: int, log: str | None) -> None:
    die_with_parent(parent)
    if log:
        # Library output goes to the log of the refresh, so that the terminal shows only what the refresh prints.
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
        for standard in (sys.stdout, sys.stderr):
            os.dup2(descriptor, standard.fileno())
        os.close(descriptor)
    # The refresh handles Ctrl-C; this process ends with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # On exit, skip interpreter teardown: unloading all modules took more than a second.
    atexit.register(os._exit, 0)


def wake() -> None:
    """Start the process and its imports; returns at once."""
    _submit(_preload)


def _preload() -> None:
    with long_lived():
        preload()


def ask(judge: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `judge` in the gate process and return its result; its exception is raised here."""
    return _submit(judge, *args, **kwargs).result()


def _submit(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    # The first call starts the process, which inherits this environment.
    with environment_of_children({PROJECT_VARIABLE: str(PROJECT_ROOT)}):
        return _pool().submit(work, *args, **kwargs)


def dismiss() -> None:
    """End the process, if it was started; the next call starts another."""
    if _pool.cache_info().currsize:
        _pool().shutdown()
        _pool.cache_clear()
