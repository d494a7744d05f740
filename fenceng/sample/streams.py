"""Random numbers that are the same on every machine.

Only PCG64's raw 64-bit output and integer arithmetic are used: numpy promises to keep the raw
stream, but not its distributions, and floating-point functions differ between processors. Value i of a stream belongs
to item i (a customer, a post, ...), so that a longer population keeps the numbers of a shorter one.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Raw = npt.NDArray[np.uint64]
Int = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_HALF = np.uint64(32)
_MASK = np.uint64(0xFFFFFFFF)
_PIECE = np.uint64(0xFFFF)


class Streams:
    """Independent streams of raw numbers, each identified by a name and numbers (a month, a day)."""

    def __init__(self, seed: int) -> None:
        """Take the seed of the whole bank; ValueError if it is below 0."""
        if seed < 0:
            raise ValueError(f"the seed must be 0 or more, not {seed}")
        self._seed = seed

    def raw(self, name: str, size: int, *parts: int) -> Raw:
        """Return the first `size` raw numbers of a stream (shape: size)."""
        entropy = [self._seed, zlib.crc32(name.encode()), *parts]
        drawn = np.random.PCG64(np.random.SeedSequence(entropy)).random_raw(size)
        return np.asarray(drawn, dtype=np.uint64)


def below(raw: Raw, bound: int | Int) -> Int:
    """Whole numbers 0 <= x < bound from the upper halves of raw numbers; bound < 2**31."""
    upper = (raw >> _HALF).astype(np.int64)
    return np.asarray((upper * bound) >> 32, dtype=np.int64)


def other_half(raw: Raw) -> Raw:
    """Put the lower halves on top: a second, independent number from the same draw."""
    return (raw & _MASK) << _HALF


def chance(raw: Raw, per_thousand: int | Int) -> Flags:
    """Flag the share of items, in thousandths."""
    return np.asarray(below(raw, 1000) < per_thousand, dtype=np.bool_)


def log_normal(raw: Raw, median: int | Int, half_steps: int) -> Int:
    """Roughly log-normal whole numbers with the given median.

    The four 16-bit pieces of a raw number add up to a bell (Irwin-Hall); it becomes the power of
    two in 16-bit fixed point, a straight line between whole powers. sigma is 0.2 x half_steps; the
    largest value is about median x exp(0.69 x half_steps). median < 2**45.
    """
    bell = np.zeros(raw.shape, dtype=np.int64)
    for shift in (0, 16, 32, 48):
        bell += ((raw >> np.uint64(shift)) & _PIECE).astype(np.int64)
    exponent = (bell - 131070) * half_steps // 2
    whole = exponent >> 16
    fraction = exponent & 0xFFFF
    scaled = (np.asarray(median, dtype=np.int64) * (65536 + fraction)) >> 16
    up = scaled << np.maximum(whole, 0)
    return np.asarray(up >> np.maximum(-whole, 0), dtype=np.int64)
