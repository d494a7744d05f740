"""Checks the headers of a delivery before any row is read, to show what would block a refresh."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from expectations.contract import Contract
from orchestration.database import connect
from orchestration.landing.csv_files import read_header
from orchestration.landing.deliveries import partitions_to_read
from orchestration.landing.files import NO_FILE, Defect, DeliveredFile, UnfitFileError, header_defects
from orchestration.landing.parquet_files import describe_parquet


def unfit_headers(landing: Path, contract: Contract, business_date: date) -> list[tuple[DeliveredFile, Defect]]:
    """Return the files with an unfit header that a refresh of the date would read, each with its defect.

    Reads only the first line of a CSV and the footer of a Parquet file; the rows are left to gate 1.
    """
    with tempfile.TemporaryDirectory(prefix="fenceng-") as folder:
        files = [
            DeliveredFile(table.name, partition.business_date, path, Path(folder) / table.name)
            for table in contract.tables.values()
            for partition in partitions_to_read(landing, table, business_date)[0]
            for path in partition.files
        ]
        for number, file in enumerate(files):
            file.link = Path(folder) / f"{number}{file.path.suffix}"
            file.link.symlink_to(file.path.absolute())
            if not file.path.is_file():
                file.defects.append(NO_FILE)
        with connect() as connection:
            describe_parquet(connection, [file for file in files if file.is_fit and not file.is_csv])
        for file in files:
            _look_at(file, contract)
    return [(file, defect) for file in files for defect in file.defects]


def _look_at(file: DeliveredFile, contract: Contract) -> None:
    if not file.is_fit:
        return
    try:
        names = read_header(file.link) if file.is_csv else tuple(name for name, _ in file.columns)
        file.defects += header_defects(contract.tables[file.table], names)
    except UnfitFileError as unfit:
        file.defects.append(unfit.defect)
    except OSError:
        file.defects.append(NO_FILE)
