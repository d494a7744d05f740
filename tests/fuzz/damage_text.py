"""CSV as other programs write it: encodings, line ends, delimiters, quotation marks, headers, broken lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from .catalogue import NothingToDamageError, damage
from .zone import Sheet, Zone, csv_bytes

ENDS = ["\n", "\r\n", "\r"]
NAME_COLUMNS = {"customer": "customer_name", "organization": "org_name", "employee": "employee_name"}


def _bytes(zone: Zone, change: Callable[[bytes], bytes]) -> Path:
    path = zone.csv_file()
    zone.write(path, change(path.read_bytes()))
    zone.note(str(path.relative_to(zone.landing)))
    return path


def _sheet(zone: Zone, change: Callable[[Sheet], None]) -> Path:
    path = zone.csv_file()
    sheet = zone.load(path)
    if not sheet.names:
        raise NothingToDamageError
    change(sheet)
    zone.save(path, sheet)
    zone.note(str(path.relative_to(zone.landing)))
    return path


def _lines(zone: Zone, change: Callable[[list[bytes]], None]) -> Path:
    """Change the list of lines without their ends, the header first."""

    def rewrite(data: bytes) -> bytes:
        lines = data.split(b"\n")
        last = lines.pop() if lines[-1] == b"" and len(lines) > 1 else None
        change(lines)
        return b"\n".join(lines + ([last] if last is not None else []))

    return _bytes(zone, rewrite)


def _some(zone: Zone, lines: list[bytes]) -> list[int]:
    """Positions of one, a few or all lines after the header."""
    body = range(1, len(lines))
    if not body:
        raise NothingToDamageError
    count = zone.rng.choice([1, 1, 1, 3, len(body)])
    return sorted(zone.rng.sample(body, min(count, len(body))), reverse=True)


def _with_names(zone: Zone) -> Path:
    """A CSV that holds Chinese text."""
    table = zone.rng.choice(sorted(NAME_COLUMNS))
    found = [path for path in zone.files() if zone.table_of(path).name == table]
    if not found:
        raise NothingToDamageError
    path = zone.rng.choice(found)
    return path if path.suffix == ".csv" else zone.converted(path)


@damage("text", 2)
def another_encoding(zone: Zone) -> None:
    encoding = zone.rng.choice(
        ["gbk", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "shift_jis", "latin-1"]
    )
    path = _with_names(zone) if zone.rng.random() < 0.7 else zone.csv_file()
    text = path.read_bytes().decode("utf-8", "replace")
    zone.write(path, text.encode(encoding, "replace"))
    zone.note(f"{path.relative_to(zone.landing)} as {encoding}")


@damage("text")
def another_encoding_of_some_lines(zone: Zone) -> None:
    encoding = zone.rng.choice(["gbk", "gbk", "latin-1", "utf-16-le", "big5"])
    path = _with_names(zone)
    lines = path.read_bytes().split(b"\n")
    for place in _some(zone, lines):
        lines[place] = lines[place].decode("utf-8", "replace").encode(encoding, "replace")
    zone.write(path, b"\n".join(lines))
    zone.note(f"{path.relative_to(zone.landing)}: some lines as {encoding}")


@damage("text")
def cut_inside_a_character(zone: Zone) -> None:
    path = _with_names(zone)
    data = path.read_bytes()
    found = [match.start() for match in re.finditer(rb"[\x80-\xbf](?=[,\r\n\"])", data)]
    for place in sorted(zone.rng.sample(found, min(len(found), zone.rng.choice([1, 1, 4, 1000]))), reverse=True):
        data = data[:place] + data[place + 1 :]
    zone.write(path, data)
    zone.note(str(path.relative_to(zone.landing)))


@damage("text", 0.5)
def byte_order_marks(zone: Zone) -> None:
    mark = zone.rng.choice([b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb"])
    _bytes(zone, lambda data: mark + data)


@damage("text", 0.5)
def nul_bytes(zone: Zone) -> None:
    def change(data: bytes) -> bytes:
        place = zone.rng.randrange(zone.rng.choice([20, len(data) + 1]))
        return data[:place] + b"\0" * zone.rng.choice([1, 5]) + data[place:]

    _bytes(zone, change)


@damage("text", 2)
def other_line_ends(zone: Zone) -> None:
    end = zone.rng.choice([b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\xe2\x80\xa8", b"\x0b", b"\x0c", b"\n\r"])
    _bytes(zone, lambda data: data.replace(b"\n", end))
    zone.note(f"line ends {end!r}")


@damage("text")
def one_other_line_end(zone: Zone) -> None:
    def change(data: bytes) -> bytes:
        found = [match.start() for match in re.finditer(b"\n", data)]
        place = zone.rng.choice([found[0], found[-1], zone.rng.choice(found)])
        return data[:place] + zone.rng.choice([b"\r\n", b"\r", b""]) + data[place + 1 :]

    _bytes(zone, change)


@damage("text")
def line_end_in_a_value(zone: Zone) -> None:
    more = zone.rng.choice(["\n", "\r\n", "\r", "\n\n", "\n,", '"\n"', "\u2028", "\u0085"])

    def change(sheet: Sheet) -> None:
        row = zone.rng.choice(sheet.rows)
        row[zone.rng.randrange(len(row))] = f"a{more}b"

    _sheet(zone, change)


@damage("text")
def another_delimiter(zone: Zone) -> None:
    path = zone.csv_file()
    sheet = zone.load(path)
    delimiter = zone.rng.choice([";", "\t", "|", "\x01", "，", ", "])
    if len(delimiter) == 1:
        zone.write(path, csv_bytes([sheet.names, *sheet.rows], delimiter=delimiter))
    else:
        zone.write(path, path.read_bytes().replace(b",", delimiter.encode()))
    zone.note(f"{path.relative_to(zone.landing)} by {delimiter!r}")


@damage("text", 0.7)
def quoted_throughout(zone: Zone) -> None:
    path = zone.csv_file()
    sheet = zone.load(path)
    rows: list[Sequence[str | None]] = [sheet.names, *sheet.rows]
    zone.write(path, csv_bytes(rows, end=zone.rng.choice(ENDS), quoting=zone.rng.choice([csv.QUOTE_ALL] * 2)))
    zone.note(str(path.relative_to(zone.landing)))


@damage("text", 3)
def a_quotation_mark(zone: Zone) -> None:
    """One, two or three, where a value begins, where it ends, or inside it."""

    def change(data: bytes) -> bytes:
        if zone.rng.random() < 0.3:
            data = re.sub(rb"([^,\r\n]+)", rb'"\1"', data)
        found = [match.start() for match in re.finditer(zone.rng.choice([b",", b"\n", b"[0-9]", b"$"]), data)]
        for place in sorted(zone.rng.sample(found, min(len(found), zone.rng.choice([1, 1, 2, 4]))), reverse=True):
            place += zone.rng.choice([0, 1])
            data = data[:place] + b'"' * zone.rng.choice([1, 1, 2, 3]) + data[place:]
        return data

    _bytes(zone, change)


@damage("text")
def a_quotation_mark_lost(zone: Zone) -> None:
    path = zone.csv_file()
    sheet = zone.load(path)
    data = csv_bytes([sheet.names, *sheet.rows], quoting=csv.QUOTE_ALL)
    found = [match.start() for match in re.finditer(b'"', data)]
    place = zone.rng.choice(found)
    zone.write(path, data[:place] + data[place + 1 :])
    zone.note(f"{path.relative_to(zone.landing)} at {place}")


@damage("text")
def commas(zone: Zone) -> None:
    """An extra comma at the end of lines, or a missing value."""
    way = zone.rng.choice(["more", "more", "less", "header"])

    def change(lines: list[bytes]) -> None:
        if way == "header" or zone.rng.random() < 0.2:
            lines[0] += b","
        if way != "header":
            for place in _some(zone, lines):
                lines[place] = lines[place] + b"," if way == "more" else lines[place].rpartition(b",")[0]

    _lines(zone, change)
    zone.note(way)


@damage("text")
def empty_lines(zone: Zone) -> None:
    content = zone.rng.choice([b"", b"", b"", b" ", b",", b'""', b"\t", b"\x1a", b"-- 5 rows"])

    def change(lines: list[bytes]) -> None:
        for _ in range(zone.rng.choice([1, 1, 3])):
            lines.insert(zone.rng.choice([0, 1, len(lines), zone.rng.randint(0, len(lines))]), content)

    _lines(zone, change)
    zone.note(repr(content))


@damage("text")
def repeated_lines(zone: Zone) -> None:
    """The header repeated among the rows, or missing; a row in place of the header."""
    way = zone.rng.choice(["again", "none", "twice", "only"])

    def change(lines: list[bytes]) -> None:
        if way == "again":
            lines.insert(zone.rng.randint(1, len(lines)), lines[0])
        elif way == "none":
            del lines[0]
        elif way == "only":
            del lines[1:]
        else:
            lines[1:] = lines[1:] * 2

    _lines(zone, change)
    zone.note(way)


@damage("text", 3)
def another_header(zone: Zone) -> None:
    way = zone.rng.choice(
        ["case", "blanks", "rename", "twice", "twice_by_case", "unnamed", "order", "missing", "extra"]
    )

    def change(sheet: Sheet) -> None:
        place = zone.rng.randrange(len(sheet.names))
        name = sheet.names[place]
        if way == "case":
            sheet.names = [other.upper() for other in sheet.names] if zone.rng.random() < 0.5 else sheet.names
            sheet.names[place] = zone.rng.choice([name.upper(), name.title()])
        elif way == "blanks":
            sheet.names[place] = zone.rng.choice(
                [f" {name}", f"{name} ", f"{name}\t", f"{name}\u200b", f"\ufeff{name}"]
            )
        elif way == "rename":
            sheet.names[place] = zone.rng.choice(["客户号", "x", name[:-1], f"{name}_1", "1", "'", "a.b", "{x}"])
        elif way == "unnamed":
            sheet.names[place] = ""
        elif way in ("twice", "twice_by_case"):
            add_column(sheet, zone.rng.randint(0, len(sheet.names)), name if way == "twice" else name.upper(), "1")
        elif way == "order":
            order = zone.rng.sample(range(len(sheet.names)), len(sheet.names))
            sheet.names = [sheet.names[at] for at in order]
            sheet.rows = [[row[at] for at in order] for row in sheet.rows]
        elif way == "missing":
            del sheet.names[place]
            for row in sheet.rows:
                del row[place]
        else:
            for _ in range(zone.rng.choice([1, 1, 3, 60])):
                name = zone.rng.choice(
                    ["备注", "x", "_row", "biz_date", "filename", "file_index", "a b", "select", "%s"]
                )
                name += zone.rng.choice(["", str(len(sheet.names))])
                add_column(sheet, zone.rng.randint(0, len(sheet.names)), name, zone.rng.choice([None, "1", "说明"]))

    _sheet(zone, change)
    zone.note(way)


def add_column(sheet: Sheet, place: int, name: str, value: str | None) -> None:
    """An extra column, with the same value in each row."""
    sheet.names.insert(place, name)
    sheet.types.insert(place, "VARCHAR")
    for row in sheet.rows:
        row.insert(place, value)


@damage("text", 0.3)
def very_long(zone: Zone) -> None:
    length = zone.rng.choice([10_000, 200_000, 1_200_000])

    def change(sheet: Sheet) -> None:
        row = zone.rng.choice(sheet.rows)
        row[zone.rng.randrange(len(row))] = zone.rng.choice(["x", "长"]) * length

    _sheet(zone, change)
    zone.note(f"{length} characters")


@damage("text", 0.5)
def no_last_line_end(zone: Zone) -> None:
    _bytes(zone, lambda data: data.rstrip(b"\r\n") + zone.rng.choice([b"", b"\x1a", b"\n\n", b"\r", b" "]))
