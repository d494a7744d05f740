"""Printable names: a file name may hold bytes that are not text, or invisible characters."""

from __future__ import annotations

import unicodedata

# Control characters, format characters such as a zero-width space, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Return a form of a name that is safe to print, log and store: `\xc3\xf7.txt`, `two\nlines.csv`.

    Bytes that Python could not decode (it keeps them as lone surrogates) are read as UTF-8 where they are valid UTF-8,
    whatever the locale. All other bytes and all invisible characters are escaped. Never raises.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if b"\xed" in raw:
        raw = b"".join(_raw(character) for character in text)
    shown = raw.decode("utf-8", "backslashreplace")
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in shown)


def _raw(character: str) -> bytes:
    """Return a character's bytes: an escaped byte becomes itself, any other lone surrogate is spelled out."""
    try:
        return character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return _escaped(character).encode("ascii")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
