"""Settings: one frozen object from environment, command line or run config. Unknown names and bad values raise."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from dotenv import dotenv_values

from expectations.project import PROJECT_ROOT, PROJECT_VARIABLE, SETTINGS_FILE, why_no_project

PREFIX = "FENCENG_"
# Business days follow the bank's time zone, wherever the machine runs.
TIME_ZONE = "Asia/Shanghai"

# Whose pages a release has: the bank's alone, those of the branches too, or those of every branch and outlet.
REPORT_PAGES = ("head_office", "branches", "outlets")


class SettingsError(ValueError):
    """A setting is unknown or has an unusable value; the message names it and says what is valid."""


@dataclass(frozen=True)
class Settings:
    """Where the data lives and how much of the machine a refresh may use.

    landing, output: absolute folders. memory_limit: of DuckDB, such as 3GB. releases_kept: number of published releases
    that retention keeps, including the current one. allow_stale: whether a required snapshot may be older than the
    business date. allow_older: whether the business date may be before the one that its month is published with.
    report_pages: whose pages a release has, one of REPORT_PAGES. report_language: the one that they open in, en or zh.
    report_shared: whether they are meant for sharing, and hide small cells.
    """

    landing: Path
    output: Path
    memory_limit: str = "3GB"
    releases_kept: int = 7
    allow_stale: bool = False
    allow_older: bool = False
    report_pages: str = "head_office"
    report_language: str = "zh"
    report_shared: bool = False

    @property
    def published(self) -> Path:
        """Folder of the releases and of the symlink `current`."""
        return self.output / "published"

    @property
    def building(self) -> Path:
        """Database of the release under construction; a constant path, since dbt reparses when it changes."""
        return self.published / "releases" / ".building" / "fenceng.duckdb"

    @property
    def scratch(self) -> Path:
        """Scratch folder. Safe to delete at any time; the next refresh recreates it."""
        return self.output / "scratch"

    @property
    def warehouse(self) -> Path:
        """Scratch warehouse, opened only by a refresh."""
        return self.scratch / "warehouse.duckdb"

    def as_text(self) -> dict[str, str]:
        """Return field -> value as text, in the form that `settings_from` reads."""
        return {
            "landing": str(self.landing),
            "output": str(self.output),
            "memory_limit": self.memory_limit,
            "releases_kept": str(self.releases_kept),
            "allow_stale": "true" if self.allow_stale else "false",
            "allow_older": "true" if self.allow_older else "false",
            "report_pages": self.report_pages,
            "report_language": self.report_language,
            "report_shared": "true" if self.report_shared else "false",
        }

    def environment(self) -> dict[str, str]:
        """Return the settings as FENCENG_ environment variables."""
        return {f"{PREFIX}{name.upper()}": value for name, value in self.as_text().items()}


_POWERS = {"K": 3, "M": 6, "G": 9, "T": 12}
LEAST_MEMORY = 100 * 10**6  # bytes
_KNOWN = {field.name.upper() for field in fields(Settings)}
# Passed by a refresh to its child processes, or says where the project is; not settings.
_OTHER = {"PARENT", PROJECT_VARIABLE.removeprefix(PREFIX)}
# Read by orchestration/alerts and orchestration/serving alone. They hold secrets, which must not travel with the
# settings of a run.
_SECRETS = {"ALERT_URLS", "ALERT_LANG", "POSTGRES_URL"}
# Relative to the project if the settings file names them, to the current folder if the environment does.
_FOLDERS = ("FENCENG_LANDING", "FENCENG_OUTPUT")


def variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables of the project's settings file, overridden by those of the environment.

    Raises SettingsError for a line of the file that sets nothing, or something that is no setting of Fenceng.
    """
    file = PROJECT_ROOT / SETTINGS_FILE
    if not file.is_file():
        return dict(environment)
    try:
        written = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not in UTF-8; save it as UTF-8") from None
    told = {}
    for name, value in written.items():
        if not name.startswith(PREFIX) or name == PROJECT_VARIABLE:
            raise SettingsError(f"{file}: {name} is not a setting; each line is NAME=value, and names begin {PREFIX}")
        if name.removeprefix(PREFIX) in _SECRETS:
            raise SettingsError(f"{file}: {name} is read from the environment alone, since it holds secrets")
        if value is None:
            raise SettingsError(f"{file}: {name} has no value; write {name}=value, or delete the line")
        told[name] = str(PROJECT_ROOT / value) if name in _FOLDERS and value else value
    return told | dict(environment)


def settings_from(environment: Mapping[str, str] = os.environ, **given: str) -> Settings:
    """Read settings from FENCENG_ variables and the project's settings file; folders default to the project's `var/`.

    given: fields as text, which override their variables. Raises SettingsError for an unknown FENCENG_ variable, an
    unusable value, or if there is no project.
    """
    if missing := why_no_project():
        raise SettingsError(missing)
    environment = variables(environment)
    told = {name[len(PREFIX) :]: value for name, value in environment.items() if name.startswith(PREFIX)}
    if unknown := told.keys() - _KNOWN - _OTHER - _SECRETS:
        names = ", ".join(f"{PREFIX}{name}" for name in sorted(unknown))
        known = ", ".join(f"{PREFIX}{name}" for name in sorted(_KNOWN | _SECRETS))
        raise SettingsError(f"unknown setting {names}; the settings are {known}")
    told |= {name.upper(): value for name, value in given.items()}
    return Settings(
        landing=_folder("LANDING", told.get("LANDING") or PROJECT_ROOT / "var" / "landing"),
        output=_folder("OUTPUT", told.get("OUTPUT") or PROJECT_ROOT / "var" / "output"),
        memory_limit=_memory("MEMORY_LIMIT", told.get("MEMORY_LIMIT", "3GB")),
        releases_kept=_positive("RELEASES_KEPT", told.get("RELEASES_KEPT", "7")),
        allow_stale=_boolean("ALLOW_STALE", told.get("ALLOW_STALE", "false")),
        allow_older=_boolean("ALLOW_OLDER", told.get("ALLOW_OLDER", "false")),
        report_pages=_one_of("REPORT_PAGES", told.get("REPORT_PAGES", "head_office"), REPORT_PAGES),
        report_language=_one_of("REPORT_LANGUAGE", told.get("REPORT_LANGUAGE", "zh"), ("en", "zh")),
        report_shared=_boolean("REPORT_SHARED", told.get("REPORT_SHARED", "false")),
    )


def _folder(name: str, given: str | Path) -> Path:
    """Return the absolute folder, which must be UTF-8 because it goes into SQL and manifests.

    A question mark is refused in the output path: DuckDB takes `?` for a query string and writes the WAL of
    `a?b/x.duckdb` to `a.wal?b/x.duckdb`, through symlinks too.
    """
    folder = Path(given).absolute()
    if name == "OUTPUT" and "?" in str(folder):
        raise SettingsError(f"{PREFIX}{name} must have no question mark in its path, but is {folder}; rename it")
    try:
        os.fsencode(folder).decode("utf-8")
    except UnicodeDecodeError:
        shown = os.fsencode(folder).decode("utf-8", "backslashreplace")
        raise SettingsError(f"{PREFIX}{name} must be a path in UTF-8, but is {shown}; rename it") from None
    return folder


def _memory(name: str, text: str) -> str:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])i?B", text)
    if not found:
        raise SettingsError(f"{PREFIX}{name} must be an amount of memory such as 3GB or 512MB, not {text!r}")
    if float(found[1]) * 10 ** _POWERS[found[2]] < LEAST_MEMORY:
        raise SettingsError(f"{PREFIX}{name} is {text}, but a refresh needs at least 100MB")
    return text


def _positive(name: str, text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f"{PREFIX}{name} must be a whole number of at least 1, not {text!r}")
    return int(text)


def _one_of(name: str, text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise SettingsError(f"{PREFIX}{name} must be {', '.join(choices[:-1])} or {choices[-1]}, not {text!r}")
    return text


def _boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise SettingsError(f"{PREFIX}{name} must be true or false, not {text!r}")
    return text == "true"
