"""Customers: when they joined, who they are, their base wealth, and the corporate profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from fenceng.sample.columns import (
    NO_WORD,
    NULL,
    Days,
    Fen,
    FirstOf,
    Flag,
    Frame,
    Joined,
    Serial,
    Thousandths,
    Words,
    constant,
)
from fenceng.sample.days import day_number, month_of, month_start, month_starts
from fenceng.sample.edge_cases import AS_DRAWN, CORPORATE, RETAIL, YUAN, EdgeCase
from fenceng.sample.identity import (
    birth_and_sequence,
    credit_code_column,
    mobile_column,
    resident_id_column,
    resident_ids,
)
from fenceng.sample.organisation import Organisation
from fenceng.sample.streams import Flags, Int, Raw, Streams, below, chance, log_normal, other_half
from fenceng.sample.wording import (
    COMPANY_FORMS,
    COMPANY_TRADES,
    COMPANY_WORDS,
    GIVEN_FIRST,
    GIVEN_SECOND,
    INSTITUTION_FORMS,
    SURNAMES,
)

KINDS = ("personal", "sole_proprietor", "corporate", "institution")
PERSONAL, SOLE_PROPRIETOR, CORPORATION, INSTITUTION = range(4)
INSTITUTION_TYPES = (
    "party_government", "public_institution", "social_organisation", "trade_union",
    "public_hospital", "school", "design_institute",
)  # fmt: skip
ADMINISTRATIVE_LEVELS = (
    "ministry", "province", "municipality", "prefecture", "city", "district", "county",
    "township", "town", "village",
)  # fmt: skip
RATINGS = ("AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB", "BB", "B", "CCC", "D")
POSITIONS = (
    "central_soe", "provincial_soe_leader", "monopoly", "top_500", "industry_top_100",
    "headquarters_or_chain", "listed",
)  # fmt: skip
ADMISSIONS = ("private_banking", "wealth", "affluent")
_AFFLUENT = ADMISSIONS.index("affluent")

# From here on newcomers are counted month by month; the bank has `customers` customers at the end
# of the last month before REFERENCE_MONTH, and grows by the same number each month after that.
BOOKS_BEGIN = date(2020, 1, 1)
_FIRST_MONTH = month_of(day_number(BOOKS_BEGIN))
_REFERENCE_MONTH = month_of(day_number(date(2026, 1, 1)))
_OLDEST_OPENING = day_number(date(2005, 1, 4))
# From this month on the second newcomer is a company, and in even months the first one too, so that
# even a small bank has companies that joined in the middle or on the first day of a month.
_COMPANIES_JOIN_FROM = month_of(day_number(date(2024, 12, 1)))
MINIMUM_CUSTOMERS = 100


@dataclass(frozen=True)
class Intake:
    """How many customers joined when; a function of the bank's size alone."""

    customers: int
    monthly: int

    @property
    def founders(self) -> int:
        """Customers from before the books begin."""
        return self.customers - self.monthly * (_REFERENCE_MONTH - _FIRST_MONTH)

    def size_before(self, month: int) -> int:
        """Return the number of customers at the close of the day before a month."""
        return self.founders + self.monthly * max(0, month - _FIRST_MONTH)

    def opened_on(self, total: int) -> Int:
        """Day numbers on which the first `total` customers joined, in ascending order."""
        founders = np.arange(min(total, self.founders), dtype=np.int64)
        span = month_start(_FIRST_MONTH) - _OLDEST_OPENING
        newcomers = np.arange(max(0, total - self.founders), dtype=np.int64)
        months = _FIRST_MONTH + newcomers // self.monthly
        first = month_starts(months)
        length = month_starts(months + 1) - first
        turn = newcomers % self.monthly
        within = turn * length // self.monthly
        # so that somebody's anniversary falls on 29 February
        within = np.where((turn == self.monthly - 1) & (length == 29), 28, within)
        return np.concatenate([_OLDEST_OPENING + founders * span // self.founders, first + within])


def build_intake(customers: int) -> Intake:
    """Plan the intake of a bank; ValueError below MINIMUM_CUSTOMERS."""
    if customers < MINIMUM_CUSTOMERS:
        raise ValueError(f"a sample bank has at least {MINIMUM_CUSTOMERS} customers")
    return Intake(customers, max(1, customers * 4 // 1000))


@dataclass(frozen=True)
class People:
    """All customers up to a month's end; arrays have one value per customer, in order of arrival."""

    intake: Intake
    organisation: Organisation
    streams: Streams
    opened: Int
    kind: Int
    outlet: Int  # position of the lead outlet among the organisations
    wealth: Int  # fen that a customer's accounts share, before any month's movement
    case: Int  # position in RETAIL or CORPORATE, -1 for everybody else

    @property
    def is_corporate(self) -> Flags:
        """Companies and institutions."""
        return np.asarray(self.kind >= CORPORATION, dtype=np.bool_)

    @property
    def is_free(self) -> Flags:
        """Everybody who is not an edge case."""
        return np.asarray(self.case < 0, dtype=np.bool_)

    def present_on(self, day: int) -> int:
        """Return the number of customers at the close of a day: the first so many."""
        return int(np.searchsorted(self.opened, day, side="right"))

    def edge_cases(self) -> list[tuple[int, EdgeCase]]:
        """List customer and case of every edge case that the bank is large enough for."""
        return [(int(customer), self.case_of(int(customer))) for customer in np.flatnonzero(self.case >= 0)]

    def case_of(self, customer: int) -> EdgeCase:
        """Return a customer's edge case; only for customers that are one."""
        cases = CORPORATE if self.kind[customer] >= CORPORATION else RETAIL
        return cases[int(self.case[customer])]

    def frame(self, day: int) -> Frame:
        """Return the customer table at the close of a day."""
        size = self.present_on(day)
        is_corporate = self.is_corporate[:size]
        id_type, id_number = self._identity(size)
        cases = [(customer, case) for customer, case in self.edge_cases() if customer < size]
        is_addressable = np.zeros(size, dtype=np.bool_)
        is_addressable[[customer for customer, case in cases if case.is_addressable]] = True
        phones = {customer: case.phone for customer, case in cases if case.phone != AS_DRAWN}
        phone_raw, consent_raw = self.streams.raw("customer.phone", size), self.streams.raw("customer.consent", size)
        return {
            "customer_id": customer_ids(np.arange(size, dtype=np.int64)),
            "customer_kind": Words(self._kinds_on(day, size), KINDS),
            "customer_name": self._names(size),
            "id_type": id_type,
            "id_number": id_number,
            "birth_date": Days(self._birth_dates(size)),
            "mobile_phone": mobile_column(phone_raw, self.intake.customers, is_addressable, phones),
            "org_id": self.organisation.ids(self.lead_orgs(size)),
            "opened_on": Days(self.opened[:size]),
            "wealth_admission": Words(self._admissions(size, is_corporate), ADMISSIONS),
            "marketing_consent": Flag(np.where(is_addressable, 1, _consent(consent_raw))),
        }

    def _kinds_on(self, day: int, size: int) -> Int:
        kind = self.kind[:size].copy()
        if month_of(day) % 2 == 0:
            for customer, case in self.edge_cases():
                if customer < size and case.is_proprietor_in_even_months:
                    kind[customer] = SOLE_PROPRIETOR
        return kind

    def lead_orgs(self, size: int) -> Int:
        """Return the organisation that leads each of the first customers (shape: size)."""
        lead = self.outlet[:size].copy()
        parent = self.organisation.parent
        for customer, case in self.edge_cases():
            if customer < size and case.department:
                departments = self.organisation.of_level(case.department)
                branch = parent[parent[lead[customer]]]
                lead[customer] = departments[parent[departments] == branch][0]
        return lead

    def _births(self, size: int) -> tuple[Int, Int]:
        births, sequences = birth_and_sequence(np.arange(size, dtype=np.int64))
        for customer, case in self.edge_cases():
            if case.birth is not None and customer < size:
                births[customer] = case.birth
        return births, sequences

    def _birth_dates(self, size: int) -> Int:
        births, _ = self._births(size)
        raw = self.streams.raw("customer.birth", size)
        is_unknown = chance(raw, 15)
        for customer, case in self.edge_cases():
            if customer < size:
                is_unknown[customer] = not case.has_birth
        # a few registered birth dates differ from the one in the identity number
        births = births + np.where(chance(other_half(raw), 3) & self.is_free[:size], 31, 0)
        return np.where(self.is_corporate[:size] | is_unknown, NULL, births)

    def _identity(self, size: int) -> tuple[Words, FirstOf]:
        raw = self.streams.raw("customer.identity", size)
        style = below(raw, 1000)
        is_corporate = self.is_corporate[:size]
        is_sole = self.kind[:size] == SOLE_PROPRIETOR
        types = np.select(
            [
                is_corporate & (style < 980),
                is_corporate & (style < 990),
                is_corporate,
                is_sole & (style < 200),
                style < 960,
                style < 975,
                style < 985,
            ],
            [2, 3, NO_WORD, 2, 0, 1, 3],
            default=NO_WORD,
        ).astype(np.int64)
        bodies, checks = resident_ids(*self._births(size))
        position = np.arange(size, dtype=np.int64)
        departments = np.select([self.kind[:size] == INSTITUTION, is_corporate], [12, 91], default=92).astype(np.int64)
        resident = resident_id_column(np.where(types == 0, bodies, NULL), checks)
        credit = credit_code_column(departments, np.where(types == 2, position + 1, NULL))
        passport = Serial("E", np.where(types == 1, position, NULL), 8)
        other = Serial("H", np.where(types == 3, position, NULL), 9)
        number = FirstOf((resident, credit, passport, other))
        return Words(types, ("resident_id", "passport", "uscc", "other")), number

    def _names(self, size: int) -> Joined:
        raw = self.streams.raw("customer.name", size)
        more = self.streams.raw("customer.name.more", size)
        is_corporate = self.is_corporate[:size]
        is_institution = self.kind[:size] == INSTITUTION
        is_firm = is_corporate & ~is_institution
        second = below(more, 2 * len(GIVEN_SECOND))

        def of_persons(codes: Int) -> Int:
            return np.where(is_corporate, NO_WORD, codes)

        def of_corporates(codes: Int) -> Int:
            return np.where(is_corporate, codes, NO_WORD)

        def of_firms(codes: Int) -> Int:
            return np.where(is_firm, codes, NO_WORD)

        return Joined(
            (
                Words(constant(0, size), ("",)),
                Words(of_persons(below(raw, len(SURNAMES))), SURNAMES),
                Words(of_persons(below(other_half(raw), len(GIVEN_FIRST))), GIVEN_FIRST),
                Words(of_persons(np.where(second < len(GIVEN_SECOND), second, NO_WORD)), GIVEN_SECOND),
                Words(of_corporates(constant(0, size)), ("示例",)),
                Words(of_corporates(below(raw, len(COMPANY_WORDS))), COMPANY_WORDS),
                Words(of_firms(below(other_half(raw), len(COMPANY_TRADES))), COMPANY_TRADES),
                Words(of_firms(below(more, len(COMPANY_FORMS))), COMPANY_FORMS),
                Words(
                    np.where(is_institution, np.maximum(self._institution_form(size), 0), NO_WORD),
                    INSTITUTION_FORMS,
                ),
            )
        )

    def _institution_form(self, size: int) -> Int:
        types = below(self.streams.raw("profile.institution", size), len(INSTITUTION_TYPES))
        types = np.where(self.kind[:size] == INSTITUTION, types, NO_WORD)
        for customer, case in self.edge_cases():
            if customer < size:
                types[customer] = _position(case.institution_type, INSTITUTION_TYPES)
        return types

    def _admissions(self, size: int, is_corporate: Flags) -> Int:
        raw = self.streams.raw("customer.admission", size)
        draw = below(raw, 1000)
        admission = np.select([draw < 1, draw < 3], [below(other_half(raw), _AFFLUENT), _AFFLUENT], default=NO_WORD)
        admission = np.where(is_corporate, NO_WORD, admission)
        for customer, case in self.edge_cases():
            if customer < size:
                admission[customer] = _position(case.admission, ADMISSIONS)
        return admission

    def profile_frame(self, day: int) -> Frame:
        """Return the corporate_profile table at the close of a day; a few companies have none."""
        size = self.present_on(day)

        def raw(name: str) -> Raw:
            return self.streams.raw(f"profile.{name}", size)

        has_profile = self.is_corporate[:size] & ~chance(raw("missing"), 20)
        capital = log_normal(raw("capital"), 5_000_000 * YUAN, 12) // (10_000 * YUAN)
        capital *= 10_000 * YUAN
        is_institution = self.kind[:size] == INSTITUTION
        capital = np.where(chance(raw("capital.missing"), 80) | is_institution, NULL, capital)
        level = below(raw("level"), len(ADMINISTRATIVE_LEVELS))
        level = np.where(is_institution & ~chance(raw("level.missing"), 80), level, NO_WORD)
        managed = below(raw("co_managed"), 10)
        managed = np.select([managed < 2, managed < 3], [1, 0], default=NULL).astype(np.int64)
        established = self.opened[:size] - np.where(
            self.opened[:size] >= month_start(_FIRST_MONTH),
            below(raw("established"), 120),
            below(raw("established"), 7300),
        )
        established = np.where(chance(raw("established.missing"), 30), NULL, established)
        agreed = self.opened[:size] + below(raw("agreement"), 2500)
        has_agreement = chance(raw("agreement.kind"), 50) & (agreed <= day)
        for customer, case in self.edge_cases():
            if customer < size and self.kind[customer] >= CORPORATION:
                has_profile[customer] = case.has_profile
                capital[customer] = NULL if case.capital is None else case.capital
                level[customer] = _position(case.administrative_level, ADMINISTRATIVE_LEVELS)
                managed[customer] = NULL if case.is_co_managed is None else int(case.is_co_managed)
        rows = np.flatnonzero(has_profile)
        margin = below(raw("margin"), 400) - 100
        peer = 20 + below(raw("peer_margin"), 150)
        rating = below(raw("rating"), 18)
        position = below(raw("position"), 60)
        return {
            "customer_id": customer_ids(rows),
            "established_on": Days(established[rows]),
            "registered_capital": Fen(capital[rows]),
            "institution_type": Words(self._institution_form(size)[rows], INSTITUTION_TYPES),
            "administrative_level": Words(level[rows], ADMINISTRATIVE_LEVELS),
            "credit_rating": Words(np.where(rating < len(RATINGS), rating, NO_WORD)[rows], RATINGS),
            "has_bad_record": Flag(chance(raw("bad_record"), 20)[rows].astype(np.int64)),
            "market_position": Words(np.where(position < len(POSITIONS), position, NO_WORD)[rows], POSITIONS),
            "strategic_agreement_on": Days(np.where(has_agreement, agreed, NULL)[rows]),
            "settlement_share": Thousandths(_shares(raw("settlement"))[rows]),
            "related_party_share": Thousandths(_shares(raw("related"))[rows]),
            "profit_margin": Thousandths(np.where(chance(raw("margin.missing"), 200), NULL, margin)[rows]),
            "peer_profit_margin": Thousandths(np.where(chance(raw("peer_margin.missing"), 200), NULL, peer)[rows]),
            "is_co_managed": Flag(managed[rows]),
        }


def _position(word: str | None, words: tuple[str, ...]) -> int:
    return NO_WORD if word is None else words.index(word)


def _consent(raw: Raw) -> Int:
    answer = below(raw, 100)
    return np.select([answer < 60, answer < 85], [1, 0], default=NULL).astype(np.int64)


def _shares(raw: Raw) -> Int:
    """Thousandths from 0 to 1000, both included; a fifth is null."""
    return np.where(chance(other_half(raw), 200), NULL, below(raw, 1001))


def customer_ids(customers: Int) -> Serial:
    """Write customer ids such as C000000001 for positions 0, 1, ..."""
    return Serial("C", customers + 1, 9)


def build_people(customers: int, last: int, organisation: Organisation, streams: Streams) -> People:
    """Draw everybody who is a customer by the end of the month of day `last`."""
    intake = build_intake(customers)
    total = intake.size_before(month_of(last) + 1)
    is_corporate = _corporates(intake, total)
    kind_raw = streams.raw("customer.kind", total)
    kind = np.where(
        is_corporate,
        np.where(chance(kind_raw, 100), INSTITUTION, CORPORATION),
        np.where(chance(kind_raw, 70), SOLE_PROPRIETOR, PERSONAL),
    ).astype(np.int64)
    case = np.full(total, -1, dtype=np.int64)
    for members, cases in (
        (np.flatnonzero(~is_corporate), RETAIL),
        (np.flatnonzero(is_corporate), CORPORATE),
    ):
        chosen = members[: len(cases)]
        case[chosen] = np.arange(len(chosen))
        for customer, edge_case in zip(chosen, cases, strict=False):
            if cases is RETAIL:
                kind[customer] = PERSONAL
            else:
                kind[customer] = INSTITUTION if edge_case.institution_type else CORPORATION
    wealth_raw = streams.raw("customer.wealth", total)
    wealth = np.where(
        is_corporate,
        log_normal(wealth_raw, 1_500_000 * YUAN, 11),
        log_normal(wealth_raw, 12_000 * YUAN, 10),
    )
    outlets = organisation.outlets
    # the first outlet draws three times as many customers as any other
    outlet = below(streams.raw("customer.outlet", total), len(outlets) + 2)
    return People(
        intake=intake,
        organisation=organisation,
        streams=streams,
        opened=intake.opened_on(total),
        kind=kind,
        outlet=outlets[np.where(outlet < len(outlets), outlet, 0)],
        wealth=_with_masses(wealth, streams.raw("customer.wealth.mass", total), is_corporate),
        case=case,
    )


# Thousandths of personal customers that own nothing, or exactly a round sum of yuan.
_MASSES = ((80, 0), (5, 50_000), (5, 100_000), (5, 200_000))


def _with_masses(wealth: Int, raw: Raw, is_corporate: Flags) -> Int:
    draw = below(raw, 1000)
    reached = 0
    result = wealth
    for share, yuan in _MASSES:
        is_here = ~is_corporate & (draw >= reached) & (draw < reached + share)
        result = np.where(is_here, yuan * YUAN, result)
        reached += share
    return result


def has_round_wealth(wealth: Int) -> Flags:
    """Flag the customers at the point masses above 0: one account holds everything, and does not move."""
    return np.isin(wealth, [yuan * YUAN for _, yuan in _MASSES if yuan])


def _corporates(intake: Intake, total: int) -> Flags:
    """Flag one customer in twenty; more in a small bank, which must have room for every case."""
    wanted = max(intake.customers // 20, min(60, intake.customers // 2))
    period = max(2, intake.customers // wanted)
    position = np.arange(total, dtype=np.int64)
    is_corporate = position % period == period - 1
    newcomer = position - intake.founders
    month = _FIRST_MONTH + newcomer // intake.monthly
    turn = newcomer % intake.monthly
    is_planned = (newcomer >= 0) & (month >= _COMPANIES_JOIN_FROM) & (intake.monthly >= 4)
    is_corporate |= is_planned & ((turn == 1) | ((turn == 0) & (month % 2 == 0)))
    return np.asarray(is_corporate, dtype=np.bool_)
