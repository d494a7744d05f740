"""CSV reading: every file is scanned here, and DuckDB parses only what was found sound.

DuckDB's reader was seen to drop rows without an error (unusual line endings, broken quotes, a wrong dialect guess). A
file whose every line is plain text with as many values as the header goes to DuckDB as is. Any other file is parsed
here, record by record, and DuckDB gets a copy of its readable rows; unreadable lines are kept by line number.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from orchestration.landing.files import Defect, UnfitFileError

_BLOCK_BYTES = 1 << 24
# A longer line is not a row: a quote or a line ending is missing.
_LINE_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
# How Python represents a byte that is not UTF-8 (surrogateescape).
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
_ENDINGS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}

NOT_UTF8 = "the line is not UTF-8"
HOLDS_NUL = "the line holds a NUL byte"
BROKEN_QUOTES = "text follows a closing quotation mark"
TOO_LONG = "a value is longer than 1 MB"


@dataclass(frozen=True)
class CsvScan:
    """What a CSV file holds: its columns, its row count, and line number -> why that line is not a row."""

    header: tuple[str, ...]
    rows: int
    unreadable: dict[int, str]

    @property
    def received(self) -> int:
        """Rows in the file, readable or not."""
        return self.rows + len(self.unreadable)


def scan_csv(file: Path, copy: Path) -> tuple[CsvScan, bool]:
    """Scan a file and return whether DuckDB may parse it as is; if not, `copy` holds its readable rows afterwards.

    Raises UnfitFileError if it can't be split into rows (no header, another encoding, mixed line endings, an unclosed
    quote), OSError if it can't be read.
    """
    header, begin = _plain_header(file)
    if header and (rows := _plain_rows(file, begin, len(header))) is not None:
        return CsvScan(header, rows, {}), True
    with copy.open("w", encoding="utf-8", newline="") as target:
        return _parse(file, target), False


def read_header(file: Path) -> tuple[str, ...]:
    """Return the column names. Raises UnfitFileError if the first line is not a UTF-8 CSV header, OSError."""
    names, _ = _plain_header(file)
    if names:
        return names
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as handle, _long_fields():
        return _header(next(_records(handle), None))


def _plain_header(file: Path) -> tuple[tuple[str, ...] | None, int]:
    """Return the names of an unquoted header and the offset of the rows; None for any other first line.

    Raises UnfitFileError for UTF-16 or NUL bytes.
    """
    with file.open("rb") as handle:
        first = handle.readline(_LINE_BYTES)
    for bom, name in _OTHER_BOMS.items():
        if first.startswith(bom):
            raise _unfit(f"the file is {name}", "UTF-8", 1)
    if b"\0" in first:
        raise _unfit("the header holds NUL bytes, as UTF-16 does", "UTF-8", 1)
    text = first.removeprefix(_BOM)
    if not text.endswith(b"\n") or b'"' in text or b"\r" in text[:-2]:
        return None, 0
    try:
        names = text.decode("utf-8").rstrip("\r\n").split(",")
    except UnicodeDecodeError:
        return None, 0
    return (tuple(names) if names != [""] else None), len(first)


def _plain_rows(file: Path, begin: int, width: int) -> int | None:
    """Count the rows if every line is plain text with `width` values and ends like the header, else return None.

    Scans bytes in 16 MB blocks, at a few hundred MB/s.
    """
    rows, rest = 0, b""
    with file.open("rb") as handle:
        carriage = handle.readline(_LINE_BYTES).endswith(b"\r\n")
        handle.seek(begin)
        while block := handle.read(_BLOCK_BYTES):
            block = rest + block
            cut = block.rfind(b"\n") + 1
            block, rest = block[:cut], block[cut:]
            if len(rest) > _LINE_BYTES or not _is_plain(block, width, carriage):
                return None
            rows += block.count(b"\n")
    if rest:
        last = rest + (b"\r\n" if carriage else b"\n")
        return rows + 1 if _is_plain(last, width, carriage) else None
    return rows


def _is_plain(block: bytes, width: int, carriage: bool) -> bool:
    """Check whole lines: `width` values each, no quotes, no NULs, valid UTF-8, one kind of line ending."""
    lines = block.count(b"\n")
    ends = block.count(b"\r\n") if carriage else lines
    if b'"' in block or b"\0" in block or block.count(b"\r") != (lines if carriage else 0) or ends != lines:
        return False
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return False
    data = np.frombuffer(block, np.uint8)
    breaks = np.flatnonzero(data == ord("\n"))
    lengths = np.diff(breaks, prepend=-1)
    commas = np.diff(np.searchsorted(np.flatnonzero(data == ord(",")), breaks), prepend=0)
    shortest = 2 if carriage else 1
    return bool((commas == width - 1).all() and (lengths > shortest).all() and (lengths <= _LINE_BYTES).all())


@dataclass(frozen=True)
class _Record:
    """A raw record: the number of its first line, its text, its values (None if its quoting is broken)."""

    line: int
    text: str
    values: list[str] | None

    @property
    def ending(self) -> str:
        """LF, CR LF, CR, or empty at the end of the file."""
        return self.text[len(self.text.rstrip("\r\n")) :][-2:] if self.text.endswith("\r\n") else self.text[-1:]


def _parse(file: Path, target: IO[str]) -> CsvScan:
    """Parse record by record and write the readable rows to `target` as CSV with a header."""
    writer = csv.writer(target, lineterminator="\n")
    encodings = _Encodings()
    unreadable: dict[int, str] = {}
    rows = 0
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as handle, _long_fields():
        records = _records(handle)
        first = next(records, None)
        header = _header(first)
        if first is not None:
            encodings.look_at(first)
        writer.writerow(header)
        for record in records:
            _check_ending(record, first)
            if record.values == []:
                continue
            encodings.look_at(record)
            why = _why_no_row(record, len(header))
            if why:
                unreadable[record.line] = why
            else:
                writer.writerow(record.values or [])
                rows += 1
    if encodings.first_gb18030 is not None:
        raise _unfit("the file seems to be GBK", "UTF-8", encodings.first_gb18030)
    return CsvScan(header, rows, unreadable)


def read_records(file: Path) -> Iterator[tuple[int, int | None, str]]:
    """Yield (line, row number, text) for every record after the header; None for a line that is not a row.

    Finds the same records and rows as `scan_csv`. Raises UnfitFileError, OSError.
    """
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as handle, _long_fields():
        records = _records(handle)
        width = len(_header(next(records, None)))
        rows = 0
        for record in records:
            if record.values == []:
                continue
            is_row = not _why_no_row(record, width)
            rows += is_row
            yield record.line, rows if is_row else None, record.text


def _records(handle: IO[str]) -> Iterator[_Record]:
    """Yield the records of a file; an empty line has no values.

    Raises UnfitFileError for an unclosed quote, since there is no telling how many rows it swallows.
    """
    number, taken, is_at_end = 0, [], False

    def lines() -> Iterator[str]:
        nonlocal number, is_at_end
        for line in handle:
            number += 1
            taken.append(line.removeprefix("\ufeff") if number == 1 else line)
            yield taken[-1]
        is_at_end = True

    reader = csv.reader(lines(), strict=True)
    while True:
        taken.clear()
        line = number + 1
        try:
            values: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if is_at_end or len(taken) > 1:
                raise _unfit(
                    "a quotation mark is not closed, or is inside a value",
                    "quotation marks around a whole value, doubled inside",
                    line,
                ) from None
            values = None
        yield _Record(line, "".join(taken), values)


def _header(first: _Record | None) -> tuple[str, ...]:
    if first is None or not first.values:
        raise _unfit("the file has no header", "the names of the columns in the first line", 1)
    if _STRAY_BYTE.search(first.text):
        raise _unfit("the header is not UTF-8", "UTF-8", 1)
    return tuple(first.values)


def _check_ending(record: _Record, first: _Record | None) -> None:
    expected = first.ending if first else ""
    if record.ending in _ENDINGS and record.ending != expected:
        found = f"the line ends with {_ENDINGS[record.ending]}, the header with {_ENDINGS[expected]}"
        raise _unfit(found, "one kind of line ending", record.line)


def _why_no_row(record: _Record, width: int) -> str:
    """Return why a record is not a row of the table; empty for a row."""
    if _STRAY_BYTE.search(record.text):
        return NOT_UTF8
    if "\0" in record.text:
        return HOLDS_NUL
    if len(record.text) > _LINE_BYTES // 4 and len(record.text.encode("utf-8")) > _LINE_BYTES:
        return TOO_LONG
    if record.values is None:
        return BROKEN_QUOTES
    if len(record.values) != width:
        return f"the line has {len(record.values)} values, the header {width}"
    return ""


class _Encodings:
    """Tells a few damaged lines from a whole file in another encoding."""

    def __init__(self) -> None:
        self._has_utf8 = False
        self._is_all_gb18030 = True
        self._first: int | None = None

    def look_at(self, record: _Record) -> None:
        """Take one record into account."""
        if record.text.isascii():
            return
        if not _STRAY_BYTE.search(record.text):
            self._has_utf8 = True
            return
        self._first = self._first or record.line
        try:
            record.text.encode("utf-8", "surrogateescape").decode("gb18030")
        except UnicodeDecodeError:
            self._is_all_gb18030 = False

    @property
    def first_gb18030(self) -> int | None:
        """First non-ASCII line if the file is GBK: none of those lines is UTF-8 and all are GB 18030. Else None."""
        return self._first if self._is_all_gb18030 and not self._has_utf8 else None


@contextmanager
def _long_fields() -> Iterator[None]:
    """Allow values of up to 1 MB inside the block; the csv module's limit is process-wide."""
    before = csv.field_size_limit(_LINE_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _unfit(found: str, expected: str, line: int) -> UnfitFileError:
    return UnfitFileError(Defect("delivery.unreadable", found, expected, line))
