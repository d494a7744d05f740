"""The stations of the line as plain functions: Dagster wires them up; tests and the command line call them."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from expectations.contract import load_contract
from expectations.gate_1 import GateOneResult, judge_files, run_gate_1, write_held_back
from expectations.gate_2 import GateTwoResult, run_gate_2
from expectations.policy.in_force import parameters, policy_version
from expectations.policy.lint import as_findings, lint
from expectations.policy.reading import load_policy
from expectations.project import POLICY_FOLDER, REFERENCE_FOLDER
from expectations.runner import GateError
from orchestration.code_version import code_version
from orchestration.database import connect, path_literal
from orchestration.landing import (
    LandingSummary,
    note_changed_files,
    note_undecodable_files,
    read_landing,
    write_replaced_close,
)
from orchestration.run_record import (
    StationOrderError,
    clear_verdict,
    create_record,
    new_run_id,
    record_findings,
    record_verdict,
    require,
    run_facts,
)
from orchestration.settings import Settings
from orchestration.station_names import Station
from orchestration.store.mart_labels import mart_labels
from orchestration.store.publish import Publication, publish
from orchestration.store.releases import POLICY, REFERENCE, Release, current_release
from orchestration.store.runs import Close, close_of
from orchestration.warehouse import open_warehouse, prepare_warehouse

log = logging.getLogger("fenceng")


class DeliveryRefusedError(Exception):
    """Delivered files changed or can't be fully decoded; each is a blocking finding in `run.finding`."""


class OlderDateError(Exception):
    """The month is published with a later date; nothing was read."""


class PolicyRefusedError(Exception):
    """The policy lint found problems; each is a blocking finding in `run.finding`."""


def lint_policy(settings: Settings, business_date: date, folder: Path = POLICY_FOLDER) -> None:
    """Lint the policy rows in force on the business date, before any data is read.

    Raises PolicyRefusedError with the file, line and rule of every problem; the scratch warehouse then holds only these
    findings.
    """
    # Drop the findings of an earlier run.
    shutil.rmtree(settings.scratch, ignore_errors=True)
    problems = lint(load_policy(folder), business_date)
    if not problems:
        return
    with open_warehouse(settings) as connection:
        connection.execute("create schema run")
        create_record(connection)
        record_findings(connection, "policy lint", as_findings(problems))
    lines = "\n".join(str(problem) for problem in problems)
    raise PolicyRefusedError(
        f"the policy lint failed for {business_date} and nothing was read; correct these rows:\n{lines}"
    )


def refuse_older(settings: Settings, business_date: date) -> None:
    """Raise OlderDateError if the month is published with a later date, unless the settings allow to replace it.

    The close of a month is its latest business date, not its latest run.
    """
    close = _later_close(settings, business_date)
    if close and not settings.allow_older:
        raise OlderDateError(
            f"{business_date:%Y-%m} is published as of {close.business_date}, and {business_date} is before it;"
            f" refresh {close.business_date}, or replace it with --allow-older"
        )


def _later_close(settings: Settings, business_date: date) -> Close | None:
    close = close_of(current_release(settings.published), business_date.replace(day=1))
    return close if close and business_date < close.business_date else None


def land(settings: Settings, business_date: date, known_on: date | None = None) -> LandingSummary:
    """Empty the scratch folder and load the landing zone as of the business date.

    known_on: up to which date events are read, the business date by default.
    """
    prepare_warehouse(settings, business_date, new_run_id(business_date), code_version(), known_on)
    lookback = int(float(parameters(business_date)["volume_lookback_deliveries"]))
    with open_warehouse(settings) as connection:
        summary = read_landing(
            connection,
            load_contract(),
            settings.landing,
            business_date,
            settings.scratch / "links",
            known_on=known_on,
            allow_stale=settings.allow_stale,
            volume_lookback=lookback,
        )
        if close := _later_close(settings, business_date):
            write_replaced_close(connection, business_date, close.business_date)
        connection.execute("update run.context set input_fingerprint = ?", [summary.input_fingerprint])
        create_record(connection)
    return summary


def begin_build(settings: Settings, business_date: date) -> None:
    """Clear gate 2's verdict before dbt rebuilds the marts.

    Raises StationOrderError unless gate 1 passed this date.
    """
    with open_warehouse(settings) as connection:
        require(connection, business_date, Station.GATE_1)
        clear_verdict(connection, Station.GATE_2)


def judge_delivery(settings: Settings, business_date: date, report: Callable[[str], None] = log.debug) -> GateOneResult:
    """Run gate 1 on the landed data and record its findings in `run.finding`.

    If the gate crashes on changed or damaged files, the result reports those files instead. Raises StationOrderError if
    the date was not landed.
    """
    contract, policy = load_contract(), parameters(business_date)
    with open_warehouse(settings) as connection:
        require(connection, business_date)
        try:
            result = run_gate_1(connection, contract, policy, report)
            if not result.blocking:
                write_held_back(connection, contract)
        except (GateError, duckdb.Error):
            if not _note_bad_files(connection):
                raise
            result = judge_files(connection, contract, policy)
        record_findings(connection, Station.GATE_1.label, result.findings)
        record_verdict(connection, Station.GATE_1, passed=not result.blocking)
    return result


def blame_files(settings: Settings, business_date: date) -> None:
    """Check whether the delivered files made a station fail.

    Raises DeliveryRefusedError if a file changed since it was read or can't be fully decoded.
    """
    with open_warehouse(settings) as connection:
        if _note_bad_files(connection):
            _refuse_delivery(connection, business_date)


def check_unchanged(settings: Settings, business_date: date) -> None:
    """Rehash the files, so that only judged data is published. Raises DeliveryRefusedError if one changed."""
    with open_warehouse(settings) as connection:
        if note_changed_files(connection):
            _refuse_delivery(connection, business_date)


def _note_bad_files(connection: duckdb.DuckDBPyConnection) -> bool:
    return note_changed_files(connection) or note_undecodable_files(connection, load_contract())


def _refuse_delivery(connection: duckdb.DuckDBPyConnection, business_date: date) -> NoReturn:
    blocking = judge_files(connection, load_contract(), parameters(business_date)).blocking
    record_findings(connection, Station.GATE_1.label, blocking)
    record_verdict(connection, Station.GATE_1, passed=False)
    raise DeliveryRefusedError("\n".join(str(finding) for finding in blocking))


def judge_marts(settings: Settings, business_date: date, report: Callable[[str], None] = log.debug) -> GateTwoResult:
    """Run gate 2 on the release under construction and record its findings in `run.finding`.

    Raises StationOrderError unless gate 1 passed this date, DeliveryRefusedError if the gate crashed on changed or
    damaged files.
    """
    with open_warehouse(settings) as connection:
        require(connection, business_date, Station.GATE_1)
    try:
        with connect(settings.building, settings=settings) as connection:
            connection.execute(f"attach {path_literal(settings.warehouse)} as scratch")
            result = run_gate_2(connection, load_contract(), parameters(business_date), report)
            connection.execute("use scratch")
            record_findings(connection, Station.GATE_2.label, result.findings)
            record_verdict(connection, Station.GATE_2, passed=not result.blocking)
    except (GateError, duckdb.Error):
        blame_files(settings, business_date)
        raise
    return result


def publish_release(
    settings: Settings,
    business_date: date,
    grains: Mapping[str, Sequence[str]],
    at_step: Callable[[str], None] = log.debug,
    described: Mapping[str, Any] | None = None,
) -> Release:
    """Publish the marts that dbt built for the date; the manifest records what was received, quarantined and found.

    described: dbt's manifest, for the dictionary of the release; without it there is none.

    On an error the previous release stays current. Raises StationOrderError unless both gates passed this date and the
    policy rows are still those that the run began with, DeliveryRefusedError if a file changed since it was read.
    """
    # The charts take half a second to import, which only a refresh needs, at its end.
    from orchestration.dictionary.page import Said, write_dictionary
    from orchestration.report.page import about, write_report

    with open_warehouse(settings) as connection:
        require(connection, business_date, Station.GATE_1, Station.GATE_2)
        facts = run_facts(connection)
        run_id = facts.pop("run_id")
    # Ship the policy and reference rows with the release: simulation, comparison and audit then need nothing else.
    for name, folder in ((POLICY, POLICY_FOLDER), (REFERENCE, REFERENCE_FOLDER)):
        kept = settings.building.parent / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for file in sorted(folder.glob("*.csv")):
            shutil.copyfile(file, kept / file.name)
    _expect_policy(facts["policy_version"], policy_version(business_date, settings.building.parent / POLICY))

    def write_pages(release: Release, newest: date) -> None:
        # First the dictionary: the page links to it if it is there.
        if described:
            said = Said(release.release_id, business_date, facts["policy_version"], facts["code_version"])
            write_dictionary(release, described, said, newest, settings.report_language)
        write_report(release, about(facts, business_date, newest), settings)

    return publish(
        settings,
        Publication(run_id, business_date, grains, facts, mart_labels()),
        at_step,
        before_flip=lambda: check_unchanged(settings, business_date),
        write_pages=write_pages,
    )


def _expect_policy(began_with: str, kept: str) -> None:
    """Raise StationOrderError unless the policy rows kept with the release are the ones that decided it."""
    if kept != began_with:
        raise StationOrderError(
            f"the policy rows changed during the refresh, from {began_with} to {kept}; run the date from landing again"
        )
