"""File names as printed."""

from __future__ import annotations

import os

import pytest

from orchestration.printable import printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"part-0.csv", "part-0.csv"),
        ("支行 1.csv".encode(), "支行 1.csv"),
        # GBK in which two bytes happen to be UTF-8.
        (b"\xcb\xb5\xc3\xf7.txt", r"˵\xc3\xf7.txt"),
        # The bytes of a Chinese name, and one byte too few.
        ("层".encode()[:-1] + b".csv", r"\xe5\xb1.csv"),
        (b"two\nlines\t\x1b[31m.csv", r"two\nlines\t\x1b[31m.csv"),
        ("a\u200bb\u2028\ufeff".encode(), r"a\u200bb\u2028\ufeff"),
        (b"back\\slash", r"back\slash"),
    ],
)  # fmt: skip
def test_a_name_is_shown_and_can_be_printed_anywhere(raw: bytes, shown: str) -> None:
    assert printable(raw.decode("utf-8", "surrogateescape")) == shown
    assert printable(os.fsdecode(raw)) == shown
    shown.encode("utf-8")


def test_a_name_that_another_locale_decoded_is_read_as_utf_8() -> None:
    assert printable("层级.csv".encode().decode("ascii", "surrogateescape")) == "层级.csv"
    assert printable("层级".encode().decode("ascii", "surrogateescape") + " 层") == "层级 层"


def test_a_surrogate_that_stands_for_no_byte_is_spelled_out() -> None:
    assert printable("a\ud800b") == r"a\ud800b"
