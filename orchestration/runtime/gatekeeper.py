"""A process of its own for the gates.

Importing Great Expectations takes about as long as importing Dagster. Woken when a refresh begins, this process
imports it on the second core meanwhile; and what the gates take of memory goes when they are done.
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

from expectations.runner import preload
from orchestration.runtime.children import die_with_parent, environment_of_children
from orchestration.runtime.collector import long_lived

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _pool() -> ProcessPoolExecutor:
    # spawn: a fork would copy the locks of DuckDB's and Dagster's threads.
    return ProcessPoolExecutor(
        max_workers=1, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(), _log())
    )


def _log() -> str | None:
    """The file into which this process has its own output redirected, None where it prints to the terminal."""
    name = getattr(sys.stderr, "name", None)
    return name if sys.stderr is not sys.__stderr__ and isinstance(name, str) and Path(name).is_file() else None


def _begin(parent: int, log: str | None) -> None:
    die_with_parent(parent)
    if log:
        # A library's own output belongs where the refresh has its own: the terminal shows what the refresh says.
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
        for standard in (sys.stdout, sys.stderr):
            os.dup2(descriptor, standard.fileno())
        os.close(descriptor)
    # Ctrl-C is the refresh's to hear; this process ends with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # On exit, skip the interpreter's teardown: taking all modules apart took more than a second.
    atexit.register(os._exit, 0)


def wake() -> None:
    """Start the process and its imports; returns at once."""
    _submit(_preload)


def _preload() -> None:
    with long_lived():
        preload()


def ask(judge: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `judge` returns, called over there; its exception is raised here."""
    return _submit(judge, *args, **kwargs).result()


def _submit(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    # The first call starts the process, which takes its environment from here.
    with environment_of_children():
        return _pool().submit(work, *args, **kwargs)
