"""Readers while releases change: never a torn read, never an error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.small_store import CUSTOMERS, put, settings_of

from orchestration.settings import Settings

PUBLICATIONS = 30
# One query over four tables: the current month of two, a closed month, and an as-of table.
READER = """
import json, os, sys, time
import duckdb
file, stop, mode = sys.argv[1:]
query = '''
    select (select min(version) from marts.fct_customer_tier_monthly where policy_month = date '2026-04-01'),
           (select max(version) from marts.fct_visit_obligation_monthly where policy_month = date '2026-04-01'),
           (select max(version) from marts.dim_customer), (select max(version) from marts.dim_tier),
           (select count(*) from marts.fct_customer_tier_monthly where policy_month = date '2026-03-01')
'''
answers, torn, errors = {}, [], []
connection = duckdb.connect(file, read_only=True) if mode == 'long' else None
print('ready', flush=True)
while not os.path.exists(stop):
    try:
        if connection is not None:
            row = connection.execute(query).fetchone()
        else:
            with duckdb.connect(file, read_only=True) as fresh:
                row = fresh.execute(query).fetchone()
        answers[row[0]] = answers.get(row[0], 0) + 1
        if len(set(row[:4])) != 1 or row[4] != ROWS:
            torn.append(row)
    except Exception as error:
        errors.append(repr(error))
        if len(errors) > 5:
            break
print(json.dumps({'answers': list(answers), 'queries': sum(answers.values()), 'torn': torn, 'errors': errors}))
""".replace("ROWS", str(CUSTOMERS))


@contextmanager
def reader(settings: Settings, mode: str) -> Iterator[dict]:
    """Run a reader in a separate process while the body runs; its report is in the dict afterwards."""
    stop = settings.output / f"stop-{mode}"
    file = settings.published / "current" / "fenceng.duckdb"
    process = subprocess.Popen(
        [sys.executable, "-c", READER, file, stop, mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    report: dict = {}
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield report
        stop.touch()
        said, complained = process.communicate(timeout=60)
        assert process.returncode == 0, complained
        report.update(json.loads(said))
    finally:
        process.kill()
        process.wait(timeout=30)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a store with a closed month and a current month; retention removes none meanwhile."""
    return filled(settings_of(tmp_path, kept=PUBLICATIONS + 5))


def filled(settings: Settings) -> Settings:
    """Publish a closed month and a current month."""
    put(settings, date(2026, 3, 31), 1)
    put(settings, date(2026, 4, 1), 2)
    return settings


def publish_often(settings: Settings, times: int) -> None:
    """Publish another version of the same date, again and again."""
    for version in range(3, times + 3):
        put(settings, date(2026, 4, 1), version)


def test_readers_see_whole_releases_only(settings: Settings) -> None:
    """One reader connects anew for each query, the other keeps its connection."""
    with reader(settings, "anew") as anew, reader(settings, "long") as long:
        publish_often(settings, PUBLICATIONS)
    for report in (anew, long):
        assert report["errors"] == []
        assert report["torn"] == []
        assert report["queries"] > PUBLICATIONS
    assert len(anew["answers"]) > 5, "the reader saw hardly any release change"
    assert anew["answers"] == sorted(anew["answers"]), "a reader was taken back to an old release"
    assert long["answers"] == [2], "a connection stays with the release that it opened"


def test_a_reader_that_connects_anew_survives_retention(tmp_path: Path) -> None:
    """Releases are removed while it reads, but not the one it has just opened."""
    settings = filled(settings_of(tmp_path, kept=3))
    with reader(settings, "anew") as report:
        publish_often(settings, 8)
    assert report["errors"] == []
    assert report["torn"] == []
    assert len(report["answers"]) > 2
    assert len(list((settings.published / "releases").iterdir())) == settings.releases_kept


def test_readers_never_block_publication_nor_it_them(settings: Settings) -> None:
    """A reader holds the file open throughout; the publication neither waits nor fails."""
    file = settings.published / "current" / "fenceng.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        before = connection.execute("select max(version) from marts.dim_customer").fetchone()
        put(settings, date(2026, 4, 2), 3)
        assert connection.execute("select max(version) from marts.dim_customer").fetchone() == before
