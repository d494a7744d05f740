"""The line of a refresh in this process: the real stations, without Dagster and dbt.

Landing and gate 1 are the stations themselves, their rules run by quick_rules. The marts are built by the SQL that dbt
compiled for a release, in a database that lives as long as the run: what depends on the policy alone is built once, the
rest again from the accepted rows of each delivery.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from reference.compare import AWAITED, EVIDENCE, GRAIN
from reference.contract import TABLES
from reference.history import READ, History
from support import quick_rules

from expectations.findings import Finding
from expectations.policy.in_force import parameters, policy_version
from expectations.runner import run_rules
from fenceng.analysis import replay
from orchestration import stations
from orchestration.code_version import code_version
from orchestration.database import connect, path_literal
from orchestration.settings import Settings
from orchestration.store.compiled_models import FILE, CompiledModels, Node
from orchestration.store.releases import current_release

Row = dict[str, Any]
MARTS = [*GRAIN, EVIDENCE]
PUBLISHED, FAILED, UNUSABLE, BLOCKED = 0, 1, 2, 3


@dataclass
class Outcome:
    """How a delivery ended: the exit code of `fenceng refresh`, and the reasons.

    error: an exception that no station turned into an outcome. counts: (table, date, file) -> received, accepted,
    quarantined; summed for files whose names print alike. accepted: table -> its accepted rows, each a tuple in
    the contract's column order.
    """

    code: int
    findings: list[Finding] = field(default_factory=list)
    error: BaseException | None = None
    counts: dict[tuple[str, date, str], tuple[int, int, int]] = field(default_factory=dict)
    accepted: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def blocking(self) -> list[Finding]:
        """The findings that prevent publication."""
        return [finding for finding in self.findings if finding.severity == "block"]


class Line:
    """Judges deliveries for one date, one after another.

    work: its own folder. published: a published store whose release holds the compiled models, and the months
    before the date if there are any. seeds: policy rows in place of the release's, by family.
    """

    def __init__(self, work: Path, published: Path, day: date, seeds: Mapping[str, Path] | None = None) -> None:
        self.day = day
        self.output = work / "output"
        shutil.copytree(published, self.output / "published", symlinks=True)
        self.settings = Settings(landing=work / "landing", output=self.output, memory_limit="1GB")
        release = current_release(self.settings.published)
        assert release is not None
        self.compiled = CompiledModels.load(release.folder / FILE)
        self._seeds = {**replay.seed_files(replay.policy_of(release)), **(seeds or {})}
        self._code_version = code_version()
        self._parameters, self._policy_version = parameters(day), policy_version(day)
        self._models = connect()
        self._models.execute("set threads = 1")
        replay.attach_databases(self._models, self.compiled)
        self._built = [name for name in MARTS if name in self.compiled.nodes or name not in AWAITED]
        self._nodes = [node for node in self.compiled.needed(self._built) if not self._rests_on_policy(node)]
        self._build_policy()
        self.history = History.of_store(
            {
                table: [
                    {**row, "policy_month": month}
                    for month in release.months(table)
                    for row in self._rows(f"({release.rows(table, month)})")
                ]
                for table in READ
            }
        )

    def judge(self, landing: Path, *, is_quick: bool = True) -> Outcome:
        """Run landing and gate 1 on a zone; not quick: with Great Expectations and unmaterialized Parquet views."""
        settings = Settings(landing=landing, output=self.output, memory_limit="1GB")
        self.settings = settings
        outcome = Outcome(PUBLISHED)
        try:
            with (
                # What is the same for each delivery is computed once.
                mock.patch("orchestration.stations.code_version", lambda: self._code_version),
                mock.patch("orchestration.stations.parameters", lambda _: self._parameters),
                mock.patch("orchestration.warehouse.policy_version", lambda _: self._policy_version),
                mock.patch("expectations.gate_1.gate.run_rules", quick_rules.run_rules if is_quick else run_rules),
                mock.patch("expectations.gate_1.gate.load_rules", quick_rules.kept_rules),
            ):
                stations.land(settings, self.day)
                if is_quick:
                    _settle(settings)
                result = stations.judge_delivery(settings, self.day)
        except Exception as error:
            return Outcome(FAILED, error=error)
        outcome.findings = list(result.findings)
        if result.blocking:
            outcome.code = BLOCKED
        with connect(settings.warehouse, read_only=True) as connection:
            if result.counts:
                outcome.counts = {
                    (table, day, name): (received, accepted, quarantined)
                    for table, day, name, received, accepted, quarantined in connection.execute(
                        "select table_name, business_date, file_name, sum(received)::bigint, sum(accepted)::bigint,"
                        " sum(quarantined)::bigint from gate_1.file_count group by all"
                    ).fetchall()
                }
            if outcome.code == PUBLISHED:
                for name, columns in ACCEPTED.items():
                    outcome.accepted[name] = connection.execute(f"select {columns} from accepted.{name}").fetchall()
        return outcome

    def changed_since(self) -> list[Finding]:
        """The findings of the last check before publication: none, or the files that have changed."""
        try:
            stations.check_unchanged(self.settings, self.day)
        except stations.DeliveryRefusedError:
            with connect(self.settings.warehouse, read_only=True) as connection:
                found = connection.execute(
                    "select rule_id, severity, table_name, rows, because, detail from run.finding"
                    " where severity = 'block'"
                ).fetchall()
            return [Finding(*row) for row in found]
        return []

    def marts(self) -> dict[str, list[Row]]:
        """The marts of the delivery judged last. Raises duckdb.Error."""
        connection = self._models
        connection.execute(f"attach {path_literal(self.settings.warehouse)} as judged (read_only)")
        try:
            for node in self._nodes:
                if node.kind == "source":
                    schema = node.relation.rsplit(".", 1)[0]
                    connection.execute(f"create schema if not exists {schema}")
                    source = node.relation.split(".", 1)[1]
                    connection.execute(f"create or replace view {node.relation} as select * from judged.{source}")
                else:
                    connection.execute(f"create or replace table {node.relation} as {node.sql}")
            return {name: self._rows(self.compiled.nodes[name].relation) for name in self._built}
        finally:
            for node in self._nodes:
                if node.kind == "source":
                    connection.execute(f"drop view if exists {node.relation}")
            connection.execute("detach judged")

    def _rows(self, relation: str) -> list[Row]:
        result = self._models.execute(f"select * from {relation}")
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _rests_on_policy(self, node: Node) -> bool:
        """Whether the node's content is independent of delivery and run."""
        return not any(needed.kind == "source" for needed in self.compiled.needed([node.name]))

    def _build_policy(self) -> None:
        for node in self.compiled.needed(self._built):
            schema = node.relation.rsplit(".", 1)[0]
            self._models.execute(f"create schema if not exists {schema}")
        policy = [node.name for node in self.compiled.needed(self._built) if self._rests_on_policy(node)]
        replay.run_models(self._models, self.compiled, policy, {}, self._seeds)


def _settle(settings: Settings) -> None:
    """Materialize the views over Parquet, which each rule would decode again.

    A view that can't be decoded remains, for the gate to find.
    """
    with connect(settings.warehouse) as connection:
        for name in ACCEPTED:
            try:
                connection.execute(f"create table landing._settled as select * from landing.{name}")
            except duckdb.Error:
                continue
            connection.execute(f"drop view landing.{name}; alter table landing._settled rename to {name}")


ACCEPTED = {name: ", ".join(column.name for column in table.columns) for name, table in TABLES.items()}
__all__ = ["ACCEPTED", "BLOCKED", "FAILED", "PUBLISHED", "UNUSABLE", "Line", "Outcome", "duckdb"]
