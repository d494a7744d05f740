"""The command `fenceng init`: the folder that a bank keeps, with rows and settings of its own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from fenceng.terminal import out, wrong_use


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be new or empty.", show_default=False)],
) -> None:
    """Make a project folder: policy rows to begin with, settings, and what to do next."""
    from fenceng.analysis.project_folder import first_steps, lay_project

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise wrong_use(f"{folder} is not empty; name a new folder")
    lay_project(folder.absolute())
    out.print(f"project   {folder.absolute()}", markup=False, soft_wrap=True)
    steps = "\n          ".join((f"cd {shlex.quote(str(folder))}", *first_steps()))
    out.print(f"next      {steps}", markup=False, soft_wrap=True)
