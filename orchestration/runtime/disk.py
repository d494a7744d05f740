"""How much disk a refresh will want: an estimate by the files that it reads, told before it begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.contract import Contract
from orchestration.landing import partitions_to_read
from orchestration.runtime.failures import free_bytes, size
from orchestration.settings import Settings

# Most of scratch, spill and release together at any moment of a refresh, for each byte of the landing zone that counts
# for the date; and what a release of any size takes. Measured on the made-up bank, DuckDB 2.0:
#   100,000 customers, Parquet,  14 MB: 90 MB with plenty of memory, 120 MB with 100MB
#   100,000 customers, CSV,      98 MB: 120 MB with plenty of memory or 100MB
#   1,000,000 customers, Parquet, 150 MB: 490 MB with 1GB
# CSV is copied into the scratch, and Parquet is not. A little is added, since real rows are less alike.
FACTORS = {".parquet": 4.0, ".csv": 1.5}
BASE = 100 * 10**6


@dataclass(frozen=True)
class DiskNeed:
    """Bytes: of the files that are read, that the refresh will want, and that are free on the disk of the output."""

    read: int
    wanted: int
    free: int

    @property
    def is_enough(self) -> bool:
        """There is room for what is wanted."""
        return self.free >= self.wanted

    def __str__(self) -> str:
        return f"a refresh of {size(self.read)} will want about {size(self.wanted)}, {size(self.free)} are free"


def disk_need(settings: Settings, contract: Contract, business_date: date) -> DiskNeed:
    """What a refresh of the date will want of the disk, the scratch and the spill included."""
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
    """What lies in the scratch; a refresh empties it first."""
    return sum(_sizes(folder.rglob("*")))


def _sizes(files: Iterable[Path]) -> Iterable[int]:
    for file in files:
        try:
            yield file.stat().st_size
        except OSError:
            # Who reads it says so; the estimate goes on without it.
            continue
