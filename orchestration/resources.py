"""What a run is given: its settings, and the lock of its output folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.runtime.lock import refresh_lock
from orchestration.settings import Settings, settings_from


class RunSettings(dg.ConfigurableResource[Settings]):
    """The settings of a run, with the lock of its output folder held from the first station to the last.

    A field that the run's config leaves empty is the environment's FENCENG_ variable; see settings.py.
    """

    landing: str = ""
    output: str = ""
    memory_limit: str = ""
    releases_kept: str = ""
    allow_stale: str = ""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Settings]:
        """Raises SettingsError for a value that can't be, RefreshRunningError when another refresh holds the lock."""
        settings = settings_from(os.environ, **{name: str(value) for name, value in self if value})
        with refresh_lock(settings.output):
            yield settings


def run_config_of(settings: Settings) -> dict[str, dict[str, str]]:
    """The part of a run's config that gives it these settings."""
    return {"config": settings.as_text()}
