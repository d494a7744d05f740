"""Settings: one frozen object, from the environment, the command line or a run's config; an unknown value raises."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

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

    def as_text(self) -> dict[str, str]:
        """Field -> its value as text, as `settings_from` reads it."""
        return {
            "landing": str(self.landing),
            "output": str(self.output),
            "memory_limit": self.memory_limit,
            "releases_kept": str(self.releases_kept),
            "allow_stale": "true" if self.allow_stale else "false",
        }

    def environment(self) -> dict[str, str]:
        """The settings as FENCENG_ variables."""
        return {f"{PREFIX}{name.upper()}": value for name, value in self.as_text().items()}


_POWERS = {"K": 3, "M": 6, "G": 9, "T": 12}
LEAST_MEMORY = 100 * 10**6  # bytes
_KNOWN = {field.name.upper() for field in fields(Settings)}
# What a refresh tells its children; no setting.
_OTHER = {"PARENT"}


def settings_from(environment: Mapping[str, str] = os.environ, **given: str) -> Settings:
    """Settings by the FENCENG_ variables, `var/` of the project where one is not set.

    given: fields as text, which go before their variables. Raises SettingsError for a FENCENG_ variable that is not
    known and for a value that can't be read.
    """
    told = {name[len(PREFIX) :]: value for name, value in environment.items() if name.startswith(PREFIX)}
    if unknown := told.keys() - _KNOWN - _OTHER:
        names = ", ".join(f"{PREFIX}{name}" for name in sorted(unknown))
        known = ", ".join(f"{PREFIX}{name}" for name in sorted(_KNOWN))
        raise SettingsError(f"unknown setting {names}; known are {known}")
    told |= {name.upper(): value for name, value in given.items()}
    return Settings(
        landing=_folder("LANDING", told.get("LANDING") or PROJECT_ROOT / "var" / "landing"),
        output=_folder("OUTPUT", told.get("OUTPUT") or PROJECT_ROOT / "var" / "output"),
        memory_limit=_memory("MEMORY_LIMIT", told.get("MEMORY_LIMIT", "3GB")),
        releases_kept=_positive("RELEASES_KEPT", told.get("RELEASES_KEPT", "7")),
        allow_stale=_boolean("ALLOW_STALE", told.get("ALLOW_STALE", "false")),
    )


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
