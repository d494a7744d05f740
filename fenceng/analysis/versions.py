"""The kept releases of a store, and how each month of the current one was published last."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.database import connect
from orchestration.settings import Settings
from orchestration.store.releases import release_in_force
from orchestration.store.rollback import Rollback, kept_releases, rollbacks
from orchestration.store.runs import runs_query


@dataclass(frozen=True)
class Version:
    """A release, or the run that published a month last. Dates are ISO, published_at is in UTC."""

    release_id: str
    business_date: str
    known_on: str
    published_at: str
    policy_version: str
    code_version: str


@dataclass(frozen=True)
class Versions:
    """current: id of the release in force. releases: newest first. months: policy month -> its last run, by month."""

    current: str
    releases: tuple[Version, ...]
    months: dict[str, Version]
    rollbacks: tuple[Rollback, ...]


def versions_of(settings: Settings) -> Versions:
    """Read the versions of a store. Raises NothingPublishedError without a release, StoreError for a broken one."""
    current = release_in_force(settings)
    releases = []
    for release in kept_releases(settings.published):
        manifest = release.manifest()
        known_on = manifest.get("known_on") or manifest["business_date"]
        told = (manifest[name] for name in ("published_at", "policy_version", "code_version"))
        releases.append(Version(release.release_id, manifest["business_date"], known_on, *told))
    with connect() as connection:
        rows = connection.execute(
            "select date_trunc('month', business_date)::date, run_id, business_date, known_on, published_at,"
            f" policy_version, code_version from ({runs_query(current)})"
            " qualify row_number() over (partition by date_trunc('month', business_date)"
            " order by published_at desc, run_id desc) = 1 order by 1"
        ).fetchall()
    months = {
        str(month): Version(run_id, str(day), str(known_on), at.isoformat(), policy, code)
        for month, run_id, day, known_on, at, policy, code in rows
    }
    return Versions(current.release_id, tuple(releases), months, tuple(rollbacks(settings.published)))
