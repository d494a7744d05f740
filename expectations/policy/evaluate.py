"""A small evaluator of the policy's rules for one customer.

The SQL models decide for the bank; this is a second implementation of the same reading, for the proof, test cases and
sentences. Tests compare the two.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from expectations.policy.model import BASE_SCENARIO, NO_ROUTE, SCOPE_PURPOSE, InForce, PolicyRows, Rule, Scheme

MeasureValue = Decimal | str | frozenset[str] | None


@dataclass(frozen=True)
class Decision:
    """What a scheme decides for a customer.

    tier_code, tier_rank: the outcome; the scheme's default if no rule is met, None without a default.
    met: every met rule, best rank first, then source rules before gap fills, text before assumptions.
    winners: those that lead to the outcome, in the same order; all met rules in a scheme with resolver `all`.
    is_gap_fill, is_assumed: true only if every winner is one.
    soft_missed: (rule_id, condition_no) of the winners' soft conditions that do not hold or are unknown.
    """

    scheme: str
    tier_code: str | None
    tier_rank: int | None
    met: tuple[Rule, ...] = ()
    winners: tuple[Rule, ...] = ()
    is_default: bool = False
    is_gap_fill: bool = False
    is_assumed: bool = False
    soft_missed: tuple[tuple[str, int], ...] = ()

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes of the met rules, each once, in order."""
        return tuple(dict.fromkeys(rule.route for rule in self.met))


def decide(
    policy: PolicyRows,
    on: date,
    segment: str,
    measures: Mapping[str, Decimal | str | None],
    *,
    exempt: Collection[str] = (),
    scenario: str = BASE_SCENARIO,
) -> dict[str, Decision]:
    """What every scheme of a segment decides for one customer on a date: scheme -> decision, in stage order.

    measures: measure_id -> a Decimal for a number, a category, or None if unknown; an omitted measure is unknown too.
    Outcomes of earlier schemes are computed here; a given one (a tier held for some more months) overrides what its
    scheme decides. For a size, give only the measure of the customer's basis (`policy_size_basis`).
    exempt: rule_ids that do not apply to this customer (`policy_exception`).
    Raises PolicyError if the policy can't be read, ValueError for a measure that no row names or a value of the wrong
    kind.
    """
    view = policy.in_force(on, scenario)
    values = _checked(view, measures)
    decisions: dict[str, Decision] = {}
    schemes = sorted((s for s in view.schemes.values() if s.segment == segment), key=lambda s: (s.stage, s.scheme))
    for scheme in schemes:
        decision = judge(view, scheme, values, exempt)
        decisions[scheme.scheme] = decision
        for measure in view.measures.values():
            if measure.derived_from_scheme == scheme.scheme and measure.measure_id not in measures:
                is_scope = scheme.purpose == SCOPE_PURPOSE
                values[measure.measure_id] = routes_value(decision) if is_scope else decision.tier_code
    return decisions


def judge(view: InForce, scheme: Scheme, values: Mapping[str, MeasureValue], exempt: Collection[str] = ()) -> Decision:
    """What one scheme decides, given the value of every measure that its rules name (including outcomes of others)."""
    tiers = view.tiers.get(scheme.scheme, {})
    rules = [rule for rule in view.rules.get(scheme.scheme, ()) if rule.tier_code in tiers]
    met = sorted(
        (rule for rule in rules if rule.rule_id not in exempt and rule.is_met(values)),
        key=lambda rule: (tiers[rule.tier_code].rank, rule.is_gap_fill, rule.is_assumed, rule.rule_id),
    )
    if not met:
        default = tiers.get(scheme.default_tier_code)
        return Decision(
            scheme.scheme,
            default.tier_code if default else None,
            default.rank if default else None,
            is_default=default is not None,
        )
    best = tiers[met[0].tier_code]
    winners = tuple(rule for rule in met if scheme.resolver == "all" or tiers[rule.tier_code].rank == best.rank)
    return Decision(
        scheme=scheme.scheme,
        tier_code=best.tier_code,
        tier_rank=best.rank,
        met=tuple(met),
        winners=winners,
        is_default=best.tier_code == scheme.default_tier_code,
        is_gap_fill=all(rule.is_gap_fill for rule in winners),
        is_assumed=all(rule.is_assumed for rule in winners),
        soft_missed=_soft_missed(winners, values),
    )


def routes_value(decision: Decision) -> frozenset[str]:
    """The decision of a scope scheme as its derived measure: the met routes, or the route `none`."""
    return frozenset(decision.routes) or frozenset({NO_ROUTE})


def _soft_missed(winners: Sequence[Rule], values: Mapping[str, MeasureValue]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (rule.rule_id, group[0].number)
        for rule in winners
        for group in rule.soft
        if not any(condition.holds(values.get(condition.measure_id)) for condition in group)
    )


def _checked(view: InForce, measures: Mapping[str, Decimal | str | None]) -> dict[str, MeasureValue]:
    for measure_id, value in measures.items():
        measure = view.measures.get(measure_id)
        if measure is None:
            raise ValueError(f"policy_measure has no {measure_id}; it names every measure that a rule may use")
        if view.scheme_of_scope(measure_id):
            raise ValueError(f"{measure_id} is worked out from the scheme {measure.derived_from_scheme}; leave it out")
        if isinstance(value, Decimal) and not measure.is_number:
            raise ValueError(f"{measure_id} is a category; {value} is a number")
        if value is not None and not isinstance(value, Decimal | str):
            raise ValueError(f"{measure_id} needs a Decimal or text; {value!r} is a {type(value).__name__}")
    return dict(measures)
