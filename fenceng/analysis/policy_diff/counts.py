"""The customers that each change between two policies affects in the published month.

Both policies decide the published month again, with the models and measures of its release. A rule or duty is counted
by comparing the customers it applies to under each policy. A change without customers of its own (a scheme, a
parameter, an exception) is tried alone: the first policy with that single change. A change to what is measured is
counted on measures recomputed from the accepted rows; if those are gone, neither it nor the sum of all changes is
counted.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb

from expectations.policy.in_force import rows_in_force
from expectations.policy.model import BASE_SCENARIO, Row
from expectations.policy.sheets import canonical_files, policy_schemas
from fenceng.analysis.comparison import compare
from fenceng.analysis.policy_diff.changes import Change, find_changes
from fenceng.analysis.policy_diff.sides import Side
from fenceng.analysis.replay import (
    AWARDS,
    CAPACITY,
    CONTACTS,
    DECISIONS,
    DUTIES,
    HELD_TIERS,
    MEASURES,
    RULES_MET,
    TIERS,
    PublishedMonth,
    ReplayError,
    accepted_rows,
    attach_databases,
    compiled_models,
    context_of,
    keep_results,
    kept_models,
    measuring_families,
    names_parameter,
    policy_of,
    published_month,
    reference_files,
    run_models,
)
from orchestration.database import connect
from orchestration.settings import Settings
from orchestration.store.compiled_models import CompiledModels
from orchestration.store.releases import NothingPublishedError

# The rows in force on their side's date apply to the month, so their own dates are replaced.
_ALWAYS = {"valid_from": "0001-01-01", "valid_to": ""}

# The names of the two sides in a what-if comparison.
BEFORE, AFTER = "in_force", "proposed"
# The first side with a single change of the second.
ALONE = "alone"

Effect = Literal["rule", "duty", "exemption", "outcome", "holders", "measure", "people", "names", "elsewhere"]


@dataclass(frozen=True)
class Count:
    """The customers that a change touches in the published month.

    effect: the basis of the count. customers: None if this effect has no count of its own.
    begins, ceases: customers for whom a rule starts or ceases to hold; the rest get another outcome by it.
    assets_before, assets_after: their financial assets in CNY; they differ only if measures are recomputed.
    contacts_before, contacts_after: contacts required a month, by the changed duty or else by all duties of these
    customers.
    """

    effect: Effect
    customers: int | None = None
    assets_before: Decimal = Decimal(0)
    assets_after: Decimal = Decimal(0)
    contacts_before: Decimal = Decimal(0)
    contacts_after: Decimal = Decimal(0)
    begins: int = 0
    ceases: int = 0


@dataclass(frozen=True)
class Counts:
    """The counts of all changes, in their order.

    of_measures: the joint effect of the changes to measures. together: the summary of a what-if over all changes, or
    None.
    because: the empty output folder, or why the measures can't be recomputed.
    """

    release: str
    business_date: date | None
    each: tuple[Count, ...]
    of_measures: Count | None = None
    together: Mapping[str, Any] | None = None
    because: str = ""


# ---------------------------------------------------------------- counting


def count_changes(settings: Settings, before: Side, after: Side, changes: Sequence[Change]) -> Counts:
    """Count the customers each change affects in the month of the release in force, and the joint effect.

    changes: of `find_changes(before.view, after.view)`. Without a release nothing is counted, and the result says so.
    Raises OlderVersionError for a release that lacks what is read, duckdb.Error for SQL that fails.
    """
    try:
        month = published_month(settings, None)
    except NothingPublishedError:
        return Counts("", None, tuple(Count("elsewhere") for _ in changes), because=str(settings.output))
    compiled = compiled_models(month.release)
    effects = [_effect(change, compiled) for change in changes]
    with (
        tempfile.TemporaryDirectory(prefix="fenceng-policy-") as scratch,
        connect(settings=settings) as connection,
    ):
        reference = canonical_files(reference_files(policy_of(month.release)), Path(scratch) / "reference")
        seeds = {
            schema: _frozen(side, Path(scratch) / schema) | reference
            for schema, side in ((BEFORE, before), (AFTER, after))
        }
        attach_databases(connection, compiled)
        replay = MonthReplay(connection, compiled, month, Path(scratch))
        replay.decide(BEFORE, seeds[BEFORE], kept_models(month))
        replay.decide(AFTER, seeds[AFTER], kept_models(month))
        each = tuple(
            replay.count(change, effect, seeds[BEFORE]) for change, effect in zip(changes, effects, strict=True)
        )
        measuring = sorted(
            {change.family for change, effect in zip(changes, effects, strict=True) if effect == "measure"}
        )
        of_measures = None
        if measuring:
            try:
                accepted = accepted_rows(connection, settings, month, compiled, measuring)
            except ReplayError as error:
                return Counts(month.release.release_id, month.business_date, each, because=str(error))
            given = {name: query for name, query in kept_models(month).items() if name != MEASURES} | accepted
            replay.decide(BEFORE, seeds[BEFORE], given)
            replay.decide(AFTER, seeds[AFTER], given)
            of_measures = replay.count_measures()
        together = compare(connection)
    return Counts(month.release.release_id, month.business_date, each, of_measures, together)


def changes_between(before: Side, after: Side) -> tuple[Change, ...]:
    """Every change from one side to the other."""
    return find_changes(before.view, after.view)


def _frozen(side: Side, folder: Path) -> dict[str, Path]:
    """Policy seed -> file with the rows in force on the side's date, made valid forever."""
    folder.mkdir()
    frozen = {}
    for family, file in side.files.items():
        header = list(policy_schemas()[family].columns)
        frozen[family] = folder / file.name
        with frozen[family].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header, lineterminator="\n")
            writer.writeheader()
            for row in rows_in_force(file, side.on, BASE_SCENARIO):
                writer.writerow(row | _held_always(header))
    return frozen


def _effect(change: Change, compiled: CompiledModels) -> Effect:
    """What a change can affect, by the models that read its family; for a parameter, by the models that name it."""
    if change.kind == "changed" and change.columns and set(change.columns) <= _NAMES_AND_SOURCES:
        return "names"
    named: dict[str, Effect] = {
        "policy_tier_rule": "rule",
        "policy_maintainer": "rule",
        "policy_visit_frequency": "duty",
        "policy_exception": "exemption",
        "policy_scheme": "outcome",
        "policy_tier": "outcome" if change.kind == "changed" else "holders",
    }
    if change.family in named:
        return named[change.family]
    if change.family == "policy_parameter":
        if names_parameter(compiled, [MEASURES], change.name):
            return "measure"
        return "duty" if names_parameter(compiled, [DUTIES, *DECISIONS], change.name) else "elsewhere"
    if change.family in measuring_families(compiled):
        return "measure"
    people = {node.name for node in compiled.needed([CAPACITY, CONTACTS]) if node.kind == "seed"}
    if change.family in people:
        return "people"
    read = {parent for node in compiled.nodes.values() for parent in node.parents}
    return "elsewhere" if change.family in read else "names"


# Columns that name a row or its source and decide nothing.
_NAMES_AND_SOURCES = frozenset(
    {"clause_ref", "basis", "is_gap_fill", "rationale", "label_en", "label_zh", "job_title_en", "job_title_zh",
     "description", "title_en", "title_zh", "summary_en", "summary_zh"}
)  # fmt: skip


@dataclass(frozen=True)
class MonthReplay:
    """The published month, decided under several policies in one database, one schema each."""

    connection: duckdb.DuckDBPyConnection
    compiled: CompiledModels
    month: PublishedMonth
    scratch: Path

    def decide(self, schema: str, seeds: Mapping[str, Path], given: Mapping[str, str]) -> None:
        """Decide the month under one policy and keep the results to compare."""
        wanted = [*RULES_MET.values(), *DECISIONS, DUTIES, CAPACITY, TIERS, MEASURES]
        execute = self.connection.execute
        execute(f"drop schema if exists {schema} cascade")
        run_models(
            self.connection, self.compiled, wanted, {**given, **context_of(self.month.business_date, seeds)}, seeds
        )
        keep_results(self.connection, self.compiled, schema, wanted)
        met = " union all ".join(
            f"select customer_id, rule_id, tier_code from {schema}.{name}" for name in RULES_MET.values()
        )
        execute(f"create view {schema}.rule_met as {met}")
        execute(
            f"create view {schema}.owed as select customer_id, rule_id, required_contacts, period_months"
            f" from {schema}.{DUTIES} where exclusion_reason is null"
        )
        execute(
            f"create view {schema}.decided as"
            f" select customer_id, scheme, tier_code from {schema}.{HELD_TIERS}"
            f" union all select customer_id, scheme, tier_code from {schema}.{AWARDS[2]} where purpose <> 'tier'"
            f" union all select customer_id, scheme, tier_code from {schema}.{AWARDS[3]}"
        )

    def count(self, change: Change, effect: Effect, before: Mapping[str, Path]) -> Count:
        """The customers that a change affects. before: the seeds of the first policy."""
        row = (change.after or change.before)[0]
        if effect == "rule":
            met = "select customer_id, tier_code as said from {schema}.rule_met where rule_id = $name"
            return self._added_up(effect, _differing(met, AFTER), {"name": change.name})
        if effect == "duty" and change.family == "policy_visit_frequency":
            owed = (
                "select customer_id, concat(required_contacts, '/', period_months) as said"
                " from {schema}.owed where rule_id = $name"
            )
            return self._added_up(effect, _differing(owed, AFTER), {"name": change.name}, duty=change.name)
        if effect == "holders":
            who = "select customer_id from {schema}.decided where scheme = $scheme and tier_code = $tier_code"
            names = {"scheme": row.text("scheme"), "tier_code": row.text("tier_code")}
            return self._added_up(effect, _whoever(who.format(schema=BEFORE), who.format(schema=AFTER)), names)
        if effect not in ("duty", "exemption", "outcome"):
            return Count(effect)
        self.decide(ALONE, self._with_one(change, before), kept_models(self.month))
        if effect == "outcome":
            decided = "select customer_id, tier_code as said from {schema}.decided where scheme = $scheme"
            return self._added_up(effect, _differing(decided, ALONE), {"scheme": row.text("scheme")}, after=ALONE)
        held = (
            "select customer_id, string_agg(rule_id, ' ' order by rule_id) as said from ("
            "select customer_id, rule_id from {schema}.owed"
            " union all select customer_id, rule_id from {schema}.rule_met where list_contains($rules, rule_id)"
            ") as held group by customer_id"
        )
        rules = sorted({one.text("rule_id") for one in (*change.before, *change.after)})
        return self._added_up(effect, _differing(held, ALONE), {"rules": rules}, after=ALONE)

    def count_measures(self) -> Count:
        """The customers whose measures differ between the two policies."""
        before, after = (f"select * from {schema}.{MEASURES}" for schema in (BEFORE, AFTER))
        gone, come = (
            f"select customer_id from ({left} except {right}) as one"
            for left, right in ((before, after), (after, before))
        )
        return self._added_up("measure", _whoever(gone, come), {})

    def _with_one(self, change: Change, before: Mapping[str, Path]) -> dict[str, Path]:
        """The seeds of the first policy with one change from the second."""
        file = before[change.family]
        with file.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows, header = list(reader), list(reader.fieldnames or ())
        gone = [_cells(row, header) for row in change.before]
        changed = self.scratch / ALONE
        changed.mkdir(exist_ok=True)
        with (changed / file.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if not any(_is_row(row, one) for one in gone))
            writer.writerows(_cells(row, header) | _held_always(header) for row in change.after)
        return {**before, change.family: changed / file.name}

    def _added_up(
        self,
        effect: Effect,
        query: str,
        parameters: Mapping[str, object],
        *,
        duty: str | None = None,
        after: str = AFTER,
    ) -> Count:
        """Add up a query (customer_id, was, now): customers, assets, contacts of one duty or of all duties.

        Assets are rounded per customer, as the marts publish and a what-if sums them.
        """
        self.connection.execute("drop table if exists touched")
        self.connection.execute(f"create temp table touched as {query}", dict(parameters))
        (customers, begins, ceases) = self._one(
            "select count(*), count(*) filter (where was is null and now is not null),"
            " count(*) filter (where now is null and was is not null) from touched"
        )
        assets: list[Decimal] = []
        contacts: list[Decimal] = []
        for schema in (BEFORE, after):
            assets += self._one(
                "select cast(coalesce(sum(cast(round(measures.financial_assets, 2) as decimal(18, 2))), 0)"
                " as decimal(38, 2)) from touched"
                f" inner join {schema}.{MEASURES} as measures on measures.customer_id = touched.customer_id"
            )
            contacts += self._one(
                "select cast(round(coalesce(sum(required_contacts / period_months), 0), 2) as decimal(38, 2))"
                f" from {schema}.owed as owed inner join touched on touched.customer_id = owed.customer_id"
                + (" where owed.rule_id = $duty" if duty else ""),
                {"duty": duty} if duty else {},
            )
        return Count(effect, customers, assets[0], assets[1], contacts[0], contacts[1], begins, ceases)

    def _one(self, query: str, parameters: Mapping[str, object] | None = None) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self.connection.execute(query, dict(parameters or {})).fetchall()[0]
        return row


def _differing(query: str, after: str) -> str:
    """The customers for whom a query (customer_id, said) gives different texts before and after."""
    return (
        "select coalesce(old.customer_id, new.customer_id) as customer_id, old.said as was, new.said as now"
        f" from ({query.format(schema=BEFORE)}) as old full join ({query.format(schema=after)}) as new"
        " on new.customer_id = old.customer_id where old.said is distinct from new.said"
    )


def _whoever(*queries: str) -> str:
    """The customers of all the queries."""
    nothing = "cast(null as varchar) as was, cast(null as varchar) as now"
    return f"select customer_id, {nothing} from ({' union '.join(queries)}) as one"


def _cells(row: Row, header: Sequence[str]) -> dict[str, str]:
    """A row as written in its CSV."""
    return {name: _text(row.values.get(name)) for name in header}


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _is_row(row: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(row[name] == value for name, value in other.items() if name not in _ALWAYS)


def _held_always(header: Sequence[str]) -> dict[str, str]:
    return {name: value for name, value in _ALWAYS.items() if name in header}
