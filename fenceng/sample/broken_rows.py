"""What is planted: of each table a sound row, and what is broken in it, one rule at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fenceng.sample.identity import REGION, credit_code_check, resident_check

Text = str | None

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
class Defect:
    """A defect: what differs from the table's sound row, and the rule that rejects it."""

    rule: str  # without the table's name
    changes: Mapping[str, Text] = field(default_factory=dict)
    second: Mapping[str, Text] | None = None  # what differs in the second copy of a conflict
    is_csv_only: bool = False  # a value that a Parquet file can't hold


def _resident_id_with_wrong_check() -> str:
    body = f"{REGION}19800101001"
    return body + ("1" if resident_check(body) != "1" else "2")


def _credit_code_with_wrong_check() -> str:
    body = f"91{REGION}000000019"
    return body + ("1" if credit_code_check(body) != "1" else "2")


# Braces are filled in when a row is planted: {n} the defect's number, {day}, {tomorrow}, {limit}, {outlet}, ...
SOUND: dict[str, dict[str, Text]] = {
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

REPEAT = Defect("key.duplicate")


def _type(column: str, value: str) -> Defect:
    return Defect(f"{column}.type", {column: value}, is_csv_only=True)


def _too_much(column: str) -> Defect:
    return Defect(f"{column}.limit", {column: "{limit}"})


def _one(column: str, rule: str, value: Text, **others: Text) -> Defect:
    return Defect(f"{column}.{rule}", {column: value, **others})


DEFECTS: dict[str, tuple[Defect, ...]] = {
    "customer": (
        _one("customer_name", "required", None),
        _one("customer_kind", "enum", "robot"),
        _one("wealth_admission", "enum", "astronomic"),
        _one("org_id", "reference", _NO_ORG),
        _one("opened_on", "future", "{tomorrow}"),
        _one("id_number", "checksum", _resident_id_with_wrong_check(), id_type="resident_id"),
        _one("id_number", "checksum", _credit_code_with_wrong_check(), id_type="uscc",
             customer_kind="corporate"),
        Defect("key.conflict", second={"customer_name": "示例丙"}),
        REPEAT,
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
        Defect("key.conflict", second={"credit_rating": "AAA"}),
        REPEAT,
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
        Defect("key.conflict", second={"balance": "2.00"}),
        REPEAT,
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
        Defect("key.conflict", second={"principal_balance": "2.00"}),
        REPEAT,
        _type("principal_balance", _BAD_NUMBER),
    ),
    "credit_line": (
        _one("valid_from", "required", None),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _too_much("target_amount"),
        _one("currency", "rate", "XTS"),
        Defect("key.conflict", second={"target_amount": "3.00"}),
        REPEAT,
        _type("valid_from", _BAD_DATE),
    ),
    "card": (
        _one("card_grade", "required", None),
        _one("card_kind", "enum", "prepaid"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("issued_on", "future", "{tomorrow}"),
        _too_much("credit_limit"),
        Defect("key.conflict", second={"card_grade": "gold"}),
        REPEAT,
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
        Defect("key.conflict", second={"amount": "2.00"}),
        REPEAT,
        _type("amount", _BAD_NUMBER),
        _type("transacted_on", _BAD_DATE),
    ),
    "brokerage": (
        _one("margin_balance", "required", None),
        _one("status", "enum", "asleep"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _too_much("margin_balance"),
        _one("currency", "rate", "XTS"),
        Defect("key.conflict", second={"margin_balance": "2.00"}),
        REPEAT,
        _type("margin_balance", _BAD_NUMBER),
    ),
    "financial_statement": (
        _one("total_assets", "required", None),
        _one("report_kind", "enum", "monthly"),
        _too_much("total_assets"),
        Defect("key.conflict", second={"total_assets": "2.00"}),
        REPEAT,
        _type("total_assets", _BAD_NUMBER),
    ),
    "contribution": (
        _one("revenue", "required", None),
        _one("month", "first_day", "{second_day}"),
        _too_much("revenue"),
        Defect("key.conflict", second={"revenue": "2.00"}),
        REPEAT,
        _type("revenue", _BAD_NUMBER),
    ),
    "organization": (
        _one("org_name", "required", None),
        _one("org_level", "enum", "kiosk", org_id=_BAD_ORG),
        _one("parent_org_id", "reference", "ORG-B99999"),
        Defect("key.conflict", second={"org_name": "示例银行异名路支行"}),
        REPEAT,
    ),
    "employee": (
        _one("employee_name", "required", None),
        _one("role", "enum", "juggler", employee_id=_BAD_EMPLOYEE),
        _one("org_id", "reference", _NO_ORG),
        Defect("key.conflict", second={"role": "outlet_head"}),
        REPEAT,
        _type("hired_on", _BAD_DATE),
    ),
    "relationship": (
        _one("relation", "enum", "friend"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("employee_id", "reference", "EX9999"),
        Defect("key.conflict", second={"until": "2014-12-31"}),
        REPEAT,
        _one("customer_id", "reference", _BAD_ID_CUSTOMER),
        _one("employee_id", "reference", _BAD_EMPLOYEE),
        _type("until", _BAD_DATE),
    ),
    "visit": (
        _one("channel", "required", None),
        _one("channel", "enum", "pigeon"),
        _one("visited_on", "future", "{tomorrow}"),
        Defect("key.conflict", second={"outcome": "complaint"}),
        REPEAT,
        _type("visited_on", _BAD_DATE),
        _type("started_at", "{day} 25:00:00"),
    ),
    "fx_rate": (
        _one("cny_per_unit", "required", None, currency="NOK"),
        _one("cny_per_unit", "positive", "0", currency="ISK"),
        Defect("key.conflict", {"currency": "DKK"}, second={"cny_per_unit": "0.90000000"}),
        REPEAT,
        Defect("cny_per_unit.type", {"currency": "SEK", "cny_per_unit": "n/a"}, is_csv_only=True),
    ),
    "service": (
        _one("service_kind", "required", None),
        _one("service_kind", "enum", "fortune_telling"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("opened_on", "future", "{tomorrow}"),
        Defect("key.conflict", second={"closed_on": "1999-12-31"}),
        REPEAT,
        _one("customer_id", "reference", _BAD_ID_CUSTOMER),
        _type("closed_on", _BAD_DATE),
    ),
    "customer_link": (
        _one("link_kind", "enum", "acquaintance"),
        _one("customer_id", "reference", _NO_CUSTOMER),
        _one("linked_customer_id", "reference", _NO_CUSTOMER),
        REPEAT,
        _one("linked_customer_id", "reference", _BAD_ID_CUSTOMER),
    ),
    "prospect": (
        _one("org_id", "required", None),
        _one("source", "enum", "hearsay"),
        _one("org_id", "reference", _NO_ORG),
        _one("listed_on", "future", "{tomorrow}"),
        Defect("key.conflict", second={"contacted_on": _LONG_AGO}),
        REPEAT,
        _type("contacted_on", _BAD_DATE),
    ),
    "reported_metric": (
        _one("value", "required", None),
        _one("org_id", "reference", _NO_ORG),
        _one("month", "first_day", "19{n:02d}-03-31"),
        Defect("key.conflict", second={"value": "2.000000"}),
        REPEAT,
        _type("value", _BAD_NUMBER),
    ),
    "target": (
        _one("amount", "required", None),
        _one("org_id", "reference", _NO_ORG),
        _one("year", "first_day", "19{n:02d}-02-01"),
        _too_much("amount"),
        Defect("key.conflict", second={"amount": "2.00"}),
        REPEAT,
        _type("amount", _BAD_NUMBER),
    ),
    "appraisal_score": (
        _one("score", "required", None),
        _one("part", "enum", "attendance"),
        _one("employee_id", "reference", "EX9999"),
        _one("year", "first_day", "19{n:02d}-01-02"),
        _one("score", "range", "50.01"),
        _one("score", "range", "-0.01"),
        Defect("key.conflict", second={"score": "2.00"}),
        REPEAT,
        _one("employee_id", "reference", _BAD_EMPLOYEE),
        _type("score", _BAD_NUMBER),
    ),
    "appraisal_feedback": (
        _one("employee_id", "required", None),
        _one("channel", "enum", "rumour"),
        _one("received_on", "future", "{tomorrow}"),
        _one("score", "range", "100.01"),
        _one("score", "range", "-0.01"),
        Defect("key.conflict", second={"score": "2.00"}),
        REPEAT,
        _type("score", _BAD_NUMBER),
    ),
    "campaign": (
        _one("starts_on", "required", None),
        _one("org_id", "reference", _NO_ORG),
        _one("ends_on", "order", "2019-05-05"),
        _one("ends_on", "order", "2019-05-05", campaign_id=_BAD_CAMPAIGN),
        Defect("key.conflict", second={"goals": "Another one"}),
        REPEAT,
        _type("planned_conversions", "12.5"),
        _type("ends_on", _BAD_DATE),
    ),
    "campaign_member": (
        _one("is_control", "required", None),
        _one("campaign_id", "reference", "MX9999"),
        Defect("key.conflict", second={"is_control": "true"}),
        REPEAT,
        _one("campaign_id", "reference", _BAD_CAMPAIGN),
        _type("contacted_on", _BAD_DATE),
    ),
}  # fmt: skip
