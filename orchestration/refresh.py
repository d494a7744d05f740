"""A refresh from the command line: the Dagster job in this process, and what came of it in plain words."""

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
from orchestration.run_record import Station, recorded_findings
from orchestration.runtime.collector import long_lived
from orchestration.runtime.failures import plain_words
from orchestration.runtime.gatekeeper import wake
from orchestration.settings import Settings
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
    """What came of a refresh. release: the one in force afterwards, the new one only when published."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    release: Release | None
    error: str = ""


def run_refresh(settings: Settings, business_date: date, at_station: Callable[[Station], None]) -> RefreshResult:
    """Run the line for a date. Never raises for what a delivery, a rule or a model does; the result says it.

    at_station is told each station as it begins. Policy rows that can't be read block before anything is started: dbt
    would stop at them with words of its own. Raises PolicyError where there is no folder of policy rows.
    """
    if problems := load_policy().problems:
        return RefreshResult(Outcome.BLOCKED, as_findings(problems), current_release(settings.published))
    wake()
    # Library warnings are for those who change this code; PYTHONWARNINGS could turn them into errors.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _run(settings, business_date, at_station)


def _run(settings: Settings, business_date: date, at_station: Callable[[Station], None]) -> RefreshResult:
    # Imported here: Dagster takes some seconds, and the other commands do without it.
    with long_lived():
        import dagster as dg

        try:
            from orchestration.definitions import defs
            from orchestration.keys import PARTITION
            from orchestration.resources import run_config_of
        except dg.Failure as error:
            # dbt parses first of all, and can't read a model.
            why = f"dbt can't read the project\n{error}"
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
            # The tag and not the key: Dagster knows the days that are over, and a date may lie ahead.
            tags={PARTITION: business_date.isoformat()},
            run_config={
                "resources": {"settings": run_config_of(settings)},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
        errors = [_message(event, settings) for event in run.all_events if event.is_failure]
        began = any(event.is_step_start for event in run.all_events)
    in_force = current_release(settings.published)
    # Without a step the lock was held, and the scratch is that of the refresh which holds it.
    findings = recorded_findings(settings) if began else ()
    if run.success:
        return RefreshResult(Outcome.PUBLISHED, findings, in_force)
    if any(finding.severity == BLOCKED for finding in findings):
        return RefreshResult(Outcome.BLOCKED, findings, in_force)
    return RefreshResult(Outcome.FAILED, findings, in_force, next((error for error in errors if error), "unknown"))


def _message(event: Any, settings: Settings) -> str:
    """What the innermost error of a failure says, without its stack; the known kinds in plain words."""
    error = getattr(event.event_specific_data, "error", None)
    if error is None:
        return ""
    if error.cls_name == "DagsterExecutionInterruptedError":
        return INTERRUPTED
    # What comes from the gates' process has its stack there as its cause, as text.
    while error.cause is not None and error.cause.cls_name != "_RemoteTraceback":
        error = error.cause
    text: str = error.message.strip()
    name, separator, said = text.partition(": ")
    text = said if separator and name.rpartition(".")[2] == error.cls_name else text
    return plain_words(f"{error.cls_name}: {text}", settings) or text
