"""The customers whose rows gate 1 held back: a value missing for that reason is not one that was never delivered."""

from __future__ import annotations

import duckdb

from expectations.contract import Contract
from expectations.quoting import literal

# The column that names a delivered row's customer.
CUSTOMER = "customer_id"


def write_held_back(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Write `gate_1.held_back` (table_name, customer_id, rule_id, rows_held) for a delivery whose rows were judged.

    Only accepted customers are listed: no other value of a held-back row may be shown. Copies of a kept row and lines
    that could not be read as rows are left out.
    """
    selects = [
        f"select rejection.table_name, landed.{CUSTOMER}, rejection.rule_id"
        f" from gate_1.rejection as rejection inner join landing.{table.name} as landed on landed._row = rejection._row"
        f" where rejection.table_name = {literal(table.name)}"
        f" and rejection.rule_id <> {literal(f'{table.name}.key.duplicate')}"
        for table in contract.tables.values()
        if any(column.name == CUSTOMER for column in table.columns)
    ]
    connection.execute(
        f"create or replace table gate_1.held_back as select held.table_name, held.{CUSTOMER}, held.rule_id,"
        f" count(*) as rows_held from ({' union all '.join(selects)}) as held"
        f" semi join accepted.customer as customer on customer.{CUSTOMER} = held.{CUSTOMER} group by all"
    )
