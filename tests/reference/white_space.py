"""White space as Unicode has it, at the ends of a text or anywhere in it."""

from __future__ import annotations

# Unicode's property White_Space; Python's isspace() also takes four control characters.
WHITE_SPACE = frozenset(
    [
        *map(
            chr,
            (
                *range(0x09, 0x0E),
                0x20,
                0x85,
                0xA0,
                0x1680,
                *range(0x2000, 0x200B),
                0x2028,
                0x2029,
                0x202F,
                0x205F,
                0x3000,
            ),
        )
    ]
)


def trimmed(text: str) -> str:
    """A text without the white space at its two ends."""
    return text.strip("".join(WHITE_SPACE))
