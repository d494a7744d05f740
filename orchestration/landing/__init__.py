"""The landing zone: find deliveries, inspect their files, load them into the scratch warehouse."""

from orchestration.landing.deliveries import (
    Arrival,
    Partition,
    arrivals,
    complete_dates,
    deliveries,
    partitions,
    partitions_to_read,
)
from orchestration.landing.facts import write_replaced_close
from orchestration.landing.headers import unfit_headers
from orchestration.landing.reader import LandingSummary, read_landing
from orchestration.landing.recheck import note_changed_files, note_undecodable_files

__all__ = [
    "Arrival",
    "LandingSummary",
    "Partition",
    "arrivals",
    "complete_dates",
    "deliveries",
    "note_changed_files",
    "note_undecodable_files",
    "partitions",
    "partitions_to_read",
    "read_landing",
    "unfit_headers",
    "write_replaced_close",
]
