"""The published store: immutable releases, and the symlink to the current one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FILE = "fenceng.duckdb"
MANIFEST = "manifest.json"
CURRENT = "current"
# Folders in a release: the policy rows and reference seeds it was built with.
POLICY, REFERENCE = "policy", "reference"


@dataclass(frozen=True)
class Release:
    """A published release: the folder `releases/<id>`, which never changes."""

    folder: Path

    @property
    def release_id(self) -> str:
        """Folder name, which is the id of the run that published the release."""
        return self.folder.name

    @property
    def database(self) -> Path:
        """DuckDB file that readers open."""
        return self.folder / FILE

    def manifest(self) -> dict[str, Any]:
        """Return row counts, hashes, dates and versions of the release."""
        loaded: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return loaded

    def month_file(self, table: str, month: date) -> Path | None:
        """Return the Parquet file of a table's month, None if the month was never published."""
        file = month_path(self.folder, table, month)
        return file if file.exists() else None

    def as_of_file(self, table: str) -> Path | None:
        """Return the Parquet file of a table without months, None if there is none."""
        file = as_of_path(self.folder, table)
        return file if file.exists() else None

    def months(self, table: str) -> list[date]:
        """Return the published months of a table, in order."""
        folders = (self.folder / table).glob("policy_month=*")
        return sorted(date.fromisoformat(folder.name.removeprefix("policy_month=")) for folder in folders)


def month_path(release: Path, table: str, month: date) -> Path:
    """Return the path of a table's month in a release."""
    return release / table / f"policy_month={month.isoformat()}" / f"{table}.parquet"


def as_of_path(release: Path, table: str) -> Path:
    """Return the path of a table without months in a release."""
    return release / table / f"{table}.parquet"


class StoreError(Exception):
    """The published store was changed by hand."""


def current_release(published: Path) -> Release | None:
    """Return the current release, None before the first. Raises StoreError if the symlink is dangling."""
    link = published / CURRENT
    if not link.is_symlink():
        return None
    try:
        return Release(link.resolve(strict=True))
    except OSError:
        raise StoreError(
            f"{link} leads to {link.readlink()}, which is gone; bring that folder back,"
            f" or remove {link} to start without earlier releases"
        ) from None
