"""The command `fenceng init`: the folder that a bank keeps, with rows and settings of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fenceng.terminal import out, wrong_use


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be new or empty.", show_default=False)],
) -> None:
    """Make a project folder: policy rows to begin with, settings, and what to do next."""
    from fenceng.analysis.project_folder import lay_project

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise wrong_use(f"{folder} is not empty; name a new folder")
    lay_project(folder.absolute())
    out.print(f"project   {folder.absolute()}", markup=False, soft_wrap=True)
    out.print(
        f"next      cd {folder}\n"
        "          fenceng sample --customers 2000 --from 2026-10-30 --to 2026-11-02\n"
        "          fenceng refresh\n"
        "          fenceng show",
        markup=False,
        soft_wrap=True,
    )
