"""Who reads which rows: the rights of fct_access_right as row rules of Superset, one for each kind of data set.

A data set's `rights` says what its rows are about. Every rule binds everybody but administrators, whatever their roles;
an employee's user bears the employee's number. docs/semantics.md says what a right means.

customers     rows of a customer (customer_id, org_id of the lead outlet, and employee_id where there is one)
organization  rows of an organisation (org_id)
employee      rows of a person (employee_id) in an organisation (org_id)
bank          rows of the whole bank
reference     names and days, for everybody with any right
"""

from __future__ import annotations

# The quote in a name would end the text.
USER = "'{{ (current_username() or '') | replace(\"'\", \"''\") }}'"

_ANY = f"exists (select 1 from fct_access_right as held where held.employee_id = {USER})"
_BANK = f"exists (select 1 from fct_access_right as held where held.employee_id = {USER} and held.scope = 'bank')"
_ORGANIZATION = (
    "org_id in (select held.org_id from fct_access_right as held"
    f" where held.employee_id = {USER} and held.scope <> 'customers')"
)
# The lead outlet of today decides, also over the months before.
_OUTLETS_CUSTOMER = (
    "customer_id in (select customer.customer_id from dim_customer as customer"
    " inner join fct_access_right as held on held.org_id = customer.lead_org_id"
    f" where held.employee_id = {USER} and held.scope <> 'customers')"
)
_OWN_CUSTOMER = (
    f"customer_id in (select own.customer_id from fct_access_customer as own where own.employee_id = {USER})"
)
_SELF = f"employee_id = {USER}"


def clause(kind: str, columns: tuple[str, ...]) -> str:
    """The condition on a data set's rows. kind: its `rights`; columns: those that it has."""
    if kind == "reference":
        return _ANY
    if kind == "bank":
        return _BANK
    ways = {
        "customers": [_BANK, _OUTLETS_CUSTOMER, _OWN_CUSTOMER],
        "organization": [_ORGANIZATION],
        "employee": [_ORGANIZATION],
    }[kind]
    if "employee_id" in columns and kind != "organization":
        ways = [*ways, _SELF]
    return f"{_ANY} and ({' or '.join(ways)})"
