"""An organisation of a release by its id or name, everything below it, and people by their id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from fenceng.analysis.replay import ReplayError
from orchestration.store.releases import Release

# How many near names an error lists, and from which likeness on (0 to 1); otherwise the first names are listed.
NEAR = 5
LIKENESS = 0.4
_ORGANIZATIONS, _PEOPLE = "dim_organization", "dim_employee"


class UnknownNameError(ReplayError):
    """The release has no such organisation or person; the message lists near names."""


@dataclass(frozen=True)
class Organization:
    """An organisation of a release."""

    org_id: str
    name: str

    def __str__(self) -> str:
        return f"{self.org_id} {self.name}"


def organization_of(connection: duckdb.DuckDBPyConnection, release: Release, asked: str) -> Organization:
    """The organisation with an id, or with a name that no other has.

    Raises UnknownNameError with near ids and names, OlderVersionError for a release without organisations.
    """
    rows = connection.execute(
        f"select org_id, org_name from ({release.rows(_ORGANIZATIONS)}) order by org_id"
    ).fetchall()
    known = [Organization(org_id, name) for org_id, name in rows]
    by_id = {one.org_id: one for one in known}
    named = [one for one in known if one.name == asked]
    if asked in by_id:
        return by_id[asked]
    if len(named) == 1:
        return named[0]
    if named:
        listed = ", ".join(one.org_id for one in named)
        raise UnknownNameError(f"{len(named)} organisations are called {asked}: {listed}; name one by its id")
    owners = {one.org_id: one for one in known} | {one.name: one for one in reversed(known)}
    close = dict.fromkeys(owners[text] for text in _near(asked, owners))
    raise UnknownNameError(
        f"no organisation {asked} in release {release.release_id}; near: {', '.join(map(str, close)) or 'none'}"
    )


def role_of(
    connection: duckdb.DuckDBPyConnection, release: Release, asked: str, nearby: Iterable[str]
) -> tuple[str, str]:
    """The role and the organisation of an employee.

    nearby: employees that an error lists first. Raises UnknownNameError with near ids.
    """
    rows = connection.execute(
        f"select employee_id, role, org_id from ({release.rows(_PEOPLE)}) order by employee_id"
    ).fetchall()
    people = {employee_id: (role, org_id) for employee_id, role, org_id in rows}
    if asked in people:
        return people[asked]
    names = list(dict.fromkeys(nearby)) or list(people)
    close = _near(asked, names)
    raise UnknownNameError(f"no employee {asked} in release {release.release_id}; near: {', '.join(close) or 'none'}")


def roles(connection: duckdb.DuckDBPyConnection, release: Release, people: Iterable[str]) -> Mapping[str, str]:
    """Employee -> role, of some people."""
    wanted = sorted(set(people))
    rows = connection.execute(
        f"select employee_id, role from ({release.rows(_PEOPLE)}) where employee_id in (select unnest(?))", [wanted]
    ).fetchall()
    return dict(rows)


def below(release: Release, organization: str) -> str:
    """The query of an organisation and all below it, as org_id; a ring of parents ends it. organization: SQL."""
    return (
        f"with recursive member(org_id) as (select {organization} union select org.org_id"
        f" from ({release.rows(_ORGANIZATIONS)}) as org inner join member on org.parent_org_id = member.org_id)"
        " select org_id from member"
    )


def _near(asked: str, names: Iterable[str]) -> list[str]:
    """The names most like what was asked, else the first ones."""
    listed = list(names)
    return get_close_matches(asked, listed, NEAR, LIKENESS) or listed[:NEAR]
