"""A proposed policy beside the one that made a published month, resolved once for every analysis."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.policy.files import family_files, proposed_folder
from expectations.policy.in_force import values_in_force
from expectations.policy.model import PolicyRows
from expectations.policy.reading import load_policy
from expectations.policy.sheets import CellValue, PolicyError, UnreadableError, canonical_files, policy_schemas
from fenceng.analysis.replay import (
    MEASURES,
    PublishedMonth,
    ReplayError,
    context_of,
    measuring_families,
    names_parameter,
    policy_of,
    policy_version_of,
    reference_folder,
    seed_files,
)
from orchestration.store.compiled_models import CompiledModels
from orchestration.store.releases import OlderVersionError

PARAMETERS = "policy_parameter"


@dataclass(frozen=True, eq=False)
class Proposal:
    """A published month and two policies for it.

    rows: the proposed policy, readable but not necessarily sound. in_force, proposed: seed -> canonical file, kept
    until the proposal is closed. changed: the families whose rows on the business date differ.
    """

    month: PublishedMonth
    rows: PolicyRows
    in_force: Mapping[str, Path]
    proposed: Mapping[str, Path]
    changed: tuple[str, ...]

    @property
    def version_in_force(self) -> str:
        """The hash of the rows in force."""
        return policy_version_of(self.in_force, self.month.business_date)

    @property
    def version_proposed(self) -> str:
        """The hash of the proposed rows."""
        return policy_version_of(self.proposed, self.month.business_date)

    def context(self, files: Mapping[str, Path]) -> dict[str, str]:
        """The run that decides the month under one of the two policies."""
        return context_of(self.month.business_date, files)

    def measuring(self, compiled: CompiledModels) -> list[str]:
        """Changed families that decide what is measured; parameters only if a measure reads a changed one."""
        families = set(self.changed) & measuring_families(compiled)
        if PARAMETERS in families and not any(
            names_parameter(compiled, [MEASURES], name) for name in self._changed_parameters()
        ):
            families.remove(PARAMETERS)
        return sorted(families)

    def _changed_parameters(self) -> set[str]:
        before, after = (
            {
                (str(row["parameter_id"]), row["number_value"])
                for row in values_in_force(files[PARAMETERS], self.month.business_date)
            }
            for files in (self.in_force, self.proposed)
        )
        return {name for name, _ in before ^ after}


@contextmanager
def open_proposal(month: PublishedMonth, place: Path) -> Iterator[Proposal]:
    """Resolve a folder of proposed policy CSVs; missing families are those in force.

    place: the folder, or one that holds it as `policy`. Raises ReplayError for a place that is not a proposal,
    UnreadableError for unreadable rows, OlderVersionError for a release without a policy of this version.
    """
    folder = policy_of(month.release)
    try:
        overlay = proposed_folder(place)
    except PolicyError as error:
        raise ReplayError(str(error)) from None
    if lacking := policy_schemas().keys() - family_files(folder, overlay).keys():
        raise OlderVersionError(
            f"release {month.release.release_id} has no {', '.join(sorted(lacking))}",
            f"refresh {month.business_date} again",
        )
    if unknown := family_files(overlay).keys() - policy_schemas().keys():
        raise ReplayError(f"{place}: {', '.join(sorted(unknown))} is not a policy family")
    rows = load_policy(folder, overlay=overlay, reference=reference_folder(folder))
    if rows.problems:
        raise UnreadableError(rows.problems)
    with tempfile.TemporaryDirectory(prefix="fenceng-policy-") as scratch:
        in_force = canonical_files(seed_files(folder), Path(scratch) / "in_force")
        proposed = in_force | canonical_files(family_files(overlay), Path(scratch) / "proposed")
        changed = changed_families(in_force, proposed, month.business_date)
        yield Proposal(month, rows, in_force, proposed, tuple(sorted(changed)))


def changed_families(before: Mapping[str, Path], after: Mapping[str, Path], on: date) -> set[str]:
    """The shared families whose rows in force on a date differ. before, after: seed -> file."""
    return {
        seed
        for seed in before.keys() & after.keys()
        if before[seed] != after[seed] and _values(before[seed], on) != _values(after[seed], on)
    }


def _values(file: Path, on: date) -> Counter[tuple[tuple[str, CellValue], ...]]:
    """What the rows of a family say on a date, in any order; validity dates do not count."""
    rows = values_in_force(file, on)
    return Counter(tuple(sorted(row.items(), key=lambda cell: cell[0])) for row in rows)
