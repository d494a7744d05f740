"""The organization tree: who is above whom, and whose staff may visit for an outlet."""

from __future__ import annotations

from collections import defaultdict

from .landing import Row

DEPARTMENTS = {"corporate_department", "wealth_center"}


class Tree:
    """The accepted organizations."""

    def __init__(self, rows: list[Row]) -> None:
        """Index the organizations by id."""
        self.rows: dict[str, Row] = {row["org_id"]: row for row in rows}
        self._ancestors: dict[str, list[str]] = {}

    def ancestors(self, org_id: str) -> list[str]:
        """Strict ancestors, nearest first; a cycle ends where it would repeat."""
        if org_id not in self._ancestors:
            seen: list[str] = []
            at = self.rows[org_id]["parent_org_id"]
            while at in self.rows and at != org_id and at not in seen:
                seen.append(at)
                at = self.rows[at]["parent_org_id"]
            self._ancestors[org_id] = seen
        return self._ancestors[org_id]

    def line(self, org_id: str) -> list[str]:
        """The organization, its parent, and so on to the top."""
        return [org_id, *self.ancestors(org_id)]

    def base(self, org_id: str) -> str:
        """Whom an organization's staff belong to: a department's to its parent, if that was accepted."""
        row = self.rows[org_id]
        parent = row["parent_org_id"]
        return str(parent) if row["org_level"] in DEPARTMENTS and parent in self.rows else org_id

    def branch(self, org_id: str) -> str:
        """The branch above an organization, else the last of its line."""
        return self.nearest(org_id, "branch") or self.line(org_id)[-1]

    def nearest(self, org_id: str, level: str) -> str | None:
        """Return the organization itself or its nearest ancestor of a level."""
        for candidate in self.line(org_id):
            if self.rows[candidate]["org_level"] == level:
                return candidate
        return None

    def serves(self, org_id: str, lead: str) -> bool:
        """Staff of `org_id` may visit for `lead`: itself, ancestors, departments of ancestors."""
        ancestors = self.ancestors(lead)
        if org_id == lead or org_id in ancestors:
            return True
        organization = self.rows[org_id]
        return organization["org_level"] in DEPARTMENTS and organization["parent_org_id"] in ancestors

    def by_nearness(self, lead: str) -> list[list[str]]:
        """The organizations that serve an outlet, nearest first: itself, then each ancestor with its departments."""
        departments: dict[str, list[str]] = defaultdict(list)
        for org_id, row in self.rows.items():
            if row["org_level"] in DEPARTMENTS and row["parent_org_id"] is not None:
                departments[row["parent_org_id"]].append(org_id)
        return [[lead], *(sorted([above, *departments[above]]) for above in self.ancestors(lead))]
