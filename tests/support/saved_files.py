"""Policy files as people and their programs save them: what is read, and what is refused with which message."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FAMILY = "policy_tier_rule"
DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

Save = Callable[[str], bytes]


def excel(text: str) -> bytes:
    """Save as Excel in China does with 'CSV UTF-8': byte order mark, CRLF, TRUE, 2026/1/1, no .00, empty lines."""
    rows = [[_excel_cell(cell) for cell in row] for row in csv.reader(io.StringIO(text))]
    return ("\ufeff" + _written(rows, "\r\n") + "\r\n\r\n").encode()


def _excel_cell(cell: str) -> str:
    if cell in ("true", "false"):
        return cell.upper()
    found = DATE.fullmatch(cell)
    if found:
        return f"{found[1]}/{int(found[2])}/{int(found[3])}"
    return cell


def _written(rows: list[list[str]], line_end: str = "\n", delimiter: str = ",") -> str:
    handle = io.StringIO(newline="")
    csv.writer(handle, lineterminator=line_end, delimiter=delimiter).writerows(rows)
    return handle.getvalue()


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _each_line(change: Callable[[str], str]) -> Save:
    return lambda text: "".join(f"{change(line)}\n" for line in text.splitlines()).encode()


def _between(text: str) -> bytes:
    """An empty line and a line of commas after each row."""
    header, *lines = text.splitlines()
    commas = "," * header.count(",")
    return "\n".join([header, *(f"{line}\n\n{commas}" for line in lines)]).encode()


# Each means the same as the shipped file.
READ: dict[str, Save] = {
    "excel": excel,
    "byte order mark": lambda text: ("\ufeff" + text).encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "no line end at the end": lambda text: text.rstrip("\n").encode(),
    "empty lines at the end": lambda text: (text + "\n\n \n\t\n").encode(),
    "empty lines and lines of commas": _between,
    "an empty line in front": lambda text: ("\n" + text).encode(),
    "a comma behind each line": _each_line(lambda line: f"{line},"),
    "commas behind the rows alone": lambda text: text.replace("\n", ",,\n").replace(",,\n", "\n", 1).encode(),
    "everything quoted": lambda text: "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in _rows(text)
    ).encode(),
    "semicolons": lambda text: _written(_rows(text), delimiter=";").encode(),
    "tabs": lambda text: _written(_rows(text), delimiter="\t").encode(),
    "columns in another order": lambda text: _written([row[::-1] for row in _rows(text)]).encode(),
    "dates with points": lambda text: DATE.sub(r"\1.\2.\3", text).encode(),
    "dates in Chinese": lambda text: DATE.sub(r"\1年\2月\3日", text).encode(),
    "dates with midnight": lambda text: DATE.sub(r"\1/\2/\3 0:00", text).encode(),
    "True": lambda text: text.replace(",true", ",True").replace(",false", ",False").encode(),
}  # fmt: skip


@dataclass(frozen=True)
class Damage:
    """A file that is refused. says: part of the message; line: where, None for the whole file.

    save: returns the file's bytes; None for a missing file, a folder for `folder`.
    """

    save: Save | None
    says: str
    line: int | None = None
    folder: bool = False

    def do(self, file: Path) -> None:
        """Replace a sound file with the damaged one."""
        text = file.read_text(encoding="utf-8")
        file.unlink()
        if self.folder:
            file.mkdir()
        elif self.save:
            file.write_bytes(self.save(text))


def _cell(old: str, new: str) -> Save:
    """The first cell of a kind, which is in line 2."""

    def save(text: str) -> bytes:
        header, first, rest = text.split("\n", 2)
        assert old in first, first
        return "\n".join([header, first.replace(old, new, 1), rest]).encode()

    return save


# In policy_tier_rule, whose second line is RS-AUM with the bound 50000.00.
REFUSED: dict[str, Damage] = {
    "GBK": Damage(
        lambda text: text.replace("RS-AUM", "RS-财富", 1).encode("gb18030"),
        "the file is saved in GBK (Excel's plain 'CSV'), not in UTF-8; this line holds '财富'; save it as 'CSV UTF-8",
        2,
    ),
    "UTF-16": Damage(lambda text: text.encode("utf-16"), "the file is saved as UTF-16 (Excel's 'Unicode Text')"),
    "UTF-16 without a mark": Damage(lambda text: text.encode("utf-16-le"), "the file is saved as UTF-16"),
    "a cut character": Damage(
        lambda text: text.replace("false,,", "false,理由,").encode().replace(b"RS-AUM", b"RS-\xe5\xb1", 1),
        "this line holds bytes that are not UTF-8",
        2,
    ),
    "a workbook": Damage(lambda text: b"PK\x03\x04" + text.encode(), "an Excel workbook that is only named .csv"),
    "an old workbook": Damage(lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
    "nothing": Damage(lambda _: b"", "the file is empty; its first line names the columns"),
    "only a mark and line ends": Damage(lambda _: "\ufeff\r\n\r\n".encode(), "the file is empty"),
    "missing": Damage(None, "the file is missing"),
    "a folder": Damage(None, "this is a folder, and a CSV file is expected", folder=True),
    "no header": Damage(lambda text: text.split("\n", 1)[1].encode(), "no header: the line holds 'RS-AUM'; it must", 1),
    "a column missing": Damage(lambda text: text.replace("rule_id,", "", 1).encode(), "missing column 'rule_id'", 1),
    "a column twice": Damage(
        lambda text: text.replace("rule_id,", "rule_id,rule_id,", 1).encode(), "column twice 'rule_id'", 1
    ),
    "a column too many": Damage(lambda text: text.replace("rule_id,", "rule_id,note,", 1).encode(),
                                "unknown column 'note'", 1),
    "a cell too few": Damage(_cell("RS-AUM,", ""), "18 cells where the header has 19; every column has a cell", 2),
    "a cell too many": Damage(_cell("RS-AUM,", "RS-AUM,x,"), "20 cells where the header has 19; quote a value", 2),
    "thousands": Damage(_cell("50000.00", '"50,000.00"'), "'50,000.00' is not a decimal; write digits with a point", 2),
    "shortened": Damage(_cell("50000.00", "1.23E+10"), "spreadsheets shorten long numbers like this; format", 2),
    "full-width digits": Damage(_cell("50000.00", "\uff15\uff10000.00"), "is not a decimal", 2),
    "a failed formula": Damage(_cell("RS-AUM", "#NAME?"), "is what Excel shows for a formula that failed", 2),
    "a lost character": Damage(_cell("RS-AUM", "RS-\ufffd"), "contains a character that was lost when the file was", 2),
    "a hidden character": Damage(_cell("RS-AUM", "RS-\u200bAUM"), "contains an invisible character (U+200B)", 2),
    "a blank behind": Damage(_cell("RS-AUM", "RS-AUM "), "rule_id 'RS-AUM ' has blanks around it", 2),
    "a hard blank behind": Damage(_cell("RS-AUM", "RS-AUM\u00a0"), "has blanks around it", 2),
    "a day first": Damage(_cell("1990-01-01", "1/2/1990"), "valid_from '1/2/1990' is not a date; write YYYY-MM-DD", 2),
    "no such day": Damage(_cell("1990-01-01", "1990/2/30"), "valid_from '1990/2/30' is not a calendar day", 2),
    "yes": Damage(_cell(",true,", ",yes,"), "'yes' is neither true nor false", 2),
    "an open quotation mark": Damage(
        lambda text: "\n\"".join(text.split("\n")[:2]).encode(), "a quotation mark is opened here and never closed", 2
    ),
    "a quotation mark inside": Damage(
        lambda text: text.replace("RS-AUM", '"RS"-AUM', 1).encode(), "a quotation mark is inside a value", 2
    ),
}  # fmt: skip
