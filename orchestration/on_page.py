"""What a run's page in Dagster says when a run ends early: the sentence that stops it, and what to do there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import dagster as dg

from expectations.findings import Finding
from orchestration.run_record import StationOrderError, recorded_findings
from orchestration.runtime.failures import BuildFailedError
from orchestration.settings import PREFIX, Settings
from orchestration.stations import DeliveryRefusedError, OlderDateError, PolicyRefusedError

# Tags of a run that allow for this run alone what the command line allows by an option: tag -> setting.
ALLOWANCES = {"fenceng/allow_stale": "allow_stale", "fenceng/allow_older": "allow_older"}
# Failure metadata that an alert reads.
BUSINESS_DATE, IS_BLOCKED, SENTENCES = "business_date", "is_blocked", "sentences"
# A page lists no more sentences than a person reads; the checks on the assets have all.
LISTED = 20
_OPTIONS = {f"--{setting.replace('_', '-')}": f"the tag {tag}=true" for tag, setting in ALLOWANCES.items()} | {
    "--output": f"{PREFIX}OUTPUT"
}
_OPTION = re.compile("|".join(map(re.escape, _OPTIONS)))
_AGAIN = (
    "When it is corrected, open **Re-execute**, **All steps in root run** on this page. To go on as it is with a tag"
    " that the sentence names, hold Shift while you choose it and add the tag: it holds for that run alone."
)


def on_page(text: str) -> str:
    """Return a sentence of the command line with its options as what Dagster's pages offer: tags of a run."""
    return _OPTION.sub(lambda found: _OPTIONS[found[0]], text)


def allowances(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the settings, as text, that a run's tags give."""
    return {setting: tags[tag] for tag, setting in ALLOWANCES.items() if tag in tags}


def stopped(business_date: date, sentences: Sequence[str], *, is_blocked: bool) -> dg.Failure:
    """Return the failure of a run: its first line is the first sentence. Nothing tries it again by itself.

    sentences: why, the most important first, as the command line says it.
    """
    said = [on_page(sentence) for sentence in sentences]
    shown = said[:LISTED] + ([f"and {len(said) - LISTED} more"] if len(said) > LISTED else [])
    headline = f"{business_date} is blocked" if is_blocked else f"{business_date} failed"
    return dg.Failure(
        description=f"{headline}: " + "\n".join(shown),
        metadata={
            "what_to_do": dg.MetadataValue.md(_AGAIN),
            BUSINESS_DATE: dg.MetadataValue.text(business_date.isoformat()),
            IS_BLOCKED: dg.MetadataValue.bool(is_blocked),
            SENTENCES: dg.MetadataValue.json(list(sentences)),
        },
        allow_retries=False,
    )


def sentences_of(event: dg.DagsterEvent) -> list[str]:
    """Return why a station stopped its run, in the words of the command line; none for any other event."""
    told = _told(event).get(SENTENCES)
    return list(told.value) if isinstance(told, dg.JsonMetadataValue) and isinstance(told.value, list) else []


def is_blocked(event: dg.DagsterEvent) -> bool:
    """Return whether a station stopped its run because of findings."""
    told = _told(event).get(IS_BLOCKED)
    return isinstance(told, dg.BoolMetadataValue) and bool(told.value)


def _told(event: dg.DagsterEvent) -> Mapping[str, dg.MetadataValue]:
    data = event.step_failure_data.user_failure_data if event.is_step_failure else None
    return (data.metadata if data else None) or {}


def refuse(business_date: date, blocking: Sequence[Finding]) -> None:
    """Raise the failure of a run that findings block; do nothing without any."""
    if blocking:
        raise stopped(business_date, [str(finding) for finding in blocking], is_blocked=True)


@contextmanager
def in_plain_words(settings: Settings, business_date: date) -> Iterator[None]:
    """Turn what a station refuses into a failure whose first line is the reason; defects keep their stack trace."""
    try:
        yield
    except (DeliveryRefusedError, PolicyRefusedError):
        blocking = [finding for finding in recorded_findings(settings) if finding.severity == "block"]
        failure = stopped(business_date, [str(finding) for finding in blocking], is_blocked=True)
    except (BuildFailedError, OlderDateError, StationOrderError) as error:
        failure = stopped(business_date, [str(error)], is_blocked=False)
    else:
        return
    # Outside of the handlers, so that no other exception is told with it.
    raise failure


def check_result(
    key: dg.AssetKey, name: str, business_date: date, found: Sequence[Finding], counts: Mapping[str, int]
) -> dg.AssetCheckResult:
    """Return what a gate says of an asset: the date, the counts as whole numbers, every finding."""
    blocking = [finding for finding in found if finding.severity == "block"]
    listed = "\n".join(f"- {on_page(str(finding))}" for finding in found)
    metadata: dict[str, Any] = {
        # Dagster's own partitions of checks are a preview, "not ready for production use".
        BUSINESS_DATE: dg.MetadataValue.text(business_date.isoformat()),
        "partition": dg.MetadataValue.text(business_date.isoformat()),
        **{count: dg.MetadataValue.int(int(value)) for count, value in counts.items()},
        "findings": dg.MetadataValue.md(listed or "none"),
    }
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not blocking,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description="\n".join(on_page(str(finding)) for finding in blocking) or None,
        metadata=metadata,
    )
