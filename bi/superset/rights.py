"""Who reads which rows: the rights of fct_access_right as row rules of Superset, one for each kind of data set.

A data set's `rights` says what its rows are about, as `meta.readers` does for the mart that it shows; the rows that
somebody reads are those that they read on the database server, too (docs/semantics.md 14.7). Every rule binds everybody
but administrators, whatever their roles; an employee's user bears the employee's number.

customers     rows of a customer (customer_id)
organization  rows of an organisation (org_id)
employee      rows of a person (employee_id)
bank          rows of the whole bank
reference     names and days, for everybody with any right
"""

from __future__ import annotations

# The quote in a name would end the text.
USER = "'{{ (current_username() or '') | replace(\"'\", \"''\") }}'"

_HELD = f"fct_access_right as held where held.employee_id = {USER}"
_ANY = f"exists (select 1 from {_HELD})"
_BANK = f"exists (select 1 from {_HELD} and held.scope = 'bank')"
_PLACES = f"(select held.org_id from {_HELD} and held.scope <> 'customers')"
# What a row must meet beside _ANY. The lead outlet and the place of work are those of today, also for earlier months.
_RULES = {
    "reference": _ANY,
    "bank": _BANK,
    "organization": f"org_id in {_PLACES}",
    "employee": (
        f"{_BANK} or employee_id = {USER} or employee_id in"
        f" (select employee.employee_id from dim_employee as employee where employee.org_id in {_PLACES})"
    ),
    "customers": (
        f"{_BANK} or customer_id in"
        f" (select customer.customer_id from dim_customer as customer where customer.lead_org_id in {_PLACES})"
        f" or customer_id in (select own.customer_id from fct_access_customer as own where own.employee_id = {USER})"
    ),
}


def clause(kind: str) -> str:
    """The condition on the rows of a data set. kind: its `rights`."""
    return f"{_ANY} and ({_RULES[kind]})"
