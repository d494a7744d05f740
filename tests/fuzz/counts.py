"""Rows of a file, counted independently of the warehouse's and the reference's readers."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from reference.contract import TABLES
from reference.landing import read_partitions
from reference.reading import data_files

from orchestration.printable import printable


def rows_of(path: Path) -> int | None:
    """Rows in a file, readable or not; None for one without countable rows."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    return _csv_rows(data) if path.suffix == ".csv" else _parquet_rows(data)


def _csv_rows(data: bytes) -> int | None:
    """Records after the header. Each byte counts as a character, so that no encoding can fail."""
    before = csv.field_size_limit(1 << 30)
    try:
        reader = csv.reader(io.StringIO(data.decode("latin-1"), newline=""))
        return sum(1 for record in reader if record) - 1
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(before)


def _parquet_rows(data: bytes) -> int | None:
    """The rows that the footer states: the third field of Parquet's FileMetaData, in Thrift's compact protocol."""
    if len(data) < 12 or data[-4:] != b"PAR1":
        return None
    length = int.from_bytes(data[-8:-4], "little")
    footer = _Thrift(data[-8 - length : -8])
    try:
        return footer.field(3)
    except (IndexError, ValueError):
        return None


class _Thrift:
    """As much of Thrift's compact protocol as it takes to reach an integer of the outermost struct."""

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def field(self, wanted: int) -> int:
        """The integer field with that number. Raises IndexError or ValueError if it is not found."""
        number = 0
        while True:
            head = self._byte()
            if head == 0:
                raise ValueError("no such field")
            delta, kind = head >> 4, head & 15
            number = number + delta if delta else self._integer()
            if number == wanted:
                return self._integer()
            self._skip(kind)

    def _byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, kind: int) -> None:
        if kind in (1, 2):
            return
        if kind == 3:
            self.place += 1
        elif kind in (4, 5, 6):
            self._varint()
        elif kind == 7:
            self.place += 8
        elif kind == 8:
            length = self._varint()
            self.place += length
        elif kind in (9, 10):
            head = self._byte()
            count, of = (head >> 4, head & 15) if head >> 4 != 15 else (self._varint(), head & 15)
            for _ in range(count):
                if of in (1, 2):
                    self.place += 1
                else:
                    self._skip(of)
        elif kind == 12:
            while (head := self._byte()) != 0:
                if not head >> 4:
                    self._integer()
                self._skip(head & 15)
        else:
            raise ValueError(f"kind {kind}")


def rows_by_file(landing: Path, day: date) -> dict[tuple[str, date, str], int]:
    """(table, date, name as it is printed) -> rows of the file, for every file that a refresh of the day reads."""
    counted: dict[tuple[str, date, str], int] = {}
    for table in TABLES.values():
        for biz_date, folder in read_partitions(landing, table, day).items():
            for path in data_files(folder):
                key = table.name, biz_date, printable(path.name)
                counted[key] = counted.get(key, 0) + (rows_of(path) or 0)
    return {key: rows for key, rows in counted.items() if rows}
