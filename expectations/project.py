"""Where the code's own files are, and where the project is that a bank keeps.

The code comes with models, macros, the structure of the seeds, and rows to begin with. A project is what a bank owns:
its policy rows, its settings and `var/`. In a checkout both are one folder; an installed package finds the project.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# The variable that names the project; without it, the project is the folder here or above that holds SETTINGS_FILE.
PROJECT_VARIABLE = "FENCENG_PROJECT"
SETTINGS_FILE = "fenceng.env"

CODE = Path(__file__).resolve().parents[1]
_IN_PACKAGE = CODE / "fenceng" / "shipped"
IS_CHECKOUT = not _IN_PACKAGE.is_dir()
# dbt_project/ and seeds/ as they came with the code.
SHIPPED = CODE if IS_CHECKOUT else _IN_PACKAGE


def find_project(environment: Mapping[str, str], start: Path) -> Path | None:
    """Return the project: the folder named in the environment, else from `start` upwards, else the checkout.

    None if there is none. start: an absolute folder.
    """
    if told := environment.get(PROJECT_VARIABLE):
        return Path(told).absolute() if Path(told).is_dir() else None
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    return CODE if IS_CHECKOUT else None


_FOUND = find_project(os.environ, Path.cwd())
PROJECT_ROOT = _FOUND or SHIPPED
POLICY_FOLDER = PROJECT_ROOT / "seeds" / "policy"
REFERENCE_FOLDER = PROJECT_ROOT / "seeds" / "reference"
DBT_PROJECT = SHIPPED / "dbt_project"
# dbt loads the seeds by the YAML files here; their rows are the project's.
SHIPPED_SEEDS = SHIPPED / "seeds"


def why_no_project() -> str:
    """Return why no project was found, as a sentence; empty if one was."""
    if _FOUND:
        return ""
    if told := os.environ.get(PROJECT_VARIABLE):
        return f"{PROJECT_VARIABLE} names {told}, which is not a folder; `fenceng init FOLDER` makes a project"
    return (
        f"no project in {Path.cwd()} or above; `fenceng init FOLDER` makes one: run the commands in it, or name it in"
        f" {PROJECT_VARIABLE}"
    )
