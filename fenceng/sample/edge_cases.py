"""Customers with chosen values: exactly on a policy bound, a fen off it, or an odd case.

The amounts are sample data, not policy: they repeat bounds of the shipped policy, so that a
wrong comparison shows. They keep the same values on every date. One case is one customer, assigned in this order to the
first personal and the first corporate customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fenceng.sample.days import day_number

YUAN = 100  # fen
MILLION = 1_000_000 * YUAN
HUNDRED_MILLION = 100 * MILLION


@dataclass(frozen=True)
class Holding:
    """An account balance in fen (or cents). In odd months it is `odd_month`, if given."""

    balance: int
    odd_month: int | None = None
    product_type: str = "demand_deposit"
    currency: str = "CNY"
    status: str = "active"
    account: int = 0  # number of the customer's account; two currencies may share one


@dataclass(frozen=True)
class EdgeCase:
    """What one chosen customer has; None or 0 for nothing. Money in fen."""

    title: str
    holdings: tuple[Holding, ...] = ()
    loan: int | None = None
    loan_status: str = "active"
    custody: int | None = None
    custody_status: str = "active"
    card_grade: str | None = None
    card_kind: str = "debit"
    card_status: str = "active"
    year_purchases: int = 0  # fen in any twelve months, spread over them
    month_refund: int = 0  # fen refunded each month, in addition
    admission: str | None = None
    birth: int | None = None  # day number
    has_birth: bool = True
    target: int | None = None
    approved: int = 0
    is_line_expired: bool = False
    institution_type: str | None = None
    administrative_level: str | None = None
    capital: int | None = None
    total_assets: int | None = None
    is_co_managed: bool | None = None
    has_profile: bool = True


def _held(balance: int) -> tuple[Holding, ...]:
    return (Holding(balance),)


def _around(bound: int) -> tuple[int, int, int]:
    return bound, bound - 1, bound + 1


_FINANCIAL_ASSET_BOUNDS = (50_000 * YUAN, 100_000 * YUAN, 200_000 * YUAN, 2 * MILLION)
_CARD_SPEND_BOUND = 50_000 * YUAN
_LOAN_BOUND = 300_000 * YUAN
_CUSTODY_BOUND = 10_000 * YUAN
_DEPOSIT_BOUNDS = (50 * MILLION, 200 * MILLION)
_CAPITAL_BOUNDS = tuple(HUNDRED_MILLION * hundredths // 100 for hundredths in (5000, 100, 10, 5))
_ASSET_BOUNDS = tuple(HUNDRED_MILLION * tenths // 10 for tenths in (3000, 60, 6, 1))

RETAIL: tuple[EdgeCase, ...] = (
    *(
        EdgeCase("financial assets beside a bound", _held(balance))
        for bound in _FINANCIAL_ASSET_BOUNDS
        for balance in _around(bound)
    ),
    *(
        EdgeCase("card spend beside the bound", _held(1_000 * YUAN), card_grade="standard",
                 card_kind="credit", year_purchases=spend)
        for spend in _around(_CARD_SPEND_BOUND)
    ),
    *(EdgeCase("loan beside the bound", _held(2_000 * YUAN), loan=loan)
      for loan in _around(_LOAN_BOUND)),
    *(EdgeCase("custody beside the bound", _held(500 * YUAN), custody=custody)
      for custody in _around(_CUSTODY_BOUND)),
    *(EdgeCase("in scope by card grade alone or not", _held(300 * YUAN), card_grade=grade)
      for grade in ("standard", "gold", "platinum", "diamond")),
    EdgeCase("a gold card that was cancelled", _held(300 * YUAN), card_grade="gold",
             card_status="cancelled"),
    EdgeCase("a gold card never activated", _held(300 * YUAN), card_grade="gold",
             card_status="inactive"),
    EdgeCase("private banking admitted", _held(80_000 * YUAN), admission="private_banking"),
    EdgeCase("wealth admitted, hardly any assets", _held(10 * YUAN), admission="wealth"),
    EdgeCase("overdrawn beside a deposit on the bound",
             (Holding(-123_456), Holding(50_000 * YUAN, account=1))),
    EdgeCase("closed account with a residual balance",
             (Holding(60_000 * YUAN, status="closed"), Holding(100 * YUAN, account=1))),
    EdgeCase("frozen account still counts", (Holding(60_000 * YUAN, status="frozen"),)),
    EdgeCase("one account, two currencies",
             (Holding(30_000 * YUAN), Holding(4_321_09, currency="USD"))),
    EdgeCase("settled loan", _held(100 * YUAN), loan=_LOAN_BOUND, loan_status="settled"),
    EdgeCase("written-off loan", _held(100 * YUAN), loan=_LOAN_BOUND, loan_status="written_off"),
    EdgeCase("closed custody", _held(100 * YUAN), custody=_CUSTODY_BOUND, custody_status="closed"),
    EdgeCase("refunds above purchases", _held(100 * YUAN), card_grade="standard",
             card_kind="credit", year_purchases=1_200 * YUAN, month_refund=500 * YUAN),
    EdgeCase("spend brought to the bound by refunds", _held(100 * YUAN), card_grade="standard",
             card_kind="credit", year_purchases=_CARD_SPEND_BOUND + 1_200 * YUAN,
             month_refund=100 * YUAN),
    EdgeCase("instalments on a card cancelled since", _held(100 * YUAN), card_grade="standard",
             card_kind="credit", card_status="cancelled", year_purchases=60_000 * YUAN),
    EdgeCase("spend on a debit card counts nothing", _held(100 * YUAN), card_grade="standard",
             year_purchases=60_000 * YUAN),
    EdgeCase("no birth date", _held(70_000 * YUAN), has_birth=False),
    EdgeCase("born 1900", _held(70_000 * YUAN), birth=day_number(date(1900, 1, 1))),
    EdgeCase("rises to and falls from the next tier",
             (Holding(90_000 * YUAN, odd_month=110_000 * YUAN),)),
    EdgeCase("in and out of scope", (Holding(40_000 * YUAN, odd_month=60_000 * YUAN),)),
    EdgeCase("rises above two million", (Holding(1_900_000 * YUAN, odd_month=2_100_000 * YUAN),)),
    EdgeCase("every product a little", tuple(
        Holding(9_000 * YUAN, product_type=product, account=position)
        for position, product in enumerate((
            "demand_deposit", "time_deposit", "structured_deposit", "wealth_product", "fund",
            "insurance", "government_bond", "precious_metal", "trust",
        ))
    )),
)  # fmt: skip

# The first corporate customers have no profile row, so that defects can be planted under their ids.
SPARE_PROFILES = 10

CORPORATE: tuple[EdgeCase, ...] = (
    *(EdgeCase("no profile delivered", _held(MILLION), has_profile=False)
      for _ in range(SPARE_PROFILES)),
    *(EdgeCase("deposits beside a bound", _held(balance), capital=10 * MILLION)
      for bound in _DEPOSIT_BOUNDS for balance in _around(bound)),
    *(EdgeCase("target credit beside the bound", _held(MILLION), target=target,
               approved=100 * MILLION, total_assets=HUNDRED_MILLION)
      for target in _around(200 * MILLION)),
    EdgeCase("credit line alone, below the bound", (), target=80 * MILLION, approved=0,
             capital=3 * MILLION),
    EdgeCase("credit line alone, above the bound", (), target=300 * MILLION, approved=0,
             capital=300 * MILLION),
    EdgeCase("credit line that expired", _held(2 * MILLION), target=300 * MILLION,
             approved=300 * MILLION, is_line_expired=True),
    EdgeCase("only a closed account", (Holding(0, status="closed"),), capital=MILLION),
    EdgeCase("no account at all", (), capital=MILLION),
    EdgeCase("co-managed", _held(260 * MILLION), is_co_managed=True, capital=MILLION),
    EdgeCase("not co-managed", _held(270 * MILLION), is_co_managed=False, capital=MILLION),
    EdgeCase("co-management not decided", _held(280 * MILLION), capital=MILLION),
    EdgeCase("class 2, co-managed", _held(60 * MILLION), is_co_managed=True, capital=MILLION),
    EdgeCase("class 2, not co-managed", _held(70 * MILLION), is_co_managed=False, capital=MILLION),
    EdgeCase("class 2, not decided", _held(80 * MILLION), capital=MILLION),
    EdgeCase("class 3, co-managed", _held(3 * MILLION), is_co_managed=True, capital=MILLION),
    EdgeCase("between class 2 and class 1",
             (Holding(190 * MILLION, odd_month=210 * MILLION),), capital=100 * MILLION),
    EdgeCase("between class 3 and class 2",
             (Holding(40 * MILLION, odd_month=55 * MILLION),), capital=100 * MILLION),
    *(
        EdgeCase("institution by level", _held(5 * MILLION), institution_type=kind,
                 administrative_level=level)
        for kind, level in (
            ("public_hospital", "ministry"), ("school", "province"),
            ("design_institute", "municipality"), ("public_hospital", "prefecture"),
            ("school", "city"), ("design_institute", "district"), ("public_hospital", "county"),
            ("school", "township"), ("design_institute", "town"), ("school", "village"),
            ("public_hospital", None),
        )
    ),
    EdgeCase("government office, sized as a company", _held(5 * MILLION), capital=20 * MILLION,
             institution_type="party_government", administrative_level="county"),
    *(EdgeCase("registered capital beside a bound", _held(MILLION), capital=bound - less)
      for bound in _CAPITAL_BOUNDS for less in (0, 1)),
    *(EdgeCase("total assets beside a bound", _held(MILLION), capital=MILLION,
               target=20 * MILLION, approved=10 * MILLION, total_assets=bound - less)
      for bound in _ASSET_BOUNDS for less in (0, 1)),
    EdgeCase("credit customer without a statement", _held(MILLION), capital=60 * MILLION,
             target=20 * MILLION, approved=10 * MILLION),
    EdgeCase("credit aimed at, none approved", _held(MILLION), capital=60 * MILLION,
             target=20 * MILLION, approved=0, total_assets=700 * MILLION),
    EdgeCase("size not known", _held(MILLION)),
)  # fmt: skip
