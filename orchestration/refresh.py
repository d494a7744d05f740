"""Run a refresh from the command line: execute the Dagster job in this process and report the outcome."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from expectations.findings import Finding
from expectations.policy.lint import as_findings
from expectations.policy.reading import load_policy
from orchestration.run_record import recorded_findings
from orchestration.runtime.collector import long_lived
from orchestration.runtime.failures import plain_words
from orchestration.runtime.gatekeeper import wake
from orchestration.settings import Settings
from orchestration.station_names import Station
from orchestration.store.releases import Release, current_release

BLOCKED = "block"
INTERRUPTED = "interrupted"


class Outcome(Enum):
    """How a refresh ended; the value is the exit code of the command."""

    PUBLISHED = 0
    FAILED = 1
    BLOCKED = 3


@dataclass(frozen=True)
class RefreshResult:
    """The result of a refresh. release: the current one afterwards; the new one only if it was published.

    station: the one that failed, empty if none had started.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    release: Release | None
    error: str = ""
    station: str = ""


def run_refresh(
    settings: Settings,
    business_date: date,
    at_station: Callable[[Station], None],
    known_on: date | None = None,
) -> RefreshResult:
    """Run the line for a business date. Failures of deliveries, rules and models are returned, never raised.

    at_station is called with each station as it starts. known_on: up to which date events are read, the business date
    by default. Unreadable policy rows block the run before anything starts,
    since dbt would fail on them with an error message of its own. Raises PolicyError if there is no policy folder.
    """
    if problems := load_policy().problems:
        return RefreshResult(Outcome.BLOCKED, as_findings(problems), current_release(settings.published))
    wake()
    # Library warnings only concern developers, and PYTHONWARNINGS could turn them into errors.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _run(settings, business_date, at_station, known_on)


def _run(
    settings: Settings, business_date: date, at_station: Callable[[Station], None], known_on: date | None
) -> RefreshResult:
    # Imported here: Dagster takes seconds to import, and the other commands don't need it.
    with long_lived():
        import dagster as dg

        try:
            from orchestration.definitions import defs
            from orchestration.keys import KNOWN_ON, PARTITION
            from orchestration.on_page import sentences_of
            from orchestration.resources import run_config_of
        except dg.Failure as error:
            # The import makes dbt parse the project, and a model can't be parsed.
            why = f"dbt can't parse the project\n{error}"
            return RefreshResult(Outcome.FAILED, (), current_release(settings.published), why)

    def on_event(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is not None and event.is_step_start and event.step_key is not None:
            at_station(Station(event.step_key))

    run_id = str(uuid.uuid4())
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_event_listener(run_id, on_event)
        run = defs.resolve_job_def("refresh").execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            # A tag, not a partition key: Dagster's partitions end with yesterday, and the date may lie in the future.
            tags={PARTITION: business_date.isoformat()} | ({KNOWN_ON: known_on.isoformat()} if known_on else {}),
            run_config={
                "resources": {"settings": run_config_of(settings)},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
        failures = [event for event in run.all_events if event.is_failure]
        # What a station says of itself is for Dagster's pages; the command line has its own words.
        errors = ["\n".join(sentences_of(event)) or _message(event, settings) for event in failures]
        began = any(event.is_step_start for event in run.all_events)
    in_force = current_release(settings.published)
    # If no step started, another refresh holds the lock and the scratch folder is its own.
    findings = recorded_findings(settings) if began else ()
    if run.success:
        return RefreshResult(Outcome.PUBLISHED, findings, in_force)
    if any(finding.severity == BLOCKED for finding in findings):
        return RefreshResult(Outcome.BLOCKED, findings, in_force)
    station = next((event.step_key for event in failures if event.step_key), "")
    why = next((error for error in errors if error), "unknown")
    return RefreshResult(Outcome.FAILED, findings, in_force, why, station)


def _message(event: Any, settings: Settings) -> str:
    """Return the innermost error message of a failure, without stack traces; known kinds in plain words."""
    error = getattr(event.event_specific_data, "error", None)
    if error is None:
        return ""
    if error.cls_name == "DagsterExecutionInterruptedError":
        return INTERRUPTED
    # An error from the gate process has its remote stack trace as its cause, as text.
    while error.cause is not None and error.cause.cls_name != "_RemoteTraceback":
        error = error.cause
    text: str = error.message.strip()
    name, separator, said = text.partition(": ")
    text = said if separator and name.rpartition(".")[2] == error.cls_name else text
    return plain_words(f"{error.cls_name}: {text}", settings) or text
