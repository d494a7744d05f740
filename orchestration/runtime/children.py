"""Child processes: they die with their refresh, and start in the same environment wherever it runs.

A killed refresh frees its lock at once. A dbt or gate process that outlived it would write into the scratch folder of
the next refresh, so the kernel is asked to kill children with their parent.

Environment variables of dbt, Great Expectations and Python are not settings of a refresh and are removed: a shell's
`DBT_EMPTY=1` would publish empty marts.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1
# Process id of the refresh that calls dbt.
PARENT = "FENCENG_PARENT"
# Set by dagster-dbt for each call, or by hand for a trial build. No other DBT_ variable reaches dbt.
FOR_DBT = frozenset({
    "DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_LOG_FORMAT",
    "DBT_SEND_ANONYMOUS_USAGE_STATS", "DBT_INDIRECT_SELECTION",
})  # fmt: skip
# Where Python finds its modules and caches bytecode; none of these changes what a module does.
_FOR_PYTHON = frozenset({
    "PYTHONHOME", "PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED",
})  # fmt: skip
_TOOLS = ("DBT_", "GX_", "GE_", "PYTHON")


def settle(environment: MutableMapping[str, str], kept: frozenset[str] = frozenset()) -> None:
    """Remove variables that would change how dbt, the gates or Python behave, except those in `kept`.

    Python child processes then use UTF-8 whatever the locale.
    """
    for name in [name for name in environment if name.startswith(_TOOLS)]:
        if name not in _FOR_PYTHON | kept:
            del environment[name]
    environment["PYTHONUTF8"] = "1"


@contextmanager
def environment_of_children(told: Mapping[str, str] | None = None) -> Iterator[None]:
    """Set the environment for child processes started inside the block: settled, plus the variables in `told`.

    This is the only channel to pass anything to a child. The process's own environment is restored afterwards.
    """
    own = dict(os.environ)
    settle(os.environ)
    os.environ.update(told or {})
    try:
        yield
    finally:
        for name in os.environ.keys() - own.keys():
            del os.environ[name]
        os.environ.update(own)


def die_with_parent(parent: int | None = None) -> None:
    """Kill this process when its parent ends, for whatever reason. Linux only; does nothing elsewhere.

    parent: process id of the parent. If it ended before it could be watched, this process is killed now.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
