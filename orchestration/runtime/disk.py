"""Disk space a refresh will need: an estimate from the files it will read, made before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.contract import Contract
from orchestration.landing import partitions_to_read
from orchestration.runtime.failures import free_bytes, size
from orchestration.settings import Settings

# Peak of scratch, spill and release together during a refresh, per byte of landing data that counts for the date; and
# the fixed cost of a release of any size. Measured on the sample bank with DuckDB 2.0:
#   100,000 customers, Parquet,  14 MB: 90 MB with plenty of memory, 120 MB with a memory limit of 100MB
#   100,000 customers, CSV,      98 MB: 120 MB with plenty of memory or with 100MB
#   1,000,000 customers, Parquet, 150 MB: 490 MB with 1GB
# CSV is copied into the scratch folder, Parquet is not. Includes a small margin, since real rows vary more.
FACTORS = {".parquet": 4.0, ".csv": 1.5}
BASE = 100 * 10**6


@dataclass(frozen=True)
class DiskNeed:
    """Bytes: of the files to read, needed by the refresh, and free on the disk of the output folder."""

    read: int
    wanted: int
    free: int

    @property
    def is_enough(self) -> bool:
        """Whether the free space covers the need."""
        return self.free >= self.wanted

    def __str__(self) -> str:
        return f"a refresh of {size(self.read)} will want about {size(self.wanted)}, {size(self.free)} are free"


def disk_need(settings: Settings, contract: Contract, business_date: date) -> DiskNeed:
    """Return the estimated disk space for a refresh of the date, scratch and spill included."""
    files = [
        file
        for table in contract.tables.values()
        for partition in partitions_to_read(settings.landing, table, business_date)[0]
        for file in partition.files
    ]
    read = {suffix: sum(_sizes(file for file in files if file.suffix == suffix)) for suffix in FACTORS}
    wanted = BASE + round(sum(FACTORS[suffix] * amount for suffix, amount in read.items()))
    return DiskNeed(sum(read.values()), wanted, free_bytes(settings.output) + _bytes_of(settings.scratch))


def _bytes_of(folder: Path) -> int:
    """Return the size of the scratch folder, which a refresh empties first."""
    return sum(_sizes(folder.rglob("*")))


def _sizes(files: Iterable[Path]) -> Iterable[int]:
    for file in files:
        try:
            yield file.stat().st_size
        except OSError:
            # The reader reports the error; the estimate skips the file.
            continue
