"""Child processes: they die with their refresh, and start in the same environment wherever it runs.

A killed refresh frees its lock at once. A dbt or gate process that outlived it would write into the scratch folder of
the next refresh, so the kernel is asked to kill children with their parent.

Environment variables of dbt, Great Expectations and Python are not settings of a refresh and are removed: a shell's
`DBT_EMPTY=1` would publish empty marts.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from expectations.policy.sheets import UnreadableError, canonical_files, policy_schemas, reference_schemas
from expectations.project import POLICY_FOLDER, REFERENCE_FOLDER

_PR_SET_PDEATHSIG = 1
# Process id of the refresh that calls dbt.
PARENT = "FENCENG_PARENT"
# Set by dagster-dbt for each call, or by hand for a trial build. No other DBT_ variable reaches dbt.
_FOR_DBT = frozenset({
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


def write_seeds(output: Path) -> None:
    """Write the policy and reference rows to where dbt loads its seeds from; see macros/dialect/seed.sql.

    Exits with code 3 if a row can't be read or a file is missing.
    """
    files = {name: POLICY_FOLDER / f"{name}.csv" for name in policy_schemas()}
    files |= {name: REFERENCE_FOLDER / f"{name}.csv" for name in reference_schemas()}
    try:
        canonical_files(files, output / "scratch" / "seeds")
    except UnreadableError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        sys.exit(3)


def dbt() -> None:
    """Run dbt in the output folder FENCENG_OUTPUT, as a child that dies with its parent: command `fenceng-dbt`.

    The profile's paths are relative to that folder. The dbt project is the working directory at the start.
    """
    parent = os.environ.get(PARENT)
    die_with_parent(int(parent) if parent else None)
    settle(os.environ, _FOR_DBT)
    # Off for good, not just during imports: saves a tenth of a small build and costs 100 MB of memory.
    gc.disable()
    os.environ.setdefault("DBT_PROJECT_DIR", str(Path.cwd()))
    os.environ.setdefault("DBT_PROFILES_DIR", str(Path.cwd()))
    os.chdir(os.environ["FENCENG_OUTPUT"])
    write_seeds(Path())
    from dbt.cli.main import cli

    cli()
