"""Settings: one frozen object, made from the environment or from the command line; an unknown value raises."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from expectations.project import PROJECT_ROOT

PREFIX = "FENCENG_"
# The bank's days, wherever the machine stands.
TIME_ZONE = "Asia/Shanghai"


class SettingsError(ValueError):
    """A setting that is unknown or has no usable value; the message says which and what would do."""


@dataclass(frozen=True)
class Settings:
    """Where the data is and how much of the machine a refresh may take.

    landing, output: absolute folders. memory_limit: DuckDB's, such as 3GB. releases_kept: published releases that
    retention leaves, the current one included. allow_stale: whether a required snapshot may be older than the date.
    """

    landing: Path
    output: Path
    memory_limit: str = "3GB"
    releases_kept: int = 7
    allow_stale: bool = False

    @property
    def published(self) -> Path:
        """The releases, and the symlink `current` to the one in force."""
        return self.output / "published"

    @property
    def building(self) -> Path:
        """The release file under construction: a constant path, or dbt would parse anew each time."""
        return self.published / "releases" / ".building" / "fenceng.duckdb"

    @property
    def scratch(self) -> Path:
        """May be deleted at any moment; the next refresh makes it again."""
        return self.output / "scratch"

    @property
    def warehouse(self) -> Path:
        """The scratch warehouse, which only a refresh opens."""
        return self.scratch / "warehouse.duckdb"

    def environment(self) -> dict[str, str]:
        """The settings as environment variables, for Dagster's runs and for dbt's profile."""
        return {
            f"{PREFIX}LANDING": str(self.landing),
            f"{PREFIX}OUTPUT": str(self.output),
            f"{PREFIX}MEMORY_LIMIT": self.memory_limit,
            f"{PREFIX}RELEASES_KEPT": str(self.releases_kept),
            f"{PREFIX}ALLOW_STALE": "true" if self.allow_stale else "false",
        }


_POWERS = {"K": 3, "M": 6, "G": 9, "T": 12}
LEAST_MEMORY = 100 * 10**6  # bytes
_KNOWN = {"LANDING", "OUTPUT", "MEMORY_LIMIT", "RELEASES_KEPT", "ALLOW_STALE"}
# Set for the partitions or the children of one run; not settings of a refresh.
_OTHER = {"DATE", "PARENT"}


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings by the FENCENG_ variables, `var/` of the project where one is not set.

    Raises SettingsError for a FENCENG_ variable that is not known and for a value that can't be read.
    """
    given = {name[len(PREFIX) :]: value for name, value in environment.items() if name.startswith(PREFIX)}
    if unknown := given.keys() - _KNOWN - _OTHER:
        names = ", ".join(f"{PREFIX}{name}" for name in sorted(unknown))
        known = ", ".join(f"{PREFIX}{name}" for name in sorted(_KNOWN))
        raise SettingsError(f"unknown setting {names}; known are {known}")
    return Settings(
        landing=_folder("LANDING", given.get("LANDING") or PROJECT_ROOT / "var" / "landing"),
        output=_folder("OUTPUT", given.get("OUTPUT") or PROJECT_ROOT / "var" / "output"),
        memory_limit=_memory("MEMORY_LIMIT", given.get("MEMORY_LIMIT", "3GB")),
        releases_kept=_positive("RELEASES_KEPT", given.get("RELEASES_KEPT", "7")),
        allow_stale=_boolean("ALLOW_STALE", given.get("ALLOW_STALE", "false")),
    )


def days_ahead(environment: Mapping[str, str]) -> int:
    """Partitions that Dagster must know beyond the days that are over: up to the date that the command line asks for.

    0 unless a date is asked for: the schedule takes the newest partition, and that is the day before. The clock
    bounds the list of partitions only; no row depends on it.
    """
    asked = environment.get(f"{PREFIX}DATE")
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    return max(0, (date.fromisoformat(asked) - today).days + 1) if asked else 0


def _folder(name: str, given: str | Path) -> Path:
    """The absolute folder. Its name goes into SQL and into manifests, and both are UTF-8.

    DuckDB writes the journal of `a?b/x.duckdb` to `a.wal?b/x.duckdb`, through links too: it takes `?` for a query.
    """
    folder = Path(given).absolute()
    if name == "OUTPUT" and "?" in str(folder):
        raise SettingsError(f"{PREFIX}{name} is a folder without a question mark in its path, not {folder}; rename it")
    try:
        os.fsencode(folder).decode("utf-8")
    except UnicodeDecodeError:
        shown = os.fsencode(folder).decode("utf-8", "backslashreplace")
        raise SettingsError(f"{PREFIX}{name} is a folder whose name is UTF-8, not {shown}; rename it") from None
    return folder


def _memory(name: str, text: str) -> str:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])i?B", text)
    if not found:
        raise SettingsError(f"{PREFIX}{name} is an amount of memory such as 3GB or 512MB, not {text!r}")
    if float(found[1]) * 10 ** _POWERS[found[2]] < LEAST_MEMORY:
        raise SettingsError(f"{PREFIX}{name} is {text}, and no refresh works with less than 100MB")
    return text


def _positive(name: str, text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f"{PREFIX}{name} is a whole number from 1 on, not {text!r}")
    return int(text)


def _boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise SettingsError(f"{PREFIX}{name} is true or false, not {text!r}")
    return text == "true"
