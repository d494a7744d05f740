"""L2, L3 and L6: signs that a visit may not have been made as recorded, and the parameters that they read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from expectations.policy.checks.parts import missing_row, one_of, only_columns, within
from expectations.policy.model import InForce
from expectations.policy.sheets import Problem
from expectations.policy.wording import plain

# The models find each sign in its own way, so a bank chooses from these; with the columns that a sign's row needs.
SIGNALS: Mapping[str, tuple[str, ...]] = {
    "late_entry": ("threshold",),
    "off_day": (),
    "month_end_burst": ("threshold", "minimum"),
    "crowded_day": ("threshold",),
    "same_minute": ("threshold",),
    "short_call": ("threshold",),
    "copied_outcome": ("threshold", "minimum"),
}
COLUMNS_OF_SIGNALS = ("threshold", "minimum")
# The sign whose threshold is a share of the visits, and the working days that it looks at.
BURST, BURST_PARAMETER = "month_end_burst", "burst_days"
PEER_PARAMETER = "peer_minimum"


def visit_signals(view: InForce) -> Iterator[Problem]:
    """A row names a sign that the models can find, with the numbers that it needs; a sign without a row is not sought.

    The threshold of a burst is a share, the others are whole days, visits and seconds.
    """
    for row in view.rows["policy_visit_signal"]:
        signal, threshold = row.text("signal"), row.number("threshold")
        yield from one_of(row, "signal", tuple(SIGNALS))
        if signal not in SIGNALS:
            continue
        yield from only_columns(row, signal, SIGNALS[signal], COLUMNS_OF_SIGNALS)
        yield from within(row, "minimum", Decimal(1), None)
        if threshold is None:
            continue
        if signal == BURST:
            if not 0 < threshold <= 1:
                yield row.problem("L6", f"out of range: threshold {plain(threshold)} is not above 0 and at most 1")
        elif threshold < 1 or threshold % 1:
            yield row.problem("L6", f"out of range: threshold {plain(threshold)} is not a whole number of 1 or more")


def visit_parameters(view: InForce) -> Iterator[Problem]:
    """The end of a month and the peers of a person are in force where they are read, and not empty."""
    readers = {PEER_PARAMETER: "the median of a person's peers"}
    if any(row.text("signal") == BURST for row in view.rows["policy_visit_signal"]):
        readers[BURST_PARAMETER] = BURST
    for row in view.rows["policy_parameter"]:
        name = row.text("parameter_id")
        if name in (BURST_PARAMETER, PEER_PARAMETER):
            yield from within(row, "number_value", Decimal(1), None)
            readers.pop(name, None)
    for name, reader in sorted(readers.items()):
        yield missing_row(view, "policy_parameter", f"no row: {name} is not in force; {reader} needs it")
