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
BUSINESS_DATE, SENTENCES, FOUND = "business_date", "sentences", "found"
# A page lists no more sentences than a person reads; the checks on the assets have all.
LISTED = 20
_OPTIONS = {f"--{setting.replace('_', '-')}": f"the tag {tag}=true" for tag, setting in ALLOWANCES.items()} | {
    "--output": f"{PREFIX}OUTPUT"
}
_OPTION = re.compile("|".join(map(re.escape, _OPTIONS)))
_AGAIN = (
    "When it is corrected, choose **All steps in root run** in the menu beside **Re-execute all** on this page. To go"
    " on as it is with a tag that the sentence names, hold Shift while you choose it and add the tag: it holds for that"
    " run alone."
)


def on_page(text: str) -> str:
    """Return a sentence of the command line with its options as what Dagster's pages offer: tags of a run."""
    return _OPTION.sub(lambda found: _OPTIONS[found[0]], text)


def allowances(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the settings, as text, that a run's tags give."""
    return {setting: tags[tag] for tag, setting in ALLOWANCES.items() if tag in tags}


class Stopped(dg.Failure):
    """A run that a station stops. Its first line is the reason; nothing tries it again by itself.

    sentences: why, the most important first, as the command line says it. found: the findings that block.
    """

    # Dagster's pages print the name of a failure before its words, with the module unless it is Python's own.
    __module__ = "builtins"

    def __init__(self, business_date: date, sentences: Sequence[str], found: Sequence[Finding] = ()) -> None:
        """sentences, found: see the class."""
        said = [on_page(sentence) for sentence in sentences]
        shown = said[:LISTED] + ([f"and {len(said) - LISTED} more"] if len(said) > LISTED else [])
        super().__init__(
            description=f"{business_date}, " + "\n".join(shown),
            metadata={
                "what_to_do": dg.MetadataValue.md(_AGAIN),
                BUSINESS_DATE: dg.MetadataValue.text(business_date.isoformat()),
                SENTENCES: dg.MetadataValue.json(list(sentences)),
                FOUND: dg.MetadataValue.json([[one.table, one.rule_id, one.rows] for one in found]),
            },
            allow_retries=False,
        )


class Blocked(Stopped):
    """A run that findings block."""

    __module__ = "builtins"

    def __init__(self, business_date: date, found: Sequence[Finding]) -> None:
        """found: the findings that block, the most important first."""
        super().__init__(business_date, [str(finding) for finding in found], found)


def sentences_of(event: dg.DagsterEvent) -> list[str]:
    """Return why a station stopped its run, in the words of the command line; none for any other event."""
    return [str(sentence) for sentence in _told(event, SENTENCES)]


def found_of(event: dg.DagsterEvent) -> list[tuple[str, str, int]]:
    """Return table, rule and rows of each finding that blocked a run; none for any other event."""
    return [(str(table), str(rule), int(rows)) for table, rule, rows in _told(event, FOUND)]


def _told(event: dg.DagsterEvent, name: str) -> list[Any]:
    data = event.step_failure_data.user_failure_data if event.is_step_failure else None
    told = data.metadata.get(name) if data else None
    return told.value if isinstance(told, dg.JsonMetadataValue) and isinstance(told.value, list) else []


def refuse(business_date: date, blocking: Sequence[Finding]) -> None:
    """Raise the failure of a run that findings block; do nothing without any."""
    if blocking:
        raise Blocked(business_date, blocking)


@contextmanager
def in_plain_words(settings: Settings, business_date: date) -> Iterator[None]:
    """Turn what a station refuses into a failure whose first line is the reason; defects keep their stack trace."""
    try:
        yield
    except (DeliveryRefusedError, PolicyRefusedError):
        blocking = [finding for finding in recorded_findings(settings) if finding.severity == "block"]
        failure: Stopped = Blocked(business_date, blocking)
    except (BuildFailedError, OlderDateError, StationOrderError) as error:
        failure = Stopped(business_date, [str(error)])
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
