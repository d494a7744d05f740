"""The kept releases of a store, and the way back to one of them."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.runtime.lock import refresh_lock
from orchestration.settings import Settings
from orchestration.store.publish import flip
from orchestration.store.releases import MANIFEST, Release, release_in_force

# One line of JSON for each rollback, in the published store.
ROLLBACKS = "rollbacks.jsonl"


class RollbackError(Exception):
    """A release can't be put back in force; the message says why."""


@dataclass(frozen=True)
class Rollback:
    """A record: when (UTC, ISO), who, from which release to which, and why."""

    at: str
    who: str
    from_release: str
    to_release: str
    why: str


def kept_releases(published: Path) -> list[Release]:
    """Return the releases that the store holds, the newest first; builds that were never published are left out."""
    folders = (published / "releases").glob("*/")
    found = [Release(folder) for folder in folders if not folder.name.startswith(".") and (folder / MANIFEST).is_file()]
    return sorted(found, key=lambda one: (one.manifest()["published_at"], one.release_id), reverse=True)


def rollbacks(published: Path) -> list[Rollback]:
    """Return the recorded rollbacks, the oldest first."""
    log = published / ROLLBACKS
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Rollback(**json.loads(line)) for line in lines]


def roll_back(settings: Settings, release_id: str | None, why: str) -> Rollback:
    """Put a kept release back in force; by default the one that the current one replaced.

    The lock of the refresh is held, and every file of the release is checked against its manifest first. The rollback
    is recorded before the symlink is replaced, so that none goes unrecorded. Raises RollbackError for an unknown, a
    current or an incomplete release, RefreshRunningError during a refresh, NothingPublishedError without a release.
    """
    release_in_force(settings)
    with refresh_lock(settings.output):
        current = release_in_force(settings)
        wanted = release_id or current.manifest()["previous_release"]
        kept = {one.release_id: one for one in kept_releases(settings.published)}
        if wanted is None:
            raise RollbackError(f"{current.release_id} is the first release; there is none before it")
        if wanted == current.release_id:
            raise RollbackError(f"{wanted} is in force already")
        if wanted not in kept:
            raise RollbackError(f"release {wanted} is not kept; `fenceng versions` lists those that are")
        _require_complete(kept[wanted])
        record = Rollback(
            datetime.now(UTC).isoformat(timespec="seconds"), getpass.getuser(), current.release_id, wanted, why
        )
        with (settings.published / ROLLBACKS).open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
            log.flush()
            os.fsync(log.fileno())
        flip(settings.published, kept[wanted].folder)
    return record


def _require_complete(release: Release) -> None:
    """Raise RollbackError unless every file of the manifest is there with its hash."""
    for name, described in sorted(release.manifest()["files"].items()):
        file = release.folder / name
        if not file.is_file():
            raise RollbackError(f"release {release.release_id} is incomplete: {name} is missing")
        with file.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != described["sha256"]:
                raise RollbackError(f"release {release.release_id} is damaged: {name} is not as it was published")
