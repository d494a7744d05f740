"""Customers with chosen values: exactly on a policy bound, a fen off it, or an odd case.

The amounts are sample data, not policy: they repeat bounds of the shipped policy, so that a
wrong comparison shows. They keep the same values on every date, except what alternates by month. One case is one
customer, assigned in this order to the first personal and the first corporate customers. What falls due does so around
the month ends of `CLOSES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fenceng.sample.days import as_date, day_number
from fenceng.sample.identity import spare_mobile
from fenceng.sample.organisation import LEAVING_DAYS, STAFF, WEALTH_ADVISER

YUAN = 100  # fen
MILLION = 1_000_000 * YUAN
HUNDRED_MILLION = 100 * MILLION
# The closes around which things fall due; months are odd and even in turn, October 2025 is odd.
CLOSES = LEAVING_DAYS
AS_DRAWN = "as drawn"


@dataclass(frozen=True)
class Holding:
    """An account balance in fen (or cents). In odd months it is `odd_month`, if given."""

    balance: int
    odd_month: int | None = None
    product_type: str = "demand_deposit"
    currency: str = "CNY"
    status: str = "active"
    account: int = 0  # number of the customer's account, 0 to 9; two currencies may share one
    matures: int | None = None  # day number; None for the product's own term


@dataclass(frozen=True)
class Tie:
    """A relationship with whoever holds a post of the first outlet on the day on which it begins."""

    relation: str
    role: int
    place: int  # which of the role's posts
    since: int  # day number


@dataclass(frozen=True)
class Use:
    """A service from a day on, until it is closed."""

    kind: str
    opened: int
    closed: int | None = None


@dataclass(frozen=True)
class Statement:
    """A financial statement, recorded at the end of April 2025."""

    period_end: int
    assets: int
    kind: str = "annual"


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
    is_addressable: bool = False  # has consented to marketing, and has a phone of its own
    phone: str | None = AS_DRAWN
    loan_matures: tuple[int, ...] = ()  # one loan each; the day is far away without any
    cards_issued: tuple[int, ...] = ()  # one card each; on the customer's first day without any
    contacts: tuple[int, ...] = ()  # days on which the head of the outlet called
    ties: tuple[Tie, ...] = ()  # instead of drawn ones
    uses: tuple[Use, ...] = ()
    statements: tuple[Statement, ...] = ()
    is_linked_to_itself: bool = False
    department: str | None = None  # level of the department that leads the customer instead of an outlet
    is_proprietor_in_even_months: bool = False  # a sole proprietor that becomes a company, and back


def _held(balance: int) -> tuple[Holding, ...]:
    return (Holding(balance),)


def _around(bound: int) -> tuple[int, int, int]:
    return bound, bound - 1, bound + 1


def _day(year: int, month: int, day: int) -> int:
    return day_number(date(year, month, day))


def _alternating(even_month: int, odd_month: int) -> tuple[Holding, ...]:
    return (Holding(even_month, odd_month=odd_month),)


def _maturing(closes: tuple[int, ...], ahead: int, balance: int) -> tuple[Holding, ...]:
    """Deposits that mature on each close, so many days later, and on the day after that; the first day twice."""
    days = [close + more for close in closes for more in (0, ahead, ahead + 1)]
    return tuple(
        Holding(balance, product_type="time_deposit", account=account, matures=day)
        for account, day in enumerate([days[0], *days])
    )


def _born(year: int, days: tuple[int, ...]) -> Iterator[int]:
    """Return birth dates in a year, for birthdays on the given days."""
    for day in days:
        birthday = as_date(day)
        yield _day(year, birthday.month, birthday.day)


_FINANCIAL_ASSET_BOUNDS = (50_000 * YUAN, 100_000 * YUAN, 200_000 * YUAN, 2 * MILLION)
_CARD_SPEND_BOUND = 50_000 * YUAN
_LOAN_BOUND = 300_000 * YUAN
_CUSTODY_BOUND = 10_000 * YUAN
_RETAIL_FLOW, _CORPORATE_FLOW = 500_000 * YUAN, 10 * MILLION
_PRODUCT_DAYS, _LOAN_DAYS = 14, 30
_CALM = _day(2025, 6, 2)  # on which nobody starts or leaves who matters here
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
    EdgeCase("affluent admitted, hardly any assets", _held(10 * YUAN), admission="affluent"),
    EdgeCase("affluent admitted, and above two million", _held(3 * MILLION), admission="affluent"),
    # A tenth below and above a bound: within it, and a fen beyond.
    *(
        EdgeCase("near a bound, or just not", _alternating(bound // 10 * 9 - beyond, bound // 10 * 11 + beyond),
                 is_addressable=True)
        for bound in _FINANCIAL_ASSET_BOUNDS[:-1] for beyond in (0, 1)
    ),
    # Two million themselves are below the next tier.
    *(EdgeCase("near two million, or just not", _alternating(1_800_000 * YUAN + below, 2_200_000 * YUAN + 1 - below),
               is_addressable=True)
      for below in (1, 0)),
    *(EdgeCase("flows beside the floor", _alternating(MILLION, MILLION + flow), is_addressable=True)
      for flow in _around(_RETAIL_FLOW)),
    *(EdgeCase("half of the assets gone", _alternating(100_000 * YUAN + more, 200_000 * YUAN), is_addressable=True)
      for more in (0, 1)),
    *(EdgeCase("deposits maturing", _maturing(CLOSES[start:start + 2], _PRODUCT_DAYS, 20_000 * YUAN),
               is_addressable=True)
      for start in (0, 2)),
    EdgeCase("loans maturing", _held(60_000 * YUAN), loan=10_000 * YUAN, is_addressable=True,
             loan_matures=tuple(close + more for close in CLOSES for more in (0, _LOAN_DAYS, _LOAN_DAYS + 1))),
    EdgeCase("credit cards never activated, issued 90 and 89 days before", _held(60_000 * YUAN), card_grade="standard",
             card_kind="credit", card_status="inactive", is_addressable=True,
             cards_issued=tuple(close - days for close in CLOSES for days in (90, 89))),
    *(EdgeCase("a birthday three or four days ahead, or in the week of New Year", _held(60_000 * YUAN), birth=birth,
               is_addressable=True)
      for birth in (*_born(1980, tuple(close + more for close in CLOSES for more in (0, 3, 4))),
                    *_born(1981, (_day(2026, 1, 1), _day(2025, 12, 30))))),
    *(EdgeCase("born on 29 February", _held(60_000 * YUAN), birth=_day(year, 2, 29), is_addressable=True)
      for year in (1980, 2012)),
    *(EdgeCase("fourteen on the day of the close, or on the day after", _held(55_000 * YUAN), birth=birth,
               is_addressable=True)
      for birth in (*_born(2011, CLOSES[:3]), *_born(2012, CLOSES[3:]), *_born(2011, (CLOSES[0] + 1,)),
                    *_born(2018, (CLOSES[0],)))),
    *(EdgeCase("five customers with one number", _held(60_000 * YUAN), phone=phone)
      for phone in (spare_mobile(0), spare_mobile(0, "+86"), *(spare_mobile(0) for _ in range(3)))),
    *(EdgeCase("six customers with one number", _held(60_000 * YUAN), phone=phone)
      for phone in (spare_mobile(1), spare_mobile(1, "+86 ", "-"), spare_mobile(1, "", "-"),
                    spare_mobile(1, "", "\u3000"), spare_mobile(1), spare_mobile(1))),
    *(EdgeCase("a number that is none, or only looks so", _held(60_000 * YUAN), phone=phone)
      for phone in (None, "\u3000 ", spare_mobile(2, "", "\u3000"), spare_mobile(3, "+86+86"), spare_mobile(4)[:-1],
                    spare_mobile(4) + "0", spare_mobile(5)[:-1] + "A")),
    EdgeCase("rises under a manager for the lower tier", _alternating(90_000 * YUAN, 110_000 * YUAN),
             is_addressable=True, ties=(Tie("manager", STAFF, 0, _CALM),)),
    EdgeCase("rises under a manager, and chooses them", _alternating(90_000 * YUAN, 110_000 * YUAN),
             is_addressable=True,
             ties=(Tie("manager", STAFF, 1, _CALM), Tie("customer_choice", STAFF, 1, _day(2025, 11, 15)))),
    EdgeCase("has a manager, and chooses somebody else", _held(120_000 * YUAN),
             ties=(Tie("manager", STAFF, 2, _CALM), Tie("customer_choice", STAFF, 3, _CALM + 30))),
    EdgeCase("chooses without a manager", _held(120_000 * YUAN), ties=(Tie("customer_choice", STAFF, 3, _CALM),)),
    EdgeCase("claimed twice", _held(120_000 * YUAN),
             ties=(Tie("claim", STAFF, 1, _CALM + 1), Tie("claim", STAFF, 0, _CALM))),
    *(EdgeCase("manager or specialist leave on the day of a close", _held(300_000 * YUAN),
               ties=(Tie("manager", WEALTH_ADVISER, place, _CALM),
                     Tie("specialist", WEALTH_ADVISER, (place + 1) % len(CLOSES), _CALM)))
      for place in range(len(CLOSES))),
    EdgeCase("contact due in seven days", _held(120_000 * YUAN), contacts=(_day(2025, 5, 7),), is_addressable=True),
    EdgeCase("contact due in eight days", _held(120_000 * YUAN), contacts=(_day(2025, 5, 8),), is_addressable=True),
    EdgeCase("called on the last day of a longer month", _held(3 * MILLION), contacts=(_day(2025, 10, 31),),
             is_addressable=True),
    EdgeCase("led by a wealth centre", _held(500_000 * YUAN), department="wealth_center"),
    EdgeCase("services that close on a close and the day after, opened on it, opened again, closed before they opened",
             _held(60_000 * YUAN), uses=(
                 Use("mobile_banking", _CALM, CLOSES[0]), Use("online_banking", _CALM, CLOSES[0] + 1),
                 Use("phone_banking", CLOSES[0]), Use("agency", _CALM - 900, _CALM - 500), Use("agency", _CALM),
                 Use("investment", _CALM, _CALM - 1),
             )),
    EdgeCase("linked to itself", _held(60_000 * YUAN), is_linked_to_itself=True),
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
    *(
        EdgeCase("near a bound, or just not", _alternating(bound // 10 * 9 - beyond, bound // 10 * 11 + beyond),
                 capital=MILLION)
        for bound in _DEPOSIT_BOUNDS for beyond in (0, 1)
    ),
    *(EdgeCase("flows beside the floor", _alternating(60 * MILLION, 60 * MILLION + flow), capital=MILLION)
      for flow in (_CORPORATE_FLOW, _CORPORATE_FLOW - 1)),
    *(EdgeCase("half of the deposits gone", _alternating(30 * MILLION + more, 60 * MILLION), capital=MILLION)
      for more in (0, 1)),
    *(EdgeCase("deposits maturing", _maturing(CLOSES[start:start + 2], _PRODUCT_DAYS, MILLION), capital=MILLION)
      for start in (0, 2)),
    EdgeCase("loans maturing", _held(MILLION), loan=MILLION, capital=MILLION,
             loan_matures=tuple(close + more for close in CLOSES for more in (0, _LOAN_DAYS, _LOAN_DAYS + 1))),
    # Two years after a period's end its statement still stands; the day after it is stale.
    *(EdgeCase("a statement about to be stale", _held(MILLION), capital=MILLION, target=20 * MILLION,
               approved=10 * MILLION, statements=(Statement(period_end, 80 * MILLION),))
      for period_end in (_day(2023, 10, 30), _day(2023, 10, 31), _day(2023, 12, 31), _day(2024, 2, 29))),
    EdgeCase("an annual and an interim statement of one day", _held(MILLION), capital=MILLION, target=20 * MILLION,
             approved=10 * MILLION,
             statements=(Statement(_day(2024, 12, 31), 700 * MILLION),
                         Statement(_day(2024, 12, 31), 50 * MILLION, kind="interim"))),
    EdgeCase("an institution that borrows", _held(5 * MILLION), institution_type="school",
             administrative_level="city", loan=MILLION),
    EdgeCase("sole proprietor and company in turn", _held(60_000 * YUAN), capital=MILLION,
             is_proprietor_in_even_months=True),
    EdgeCase("sole proprietor and company in turn, with a loan", _held(3 * MILLION), loan=MILLION,
             is_proprietor_in_even_months=True),
    EdgeCase("led by a corporate department", _held(80 * MILLION), capital=MILLION, department="corporate_department"),
)  # fmt: skip
