"""Whose rows gate 1 held back: a value that is missing for that reason is told apart from one that never came."""

from __future__ import annotations

import duckdb

from expectations.contract import Contract

# The column by which a delivered row names its customer.
CUSTOMER = "customer_id"


def write_held_back(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Write `gate_1.held_back` (table_name, customer_id, rule_id, rows_held) of a delivery whose rows were judged.

    Only accepted customers are listed: whatever else stands in the column of a row that was held back is no key that
    may be shown. A copy of a row that was kept takes nothing away and is left out, and so is a line that is no row.
    """
    selects = [
        f"select rejection.table_name, landed.{CUSTOMER}, rejection.rule_id"
        f" from gate_1.rejection as rejection inner join landing.{table.name} as landed on landed._row = rejection._row"
        f" where rejection.table_name = '{table.name}' and rejection.rule_id <> '{table.name}.key.duplicate'"
        for table in contract.tables.values()
        if any(column.name == CUSTOMER for column in table.columns)
    ]
    connection.execute(
        f"create or replace table gate_1.held_back as select held.table_name, held.{CUSTOMER}, held.rule_id,"
        f" count(*) as rows_held from ({' union all '.join(selects)}) as held"
        f" semi join accepted.customer as customer on customer.{CUSTOMER} = held.{CUSTOMER} group by all"
    )
