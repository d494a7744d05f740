"""The two sides of a comparison: a date, a folder of policy CSVs, or a git revision."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from expectations.policy.files import family_files, proposed_folder
from expectations.policy.lint import lint
from expectations.policy.model import InForce, PolicyRows
from expectations.policy.reading import load_policy
from expectations.policy.sheets import PolicyError, Problem, UnreadableError, policy_schemas
from expectations.project import POLICY_FOLDER, PROJECT_ROOT
from orchestration.settings import Settings
from orchestration.store.releases import NothingPublishedError, release_in_force

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class DiffError(ValueError):
    """A side can't be read; the message says what to give instead."""


@dataclass(frozen=True, eq=False)
class Side:
    """One policy of a comparison.

    what: the folder or revision, empty for seeds/policy. on: the date of its rows. files: family -> CSV, with all
    dates.
    problems: what the policy lint finds on that date; if any, counts of this side may mislead.
    """

    what: str
    on: date
    view: InForce
    files: Mapping[str, Path]
    problems: tuple[Problem, ...] = ()


@contextmanager
def open_sides(before: str, after: str, settings: Settings, root: Path = PROJECT_ROOT) -> Iterator[tuple[Side, Side]]:
    """Read both sides of a comparison.

    Each is a date (the rows of seeds/policy in force on it), a folder of policy CSVs (laid over seeds/policy), or a git
    revision; the last two may be followed by `@YYYY-MM-DD`. The default is the business date of the release in force;
    without a release, the other side's date. root: the folder whose git knows the revisions.
    Raises DiffError for a side that is none of these, UnreadableError for unreadable rows.
    """
    texts = [_split(before), _split(after)]
    default = _default_date(settings, [day for _, day in texts if day], before)
    with tempfile.TemporaryDirectory(prefix="fenceng-policy-") as scratch:
        sides = [
            _side(what, day or default, root, Path(scratch) / name)
            for (what, day), name in zip(texts, ("before", "after"), strict=True)
        ]
        yield sides[0], sides[1]


def _default_date(settings: Settings, given: Sequence[date], before: str) -> date:
    """The business date of the release in force, else the first date given. before: a side, for the message."""
    try:
        return date.fromisoformat(release_in_force(settings).manifest()["business_date"])
    except NothingPublishedError as error:
        if given:
            return given[0]
        raise DiffError(f"{error}, or give a date: {before}@2026-01-31, or a date as one of the sides") from None


def rows_of_revision(revision: str, target: Path, root: Path = PROJECT_ROOT) -> None:
    """Write the policy CSVs of a commit into a folder; a missing family is written without rows.

    Raises DiffError if git, its repository or the revision is missing.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise DiffError(
            f"{revision} is not a date, a folder or a revision that git knows in {root}; give YYYY-MM-DD, a folder of"
            " policy CSVs, or a revision such as HEAD~1"
        )
    place = "./" + POLICY_FOLDER.relative_to(PROJECT_ROOT).as_posix()
    listed = (_git(root, "ls-tree", "-z", "--name-only", commit, f"{place}/") or "").split("\0")
    names = [Path(name).name for name in listed if name.endswith(".csv")]
    if not names:
        raise DiffError(f"revision {revision} holds no policy CSV under {place[2:]}")
    target.mkdir(parents=True)
    for name in names:
        (target / name).write_bytes(_git_bytes(root, "show", f"{commit}:{place}/{name}") or b"")
    for family, schema in policy_schemas().items():
        if f"{family}.csv" not in names:
            (target / f"{family}.csv").write_text(f"{','.join(schema.columns)}\n", encoding="utf-8")


def _split(side: str) -> tuple[str, date | None]:
    """A side's folder or revision and its date, or None. A side that is a date gives empty text and the date."""
    what, at, day = side.rpartition("@")
    if not at or not _DATE.fullmatch(day):
        what, day = ("", side) if _DATE.fullmatch(side) else (side, "")
    try:
        return what, date.fromisoformat(day) if day else None
    except ValueError:
        raise DiffError(f"{side}: {day} is not a calendar day") from None


def _side(what: str, on: date, root: Path, scratch: Path) -> Side:
    place = Path(what).absolute()
    if not what:
        policy = load_policy()
    elif place.is_dir():
        try:
            policy = load_policy(overlay=proposed_folder(place))
        except PolicyError as error:
            raise DiffError(str(error)) from None
    else:
        try:
            rows_of_revision(what, scratch, root)
        except DiffError:
            if not place.is_file():
                raise
            raise DiffError(f"{what} is a file; give the folder that holds the policy CSVs") from None
        policy = load_policy(scratch)
    problems = lint(policy, on)
    if policy.folder == scratch:
        # That folder is temporary; the faulty file belongs to the revision.
        problems = tuple(replace(one, file=f"{what}:{Path(one.file).name}") for one in problems)
    if policy.problems:
        raise UnreadableError(problems)
    return Side(what, on, policy.in_force(on), _files(policy), problems)


def _files(policy: PolicyRows) -> dict[str, Path]:
    return family_files(policy.folder, policy.overlay)


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints, without the final newline; None if it fails. Raises DiffError without git or a repository."""
    printed = _git_bytes(root, *arguments)
    return None if printed is None else printed.decode("utf-8", "surrogateescape").removesuffix("\n")


def _git_bytes(root: Path, *arguments: str) -> bytes | None:
    """What git prints; None if it fails. Raises DiffError without git or a repository."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise DiffError("git is not installed, so a revision can't be read; give a folder of policy CSVs") from None
    if b"not a git repository" in done.stderr:
        raise DiffError(f"{root} is not a git repository, so a revision can't be read; give a folder of policy CSVs")
    return done.stdout if done.returncode == 0 else None
