"""What each station of the line does, as plain functions: Dagster wires them, tests and the command line call them."""

from __future__ import annotations

import hashlib
import logging
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from expectations.contract import load_contract
from expectations.findings import Finding
from expectations.gate_1 import GateOneResult, judge_files, run_gate_1
from expectations.gate_1.held_back import write_held_back
from expectations.gate_2 import GateTwoResult, run_gate_2
from expectations.policy.lint import as_findings, lint
from expectations.policy.rows import POLICY_FOLDER, REFERENCE_FOLDER, load_policy, parameters, policy_version
from expectations.runner import GateError
from orchestration.database import connect, path_literal
from orchestration.landing import LandingSummary, note_changed_files, note_undecodable_files, read_landing
from orchestration.publish import Publication, publish
from orchestration.releases import POLICY, REFERENCE, Release
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse import open_warehouse, prepare_warehouse

log = logging.getLogger("fenceng")

GATE_1, GATE_2 = "gate 1", "gate 2"


def new_run_id(business_date: date) -> str:
    """A name for a run and its release: moment, business date, and four characters against two in one second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{business_date.isoformat()}-{uuid.uuid4().hex[:4]}"


def code_version() -> str:
    """Version of the package and a hash of what decides the marts beside the policy: code and reference seeds."""
    digest = hashlib.sha256()
    for folder, pattern in (("dbt_project", "dbt_project.yml"), ("dbt_project/models", "*.sql"),
                            ("dbt_project/macros", "*.sql"), ("seeds/reference", "*.csv"),
                            ("expectations", "*.*"), ("orchestration", "*.py")):  # fmt: skip
        for path in sorted((PROJECT_ROOT / folder).rglob(pattern)):
            if not {"__pycache__", "sample"} & set(path.parts):
                digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('fenceng')}+{digest.hexdigest()[:12]}"


class OutOfLine(Exception):
    """A station was asked to go on from what an earlier station did not leave: run the date from its landing on."""


class DeliveryRefusedError(Exception):
    """The delivery's files changed, or can't be read to their end; each is a blocking finding in `run.finding`."""


class PolicyRefused(Exception):
    """The policy lint found problems; each is a blocking finding in `run.finding`."""


def lint_policy(settings: Settings, business_date: date, folder: Path = POLICY_FOLDER) -> None:
    """Lint the policy rows in force on the date, before any data is read.

    Raises PolicyRefused naming file, line and rule of every problem; its findings are then all that the scratch holds.
    """
    # What an earlier run found is not of this one.
    shutil.rmtree(settings.scratch, ignore_errors=True)
    problems = lint(load_policy(folder), business_date)
    if not problems:
        return
    with open_warehouse(settings) as connection:
        connection.execute("create schema run")
        _create_findings(connection)
        _keep(connection, "policy lint", as_findings(problems))
    lines = "\n".join(str(problem) for problem in problems)
    raise PolicyRefused(f"the policy is not sound on {business_date}; mend the rows, nothing was read:\n{lines}")


def land(settings: Settings, business_date: date) -> LandingSummary:
    """Empty the scratch, read the landing zone as of the date into it."""
    prepare_warehouse(settings, business_date, new_run_id(business_date), code_version())
    lookback = int(float(parameters(business_date)["volume_lookback_deliveries"]))
    with open_warehouse(settings) as connection:
        summary = read_landing(
            connection,
            load_contract(),
            settings.landing,
            business_date,
            settings.scratch / "links",
            allow_stale=settings.allow_stale,
            volume_lookback=lookback,
        )
        connection.execute("update run.context set input_fingerprint = ?", [summary.input_fingerprint])
        connection.execute("create table run.verdict (gate varchar, is_passed boolean)")
        _create_findings(connection)
    return summary


def begin_build(settings: Settings, business_date: date) -> None:
    """What dbt builds now, gate 2 has not judged. Raises OutOfLine unless gate 1 passed the date's delivery."""
    with open_warehouse(settings) as connection:
        _expect(connection, business_date, GATE_1)
        connection.execute("delete from run.verdict where gate = ?", [GATE_2])


def judge_delivery(settings: Settings, business_date: date, report: Callable[[str], None] = log.debug) -> GateOneResult:
    """Gate 1 over what was read; its findings stay in `run.finding`.

    Raises OutOfLine for a date that was not landed.
    """
    contract, policy = load_contract(), parameters(business_date)
    with open_warehouse(settings) as connection:
        _expect(connection, business_date)
        try:
            result = run_gate_1(connection, contract, policy, report)
            if not result.blocking:
                write_held_back(connection, contract)
        except (GateError, duckdb.Error):
            if not _note_bad_files(connection):
                raise
            result = judge_files(connection, contract, policy)
        _keep(connection, GATE_1, result.findings)
        _keep_verdict(connection, GATE_1, passed=not result.blocking)
    return result


def blame_files(settings: Settings, business_date: date) -> None:
    """After a station failed: whether the files of the delivery are to blame for it.

    Raises DeliveryRefusedError where one changed since it was read, or can't be decoded to its end.
    """
    with open_warehouse(settings) as connection:
        if _note_bad_files(connection):
            _refuse_delivery(connection, business_date)


def check_unchanged(settings: Settings, business_date: date) -> None:
    """What was judged is what is published: hash the files again. Raises DeliveryRefusedError where one changed."""
    with open_warehouse(settings) as connection:
        if note_changed_files(connection):
            _refuse_delivery(connection, business_date)


def _note_bad_files(connection: duckdb.DuckDBPyConnection) -> bool:
    return note_changed_files(connection) or note_undecodable_files(connection, load_contract())


def _refuse_delivery(connection: duckdb.DuckDBPyConnection, business_date: date) -> NoReturn:
    blocking = judge_files(connection, load_contract(), parameters(business_date)).blocking
    _keep(connection, GATE_1, blocking)
    _keep_verdict(connection, GATE_1, passed=False)
    raise DeliveryRefusedError("\n".join(str(finding) for finding in blocking))


def judge_marts(settings: Settings, business_date: date, report: Callable[[str], None] = log.debug) -> GateTwoResult:
    """Gate 2 over the release under construction; its findings stay in `run.finding`.

    Raises OutOfLine unless gate 1 passed the date's delivery.
    """
    with open_warehouse(settings) as connection:
        _expect(connection, business_date, GATE_1)
    try:
        with connect(settings.building, settings=settings) as connection:
            connection.execute(f"attach {path_literal(settings.warehouse)} as scratch")
            result = run_gate_2(connection, load_contract(), parameters(business_date), report)
            connection.execute("use scratch")
            _keep(connection, GATE_2, result.findings)
            _keep_verdict(connection, GATE_2, passed=not result.blocking)
    except (GateError, duckdb.Error):
        blame_files(settings, business_date)
        raise
    return result


def publish_release(
    settings: Settings,
    business_date: date,
    grains: Mapping[str, Sequence[str]],
    at_step: Callable[[str], None] = log.debug,
) -> Release:
    """Publish what dbt built for the date; the manifest tells what was received, held back and found.

    Raises, with the old release in force, OutOfLine unless both gates passed the date and the policy rows are those
    that it began with, DeliveryRefusedError where a file changed since it was read.
    """
    with open_warehouse(settings) as connection:
        _expect(connection, business_date, GATE_1, GATE_2)
        facts = _facts(connection)
        run_id = facts.pop("run_id")
    # What decided goes with what was decided: a what-if, a comparison or an audit starts from the release alone.
    for name, folder in ((POLICY, POLICY_FOLDER), (REFERENCE, REFERENCE_FOLDER)):
        kept = settings.building.parent / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for file in sorted(folder.glob("*.csv")):
            shutil.copyfile(file, kept / file.name)
    _expect_policy(facts["policy_version"], policy_version(business_date, settings.building.parent / POLICY))
    publication = Publication(run_id, business_date, grains, facts)
    return publish(settings, publication, at_step, before_flip=lambda: check_unchanged(settings, business_date))


def _expect_policy(began_with: str, kept: str) -> None:
    """The rows that are kept with a release are those that decided it."""
    if kept != began_with:
        raise OutOfLine(
            f"the policy rows changed during the refresh, from {began_with} to {kept}; run the date from its landing on"
        )


def _expect(connection: duckdb.DuckDBPyConnection, business_date: date, *passed: str) -> None:
    """Hold what the scratch says of itself against what a station needs. Dagster can run or retry one station alone."""
    try:
        (landed,) = connection.execute("select business_date from run.context").fetchall()[0]
        verdicts = dict(connection.execute("select gate, is_passed from run.verdict").fetchall())
    except duckdb.CatalogException:
        landed, verdicts = None, {}
    if landed != business_date:
        holds = f"holds {landed}" if landed else "is empty"
        raise OutOfLine(f"the scratch {holds}, and {business_date} was asked for; run the date from its landing on")
    for gate in passed:
        if not verdicts.get(gate):
            state = "blocked" if gate in verdicts else "has not judged"
            raise OutOfLine(f"{gate} {state} what stands for {business_date}; run the date from its landing on")


def _keep_verdict(connection: duckdb.DuckDBPyConnection, gate: str, *, passed: bool) -> None:
    connection.execute("delete from run.verdict where gate = ?", [gate])
    connection.execute("insert into run.verdict values (?, ?)", [gate, passed])


def _create_findings(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table run.finding (gate varchar, rule_id varchar, severity varchar, table_name varchar,"
        " rows bigint, because varchar, detail varchar)"
    )


def _keep(connection: duckdb.DuckDBPyConnection, gate: str, findings: Sequence[Finding]) -> None:
    for finding in findings:
        values = asdict(finding)
        connection.execute(
            "insert into run.finding values (?, ?, ?, ?, ?, ?, ?)",
            [gate, *(values[name] for name in ("rule_id", "severity", "table", "rows", "because", "detail"))],
        )


def _facts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    run_id, policy_version, code, fingerprint = connection.execute(
        "select run_id, policy_version, code_version, input_fingerprint from run.context"
    ).fetchall()[0]
    counts = connection.execute(
        "select table_name, received, accepted, quarantined from gate_1.row_count order by table_name"
    ).fetchall()
    findings = connection.execute("select * from run.finding order by all").fetchall()
    names = ("gate", "rule_id", "severity", "table", "rows", "because", "detail")
    return {
        "run_id": run_id,
        "policy_version": policy_version,
        "code_version": code,
        "input_fingerprint": fingerprint,
        "delivered": {
            table: {"received": received, "accepted": accepted, "quarantined": quarantined}
            for table, received, accepted, quarantined in counts
        },
        "findings": [dict(zip(names, row, strict=True)) for row in findings],
    }
