"""Planted defects: extra rows, each of which breaks exactly one rule of the gate.

They use ids that the bank itself does not use, so that no row of the bank is rejected with them, except
a few chains (a rejected customer with an account), all of whose rows are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np

from expectations.contract import Table, limit_name
from expectations.policy.in_force import parameters
from fenceng.sample.bank import SampleBank
from fenceng.sample.campaigns import campaign_id
from fenceng.sample.days import as_date, month_of, month_start
from fenceng.sample.edge_cases import SPARE_PROFILES
from fenceng.sample.identity import REGION, credit_code_check, resident_check
from fenceng.sample.people import CORPORATION

Text = str | None

# Event rows stay in the landing zone for all later dates, and the gate blocks a delivery with more than
# 100 bad rows in a table: after the first date one defect a day, up to this many rows.
EVENT_ROWS = 90
_PERSONS_NEEDED = 31

_NO_CUSTOMER = "C999999999"
_NO_ORG = "ORG-O99999"
_LONG_AGO = "2019-05-06"
_BAD_DATE = "2026-13-45"
_BAD_NUMBER = "12.3.4"
# The customers, the employee and the campaign rejected together with their rows.
_BAD_ID_CUSTOMER = "C990000090"
_BAD_ORG_CUSTOMER = "C990000091"
_BAD_ORG = "ORG-O99990"
_BAD_EMPLOYEE = "EX9001"
_BAD_CAMPAIGN = "MX9001"


@dataclass(frozen=True)
class _Defect:
    """A defect: what differs from the table's sound row, and the rule that rejects it."""

    rule: str  # without the table's name
    changes: Mapping[str, Text] = field(default_factory=dict)
    second: Mapping[str, Text] | None = None  # what differs in the second copy of a conflict
    is_csv_only: bool = False  # a value that a Parquet file can't hold


@dataclass(frozen=True)
class PlantedRow:
    """A row to append, with every column as text, and the rule (with table) that rejects it."""

    values: Mapping[str, Text]
    rule: str


@dataclass(frozen=True)
class Planting:
    """What to append to a partition."""

    rows: tuple[PlantedRow, ...] = ()
    repeats_first: bool = False  # append a copy of the partition's first row


def _resident_id_with_wrong_check() -> str:
    body = f"{REGION}19800101001"
    return body + ("1" if resident_check(body) != "1" else "2")


def _credit_code_with_wrong_check() -> str:
    body = f"91{REGION}000000019"
    return body + ("1" if credit_code_check(body) != "1" else "2")


# Braces are filled in by _words: {n} the defect's number, {day}, {tomorrow}, {limit}, {outlet}, ...
_SOUND: dict[str, dict[str, Text]] = {
    "customer": {
        "customer_id": "C9900000{n:02d}", "customer_kind": "personal",
        "customer_name": "示例甲{n}", "org_id": "{outlet}", "opened_on": _LONG_AGO,
    },
    "corporate_profile": {"customer_id": "{spare}", "has_bad_record": "false"},
    "account": {
        "account_id": "AX{n:04d}", "customer_id": "{person}", "org_id": "{outlet}",
        "product_type": "demand_deposit", "currency": "CNY", "balance": "1.00",
        "opened_on": _LONG_AGO, "status": "active",
    },
    "loan": {
        "loan_id": "LX{n:04d}", "customer_id": "{person}", "org_id": "{outlet}",
        "product_type": "consumer", "currency": "CNY", "principal_balance": "1.00",
        "risk_class": "pass", "drawn_on": _LONG_AGO, "matures_on": "2099-12-31",
        "status": "active",
    },
    "credit_line": {
        "credit_line_id": "CLX{n:04d}", "customer_id": "{company}", "currency": "CNY",
        "target_amount": "2.00", "approved_amount": "1.00", "valid_from": _LONG_AGO,
    },
    "card": {
        "card_id": "KX{n:04d}", "customer_id": "{person}", "card_kind": "debit",
        "card_grade": "standard", "issued_on": _LONG_AGO, "status": "inactive",
    },
    "card_transaction": {
        "transaction_id": "TX{stamp}{n:02d}", "card_id": "KX0000", "customer_id": "{person}",
        "transacted_on": "{day}", "currency": "CNY", "amount": "1.00",
        "transaction_kind": "purchase",
    },
    "brokerage": {
        "brokerage_account_id": "ZX{n:04d}", "customer_id": "{person}", "currency": "CNY",
        "margin_balance": "1.00", "status": "active",
    },
    "financial_statement": {
        "customer_id": "{spare}", "period_end": "{day}", "report_kind": "annual",
        "total_assets": "1.00",
    },
    "contribution": {
        "customer_id": "{person_of_day}", "month": "{month}", "revenue": "1.00",
        "economic_capital_return": "1.00",
    },
    "organization": {
        "org_id": "ORG-O999{n:02d}", "parent_org_id": "ORG-H00001", "org_level": "outlet",
        "org_name": "示例银行无名路{n}支行",
    },
    "employee": {
        "employee_id": "EX{n:04d}", "employee_name": "示例乙", "org_id": "{outlet}",
        "role": "outlet_staff", "hired_on": _LONG_AGO,
    },
    "relationship": {
        # no real relationship is older than the staff's first day
        "customer_id": "{person}", "employee_id": "E00001", "relation": "referrer",
        "since": "2014-01-{n:02d}",
    },
    "visit": {
        "visit_id": "VX{stamp}{n:02d}", "customer_id": "{company}", "employee_id": "E00001",
        "visited_on": "{day}", "channel": "message",
    },
    "fx_rate": {"cny_per_unit": "1.10000000"},
    "service": {
        # no real service is older than the bank's first customer
        "customer_id": "{person}", "service_kind": "agency", "opened_on": "1980-01-{n:02d}",
    },
    "customer_link": {
        "customer_id": "{person}", "linked_customer_id": "{company}", "link_kind": "shareholder",
    },
    "prospect": {
        "prospect_id": "PRX{n:04d}", "source": "other", "org_id": "{outlet}", "listed_on": _LONG_AGO,
    },
    # nothing real is of a year so long ago
    "reported_metric": {
        "org_id": "{outlet}", "metric": "fee_income", "month": "19{n:02d}-03-01", "value": "1.000000",
    },
    "target": {"org_id": "{outlet}", "metric": "fee_income", "year": "19{n:02d}-01-01", "amount": "1.00"},
    "appraisal_score": {
        "employee_id": "E00001", "year": "19{n:02d}-01-01", "part": "leader", "score": "1.00",
    },
    "appraisal_feedback": {
        "feedback_id": "FX{stamp}{n:02d}", "employee_id": "E00001", "channel": "questionnaire",
        "received_on": "{day}",
    },
    "campaign": {
        "campaign_id": "MX{n:04d}", "org_id": "{outlet}", "starts_on": _LONG_AGO, "ends_on": _LONG_AGO,
    },
    "campaign_member": {
        "campaign_id": "{campaign}", "customer_id": "C9800000{n:02d}", "is_control": "false",
    },
}  # fmt: skip

_REPEAT = _Defect("key.duplicate")


def _type(column: str, value: str) -> _Defect:
    return _Defect(f"{column}.type", {column: value}, is_csv_only=True)


def _too_much(column: str) -> _Defect:
    return _Defect(f"{column}.limit", {column: "{limit}"})


def _one(column: str, rule: str, value: Text, **others: Text) -> _Defect:
    return _Defect(f"{column}.{rule}", {column: value, **others})


_DEFECTS: dict[str, tuple[_Defect, ...]] = {
    "customer": (
        _one("customer_name", "required", None),
        _one("customer_kind", "enum", "robot"),
        _one("wealth_admission", "enum", "astronomic"),
        _one("org_id", "reference", _NO_ORG),
        _one("opened_on", "future", "{tomorrow}"),
        _one("id_number", "checksum", _resident_id_with_wrong_check(), id_type="resident_id"),
        _one("id_number", "checksum", _credit_code_with_wrong_check(), id_type="uscc",
             customer_kind="corporate"),
        _Defect("key.conflict", second={"customer_name": "示例丙"}),
        _REPEAT,
        _one("id_number", "checksum", _resident_id_with_wrong_check(), id_type="resident_id",
             customer_id=_BAD_ID_CUSTOMER),
        _one("org_id", "reference", _BAD_ORG, customer_id=_BAD_ORG_CUSTOMER),
        _type("opened_on", _BAD_DATE),
        _type("marketing_consent", "maybe"),
    ),
    "corporate_profile": (
        _one("has_bad_record", "required", None),
        _one("institution_type", "enum", "circus"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("settlement_share", "range", "1.001"),
        _one("related_party_share", "range", "-0.5"),
        _too_much("registered_capital"),
        _Defect("key.conflict", second={"credit_rating": "AAA"}),
        _REPEAT,
        _type("settlement_share", "n/a"),
    ),
    "account": (
        _one("status", "required", None),
        _one("product_type", "enum", "lottery"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("org_id", "reference", _NO_ORG),
        _one("opened_on", "future", "{tomorrow}"),
        _too_much("balance"),
        _one("currency", "rate", "XTS"),
        _Defect("key.conflict", second={"balance": "2.00"}),
        _REPEAT,
        _one("customer_id", "reference", _BAD_ID_CUSTOMER),
        _one("customer_id", "reference", _BAD_ORG_CUSTOMER),
        _type("balance", _BAD_NUMBER),
        _type("opened_on", _BAD_DATE),
    ),
    "loan": (
        _one("risk_class", "required", None),
        _one("status", "enum", "forgotten"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("drawn_on", "future", "{tomorrow}"),
        _too_much("principal_balance"),
        _one("principal_balance", "negative", "-0.01"),
        _one("currency", "rate", "XTS"),
        _Defect("key.conflict", second={"principal_balance": "2.00"}),
        _REPEAT,
        _type("principal_balance", _BAD_NUMBER),
    ),
    "credit_line": (
        _one("valid_from", "required", None),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _too_much("target_amount"),
        _one("currency", "rate", "XTS"),
        _Defect("key.conflict", second={"target_amount": "3.00"}),
        _REPEAT,
        _type("valid_from", _BAD_DATE),
    ),
    "card": (
        _one("card_grade", "required", None),
        _one("card_kind", "enum", "prepaid"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("issued_on", "future", "{tomorrow}"),
        _too_much("credit_limit"),
        _Defect("key.conflict", second={"card_grade": "gold"}),
        _REPEAT,
        _one("customer_id", "reference", _BAD_ID_CUSTOMER),
        _type("issued_on", _BAD_DATE),
    ),
    "card_transaction": (
        _one("amount", "required", None),
        _one("transaction_kind", "enum", "barter"),
        _one("card_kind", "enum", "prepaid"),
        _one("transacted_on", "future", "{tomorrow}"),
        _too_much("amount"),
        _one("currency", "rate", "XTS"),
        _Defect("key.conflict", second={"amount": "2.00"}),
        _REPEAT,
        _type("amount", _BAD_NUMBER),
        _type("transacted_on", _BAD_DATE),
    ),
    "brokerage": (
        _one("margin_balance", "required", None),
        _one("status", "enum", "asleep"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _too_much("margin_balance"),
        _one("currency", "rate", "XTS"),
        _Defect("key.conflict", second={"margin_balance": "2.00"}),
        _REPEAT,
        _type("margin_balance", _BAD_NUMBER),
    ),
    "financial_statement": (
        _one("total_assets", "required", None),
        _one("report_kind", "enum", "monthly"),
        _too_much("total_assets"),
        _Defect("key.conflict", second={"total_assets": "2.00"}),
        _REPEAT,
        _type("total_assets", _BAD_NUMBER),
    ),
    "contribution": (
        _one("revenue", "required", None),
        _one("month", "first_day", "{second_day}"),
        _too_much("revenue"),
        _Defect("key.conflict", second={"revenue": "2.00"}),
        _REPEAT,
        _type("revenue", _BAD_NUMBER),
    ),
    "organization": (
        _one("org_name", "required", None),
        _one("org_level", "enum", "kiosk", org_id=_BAD_ORG),
        _one("parent_org_id", "reference", "ORG-B99999"),
        _Defect("key.conflict", second={"org_name": "示例银行异名路支行"}),
        _REPEAT,
    ),
    "employee": (
        _one("employee_name", "required", None),
        _one("role", "enum", "juggler", employee_id=_BAD_EMPLOYEE),
        _one("org_id", "reference", _NO_ORG),
        _Defect("key.conflict", second={"role": "outlet_head"}),
        _REPEAT,
        _type("hired_on", _BAD_DATE),
    ),
    "relationship": (
        _one("relation", "enum", "friend"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("employee_id", "reference", "EX9999"),
        _Defect("key.conflict", second={"until": "2014-12-31"}),
        _REPEAT,
        _one("customer_id", "reference", _BAD_ID_CUSTOMER),
        _one("employee_id", "reference", _BAD_EMPLOYEE),
        _type("until", _BAD_DATE),
    ),
    "visit": (
        _one("channel", "required", None),
        _one("channel", "enum", "pigeon"),
        _one("visited_on", "future", "{tomorrow}"),
        _Defect("key.conflict", second={"outcome": "complaint"}),
        _REPEAT,
        _type("visited_on", _BAD_DATE),
        _type("started_at", "{day} 25:00:00"),
    ),
    "fx_rate": (
        _one("cny_per_unit", "required", None, currency="NOK"),
        _one("cny_per_unit", "positive", "0", currency="ISK"),
        _Defect("key.conflict", {"currency": "DKK"}, second={"cny_per_unit": "0.90000000"}),
        _REPEAT,
        _Defect("cny_per_unit.type", {"currency": "SEK", "cny_per_unit": "n/a"}, is_csv_only=True),
    ),
    "service": (
        _one("service_kind", "required", None),
        _one("service_kind", "enum", "fortune_telling"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("opened_on", "future", "{tomorrow}"),
        _Defect("key.conflict", second={"closed_on": "1999-12-31"}),
        _REPEAT,
        _one("customer_id", "reference", _BAD_ID_CUSTOMER),
        _type("closed_on", _BAD_DATE),
    ),
    "customer_link": (
        _one("link_kind", "enum", "acquaintance"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("linked_customer_id", "reference", _NO_CUSTOMER),
        _REPEAT,
        _one("linked_customer_id", "reference", _BAD_ID_CUSTOMER),
    ),
    "prospect": (
        _one("org_id", "required", None),
        _one("source", "enum", "hearsay"),
        _one("org_id", "reference", _NO_ORG),
        _one("listed_on", "future", "{tomorrow}"),
        _Defect("key.conflict", second={"contacted_on": _LONG_AGO}),
        _REPEAT,
        _type("contacted_on", _BAD_DATE),
    ),
    "reported_metric": (
        _one("value", "required", None),
        _one("org_id", "reference", _NO_ORG),
        _one("month", "first_day", "19{n:02d}-03-31"),
        _Defect("key.conflict", second={"value": "2.000000"}),
        _REPEAT,
        _type("value", _BAD_NUMBER),
    ),
    "target": (
        _one("amount", "required", None),
        _one("org_id", "reference", _NO_ORG),
        _one("year", "first_day", "19{n:02d}-02-01"),
        _too_much("amount"),
        _Defect("key.conflict", second={"amount": "2.00"}),
        _REPEAT,
        _type("amount", _BAD_NUMBER),
    ),
    "appraisal_score": (
        _one("score", "required", None),
        _one("part", "enum", "attendance"),
        _one("employee_id", "reference", "EX9999"),
        _one("year", "first_day", "19{n:02d}-01-02"),
        _one("score", "range", "50.01"),
        _one("score", "range", "-0.01"),
        _Defect("key.conflict", second={"score": "2.00"}),
        _REPEAT,
        _one("employee_id", "reference", _BAD_EMPLOYEE),
        _type("score", _BAD_NUMBER),
    ),
    "appraisal_feedback": (
        _one("employee_id", "required", None),
        _one("channel", "enum", "rumour"),
        _one("received_on", "future", "{tomorrow}"),
        _one("score", "range", "100.01"),
        _one("score", "range", "-0.01"),
        _Defect("key.conflict", second={"score": "2.00"}),
        _REPEAT,
        _type("score", _BAD_NUMBER),
    ),
    "campaign": (
        _one("starts_on", "required", None),
        _one("org_id", "reference", _NO_ORG),
        _one("ends_on", "order", "2019-05-05"),
        _one("ends_on", "order", "2019-05-05", campaign_id=_BAD_CAMPAIGN),
        _Defect("key.conflict", second={"goals": "Another one"}),
        _REPEAT,
        _type("planned_conversions", "12.5"),
        _type("ends_on", _BAD_DATE),
    ),
    "campaign_member": (
        _one("is_control", "required", None),
        _one("campaign_id", "reference", "MX9999"),
        _Defect("key.conflict", second={"is_control": "true"}),
        _REPEAT,
        _one("campaign_id", "reference", _BAD_CAMPAIGN),
        _type("contacted_on", _BAD_DATE),
    ),
}  # fmt: skip


class DefectPlan:
    """Says what to plant in each partition; counts what event tables hold already."""

    def __init__(self, bank: SampleBank, first: int, *, is_csv: bool) -> None:
        """Plan for a bank from day `first` on; ValueError if it has too few customers."""
        people = bank.people
        present = people.present_on(first)
        is_company = people.kind[:present] >= CORPORATION
        self._persons = np.flatnonzero(~is_company)[:_PERSONS_NEEDED]
        self._companies = np.flatnonzero(is_company)[:SPARE_PROFILES]
        if len(self._persons) < _PERSONS_NEEDED or len(self._companies) < SPARE_PROFILES:
            raise ValueError(f"the bank is too small for defects on {as_date(first)}")
        self._outlet = bank.organisation.name_of(int(bank.organisation.outlets[0]))
        self._first = first
        self._is_csv = is_csv
        self._event_rows: dict[str, int] = {}

    def plant(self, table: Table, day: int, real_rows: int) -> Planting:
        """Return what to append to a table's partition with so many sound rows."""
        usable = [
            (number, defect)
            for number, defect in enumerate(_DEFECTS[table.name], start=1)
            if (self._is_csv or not defect.is_csv_only) and (real_rows or defect is not _REPEAT)
        ]
        if table.kind == "event":
            usable = self._for_event(table.name, day, usable)
        rows = tuple(
            row for number, defect in usable if defect is not _REPEAT
            for row in self._rows(table, day, number, defect)
        )  # fmt: skip
        return Planting(rows, any(defect is _REPEAT for _, defect in usable))

    def _for_event(self, table: str, day: int, usable: list[tuple[int, _Defect]]) -> list[tuple[int, _Defect]]:
        if day > self._first:
            usable = [usable[day % len(usable)]]
        size = sum(1 if defect.second is None else 2 for _, defect in usable)
        planted = self._event_rows.get(table, 0)
        if planted + size > EVENT_ROWS:
            return []
        self._event_rows[table] = planted + size
        return usable

    def _rows(self, table: Table, day: int, number: int, defect: _Defect) -> Iterator[PlantedRow]:
        rule = f"{table.name}.{defect.rule}"
        words = self._words(day, number)
        column, _, what = defect.rule.partition(".")
        if what == "limit":
            words = {**words, "limit": _limits(as_date(day))[limit_name(table.name, column)]}
        copies = [defect.changes]
        if defect.second is not None:
            copies.append({**defect.changes, **defect.second})
        for changes in copies:
            values = {**dict.fromkeys(column.name for column in table.columns)}
            filled: dict[str, Text] = {**values, **_SOUND[table.name], **changes}
            yield PlantedRow(
                {name: None if text is None else text.format_map(words) for name, text in filled.items()},
                rule,
            )

    def _words(self, day: int, number: int) -> Mapping[str, object]:
        today = as_date(day)
        return {
            "n": number,
            "day": today.isoformat(),
            "tomorrow": (today + timedelta(days=1)).isoformat(),
            "stamp": today.strftime("%Y%m%d"),
            # A person and a month that no other date's row has: the key is unique over all partitions.
            "person_of_day": f"C{self._persons[today.day - 1] + 1:09d}",
            "month": as_date(month_start(month_of(day) - 12 * number)).isoformat(),
            "second_day": as_date(month_start(month_of(day) - 12 * number) + 1).isoformat(),
            "outlet": self._outlet,
            "person": f"C{self._persons[0] + 1:09d}",
            "company": f"C{self._companies[0] + 1:09d}",
            "campaign": f"M{campaign_id(month_of(day))}",
            "spare": f"C{self._companies[(number - 1) % SPARE_PROFILES] + 1:09d}",
        }


@cache
def _limits(on: date) -> Mapping[str, str]:
    """The policy's amount limits on a date."""
    return parameters(on)


def row_key(table: Table, values: Mapping[str, Text]) -> str:
    """Join the values of the key columns by '|', as the quarantine does."""
    return "|".join(values[name] or "(missing)" for name in table.key)
