"""Who cannot be reached by telephone, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .landing import Row
from .white_space import WHITE_SPACE

SHARED_BY = 5  # on more customers a number is nobody's own


def cleaned(phone: str | None) -> str:
    """A number without white space and '-', then without one leading +86; '' for none."""
    bare = "".join(character for character in phone or "" if character not in WHITE_SPACE and character != "-")
    return bare.removeprefix("+86")


def reasons(customers: Iterable[Row]) -> dict[str, str]:
    """Customer -> missing, malformed or shared, for every customer of the snapshot with one of them, tier or not."""
    numbers = {row["customer_id"]: cleaned(row["mobile_phone"]) for row in customers}
    times = Counter(numbers.values())
    found: dict[str, str] = {}
    for customer_id, number in numbers.items():
        if not number:
            found[customer_id] = "missing"
        elif not re.fullmatch(r"1[3-9][0-9]{9}", number):
            found[customer_id] = "malformed"
        elif times[number] > SHARED_BY:
            found[customer_id] = "shared"
    return found
