"""What is known about a delivered file from the file itself, and its defects in the sender's terms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from expectations.contract import Table
from orchestration.printable import printable

# Maximum number of names listed in a message.
NAMES_SHOWN = 8


@dataclass(frozen=True)
class Defect:
    """What is wrong with a file or partition: the rule of delivery.yml, what was found, what was expected."""

    rule: str
    found: str
    expected: str = ""
    line: int | None = None


NO_FILE = Defect("delivery.unreadable", "it can't be opened", "a file that can be read")


class UnfitFileError(Exception):
    """A file can't be used as is."""

    def __init__(self, defect: Defect) -> None:
        """Keep the defect."""
        super().__init__(defect.found)
        self.defect = defect


@dataclass
class DeliveredFile:
    """A data file of a partition that is read. `_row >> 32` of a landed row is its file_id.

    link: our symlink to it. source: what DuckDB reads, the link or a copy of the readable rows. rows: row count of the
    file itself, readable or not. received: rows read from it plus lines that are not rows. later: rows of an event file
    after the business date that happened after it too, and are left to a later date. columns: name and DuckDB
    type of each. unreadable_lines: line number -> why it is not a row.
    """

    table: str
    business_date: date
    path: Path
    link: Path
    file_id: int = -1
    sha256: str = ""
    rows: int = 0
    received: int = 0
    later: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    unreadable_lines: dict[int, str] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    warnings: list[Defect] = field(default_factory=list)
    source: Path = field(init=False)

    def __post_init__(self) -> None:
        self.source = self.link

    @property
    def name(self) -> str:
        """File name in printable form."""
        return printable(self.path.name)

    @property
    def is_csv(self) -> bool:
        """True for CSV, False for Parquet."""
        return self.path.suffix == ".csv"

    @property
    def is_fit(self) -> bool:
        """Whether the file has no defects."""
        return not self.defects


def header_defects(table: Table, names: Sequence[str]) -> list[Defect]:
    """Return what is wrong with a CSV header or Parquet schema.

    Messages quote only names that resemble the contract's: if the header is missing, the first line is customer data.
    """
    folded = [name.strip().casefold() for name in names]
    wanted = {column.name for column in table.columns}
    absent = [column for column in table.columns if column.name not in names]
    # An optional column under a name like its own was meant to be there.
    missing = [column.name for column in absent if not column.optional or column.name in folded]
    known = wanted & set(folded)
    if twice := sorted(name for name in known if folded.count(name) > 1):
        return [Defect("delivery.column", f"the header repeats {_listed(twice)}", "each column once")]
    if not known and missing:
        return [Defect("delivery.column", _no_header(names), f"a header with {_listed(missing)}", 1)]
    if len(set(folded)) < len(folded):
        return [Defect("delivery.column", "the header repeats a column name", "each column once")]
    if "" in names:
        found = "a column has no name, as after a trailing comma"
        return [Defect("delivery.column", found, "a name for each column", 1)]
    if not missing:
        return []
    alike = [name for name in names if name not in wanted and name.strip().casefold() in missing]
    found = f"no column {_listed(missing)}"
    if alike:
        found += f"; the header has {_listed([repr(printable(name)) for name in alike])}"
        return [Defect("delivery.column", found, "the contract's names, in lower case and without blanks", 1)]
    return [Defect("delivery.column", found, "every column of the contract, empty where there is no value", 1)]


def _no_header(names: Sequence[str]) -> str:
    if len(names) == 1:
        for delimiter, words in ((";", "';'"), ("\t", "a tab"), ("|", "'|'")):
            if delimiter in names[0]:
                return f"the delimiter seems to be {words}, not ','"
    return "the first line holds none of the contract's column names"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def sha256_of(files: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each file; empty for a file that can't be opened (any more)."""

    def digest(file: Path) -> str:
        # Opening a pipe would block until something writes to it.
        if not file.is_file():
            return ""
        try:
            with file.open("rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError:
            return ""

    listed = list(files)
    with ThreadPoolExecutor() as pool:
        return dict(zip(listed, pool.map(digest, listed), strict=True))
