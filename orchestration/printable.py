"""Names as they are printed: a file's name may hold bytes that are no text, or characters that nobody sees."""

from __future__ import annotations

import unicodedata

# Control characters, format characters such as a zero-width blank, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""A name that can be printed, logged and stored anywhere: `\xc3\xf7.txt`, `two\nlines.csv`.

    Bytes that Python could not decode (it keeps them as lone surrogates) are read as UTF-8 if they are that, whatever
    the locale says; any other byte, and any character that cannot be seen, is escaped. Never raises.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if b"\xed" in raw:
        raw = b"".join(_raw(character) for character in text)
    shown = raw.decode("utf-8", "backslashreplace")
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in shown)


def _raw(character: str) -> bytes:
    """The bytes of a character; a lone surrogate is the byte that it stands for, or else is spelled out."""
    try:
        return character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return _escaped(character).encode("ascii")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
