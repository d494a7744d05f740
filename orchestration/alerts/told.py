"""What was told already: a small file in the output folder. The same alert is not sent twice for a date and cause."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.alerts.conditions import Alert, Kind, newest_date
from orchestration.settings import Settings
from orchestration.store.releases import Release

FILE = "alerts.json"
# Causes that are remembered, the newest.
REMEMBERED = 500
# What a later release settles.
SETTLED = (Kind.FAILED, Kind.BLOCKED, Kind.LATE)


@dataclass
class Told:
    """causes: of the alerts sent, the oldest first. unsettled: date told of -> id and newest date of the release then.

    Both are empty texts if nothing was published then.
    """

    causes: list[str] = field(default_factory=list)
    unsettled: dict[str, tuple[str, str]] = field(default_factory=dict)

    def new(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Return the alerts that were not sent yet."""
        return [alert for alert in alerts if alert.cause not in self.causes]

    def settled(self, release: Release | None) -> list[Alert]:
        """Return that a date is published again, if a release since then settles what was told."""
        newest = newest_date(release)
        return [Alert(Kind.PUBLISHED, newest)] if newest and self._days_settled(release) else []

    def _days_settled(self, release: Release | None) -> list[str]:
        """The dates told of that a release settles: it is of that date, or has gone past it since."""
        if release is None:
            return []
        manifest = release.manifest()
        return [
            day
            for day, (before, newest_then) in self.unsettled.items()
            if before != release.release_id
            and (manifest["business_date"] == day or newest_then < day <= manifest["newest_business_date"])
        ]

    def note(self, alert: Alert, release: Release | None) -> None:
        """Remember that an alert was sent, with the release in force."""
        if alert.kind is Kind.PUBLISHED:
            for day in self._days_settled(release):
                del self.unsettled[day]
                # The date may go wrong again, and is then told of again.
                kinds = tuple(f"{kind}|{day}|" for kind in SETTLED)
                self.causes = [cause for cause in self.causes if not cause.startswith(kinds)]
            return
        self.causes = [*self.causes, alert.cause][-REMEMBERED:]
        if alert.kind in SETTLED:
            newest = newest_date(release)
            self.unsettled[alert.on.isoformat()] = (
                release.release_id if release else "",
                newest.isoformat() if newest else "",
            )


def read_told(settings: Settings) -> Told:
    """Read the record; an unreadable one counts as empty, since a second message is better than none."""
    try:
        text: Any = json.loads((settings.output / FILE).read_text(encoding="utf-8"))
        unsettled = {date.fromisoformat(day).isoformat(): (str(a), str(b)) for day, (a, b) in text["unsettled"].items()}
        return Told([str(cause) for cause in text["causes"]], unsettled)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Told()


def write_told(settings: Settings, told: Told) -> None:
    """Replace the record in one step. Raises OSError."""
    settings.output.mkdir(parents=True, exist_ok=True)
    file: Path = settings.output / FILE
    # Two processes may tell at once: each writes a file of its own, and the last one stands.
    fresh = file.with_name(f".{FILE}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as handle:
        json.dump({"causes": told.causes, "unsettled": told.unsettled}, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(file)
