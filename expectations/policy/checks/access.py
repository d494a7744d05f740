"""L3: whose people may read which rows."""

from __future__ import annotations

from collections.abc import Iterator

from expectations.policy.checks.parts import delivered, labelled
from expectations.policy.checks.results import ANY
from expectations.policy.model import InForce
from expectations.policy.sheets import Problem


def rights(view: InForce) -> Iterator[Problem]:
    """Levels and roles of rights are those of the landing contract or any; scopes have a label."""
    for row in view.rows["policy_access"]:
        for column, source in (("org_level", "organization.org_level"), ("role", "employee.role")):
            if row.text(column) != ANY:
                yield from delivered(view, row, column, source)
        yield from labelled(view, row, "scope", "access_scope")
