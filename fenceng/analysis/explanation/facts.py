"""The content of an explanation: the published outcome of one customer and month, with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from expectations.policy.evaluate import MeasureValue
from expectations.policy.model import Condition, InForce, Rule
from fenceng.analysis.explanation.care import DELIVERED_IN, Care
from fenceng.analysis.measures import delivered_in
from fenceng.analysis.replay import ReplayError


class ExplanationError(ReplayError):
    """The customer is not published, so there is nothing to explain; the message says what is published."""


class ContradictionError(ValueError):
    """The marts of a release contradict each other."""


@dataclass(frozen=True)
class Missed:
    """A condition that does not hold. side: where the value lies; `other` is another category, `unknown` no value.

    amount: from the value to the bound, in the measure's unit; 0 for a value on an exclusive bound or without a number
    to compare.
    """

    condition: Condition
    value: MeasureValue
    side: Literal["below", "above", "other", "unknown"]
    amount: Decimal = Decimal(0)


# The alternatives of one condition number; none holds.
MissedGroup = tuple[Missed, ...]


@dataclass(frozen=True)
class Waiver:
    """An exception of the month that covers the customer, directly or through its lead outlet."""

    exception_id: str
    rule_id: str
    approver: str
    reason: str
    clause_ref: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class JudgedRule:
    """A rule and the customer's status under it. values: of its measures, in the order of its conditions.

    status: `exempted` is a rule that an exception lifts, whether or not its conditions hold.
    """

    rule: Rule
    status: Literal["met", "missed", "exempted"]
    is_winner: bool
    values: tuple[tuple[str, MeasureValue], ...]
    missed: tuple[MissedGroup, ...]
    soft_missed: tuple[MissedGroup, ...]
    waiver: Waiver | None


@dataclass(frozen=True)
class JudgedScheme:
    """A scheme's decision on the customer: the published outcome, or None; the rules in order."""

    scheme: str
    purpose: str
    tier_code: str | None
    is_default: bool
    is_gap_fill: bool
    is_assumed: bool
    rules: tuple[JudgedRule, ...]

    def with_status(self, status: str) -> tuple[JudgedRule, ...]:
        """The rules with one status."""
        return tuple(judged for judged in self.rules if judged.status == status)

    @property
    def winners(self) -> tuple[JudgedRule, ...]:
        """The rules that lead to the outcome; empty if a former tier is held."""
        return tuple(judged for judged in self.rules if judged.is_winner)


@dataclass(frozen=True)
class Held:
    """A former tier that is kept although the measures no longer reach it."""

    computed_tier_code: str
    months_below: int
    downgrade_after_months: int
    clause_ref: str


@dataclass(frozen=True)
class Step:
    """What the customer lacks for a better tier by one rule.

    asks: what is missing for each missed condition number; a route into scope comes with the rules that open it.
    """

    rule: Rule
    missed: tuple[MissedGroup, ...]
    opened_by: tuple[JudgedRule, ...]


@dataclass(frozen=True)
class NextTier:
    """The nearest better tier that the scheme's own measure opens, and the amount still missing, in CNY."""

    tier_code: str
    measure_id: str
    amount: Decimal
    rule: Rule


@dataclass(frozen=True)
class Duty:
    """A duty of the month; see fct_visit_obligation_monthly."""

    role_group: str
    tier_code: str
    basis: str
    required_contacts: int
    counted_contacts: int
    shortfall: int
    status: str
    exclusion_reason: str | None
    waiver: Waiver | None
    last_contact_on: date | None
    clause_ref: str


@dataclass(frozen=True)
class Watch:
    """The customer is near a bound; see fct_tier_watch_monthly. amount: to the bound, in CNY."""

    direction: str
    measure_id: str
    observed_value: Decimal
    bound: Decimal
    amount: Decimal


@dataclass(frozen=True)
class HeldBack:
    """Rows of the customer that were delivered but quarantined under one rule; see fct_held_back_monthly."""

    table: str
    rule_id: str
    rows: int


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a release publishes for one customer in one month, with the reasons.

    tier: the row of fct_customer_tier_monthly. since_is_exact: false if the tier may be older than the first published
    month. care: None for a month that an older version published. view: the month's rules with the labels of the
    release's policy.
    """

    release_id: str
    customer_id: str
    policy_month: date
    as_of: date
    segment: str
    customer_kind: str
    lead_org_id: str
    lead_org_name: str
    opened_on: date
    tier: Mapping[str, Any]
    since_is_exact: bool
    held: Held | None
    schemes: tuple[JudgedScheme, ...]
    next_tier: NextTier | None
    steps: tuple[Step, ...]
    duties: tuple[Duty, ...]
    watches: tuple[Watch, ...]
    waivers: tuple[Waiver, ...]
    held_back: tuple[HeldBack, ...]
    care: Care | None
    view: InForce

    def held_back_of(self, measure_id: str) -> tuple[str, ...]:
        """The rules that quarantined rows of the measure's source tables; a derived measure has none."""
        return self._held_back_in(delivered_in().get(measure_id, ()))

    def held_back_in(self, part: str) -> tuple[str, ...]:
        """The rules that quarantined rows of the tables behind a part of `care`."""
        return self._held_back_in(DELIVERED_IN[part])

    def measures_of(self, held: HeldBack) -> tuple[str, ...]:
        """The measures, of those that this customer's rules name, that quarantined rows of a table are missing from."""
        named = {name for scheme in self.schemes for judged in scheme.rules for name, _ in judged.values}
        return tuple(name for name, tables in delivered_in().items() if held.table in tables and name in named)

    def _held_back_in(self, tables: Collection[str]) -> tuple[str, ...]:
        return tuple(held.rule_id for held in self.held_back if held.table in tables)

    def for_purpose(self, purpose: str) -> JudgedScheme | None:
        """The customer's scheme for a purpose."""
        return next((judged for judged in self.schemes if judged.purpose == purpose), None)
