"""What marts and their columns are called in Chinese: the rows of ref_mart_label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from expectations.policy.sheets import UnreadableError, read_sheet
from expectations.project import REFERENCE_FOLDER

FILE = REFERENCE_FOLDER / "ref_mart_label.csv"
# Every mart; as a column, the mart itself.
ANY = "*"


@dataclass(frozen=True)
class MartLabels:
    """Chinese names. names: (mart, column) -> name, where ANY stands for every mart, or for the mart itself."""

    names: Mapping[tuple[str, str], str]

    def of(self, table: str, column: str = ANY) -> str | None:
        """Return the name of a mart or of one of its columns, None if no row has it."""
        return self.names.get((table, column)) or (self.names.get((ANY, column)) if column != ANY else None)

    def before(self, text: str, table: str, column: str = ANY) -> str:
        """Return an English description with the Chinese name before it, if there is one."""
        name = self.of(table, column)
        return f"{name} | {text}" if name else text


def mart_labels() -> MartLabels:
    """Return the rows of the project. Raises UnreadableError if the file can't be read."""
    sheet = read_sheet(FILE)
    if sheet.problems:
        raise UnreadableError(sheet.problems)
    cells = [line.cells for line in sheet.lines]
    return MartLabels({(row["table_name"], row["column_name"]): row["label_zh"] for row in cells})
