"""Child processes that do not outlive a refresh.

A refresh that is killed frees its lock at once. A dbt or a gate that went on without it would write into the scratch
of the next refresh, so the kernel is asked to end them with their parent.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from pathlib import Path

from expectations.policy.sheets import POLICY_FOLDER, REFERENCE_FOLDER, UnreadableError, canonical_files

_PR_SET_PDEATHSIG = 1
# The process id of the refresh that calls dbt.
PARENT = "FENCENG_PARENT"


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

    Ends the process with code 3 where a row can't be read.
    """
    files = {file.stem: file for folder in (POLICY_FOLDER, REFERENCE_FOLDER) for file in sorted(folder.glob("*.csv"))}
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
    # For good, not for the imports alone: a tenth of a small build, for 100 MB more.
    gc.disable()
    os.environ.setdefault("DBT_PROJECT_DIR", str(Path.cwd()))
    os.environ.setdefault("DBT_PROFILES_DIR", str(Path.cwd()))
    os.chdir(os.environ["FENCENG_OUTPUT"])
    write_seeds(Path())
    from dbt.cli.main import cli

    cli()
