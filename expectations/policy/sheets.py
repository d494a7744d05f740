"""The only reader of policy and reference CSVs, as people and their spreadsheets save them.

Whatever has only one reading is accepted, and becomes the same canonical text for everyone: the lint, the policy hash,
the gates, dbt and the SQL of what-ifs. Accepted are a byte order mark, any line endings, semicolons or tabs instead of
commas, columns in another order, empty lines, trailing commas, TRUE for true, and 2026/1/1 for 2026-01-01. Anything
ambiguous, or that may have lost something, is a `Problem` with file and line.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from expectations.project import PROJECT_ROOT, SHIPPED_SEEDS
from expectations.yaml_files import read_yaml

# Columns that may be empty in every policy family; a family names its others in its meta.
MAY_BE_EMPTY = ("rationale", "valid_to")

CellValue = str | bool | int | Decimal | date | None

_DELIMITERS = (",", ";", "\t")
_SAVE_AS = "save it as 'CSV UTF-8 (comma delimited)'"
_DATE = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)(?: 0{1,2}:00(?::00)?)?"
)
_SHORTENED = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+")
_FAILED_FORMULA = re.compile(r"#(?:NAME\?|REF!|VALUE!|N/A|DIV/0!|NUM!|NULL!|#+)")
# In a file without a schema these columns are dates, all others text.
_DATES_OF_ANY_FILE = ("valid_from", "valid_to")


class PolicyError(ValueError):
    """The policy can't be used; the message names file, line and rule."""


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with the policy, and where. line: as an editor counts, 0 for the whole file.

    check: L0 to L7, the family of the check (see lint.py). rule_id: empty if no rule is concerned.
    """

    file: str
    line: int
    rule_id: str
    check: str
    message: str

    @property
    def place(self) -> str:
        """File and line, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.place} {self.rule_id} {self.message} [{self.check}]".replace("  ", " ")


class UnreadableError(PolicyError):
    """Rows can't be read. problems: all of them; the message has the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Take at least one problem."""
        self.problems = tuple(sorted(problems))
        super().__init__(f"the policy can't be read: {self.problems[0]}")


@dataclass(frozen=True)
class Schema:
    """The content of a family's file: columns with their dbt types, and the key columns.

    may_be_empty: the columns whose cells may be empty.
    """

    family: str
    columns: Mapping[str, str]
    grain: tuple[str, ...]
    may_be_empty: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row, without validity."""
        return tuple(name for name in self.grain if name not in ("valid_from", "scenario"))

    @property
    def has_validity(self) -> bool:
        """Whether the rows have validity dates."""
        return "valid_from" in self.columns


@dataclass(frozen=True)
class Line:
    """A row of a file. number: its first line, as an editor counts. cells: column -> canonical text."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A file as read. lines: its sound rows, in file order; problems: why others are missing."""

    file: Path
    schema: Schema
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]

    def write(self, target: Path) -> None:
        """Write the canonical file: UTF-8, line feeds, commas, the columns in the schema's order.

        Raises UnreadableError for a sheet with problems.
        """
        if self.problems:
            raise UnreadableError(self.problems)
        with target.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(self.schema.columns)
            writer.writerows([line.cells[name] for name in self.schema.columns] for line in self.lines)


@cache
def policy_schemas() -> Mapping[str, Schema]:
    """Family -> schema of its file, from the YAML that dbt loads it with."""
    return _schemas(SHIPPED_SEEDS / "policy" / "_policy__seeds.yml", MAY_BE_EMPTY)


@cache
def reference_schemas() -> Mapping[str, Schema]:
    """Reference seed -> schema of its file; every cell must be filled."""
    return _schemas(SHIPPED_SEEDS / "reference" / "_reference__seeds.yml")


def _schemas(file: Path, may_be_empty: Iterable[str] = ()) -> Mapping[str, Schema]:
    """may_be_empty: columns that may be so in every file."""
    schemas = {}
    for seed in read_yaml(file)["seeds"]:
        meta, columns = seed["config"]["meta"], seed["config"]["column_types"]
        optional = frozenset({*may_be_empty, *meta.get("may_be_empty", ())})
        schemas[seed["name"]] = Schema(seed["name"], columns, tuple(meta["grain"]), optional)
    return schemas


def shown(file: Path) -> str:
    """The path as shown in messages: relative to the project root if inside; undecodable bytes are escaped."""
    path = (file.relative_to(PROJECT_ROOT) if file.is_relative_to(PROJECT_ROOT) else file).as_posix()
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def canonical_files(files: Mapping[str, Path], target: Path) -> dict[str, Path]:
    """Write each seed of `files` (seed -> CSV) to a folder in canonical form; return seed -> written file.

    Raises UnreadableError with the problems of all files.
    """
    sheets = {name: read_sheet(file) for name, file in files.items()}
    problems = [problem for sheet in sheets.values() for problem in sheet.problems]
    if problems:
        raise UnreadableError(problems)
    target.mkdir(parents=True, exist_ok=True)
    for name, sheet in sheets.items():
        sheet.write(target / f"{name}.csv")
    return {name: target / f"{name}.csv" for name in sheets}


# ---------------------------------------------------------------- a file


def read_sheet(file: Path, schema: Schema | None = None) -> Sheet:
    """Read a CSV by its schema, by default that of the seed with the file's name. Never raises.

    A file that is not a seed has the columns of its header, all text except the validity dates.
    """
    schema = schema or policy_schemas().get(file.stem) or reference_schemas().get(file.stem)
    text, problem = _text(file)
    if problem:
        return Sheet(file, schema or Schema(file.stem, {}, ()), (), (problem,))
    return _Reader(file, text, schema).sheet()


def _text(file: Path) -> tuple[str, Problem | None]:
    """The text of a file with uniform line endings, or why it can't be read."""

    def unreadable(message: str, line: int = 0) -> tuple[str, Problem]:
        return "", Problem(shown(file), line, "", "L0", f"unreadable: {message}")

    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return unreadable("the file is missing")
    except IsADirectoryError:
        return unreadable("this is a folder, and a CSV file is expected")
    except OSError as error:
        return unreadable(f"the file can't be opened ({error.strerror}); check its permissions")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return unreadable(f"the file is an Excel workbook that is only named .csv; open it in Excel and {_SAVE_AS}")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        return unreadable(f"the file is saved as UTF-16 (Excel's 'Unicode Text'), not as UTF-8; {_SAVE_AS}")
    raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = raw.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        return unreadable(_encoding(raw, raw.split(b"\n")[number - 1]), number)
    if not text.strip():
        return unreadable("the file is empty; its first line names the columns")
    return text, None


def _encoding(raw: bytes, line: bytes) -> str:
    """The likely encoding of a file that is not UTF-8; GBK accepts nearly any bytes."""
    characters = raw.decode("utf-8", "replace")
    is_mostly_utf8 = sum(c > "\x7f" for c in characters) > 2 * characters.count("\N{REPLACEMENT CHARACTER}")
    try:
        if is_mostly_utf8:
            return f"this line holds bytes that are not UTF-8; {_SAVE_AS}"
        raw.decode("gb18030")
        found = re.search(r"[^\x00-\x7f]{1,12}", line.decode("gb18030"))
    except UnicodeDecodeError:
        found = None
    if found:
        return f"the file is saved in GBK (Excel's plain 'CSV'), not in UTF-8; this line holds {found[0]!r}; {_SAVE_AS}"
    return f"this line holds bytes that are not UTF-8; {_SAVE_AS}"


class _Reader:
    """Reads the text of one file."""

    def __init__(self, file: Path, text: str, schema: Schema | None) -> None:
        self.file = file
        self.text = text
        self.schema = schema
        self.problems: list[Problem] = []

    def complain(self, line: int, message: str, rule_id: str = "") -> None:
        self.problems.append(Problem(shown(self.file), line, rule_id, "L0", f"unreadable: {message}"))

    def sheet(self) -> Sheet:
        records = self.records()
        if not records:
            return Sheet(self.file, self.schema or Schema(self.file.stem, {}, ()), (), tuple(self.problems))
        (first, names), *rest = records
        header = _without_tail([name.strip() for name in names])
        schema = self.schema or Schema(
            self.file.stem,
            {name: "date" if name in _DATES_OF_ANY_FILE else "varchar" for name in header},
            (),
            frozenset(header),
        )
        wrong = _wrong_header(header, schema)
        if wrong:
            self.complain(first, wrong)
            return Sheet(self.file, schema, (), tuple(self.problems))
        lines = [line for number, cells in rest if (line := self.line(number, cells, header, schema))]
        return Sheet(self.file, schema, tuple(lines), tuple(self.problems))

    def records(self) -> list[tuple[int, list[str]]]:
        """The non-empty rows, each with its first line; the header first."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter(), strict=True)
        records = []
        line = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    records.append((line, cells))
                line = reader.line_num + 1
        except csv.Error as error:
            if "end of data" in str(error):
                self.complain(line, "a quotation mark is opened here and never closed; close it, or double it")
            else:
                self.complain(line, "a quotation mark is inside a value; put the value in quotation marks and"
                              " double those inside")  # fmt: skip
        return records

    def delimiter(self) -> str:
        """The delimiter: a comma, unless another one finds more columns in the first line."""
        known = self.schema.columns if self.schema else {}
        header = next(line for line in self.text.split("\n") if line.strip())
        return max(_DELIMITERS, key=lambda one: sum(name.strip(' "') in known for name in header.split(one)))

    def line(self, number: int, cells: list[str], header: Sequence[str], schema: Schema) -> Line | None:
        given = dict(zip(header, cells, strict=False))
        rule_id = next((given[name] for name in ("exception_id", "rule_id", header[0]) if given.get(name)), "")
        cells = [*cells[: len(header)], *_without_tail(cells[len(header) :])]
        if len(cells) != len(header):
            hint = "quote a value with a comma" if len(cells) > len(header) else "every column has a cell, if empty"
            self.complain(number, f"{len(cells)} cells where the header has {len(header)}; {hint}", rule_id)
            return None
        canonical = {}
        for name, kind in schema.columns.items():
            text = given[name]
            if not text and name not in schema.may_be_empty:
                self.complain(number, f"{name} is empty", rule_id)
                continue
            fault = _fault(text)
            if not fault:
                try:
                    canonical[name] = _canonical(text, kind)
                except ValueError as error:
                    fault = f"is {error}"
            if fault:
                self.complain(number, f"{name} {text!r} {fault}", rule_id)
        return Line(number, canonical) if len(canonical) == len(schema.columns) else None


def _without_tail(cells: Sequence[str]) -> list[str]:
    """Cells without trailing empty ones."""
    kept = len(cells)
    while kept and not cells[kept - 1].strip():
        kept -= 1
    return list(cells[:kept])


def _wrong_header(header: Sequence[str], schema: Schema) -> str:
    unknown = [name for name in header if name not in schema.columns]
    missing = [name for name in schema.columns if name not in header]
    twice = sorted({name for name in header if header.count(name) > 1})
    if unknown and len(missing) == len(schema.columns):
        return f"no header: the line holds {header[0]!r}; it must name the columns {','.join(schema.columns)}"
    parts = [
        f"{what} {', '.join(repr(name) for name in names)}"
        for what, names in (("unknown column", unknown), ("missing column", missing), ("column twice", twice))
        if names
    ]
    return "; ".join(parts)


# ---------------------------------------------------------------- a cell


def value_of(text: str, kind: str) -> CellValue:
    """The value of a canonical cell, by its column's dbt type. An empty text cell is empty text."""
    if kind == "varchar":
        return text
    if not text:
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "date":
        return date.fromisoformat(text)
    return int(text) if kind == "integer" else Decimal(text)


def _fault(text: str) -> str:
    """What is wrong with a cell of any type, as words to follow it; empty if nothing is."""
    if text != text.strip():
        return "has blanks around it"
    if _FAILED_FORMULA.fullmatch(text):
        return "is what Excel shows for a formula that failed; write the value"
    if "\N{REPLACEMENT CHARACTER}" in text:
        return "contains a character that was lost when the file was saved; retype it"
    hidden = next((c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"), "")
    return f"contains an invisible character (U+{ord(hidden):04X}); delete it" if hidden else ""


def _canonical(text: str, kind: str) -> str:
    """The canonical text of a cell. Raises ValueError saying what the text is not."""
    if kind == "varchar" or not text:
        return text
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError("neither true nor false")
        return text.lower()
    if kind == "date":
        return _day(text).isoformat()
    if _SHORTENED.fullmatch(text):
        raise ValueError(
            f"not a {'whole number' if kind == 'integer' else 'decimal'} in full: spreadsheets shorten long numbers"
            " like this; format the column as a number, and write all digits"
        )
    if kind == "integer":
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValueError("not a whole number")
        return text
    size = re.fullmatch(r"decimal\(([0-9]+),\s*([0-9]+)\)", kind)
    if size is None:
        raise ValueError(f"of a type that the reader does not know: {kind}")
    digits, places = int(size[1]), int(size[2])
    if not re.fullmatch(rf"-?[0-9]{{1,{digits - places}}}(\.[0-9]+)?", text):
        raise ValueError("not a decimal; write digits with a point, without thousands separators")
    if Decimal(text) != round(Decimal(text), places):
        raise ValueError(f"a decimal of more than {places} places")
    return text


def _day(text: str) -> date:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError("not a date; write YYYY-MM-DD")
    try:
        return date(int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]))
    except ValueError:
        raise ValueError("not a calendar day") from None
