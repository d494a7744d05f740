"""The published store: immutable releases, and the symlink to the current one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.database import file_literal
from orchestration.settings import Settings

# Two doors to the same Parquet files: views in the schema `marts`; and views in `main` of a catalogue that is called
# `marts` after its file, so that tools list the tables and find them without a schema.
FILE, TOOLS_FILE = "fenceng.duckdb", "marts.duckdb"
MANIFEST = "manifest.json"
CURRENT = "current"
# Files that a month still rests on, though a later refresh replaced them: named after their hash.
SUPERSEDED = "superseded"
_MONTH = re.compile(r"(\d{4}-\d{2})\.parquet", re.ASCII)
# Where releases up to version 0.6 have a month: the month in the folder's name and in the file, with two types.
_EARLIER_MONTH = re.compile(r"policy_month=(\d{4}-\d{2})-01", re.ASCII)
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
        earlier = self.folder / earlier_name(month_path(Path(), table, month).as_posix())
        return file if file.exists() else earlier if earlier.exists() else None

    def as_of_file(self, table: str) -> Path | None:
        """Return the Parquet file of a table without months, None if there is none."""
        file = as_of_path(self.folder, table)
        return file if file.exists() else None

    def built_from(self, month: date) -> Mapping[str, str] | None:
        """Return path -> SHA-256 of the earlier months' files that a month was built from.

        None if the month is not published, or an older version published it. month: its first day.
        """
        built = self.manifest().get("months", {}).get(month.isoformat())
        return {path: described["sha256"] for path, described in built["inputs"].items()} if built else None

    def file_with(self, path: str, sha256: str) -> Path | None:
        """Return the file that had a path and a hash when a month was built from it; None if it is gone."""
        files = self.manifest()["files"]
        for name in (path, earlier_name(path)):
            if files.get(name, {}).get("sha256") == sha256:
                return self.folder / name
        kept = superseded_path(self.folder, sha256)
        return kept if kept.exists() else None

    def rows(self, table: str, month: date | None = None) -> str:
        """The query of all rows of a table: of one month, or of a table without months.

        month: its first day; a table without months takes none, or any. Raises OlderVersionError for what the release
        does not hold.
        """
        file = (month and self.month_file(table, month)) or self.as_of_file(table)
        if file is None:
            lacks = f"{table} of {month:%Y-%m}" if month else table
            raise OlderVersionError(f"{lacks} is not in release {self.release_id}", "refresh its business date again")
        return f"select * from read_parquet({file_literal(file)})"

    def months(self, table: str) -> list[date]:
        """Return the published months of a table, in order."""
        files = (self.folder / table).glob("**/*.parquet")
        found = (month_of_path(file.relative_to(self.folder).as_posix()) for file in files)
        return sorted(month for month in found if month)

    def monthly_tables(self, month: date) -> list[str]:
        """Return the tables that have a month, in order."""
        return sorted(folder.name for folder in self.folder.iterdir() if self.month_file(folder.name, month))


def month_path(release: Path, table: str, month: date) -> Path:
    """Return the path of a table's month in a release.

    The month is in the file as a date and not in a folder's name: pandas and pyarrow refuse a column of two types.
    """
    return release / table / f"{month:%Y-%m}.parquet"


def month_of_path(path: str) -> date | None:
    """Return the month of a file from its path in a release; None for a file without a month."""
    file = Path(path)
    found = _MONTH.fullmatch(file.name) or _EARLIER_MONTH.fullmatch(file.parent.name)
    return date.fromisoformat(f"{found[1]}-01") if found else None


def present_name(path: str) -> str:
    """Return the path in a release that a file has today, of a path in a release of any version."""
    file = Path(path)
    found = _EARLIER_MONTH.fullmatch(file.parent.name)
    return file.parent.with_name(f"{found[1]}.parquet").as_posix() if found else path


def earlier_name(path: str) -> str:
    """Return the path that a month's file has in a release up to version 0.6; another file's path as it is."""
    file = Path(path)
    found = _MONTH.fullmatch(file.name)
    return (file.parent / f"policy_month={found[1]}-01" / f"{file.parent.name}.parquet").as_posix() if found else path


def as_of_path(release: Path, table: str) -> Path:
    """Return the path of a table without months in a release."""
    return release / table / f"{table}.parquet"


class NothingPublishedError(Exception):
    """The output folder holds no release."""


def superseded_path(release: Path, sha256: str) -> Path:
    """Return the path in a release of a file that was replaced since."""
    return release / SUPERSEDED / f"{sha256}.parquet"


class StoreError(Exception):
    """The published store was changed by hand."""


class OlderVersionError(StoreError):
    """A release lacks what is asked for now: an older version of this project published it."""

    def __init__(self, lacks: str, remedy: str = "refresh") -> None:
        """lacks: what the release lacks, as a sentence. remedy: what to do about it."""
        super().__init__(f"{lacks}: an older version published it; {remedy}")


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


def release_in_force(settings: Settings) -> Release:
    """Return the release in force. Raises NothingPublishedError if there is none, StoreError as `current_release`."""
    release = current_release(settings.published)
    if release is None:
        raise NothingPublishedError(f"nothing is published in {settings.output} yet; run `fenceng refresh` first")
    return release
