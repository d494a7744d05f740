"""Runs a table's rules with Great Expectations, pushed down to DuckDB, and finds the rows that break them."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb

from expectations.dialect import register
from expectations.rules import Rule

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

ROW = "_row"
_numbers = count()


class GateError(Exception):
    """A rule could not be run: the gate can't judge the data and must not pass it."""


def preload() -> None:
    """Import Great Expectations, which takes seconds; another process can read the landing zone meanwhile."""
    _context()


@dataclass(frozen=True)
class Verdict:
    """A rule's outcome: how many rows broke it and, for query and quarantine rules, the query for these rows."""

    rule: Rule
    unexpected: int
    failing_rows: str | None

    @property
    def passed(self) -> bool:
        """No row broke the rule."""
        return self.unexpected == 0


def run_rules(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], row_column: str = ROW) -> list[Verdict]:
    """Run rules on one relation. `row_column` is the column that identifies a failing row.

    Great Expectations counts first; only failed quarantine rules run again, to get the query for their rows. Its own
    list of failing values is never read: it is capped and holds personal data. Raises GateError if an expectation
    raises.
    """
    if not rules:
        return []
    relation, schema = rules[0].relation, rules[0].schema
    with register(f"gate_{next(_numbers)}", connection, schema) as url:
        context = _context()
        source = context.data_sources.add_sql(name=url, connection_string=url)
        asset = source.add_table_asset(name=relation, table_name=relation)
        batch = asset.add_batch_definition_whole_table("whole")
        counted = _validate(context, batch, rules, {"result_format": "SUMMARY", "partial_unexpected_count": 0})
        failing = [
            rule for rule in rules if rule.severity == "quarantine" and rule.query is None and counted[rule.rule_id][0]
        ]
        complete = {
            "result_format": "COMPLETE",
            "partial_unexpected_count": 0,
            "unexpected_index_column_names": [row_column],
        }
        listed = _validate(context, batch, failing, complete) if failing else {}
    verdicts = []
    for rule in rules:
        unexpected, _ = counted[rule.rule_id]
        query = None
        if unexpected and rule.query:
            query = rule.query
        elif rule.rule_id in listed:
            found = (listed[rule.rule_id][1] or "").rstrip().rstrip(";")
            query = f"with {relation} as (select * from {schema}.{relation}) {found}"
        verdicts.append(Verdict(rule, unexpected, query))
    return verdicts


@cache
def _context() -> EphemeralDataContext:
    # Imported here: Great Expectations takes seconds to load, and most commands don't need it.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


def _validate(
    context: EphemeralDataContext, batch: Any, rules: Sequence[Rule], result_format: dict[str, Any]
) -> dict[str, tuple[int, str | None]]:
    """Rule id -> (rows that break it, query for these rows if the format includes it)."""
    import great_expectations as gx

    name = f"suite_{next(_numbers)}"
    suite: ExpectationSuite = context.suites.add(
        gx.ExpectationSuite(name=name, expectations=[_expectation(rule) for rule in rules])
    )
    validation = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batch, suite=suite))
    outcome: dict[str, tuple[int, str | None]] = {}
    for result in validation.run(result_format=result_format).results:
        config = result.expectation_config
        rule_id = config.meta["rule_id"] if config and config.meta else ""
        error = result.exception_info
        if error.get("raised_exception") or any(
            isinstance(part, dict) and part.get("raised_exception") for part in error.values()
        ):
            raise GateError(f"rule {rule_id} could not be run: {_reason(error)}")
        outcome[rule_id] = _unexpected(result), result.result.get("unexpected_index_query")
    if missing := {rule.rule_id for rule in rules} - outcome.keys():
        raise GateError(f"no result for {', '.join(sorted(missing))}")
    return outcome


def _expectation(rule: Rule) -> Expectation:
    import great_expectations.expectations as gxe

    from expectations.counted_rows import CountedRowsExpectation

    meta = {"rule_id": rule.rule_id}
    if rule.query is not None:
        # Great Expectations fills {batch} with str.format, so braces in a pattern are doubled.
        query = rule.query.replace("{", "{{").replace("}", "}}")
        return CountedRowsExpectation(unexpected_rows_query=query, notes=rule.because, meta=meta)
    name = "Expect" + "".join(part.capitalize() for part in rule.expect.split("_"))
    expectation: Expectation = getattr(gxe, name)(**rule.arguments, notes=rule.because, meta=meta)
    return expectation


def _unexpected(result: Any) -> int:
    """Rows that break the expectation; 1 for an expectation that fails without a count."""
    if result.success:
        return 0
    return int(result.result.get("unexpected_count") or 1)


def _reason(error: dict[str, Any]) -> str:
    texts = [error.get("exception_message")]
    texts += [part.get("exception_message") for part in error.values() if isinstance(part, dict)]
    return next((text for text in texts if text), "no reason given")
