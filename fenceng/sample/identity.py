"""Well-formed identity numbers, credit codes and mobile numbers that belong to nobody.

Region 990000 is in no edition of GB/T 2260, so no number with it was ever issued. No operator holds
segment 154, and 1990000xxxx is the range that the sample shares on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fenceng.sample.columns import NO_WORD, NULL, Column, FirstOf, Joined, Serial, Words, constant
from fenceng.sample.days import compact_dates
from fenceng.sample.streams import Flags, Int, Raw, below, other_half

REGION = 990000
_RESIDENT_CHECK = tuple("0123456789X")
_CREDIT_ALPHABET = tuple("0123456789ABCDEFGHJKLMNPQRTUWXY")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_FIRST_BIRTH = -10957  # 1940-01-01
_BIRTH_DAYS = 23376  # up to 2003-12-31
_SEQUENCES = 990
# Coprime to the number of pairs (day, sequence), so that the pairs don't repeat.
_BIRTH_STRIDE = 14_142_137


def birth_and_sequence(persons: Int) -> tuple[Int, Int]:
    """Give each person a birth date (day number) and a sequence 1..990 within it.

    The pair is unique for the first 23 million persons, and so are the identity numbers.
    """
    pairs = (persons + 1) * _BIRTH_STRIDE % (_BIRTH_DAYS * _SEQUENCES)
    return _FIRST_BIRTH + pairs // _SEQUENCES, pairs % _SEQUENCES + 1


def resident_ids(births: Int, sequences: Int) -> tuple[Int, Int]:
    """Return the first 17 digits and the check code 0..10 (10 is X) of GB 11643 numbers."""
    bodies = REGION * 10**11 + compact_dates(births) * 1000 + sequences
    total = np.zeros(len(bodies), dtype=np.int64)
    rest = bodies.copy()
    for power in range(1, 18):  # from the last of the 17 digits, whose weight is 2**1 mod 11
        total += (rest % 10) * pow(2, power, 11)
        rest //= 10
    return bodies, (12 - total % 11) % 11


def resident_id_column(bodies: Int, checks: Int) -> Column:
    """Write GB 11643 numbers out."""
    return Joined((Serial("", bodies, 17), Words(checks, _RESIDENT_CHECK)))


def credit_code_column(departments: Int, serials: Int) -> Column:
    """Write GB 32100 credit codes out: department and category (such as 91), region, GB 11714 code.

    `departments` are two digits, `serials` up to eight; NULL gives null.
    """
    numbers = np.where(serials == NULL, 0, serials)
    digits = np.stack([numbers // 10 ** (7 - place) % 10 for place in range(8)])
    inner_total = sum(digits[place] * _ORGANISATION_WEIGHTS[place] for place in range(8))
    inner = (11 - inner_total % 11) % 11
    inner_value = np.where(inner == 10, _CREDIT_ALPHABET.index("X"), inner)
    leading = departments * 10**6 + REGION
    head = np.stack([leading // 10 ** (7 - place) % 10 for place in range(8)])
    values = np.concatenate([head, digits, inner_value[None, :]])
    total = sum(values[place] * pow(3, place, 31) for place in range(17))
    check = (31 - total % 31) % 31
    body = np.where(serials == NULL, NULL, leading * 10**8 + numbers)
    return Joined(
        (
            Serial("", body, 16),
            Words(inner_value, _CREDIT_ALPHABET),
            Words(check, _CREDIT_ALPHABET),
        )
    )


# How a number is written, and for how many of a thousand customers: the malformed one is too short.
_PLAIN, _HYPHENS, _BLANKS, _SHORT, _SHARED, _MISSING = range(6)
_PHONE_SHARES = (930, 10, 10, 7, 12, 31)
_PHONE_HEADS = ("154", "+86 154-", "154 ", "short: see plain", "1990000")


def _own_number(position: Int) -> Int:
    """Return the last eight digits of each customer's own number, all different."""
    return (position * 61_803_399 + 12_345_678) % 10**8


def spare_mobile(number: int, head: str = "", between: str = "") -> str:
    """Return a number that is nobody's own in a bank of fewer than 99 million, with signs before and within it."""
    own = int(_own_number(np.array(10**8 - 1 - number, dtype=np.int64)))
    return f"{head}154{between}{own // 10**4:04d}{between}{own % 10**4:04d}"


def mobile_column(raw: Raw, customers: int, plain: Flags, given: Mapping[int, str | None]) -> Column:
    """Mobile numbers of all customers: own, shared by more than five, malformed and missing ones.

    `raw` has one number per customer; `customers` is the size of the bank, which determines the
    shared numbers. `plain` flags who has a number of their own in plain digits; `given` has the numbers of the
    customers for whom none is drawn.
    """
    size = len(raw)
    style = np.searchsorted(np.cumsum(_PHONE_SHARES), below(raw, 1000), side="right")
    style = np.where(plain, _PLAIN, style)
    chosen = constant(NO_WORD, size)
    numbers = sorted({number for number in given.values() if number is not None})
    for customer, number in given.items():
        style[customer] = _MISSING
        chosen[customer] = NO_WORD if number is None else numbers.index(number)
    own = _own_number(np.arange(size, dtype=np.int64))
    shared_numbers = max(1, min(10_000, customers * _PHONE_SHARES[_SHARED] // 1000 // 9))
    shared = below(other_half(raw), shared_numbers)
    first = np.where(style >= _SHORT, NULL, own // 10_000)
    last = np.where(style == _SHARED, shared, own % 10_000)
    between = np.select([style == _HYPHENS, style == _BLANKS], [0, 1], default=NO_WORD)
    head = np.where(style == _MISSING, NO_WORD, style)
    drawn = Joined(
        (
            Words(np.where(head == _SHORT, _PLAIN, head), _PHONE_HEADS),
            Serial("", first, 4),
            Words(between, ("-", " ")),
            Serial("", last, 4),
        )
    )
    return FirstOf((Words(chosen, numbers), drawn))


def resident_check(body: str) -> str:
    """Return the check character of the first 17 digits of one GB 11643 number."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return _RESIDENT_CHECK[(12 - total % 11) % 11]


def credit_code_check(body: str) -> str:
    """Return the check character of the first 17 characters of one GB 32100 code."""
    alphabet = _CREDIT_ALPHABET
    total = sum(alphabet.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return alphabet[-total % 31]
