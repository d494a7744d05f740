"""SQL string literals."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text in quotation marks, with inner ones doubled."""
    return "'" + text.replace("'", "''") + "'"
