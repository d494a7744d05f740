"""Lays the folder that a bank keeps: policy and reference rows, settings, Dagster's instance."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from expectations.project import SETTINGS_FILE, SHIPPED_SEEDS

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def lay_project(folder: Path) -> None:
    """Write a project into a folder that is new or empty. The settings file comes last: it marks the project."""
    for kind in ("policy", "reference"):
        target = folder / "seeds" / kind
        target.mkdir(parents=True)
        for file in sorted((SHIPPED_SEEDS / kind).glob("*.csv")):
            shutil.copyfile(file, target / file.name)
    (folder / ".gitignore").write_text("/var/\n", encoding="utf-8")
    for name in ("README.md", "dagster.yaml", SETTINGS_FILE):
        shutil.copyfile(TEMPLATES / name, folder / name)


def first_steps() -> list[str]:
    """Return the commands to begin with: those of the project's README."""
    readme = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```sh\n(.*?)```", readme, re.DOTALL)
    return block[1].splitlines() if block else []
