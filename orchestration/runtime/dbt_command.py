"""The command `fenceng-dbt`: what a refresh starts in place of dbt."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from expectations.policy.sheets import UnreadableError, canonical_files, policy_schemas, reference_schemas
from expectations.project import POLICY_FOLDER, REFERENCE_FOLDER
from orchestration.runtime.children import FOR_DBT, PARENT, die_with_parent, settle

DBT_EXECUTABLE = str(Path(sys.executable).with_name("fenceng-dbt"))


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


def main() -> None:
    """Run dbt in the output folder FENCENG_OUTPUT, as a child that dies with its parent: command `fenceng-dbt`.

    The profile's paths are relative to that folder. The dbt project is the working directory at the start.
    """
    parent = os.environ.get(PARENT)
    die_with_parent(int(parent) if parent else None)
    settle(os.environ, FOR_DBT)
    # Off for good, not just during imports: saves a tenth of a small build and costs 100 MB of memory.
    gc.disable()
    os.environ.setdefault("DBT_PROJECT_DIR", str(Path.cwd()))
    os.environ.setdefault("DBT_PROFILES_DIR", str(Path.cwd()))
    os.chdir(os.environ["FENCENG_OUTPUT"])
    write_seeds(Path())
    from dbt.cli.main import cli

    cli()
