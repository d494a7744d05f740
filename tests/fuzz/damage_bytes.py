"""Bytes cut, flipped, doubled, inserted or zeroed at a random place in a file of either format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .catalogue import damage
from .zone import Zone


def _place(zone: Zone, size: int) -> int:
    """An offset: near the beginning, near the end, or anywhere."""
    near = min(size, 64)
    low, high = zone.rng.choice([(0, near), (max(0, size - 200), size), (0, size), (0, size)])
    return zone.rng.randint(low, high)


def _change(zone: Zone, change: Callable[[bytes, int], bytes]) -> Path:
    path = zone.file()
    data = path.read_bytes()
    place = _place(zone, len(data))
    zone.write(path, change(data, place))
    zone.note(f"{path.relative_to(zone.landing)} at {place} of {len(data)} bytes")
    return path


@damage("bytes")
def cut_behind(zone: Zone) -> None:
    _change(zone, lambda data, place: data[:place])


@damage("bytes")
def cut_before(zone: Zone) -> None:
    _change(zone, lambda data, place: data[place:])


@damage("bytes")
def cut_out(zone: Zone) -> None:
    length = zone.rng.choice([1, 1, 2, 7, 60, 500])
    _change(zone, lambda data, place: data[:place] + data[place + length :])


@damage("bytes", 3)
def flip(zone: Zone) -> None:
    times = zone.rng.choice([1, 1, 1, 2, 5, 20])

    def change(data: bytes, place: int) -> bytes:
        changed = bytearray(data)
        for _ in range(times):
            if changed:
                changed[min(place, len(changed) - 1)] ^= 1 << zone.rng.randrange(8)
                place = _place(zone, len(changed))
        return bytes(changed)

    _change(zone, change)


@damage("bytes", 2)
def zero(zone: Zone) -> None:
    length = zone.rng.choice([1, 4, 60, 300])
    _change(zone, lambda data, place: data[:place] + bytes(len(data[place : place + length])) + data[place + length :])


@damage("bytes")
def insert(zone: Zone) -> None:
    more = zone.rng.randbytes(zone.rng.choice([1, 1, 3, 16, 200]))
    _change(zone, lambda data, place: data[:place] + more + data[place:])


@damage("bytes")
def double(zone: Zone) -> None:
    length = zone.rng.choice([1, 10, 100, 1000])
    _change(zone, lambda data, place: data[: place + length] + data[place:])


@damage("bytes", 0.5)
def swap_halves(zone: Zone) -> None:
    _change(zone, lambda data, place: data[place:] + data[:place])


@damage("bytes", 0.5)
def nothing_left(zone: Zone) -> None:
    _change(zone, lambda data, place: b"")


@damage("bytes", 0.5)
def noise(zone: Zone) -> None:
    _change(zone, lambda data, place: zone.rng.randbytes(zone.rng.choice([1, 4, 8, 12, 1000])))


@damage("bytes", 0.5)
def append_another(zone: Zone) -> None:
    other = zone.file().read_bytes()
    _change(zone, lambda data, place: data + other)


@damage("bytes", 0.5)
def of_another_format(zone: Zone) -> None:
    """The name says CSV but the bytes are Parquet, or the other way round."""
    path = zone.file()
    other = path.with_suffix(".csv" if path.suffix == ".parquet" else ".parquet")
    path.rename(other)
    zone.note(f"{path.relative_to(zone.landing)} is called {other.name}")
