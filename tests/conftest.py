"""Shared by the tests: the command as a subprocess, the published marts as rows, small settings.

A full refresh takes some twenty seconds of CPU time, so tests of one refresh are in one file and share a fixture
(`-n 2 --dist loadfile` runs session fixtures once per worker). A fifth of it is starting Dagster and Great
Expectations: tests that need only marts refresh in this process, which has started them once.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable
from datetime import date

import pytest
from support.house import CLOSES, House, MakeHouse, run_fenceng

from fenceng.sample import write_sample


@pytest.fixture(scope="session")
def make_house(tmp_path_factory: pytest.TempPathFactory) -> MakeHouse:
    """Return a factory of empty houses, one folder each."""
    return lambda name: House(tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def fenceng() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return the command."""
    return run_fenceng


@pytest.fixture(scope="session")
def published_bank(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A sample bank of 300 customers, published as of 2026-10-31 and 2026-11-02; built once for all workers.

    Several test modules read it at the same time: none may refresh it or move its scratch.
    """
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    house, done = House(root / "published_bank"), root / "published_bank.done"
    with (root / "published_bank.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            write_sample(house.landing, customers=300, first=date(2026, 10, 31), last=date(2026, 11, 2))
            for day in (date(2026, 10, 31), date(2026, 11, 2)):
                house.publish(day)
            done.touch()
    return house


@pytest.fixture(scope="session")
def four_closes(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A sample bank published at the ends of four months, each delivered by itself; built once for all workers.

    A close's landing zone is the folder of its date. None may refresh it or move its scratch.
    """
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    house, done = House(root / "four_closes"), root / "four_closes.done"
    with (root / "four_closes.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            for day in CLOSES:
                house.landing = house.folder / str(day)
                write_sample(house.landing, customers=2000, first=day, last=day, defects=True)
                house.publish(day)
            done.touch()
    return house
