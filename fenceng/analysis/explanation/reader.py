"""Why a customer has the tier, class, maintainer and duties that a release publishes for it.

The outcomes and the met rules are the published ones. Computed here is only how far the other rules are from being met,
from the published measures and rules of the month; labels come from the policy rows that the release keeps. Nothing is
decided a second time: measures that contradict the evidence are an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

from expectations.policy.evaluate import MeasureValue
from expectations.policy.model import NO_ROUTE, PURPOSES, SCOPE_PURPOSE, InForce, Rule
from expectations.policy.reading import load_policy
from fenceng.analysis.explanation.care import care_of
from fenceng.analysis.explanation.facts import (
    ContradictionError,
    Duty,
    Explanation,
    ExplanationError,
    Held,
    HeldBack,
    JudgedRule,
    JudgedScheme,
    NextTier,
    Step,
    Waiver,
    Watch,
)
from fenceng.analysis.explanation.rules import UNKNOWN, missed_groups, rules_of
from fenceng.analysis.replay import TIERS, policy_of, reference_folder, require_month
from orchestration.database import connect
from orchestration.store.months import month_before
from orchestration.store.releases import OlderVersionError, Release

# The scheme's outcome by its purpose; a customer, retail or corporate, has one of the last two.
_OUTCOMES = {
    "tier": ("tier_code",),
    "size": ("size_tier",),
    "value": ("value_class",),
    "cooperation": ("cooperation_class",),
    "maintainer": ("recommended_role", "maintaining_department"),
    "managing_level": ("managing_level",),
}
HELD_BACK = "fct_held_back_monthly"


def explanation_of(release: Release, customer_id: str, month: date | None = None) -> Explanation:
    """Explain a customer's published month; by default the newest one that has the customer.

    month: its first day. Reads only Parquet files of the release and its policy folder.
    Raises ReplayError for an unpublished month, ExplanationError for an unpublished customer, OlderVersionError for a
    release that lacks what is read, ContradictionError if the evidence and the measures disagree, PolicyError for
    unreadable policy rows.
    """
    with connect() as connection:
        chosen = _month(connection, release, customer_id, month)
        return _Reader(connection, release, chosen, customer_id).explanation()


# ---------------------------------------------------------------- reading


def _month(connection: duckdb.DuckDBPyConnection, release: Release, customer_id: str, asked: date | None) -> date:
    """The month to explain. Raises ReplayError or ExplanationError naming what is published."""
    if asked:
        require_month(release, asked)
    months = release.months(TIERS)
    listed = ", ".join(f"{month:%Y-%m}" for month in months) or "none"
    there = [
        month
        for month in reversed(months)
        if connection.execute(
            f"select 1 from ({release.rows(TIERS, month)}) where customer_id = ? limit 1", [customer_id]
        ).fetchall()
    ]
    if not there and (rules := _held_back_customer(connection, release, customer_id)):
        raise ExplanationError(
            f"{customer_id} was delivered and quarantined ({', '.join(rules)}), so release {release.release_id} has no"
            f" customer of this name in any of the months {listed}; fct_quarantine lists what was quarantined"
        )
    if not there:
        raise ExplanationError(
            f"no customer {customer_id} in release {release.release_id}, in any of the months {listed};"
            " fct_customer_tier_monthly lists the customers"
        )
    if asked and asked not in there:
        others = ", ".join(f"{month:%Y-%m}" for month in reversed(there))
        raise ExplanationError(f"{customer_id} is not published for {asked:%Y-%m}, but for {others}")
    return asked or there[0]


def _held_back_customer(connection: duckdb.DuckDBPyConnection, release: Release, customer_id: str) -> list[str]:
    """The rules under which the newest refresh quarantined the customer's own row."""
    if release.as_of_file("fct_quarantine") is None:
        return []
    rows = connection.execute(
        f"select distinct rule_id from ({release.rows('fct_quarantine')})"
        " where table_name = 'customer' and row_key = ? order by rule_id",
        [customer_id],
    ).fetchall()
    return [rule for (rule,) in rows]


class _Reader:
    """The published rows of one customer and month, put together."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, release: Release, month: date, customer_id: str) -> None:
        self.connection = connection
        self.release = release
        self.month = month
        self.customer_id = customer_id
        self.tier = self._own(TIERS)[0]
        self.measures = self._own("fct_customer_measure_monthly")[0]
        self.segment: str = self.tier["segment"]
        self.view = self._view()
        self.evidence = {row["rule_id"]: row for row in self._own("fct_tier_evidence")}
        self.waivers = self._waivers()
        self.values = self._values()

    def explanation(self) -> Explanation:
        schemes = tuple(self._scheme(scheme) for scheme in self._scheme_names())
        scope = {judged.rule.rule_id: judged for one in schemes for judged in one.rules}
        tier = self.tier
        own = next(judged for judged in schemes if judged.purpose == "tier")
        return Explanation(
            release_id=self.release.release_id,
            customer_id=self.customer_id,
            policy_month=self.month,
            as_of=tier["as_of_date"],
            segment=self.segment,
            customer_kind=self.measures["customer_kind"],
            lead_org_id=tier["lead_org_id"],
            lead_org_name=self._organization(tier["lead_org_id"]),
            opened_on=self.measures["opened_on"],
            tier=tier,
            since_is_exact=self.release.month_file(TIERS, month_before(tier["tier_since"])) is not None,
            held=self._held(own.scheme),
            schemes=schemes,
            next_tier=self._next_tier(own),
            steps=self._steps(own, scope),
            duties=self._duties(),
            watches=tuple(
                self._watch(row)
                for row in sorted(self._own("fct_tier_watch_monthly"), key=lambda row: str(row["direction"]))
            ),
            waivers=self.waivers,
            held_back=self._held_back(),
            care=care_of(self.connection, self.release, self.customer_id, self.month),
            view=self.view,
        )

    def _held_back(self) -> tuple[HeldBack, ...]:
        """The customer's quarantined rows; none for a month that an older version published."""
        if self.release.month_file(HELD_BACK, self.month) is None:
            return ()
        rows = sorted(self._own(HELD_BACK), key=lambda row: (row["table_name"], row["rule_id"]))
        return tuple(HeldBack(row["table_name"], row["rule_id"], row["rows_held"]) for row in rows)

    def _rows(self, table: str, where: str = "true", parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        query = f"select * from ({self.release.rows(table, self.month)}) where {where}"
        result = self.connection.execute(query, [*parameters])
        names = [name for name, *_ in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _own(self, table: str) -> list[dict[str, Any]]:
        return self._rows(table, "customer_id = ?", [self.customer_id])

    def _view(self) -> InForce:
        """The labels of the release's policy on the day, with the month's rules as published."""
        folder = policy_of(self.release)
        policy = load_policy(folder, reference=reference_folder(folder), is_complete=False)
        view = policy.in_force(self.tier["as_of_date"])
        rows = self._rows("fct_policy_rule_monthly", "segment = ?", [self.segment])
        unlabelled = sorted({row["measure_id"] for row in rows} - view.measures.keys())
        if unlabelled:
            raise OlderVersionError(
                f"the policy of release {self.release.release_id} has no measure {', '.join(unlabelled)}, which the"
                f" rules of {self.month:%Y-%m} name",
                f"refresh {self.tier['as_of_date']} again",
            )
        return replace(view, rules=rules_of(rows))

    def _scheme_names(self) -> list[str]:
        """The customer's schemes, in the order in which they are decided."""
        return sorted(self.view.rules, key=lambda name: (self._stage(name), PURPOSES.index(self._purpose(name)), name))

    def _stage(self, scheme: str) -> int:
        return self.view.schemes[scheme].stage

    def _purpose(self, scheme: str) -> str:
        return self.view.schemes[scheme].purpose

    def _waivers(self) -> tuple[Waiver, ...]:
        rows = self._rows(
            "fct_policy_exception_monthly",
            "(subject_kind = 'customer' and subject_id = ?) or (subject_kind = 'organization' and subject_id = ?)",
            [self.customer_id, self.measures["lead_org_id"]],
        )
        names = ("exception_id", "rule_id", "approver", "reason", "clause_ref", "valid_from", "valid_to")
        return tuple(
            Waiver(*(row[name] for name in names)) for row in sorted(rows, key=lambda row: str(row["exception_id"]))
        )

    def _values(self) -> dict[str, MeasureValue]:
        """measure_id -> the published value; outcomes of earlier schemes are measures too."""
        values: dict[str, MeasureValue] = {}
        for measure in self.view.measures.values():
            if measure.derived_from_scheme:
                values[measure.measure_id] = self._derived(measure.derived_from_scheme)
                continue
            value = self.measures.get(measure.measure_id)
            if value is None and measure.is_number and measure.is_always_known:
                # An unknown age is a value that a rule may name (R35).
                values[measure.measure_id] = UNKNOWN
            else:
                values[measure.measure_id] = Decimal(value) if isinstance(value, int) else value
        return values

    def _derived(self, scheme: str) -> MeasureValue:
        """The met routes, or the outcome of a scheme; a scheme's default is not an outcome that a rule names."""
        known = self.view.schemes.get(scheme)
        if known is None or known.segment != self.segment:
            return None
        if known.purpose == SCOPE_PURPOSE:
            routes = frozenset(row["route"] for row in self.evidence.values() if row["scheme"] == scheme)
            return routes or frozenset({NO_ROUTE})
        outcome = self._outcome(scheme)
        return None if outcome == known.default_tier_code else outcome

    def _outcome(self, scheme: str) -> str | None:
        purpose = self._purpose(scheme)
        if purpose == SCOPE_PURPOSE:
            met = sorted(row["outcome"] for row in self.evidence.values() if row["scheme"] == scheme)
            return met[0] if met else None
        return next((self.tier[name] for name in _OUTCOMES.get(purpose, ()) if self.tier[name] is not None), None)

    def _organization(self, org_id: str) -> str:
        rows = self._rows("dim_organization", "org_id = ?", [org_id])
        return str(rows[0]["org_name"]) if rows else ""

    # ---------------------------------------------------------------- judging

    def _scheme(self, scheme: str) -> JudgedScheme:
        judged = tuple(self._rule(rule) for rule in self.view.rules[scheme])
        winners = [one.rule for one in judged if one.is_winner]
        outcome = self._outcome(scheme)
        default = self.view.schemes[scheme].default_tier_code
        return JudgedScheme(
            scheme=scheme,
            purpose=self._purpose(scheme),
            tier_code=outcome,
            is_default=bool(default) and outcome == default,
            is_gap_fill=bool(winners) and all(rule.is_gap_fill for rule in winners),
            is_assumed=bool(winners) and all(rule.is_assumed for rule in winners),
            rules=judged,
        )

    def _rule(self, rule: Rule) -> JudgedRule:
        evidence = self.evidence.get(rule.rule_id)
        waiver = next((waiver for waiver in self.waivers if waiver.rule_id == rule.rule_id), None)
        missed = missed_groups(rule.hard, self.values)
        if (evidence is not None) is not (not missed and waiver is None):
            says = "has" if evidence else "lacks"
            raise ContradictionError(
                f"fct_tier_evidence of {self.month:%Y-%m} {says} {rule.rule_id} for {self.customer_id}, and the"
                f" published measures say otherwise; refresh {self.tier['as_of_date']} again and report it"
            )
        measures = dict.fromkeys(condition.measure_id for condition in rule.conditions)
        return JudgedRule(
            rule=rule,
            status="exempted" if waiver else "met" if evidence else "missed",
            is_winner=evidence is not None and evidence["is_winner"],
            values=tuple((name, self.values.get(name)) for name in measures),
            missed=missed,
            soft_missed=missed_groups(rule.soft, self.values),
            waiver=waiver,
        )

    def _held(self, scheme: str) -> Held | None:
        if not self.tier["is_held"]:
            return None
        months = self.view.schemes[scheme].row.number("downgrade_after_months") or Decimal(0)
        row = next(row for row in self.evidence.values() if row["scheme"] == scheme and row["is_winner"])
        # The published bound is the month's; the policy row may be newer.
        bound = re.search(r"\d+$", row["bound"])
        return Held(
            computed_tier_code=self.tier["computed_tier_code"],
            months_below=self.tier["months_below"],
            downgrade_after_months=int(bound[0]) if bound else int(months),
            clause_ref=row["clause_ref"],
        )

    def _next_tier(self, own: JudgedScheme) -> NextTier | None:
        """The amount missing, as published, and the rule of the month that requires it.

        The amount is unrounded, like what the same rule lacks; the published one is rounded to the fen.
        """
        amount = self.tier["amount_to_next_tier"]
        measure_id = self.view.schemes[own.scheme].own_measure_id
        if amount is None:
            return None
        tiers = self.view.tiers[own.scheme]
        opening = [
            rule
            for rule in self.view.rules[own.scheme]
            if tiers[rule.tier_code].rank < self.tier["tier_rank"]
            and len(rule.conditions) == 1
            and rule.conditions[0].measure_id == measure_id
            and rule.conditions[0].lower is not None
        ]
        nearest = max(tiers[rule.tier_code].rank for rule in opening)
        rules = [rule for rule in opening if tiers[rule.tier_code].rank == nearest]
        entry = min(rules, key=lambda rule: (rule.conditions[0].lower or Decimal(0), rule.rule_id))
        return NextTier(
            entry.tier_code, measure_id, self._missing(measure_id, entry.conditions[0].lower, amount), entry
        )

    def _missing(self, measure_id: str, bound: Decimal | None, published: Decimal) -> Decimal:
        """From a measure up to a bound, unrounded; the published amount if that belongs to another bound."""
        value = self.measures.get(measure_id)
        if bound is None or not isinstance(value, Decimal):
            return published
        missing = bound - value
        return missing if _is_rounded(missing, published) else published

    def _watch(self, row: Mapping[str, Any]) -> Watch:
        """As published but unrounded, like what the rules lack, so that a figure prints the same everywhere."""
        measure_id, bound, amount = row["measure_id"], row["bound"], row["amount"]
        sign = 1 if row["direction"] == "up" else -1
        amount = sign * self._missing(measure_id, bound, sign * amount)
        value = self.measures.get(measure_id)
        if not isinstance(value, Decimal) or not _is_rounded(value, row["observed_value"]):
            value = row["observed_value"]
        return Watch(row["direction"], measure_id, value, bound, amount)

    def _steps(self, own: JudgedScheme, judged: Mapping[str, JudgedRule]) -> tuple[Step, ...]:
        """What each rule of a better tier lacks, the nearest tier first."""
        tiers = self.view.tiers[own.scheme]
        better = [one for one in own.rules if tiers[one.rule.tier_code].rank < self.tier["tier_rank"]]
        steps = []
        for one in sorted(better, key=lambda one: (-tiers[one.rule.tier_code].rank, one.rule.rule_id)):
            routes = {
                (self.view.scheme_of_scope(lack.condition.measure_id), lack.condition.category)
                for group in one.missed
                for lack in group
                if self.view.scheme_of_scope(lack.condition.measure_id)
            }
            opened_by = tuple(other for other in judged.values() if (other.rule.scheme, other.rule.route) in routes)
            if one.missed:
                steps.append(Step(one.rule, one.missed, opened_by))
        return tuple(steps)

    def _duties(self) -> tuple[Duty, ...]:
        rows = sorted(self._own("fct_visit_obligation_monthly"), key=lambda row: str(row["role_group"]))
        asked = {
            (row.text("role_group"), row.text("tier_code")): row.name
            for row in self.view.rows["policy_visit_frequency"]
        }
        duties = []
        for row in rows:
            rule_id = asked.get((row["role_group"], row["tier_code"]), "")
            waived = row["exclusion_reason"] == "exception"
            duties.append(
                Duty(
                    row["role_group"],
                    row["tier_code"],
                    row["obligation_basis"],
                    row["required_contacts"],
                    row["counted_contacts"],
                    row["shortfall"],
                    row["status"],
                    row["exclusion_reason"],
                    next((one for one in self.waivers if waived and one.rule_id == rule_id), None),
                    row["last_contact_on"],
                    row["clause_ref"],
                )
            )
        return tuple(duties)


def _is_rounded(full: Decimal, published: Decimal) -> bool:
    """Whether a published amount is the exact one, rounded as the marts round."""
    return full.quantize(published, ROUND_HALF_UP) == published
