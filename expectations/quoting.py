"""Text as SQL writes it."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text between quotation marks, those inside it doubled."""
    return "'" + text.replace("'", "''") + "'"
