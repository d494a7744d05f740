"""Numbers and bands as the messages of the lint write them."""

from __future__ import annotations

from decimal import Decimal as Number

import pytest

from expectations.policy.wording import plain, span


@pytest.mark.parametrize(
    ("number", "words"),
    [("50000.00", "50,000"), ("0.60", "0.6"), ("1E+5", "100,000"), ("-1234.50", "-1,234.5"), ("0", "0")],
)
def test_plain_numbers(number: str, words: str) -> None:
    assert plain(Number(number)) == words


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (("1", True, "2", False), "from 1 to below 2"),
        (("1", False, "2", True), "above 1 to 2"),
        (("1", True, None, False), "from 1"),
        (("1", False, None, False), "above 1"),
        ((None, False, "2", False), "below 2"),
        ((None, False, "2", True), "up to 2"),
        (("1", True, "1", True), "= 1"),
        ((None, False, None, False), "at any value"),
    ],
)
def test_bands(ends: tuple[str | None, bool, str | None, bool], words: str) -> None:
    lower, with_lower, upper, with_upper = ends
    assert span(lower and Number(lower), with_lower, upper and Number(upper), with_upper) == words
