"""The Dagster resource of a run: its settings, and the lock on its output folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.on_page import allowances
from orchestration.runtime.lock import refresh_lock
from orchestration.settings import Settings, settings_from


class RunSettings(dg.ConfigurableResource[Settings]):
    """The settings of a run, holding the lock on its output folder from first station to last.

    A field left empty in the run config falls back to its FENCENG_ environment variable; see settings.py. The run's
    tags of `on_page.ALLOWANCES` override both: a person added them to this run.
    """

    landing: str = ""
    output: str = ""
    memory_limit: str = ""
    releases_kept: str = ""
    allow_stale: str = ""
    allow_older: str = ""
    report_pages: str = ""
    report_language: str = ""
    report_shared: str = ""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Settings]:
        """Yield the settings with the lock held.

        Raises SettingsError for an invalid value, RefreshRunningError if another refresh holds the lock.
        """
        given = {name: str(value) for name, value in self if value}
        settings = settings_from(os.environ, **given | allowances(context.run.tags if context.run else {}))
        with refresh_lock(settings.output):
            yield settings


def run_config_of(settings: Settings) -> dict[str, dict[str, str]]:
    """Return the run config of the `settings` resource that carries these settings."""
    return {"config": settings.as_text()}
