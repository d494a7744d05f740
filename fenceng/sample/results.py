"""What the bank's own systems report by month beside the warehouse, and what is to be gained in a year.

The metrics are sample data: they repeat names of the shipped policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fenceng.sample.columns import Days, Fen, Frame, Millionths, Words, constant
from fenceng.sample.days import as_date, month_end, month_of, month_start, months_of
from fenceng.sample.edge_cases import MILLION, YUAN
from fenceng.sample.lending import active_loans
from fenceng.sample.people import People
from fenceng.sample.streams import Int, below

_MONTHS = 24  # how long a month stays in the table
_FEN = 10_000  # millionths in a fen
_UNIT = 1_000_000


@dataclass(frozen=True)
class _Metric:
    """A metric with values of its own; only money and numbers of things are larger for a branch than for an outlet."""

    name: str
    median: int  # millionths, of an outlet
    kind: Literal["money", "number", "share", "grade"] = "money"


_DRAWN = (
    _Metric("operating_income", 900_000 * _UNIT),
    _Metric("profit_before_provision", 500_000 * _UNIT),
    _Metric("profit_after_provision", 350_000 * _UNIT),
    _Metric("economic_value_added", 120_000 * _UNIT),
    _Metric("insurance_fees", 30_000 * _UNIT),
    _Metric("gold_sold_grams", 1_250 * _UNIT),
    _Metric("international_settlement_usd", 400_000 * _UNIT),
    _Metric("wealth_sales", 5_000_000 * _UNIT),
    _Metric("fund_sales", 1_200_000 * _UNIT),
    _Metric("new_personal_online_banking", 40 * _UNIT, "number"),
    _Metric("new_corporate_online_banking", 4 * _UNIT, "number"),
    _Metric("new_phone_banking", 12 * _UNIT, "number"),
    _Metric("new_mobile_banking", 65 * _UNIT, "number"),
    _Metric("new_transfer_terminals", 3 * _UNIT, "number"),
    _Metric("new_merchants", 5 * _UNIT, "number"),
    _Metric("electronic_channel_share", _UNIT * 4 // 5, "share"),
    _Metric("deposit_rank_four_banks", 2 * _UNIT, "grade"),  # of branches only, as the next
    _Metric("internal_control_grade", 2 * _UNIT, "grade"),
)
_DERIVED = ("fee_income", "deposit_total_four_banks", "deposit_total_five_banks")
# Those that the warehouse counts too: of the ledger, so not quite what the snapshots add up to; new customers agree.
_LEDGER = ("deposit_balance", "loan_balance", "new_customers")
_UNKNOWN = "customer_satisfaction"  # of which the policy has no row
METRICS = (*(metric.name for metric in _DRAWN), *_DERIVED, *_LEDGER, _UNKNOWN)
# The second outlet reports nothing for this month of each year; the third has no operating income in it.
_GAP_MONTH = 9
_LATECOMER, _IDLE = 1, 2
_ALONE = 3  # the outlet that knows nothing of a fifth bank

TARGET_METRICS = ("new_customers", "deposit_balance", "fee_income")
_YEAR_MEDIANS = np.array([240 * YUAN, 30 * MILLION, 2 * MILLION], dtype=np.int64)


class Results:
    """Reported metrics and targets; keeps the months that it has worked out."""

    def __init__(self, people: People, deposits: Int) -> None:
        """Take the customers, and the deposits in fen per customer."""
        self._people = people
        self._deposits = deposits
        organisation = people.organisation
        outlets, branches = organisation.outlets, organisation.of_level("branch")
        self._reporters = np.concatenate([outlets, branches])
        self._is_branch = np.arange(len(self._reporters)) >= len(outlets)
        place = np.full(len(organisation.level), -1, dtype=np.int64)
        place[self._reporters] = np.arange(len(self._reporters))
        lead = people.lead_orgs(len(people.opened))
        # The place of the outlet and of the branch that a customer is in; -1 for customers of departments.
        self._outlet_place = np.where(organisation.level[lead] == organisation.level[outlets[0]], place[lead], -1)
        above = organisation.parent[lead]
        is_of_department = self._outlet_place < 0
        self._branch_place = place[np.where(is_of_department, above, organisation.parent[above])]
        self._months: dict[int, tuple[Int, Int, Int]] = {}

    def metric_frame(self, day: int) -> Frame:
        """Return the reported_metric table at the close of a day: the 24 months before the day's."""
        newest = month_of(day)
        parts = []
        for month in range(newest - _MONTHS, newest):
            if month not in self._months:
                self._months[month] = self._month(month)
            org, metric, value = self._months[month]
            parts.append((org, metric, constant(month_start(month), len(org)), value))
        org, metric, first, value = (np.concatenate(part) for part in zip(*parts, strict=True))
        return {
            "org_id": self._people.organisation.ids(org),
            "metric": Words(metric, METRICS),
            "month": Days(first),
            "value": Millionths(value),
        }

    def _month(self, month: int) -> tuple[Int, Int, Int]:
        """Organisation, metric and value in millionths of a month's rows."""
        size = len(self._reporters)
        streams = self._people.streams
        scale = np.where(self._is_branch, 4, 1)
        values = np.zeros((len(METRICS), size), dtype=np.int64)
        reports = np.ones((len(METRICS), size), dtype=np.bool_)
        for number, metric in enumerate(_DRAWN):
            raw = streams.raw(f"metric.{metric.name}", size, month)
            value = metric.median // 100_000 * (60_000 + below(raw, 80_000))
            match metric.kind:
                case "money":
                    values[number] = value // _FEN * _FEN * scale
                case "number":
                    values[number] = value // _UNIT * _UNIT * scale
                case "share":
                    values[number] = np.minimum(value, _UNIT)
                case "grade":
                    values[number] = value // _UNIT * _UNIT
                    reports[number] = self._is_branch
        row = METRICS.index
        is_gap = month % 12 + 1 == _GAP_MONTH
        if is_gap:
            reports[:, _LATECOMER] = False
            values[row("operating_income"), _IDLE] = 0
        share = 100 + below(streams.raw("metric.fee_share", size, month), 200)
        values[row("fee_income")] = values[row("operating_income")] // (1000 * _FEN) * _FEN * share
        deposits, loans, newcomers = self._ledger(month)
        drift = below(streams.raw("metric.drift", size, month), 2001) - 1000  # millionths of it, up or down
        values[row("deposit_balance")] = (deposits + deposits // _UNIT * drift) * _FEN
        values[row("loan_balance")] = (loans - loans // _UNIT * drift) * _FEN
        values[row("new_customers")] = newcomers * _UNIT
        others = 3_000 + below(streams.raw("metric.four_banks", size), 3_000)
        four = (deposits // 1000 * others + 1) * _FEN
        values[row("deposit_total_four_banks")] = four
        values[row("deposit_total_five_banks")] = four + four // 8
        reports[row("deposit_total_five_banks"), _ALONE] = False
        values[row(_UNKNOWN)] = 87 * _UNIT
        reports[row(_UNKNOWN)] = np.arange(size) == size - 1
        metrics, places = np.nonzero(reports)
        return self._reporters[places], metrics.astype(np.int64), values[metrics, places]

    def _ledger(self, month: int) -> tuple[Int, Int, Int]:
        """Deposits and loans in fen, and new customers, of each organisation that reports, in a month."""
        day = month_end(month)
        present = self._people.present_on(day)
        borrower, principal = active_loans(self._people, day)
        loans = np.zeros(present, dtype=np.int64)
        np.add.at(loans, borrower, principal)
        is_new = months_of(self._people.opened[:present]) == month
        return (
            self._by_reporter(self._deposits[:present]),
            self._by_reporter(loans),
            self._by_reporter(is_new.astype(np.int64)),
        )

    def _by_reporter(self, amounts: Int) -> Int:
        """Add up the first customers' amounts by outlet and branch."""
        total = np.zeros(len(self._reporters), dtype=np.int64)
        for place in (self._outlet_place[: len(amounts)], self._branch_place[: len(amounts)]):
            known = place >= 0
            np.add.at(total, place[known], amounts[known])
        return total

    def target_frame(self, day: int) -> Frame:
        """Return the target table at the close of a day: of the day's year and of the one before."""
        organisation = self._people.organisation
        owners = np.concatenate(
            [
                organisation.outlets,
                organisation.planned,
                organisation.of_level("branch")[:1],
                organisation.of_level("head_office"),
            ]
        )
        parts = [self._targets(owners, year) for year in (as_date(day).year - 1, as_date(day).year)]
        org, metric, first, amount = (np.concatenate(part) for part in zip(*parts, strict=True))
        return {
            "org_id": organisation.ids(org),
            "metric": Words(metric, TARGET_METRICS),
            "year": Days(first),
            "amount": Fen(amount),
        }

    def _targets(self, owners: Int, year: int) -> tuple[Int, Int, Int, Int]:
        size, kinds = len(owners), len(TARGET_METRICS)
        first = month_start((year - 1970) * 12)
        raw = self._people.streams.raw("target.amount", size * kinds, year)
        metric = np.tile(np.arange(kinds, dtype=np.int64), size)
        level = self._people.organisation.level[owners]
        scale = np.where(level == level[0], 1, len(self._people.organisation.outlets))
        amount = _YEAR_MEDIANS[metric] // 1000 * (700 + below(raw, 600)) * np.repeat(scale, kinds)
        amount = np.where(metric == TARGET_METRICS.index("new_customers"), amount // YUAN * YUAN, amount)
        # The second outlet is to give up deposits; the third has nothing to gain in fees.
        amount[_LATECOMER * kinds + TARGET_METRICS.index("deposit_balance")] *= -1
        amount[_IDLE * kinds + TARGET_METRICS.index("fee_income")] = 0
        return np.repeat(owners, kinds), metric, constant(first, size * kinds), amount
