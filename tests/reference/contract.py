"""The landing contract, written down once more for the reference alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a raw table."""

    name: str
    type: str
    nullable: bool = False
    enum: tuple[str, ...] = ()
    ref: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Table:
    """One raw table."""

    name: str
    kind: str
    required: bool
    may_be_empty: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(c for c in self.columns if c.name == name)


def _c(
    name: str,
    type_: str = "varchar",
    *,
    null: bool = False,
    enum: str = "",
    ref: str | None = None,
    unit: str | None = None,
) -> Column:
    return Column(name, type_, null, tuple(enum.split()), ref, unit)


_MONEY = "decimal(18,2)"

_TABLES = (
    Table(
        "customer",
        kind="snapshot",
        required=True,
        may_be_empty=False,
        key=("customer_id",),
        columns=(
            _c("customer_id"),
            _c("customer_kind", enum="personal sole_proprietor corporate institution"),
            _c("customer_name"),
            _c("id_type", null=True, enum="resident_id passport uscc other"),
            _c("id_number", null=True),
            _c("birth_date", "date", null=True),
            _c("mobile_phone", null=True),
            _c("org_id", ref="organization"),
            _c("opened_on", "date"),
            _c("wealth_admission", null=True, enum="private_banking wealth"),
            _c("marketing_consent", "boolean", null=True),
        ),
    ),
    Table(
        "corporate_profile",
        kind="snapshot",
        required=False,
        may_be_empty=False,
        key=("customer_id",),
        columns=(
            _c("customer_id", ref="customer"),
            _c("established_on", "date", null=True),
            _c("registered_capital", _MONEY, null=True, unit="CNY"),
            _c(
                "institution_type",
                null=True,
                enum=(
                    "party_government public_institution social_organisation trade_union "
                    "public_hospital school design_institute"
                ),
            ),
            _c(
                "administrative_level",
                null=True,
                enum=("ministry province municipality prefecture city district county township town village"),
            ),
            _c("credit_rating", null=True),
            _c("has_bad_record", "boolean"),
            _c(
                "market_position",
                null=True,
                enum=(
                    "central_soe provincial_soe_leader monopoly top_500 industry_top_100 headquarters_or_chain listed"
                ),
            ),
            _c("strategic_agreement_on", "date", null=True),
            _c("settlement_share", "double", null=True, unit="0..1"),
            _c("related_party_share", "double", null=True, unit="0..1"),
            _c("profit_margin", "double", null=True),
            _c("peer_profit_margin", "double", null=True),
            _c("is_co_managed", "boolean", null=True),
        ),
    ),
    Table(
        "account",
        kind="snapshot",
        required=True,
        may_be_empty=False,
        key=(
            "account_id",
            "currency",
        ),
        columns=(
            _c("account_id"),
            _c("customer_id", ref="customer"),
            _c("org_id", ref="organization"),
            _c(
                "product_type",
                enum=(
                    "demand_deposit time_deposit structured_deposit wealth_product fund "
                    "insurance government_bond precious_metal trust"
                ),
            ),
            _c("currency"),
            _c("balance", _MONEY),
            _c("balance_mtd_average", _MONEY, null=True),
            _c("opened_on", "date"),
            _c("matures_on", "date", null=True),
            _c("status", enum="active dormant frozen closed"),
        ),
    ),
    Table(
        "loan",
        kind="snapshot",
        required=True,
        may_be_empty=True,
        key=("loan_id",),
        columns=(
            _c("loan_id"),
            _c("customer_id", ref="customer"),
            _c("org_id", ref="organization"),
            _c(
                "product_type",
                enum=("mortgage consumer business working_capital fixed_asset trade_finance bill_discount"),
            ),
            _c("currency"),
            _c("principal_balance", _MONEY),
            _c("risk_class", enum="pass special_mention substandard doubtful loss"),
            _c("drawn_on", "date"),
            _c("matures_on", "date"),
            _c("status", enum="active settled written_off"),
        ),
    ),
    Table(
        "credit_line",
        kind="snapshot",
        required=False,
        may_be_empty=False,
        key=("credit_line_id",),
        columns=(
            _c("credit_line_id"),
            _c("customer_id", ref="customer"),
            _c("currency"),
            _c("target_amount", _MONEY),
            _c("approved_amount", _MONEY),
            _c("valid_from", "date"),
            _c("valid_to", "date", null=True),
        ),
    ),
    Table(
        "card",
        kind="snapshot",
        required=True,
        may_be_empty=True,
        key=("card_id",),
        columns=(
            _c("card_id"),
            _c("customer_id", ref="customer"),
            _c("card_kind", enum="debit credit"),
            _c("card_grade", enum="standard gold platinum diamond"),
            _c("credit_limit", _MONEY, null=True, unit="CNY"),
            _c("issued_on", "date"),
            _c("activated_on", "date", null=True),
            _c("status", enum="active inactive frozen cancelled"),
        ),
    ),
    Table(
        "card_transaction",
        kind="event",
        required=True,
        may_be_empty=True,
        key=("transaction_id",),
        columns=(
            _c("transaction_id"),
            _c("card_id"),
            _c("customer_id"),
            _c("transacted_on", "date"),
            _c("currency"),
            _c("amount", _MONEY),
            _c("transaction_kind", enum="purchase refund cash_advance repayment fee"),
        ),
    ),
    Table(
        "brokerage",
        kind="snapshot",
        required=True,
        may_be_empty=True,
        key=("brokerage_account_id",),
        columns=(
            _c("brokerage_account_id"),
            _c("customer_id", ref="customer"),
            _c("broker_name", null=True),
            _c("currency"),
            _c("margin_balance", _MONEY),
            _c("status", enum="active closed"),
        ),
    ),
    Table(
        "financial_statement",
        kind="event",
        required=False,
        may_be_empty=False,
        key=(
            "customer_id",
            "period_end",
            "report_kind",
        ),
        columns=(
            _c("customer_id"),
            _c("period_end", "date"),
            _c("report_kind", enum="annual interim"),
            _c("total_assets", "decimal(20,2)", unit="CNY"),
        ),
    ),
    Table(
        "contribution",
        kind="event",
        required=False,
        may_be_empty=False,
        key=(
            "customer_id",
            "month",
        ),
        columns=(
            _c("customer_id"),
            _c("month", "date"),
            _c("revenue", _MONEY, unit="CNY"),
            _c("economic_capital_return", _MONEY, unit="CNY"),
        ),
    ),
    Table(
        "organization",
        kind="snapshot",
        required=True,
        may_be_empty=False,
        key=("org_id",),
        columns=(
            _c("org_id"),
            _c("parent_org_id", null=True, ref="organization"),
            _c(
                "org_level",
                enum=("head_office province_branch branch corporate_department wealth_center sub_branch outlet"),
            ),
            _c("org_name"),
        ),
    ),
    Table(
        "employee",
        kind="snapshot",
        required=True,
        may_be_empty=False,
        key=("employee_id",),
        columns=(
            _c("employee_id"),
            _c("employee_name"),
            _c("org_id", ref="organization"),
            _c(
                "role",
                enum=(
                    "branch_president branch_vice_president corporate_department_head "
                    "branch_account_manager outlet_head outlet_deputy_head "
                    "outlet_account_manager wealth_manager finance_manager lobby_manager "
                    "outlet_staff"
                ),
            ),
            _c("hired_on", "date"),
            _c("left_on", "date", null=True),
        ),
    ),
    Table(
        "relationship",
        kind="snapshot",
        required=False,
        may_be_empty=False,
        key=(
            "customer_id",
            "employee_id",
            "relation",
            "since",
        ),
        columns=(
            _c("customer_id", ref="customer"),
            _c("employee_id", ref="employee"),
            _c("relation", enum="manager claim referrer customer_choice"),
            _c("since", "date"),
            _c("until", "date", null=True),
        ),
    ),
    Table(
        "visit",
        kind="event",
        required=True,
        may_be_empty=True,
        key=(
            "visit_id",
            "employee_id",
        ),
        columns=(
            _c("visit_id"),
            _c("customer_id"),
            _c("employee_id"),
            _c("visited_on", "date"),
            _c("channel", enum="on_site phone message"),
            _c("outcome", null=True),
        ),
    ),
    Table(
        "fx_rate",
        kind="snapshot",
        required=False,
        may_be_empty=False,
        key=("currency",),
        columns=(
            _c("currency"),
            _c("cny_per_unit", "decimal(18,8)"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}
