"""Child processes: they do not outlive a refresh, and start alike wherever it runs.

A refresh that is killed frees its lock at once. A dbt or a gate that went on without it would write into the scratch
of the next refresh, so the kernel is asked to end them with their parent.

What dbt, Great Expectations and Python take from variables of their own is no setting of a refresh. A shell's
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
# The process id of the refresh that calls dbt.
PARENT = "FENCENG_PARENT"
# What dagster-dbt tells dbt for each call, and who builds by hand for a trial. dbt hears of no other variable.
_FOR_DBT = frozenset({
    "DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_LOG_FORMAT",
    "DBT_SEND_ANONYMOUS_USAGE_STATS", "DBT_INDIRECT_SELECTION",
})  # fmt: skip
# Where Python finds its modules and keeps their bytecode; nothing of it changes what a module does.
_FOR_PYTHON = frozenset({
    "PYTHONHOME", "PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED",
})  # fmt: skip
_TOOLS = ("DBT_", "GX_", "GE_", "PYTHON")


def settle(environment: MutableMapping[str, str], kept: frozenset[str] = frozenset()) -> None:
    """Take from an environment what would change how dbt, the gates or Python work, but for the names that are kept.

    Python's children read and write UTF-8 afterwards, whatever the locale says.
    """
    for name in [name for name in environment if name.startswith(_TOOLS)]:
        if name not in _FOR_PYTHON | kept:
            del environment[name]
    environment["PYTHONUTF8"] = "1"


@contextmanager
def environment_of_children(told: Mapping[str, str] | None = None) -> Iterator[None]:
    """The environment for children that are started meanwhile: settled, with what they are told.

    It is how a child is handed anything at all; this process has its own again afterwards.
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
    """End this process when the one that started it ends, however that ends. Linux only; elsewhere nothing is done.

    parent: its process id; a parent that ended before it could be watched ends this process now.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def write_seeds(output: Path) -> None:
    """Write the policy and reference rows where the seeds of dbt are loaded from; see macros/dialect/seed.sql.

    Ends the process with code 3 where a row can't be read, or where a file is missing.
    """
    files = {name: POLICY_FOLDER / f"{name}.csv" for name in policy_schemas()}
    files |= {name: REFERENCE_FOLDER / f"{name}.csv" for name in reference_schemas()}
    try:
        canonical_files(files, output / "scratch" / "seeds")
    except UnreadableError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        sys.exit(3)


def dbt() -> None:
    """The command `fenceng-dbt`: dbt in the output folder FENCENG_OUTPUT, as a child that dies with its parent.

    The profile names its files from there. The project is where dbt was started.
    """
    parent = os.environ.get(PARENT)
    die_with_parent(int(parent) if parent else None)
    settle(os.environ, _FOR_DBT)
    # For good, not for the imports alone: a tenth of a small build, for 100 MB more.
    gc.disable()
    os.environ.setdefault("DBT_PROJECT_DIR", str(Path.cwd()))
    os.environ.setdefault("DBT_PROFILES_DIR", str(Path.cwd()))
    os.chdir(os.environ["FENCENG_OUTPUT"])
    write_seeds(Path())
    from dbt.cli.main import cli

    cli()
