"""The tools that read the marts, as themselves: each reads every table's folder as it is.

`make clients` installs them; Spark needs Java, too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.house import House

from orchestration.store.releases import Release

pytestmark = pytest.mark.slow

MONTHS = {date(2026, 10, 1), date(2026, 11, 1)}
TIERS = "fct_customer_tier_monthly"


@pytest.fixture(scope="module")
def release(published_bank: House) -> Release:
    """The release in force, with two months."""
    return Release(published_bank.current.parent.resolve())


@pytest.fixture(scope="module")
def expected(release: Release) -> dict[str, tuple[int, list[str]]]:
    """Table -> its rows and columns, by the database."""
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return {
            table: (
                connection.execute(f"select count(*) from marts.{table}").fetchall()[0][0],
                [name for name, *_ in connection.execute(f"describe marts.{table}").fetchall()],
            )
            for table in release.manifest()["rows"]
        }


def test_pandas(release: Release, expected: dict[str, tuple[int, list[str]]]) -> None:
    pytest.importorskip("pyarrow", reason="pandas reads Parquet by pyarrow; `make clients` installs it")
    import pandas as pd

    for table, (rows, columns) in expected.items():
        frame = pd.read_parquet(release.folder / table)
        assert (len(frame), list(frame.columns)) == (rows, columns), table
    assert set(pd.read_parquet(release.folder / TIERS)["policy_month"]) == MONTHS


def test_pyarrow(release: Release, expected: dict[str, tuple[int, list[str]]]) -> None:
    dataset = pytest.importorskip("pyarrow.dataset", reason="`make clients` installs it")
    for table, (rows, columns) in expected.items():
        found = dataset.dataset(release.folder / table, format="parquet")
        assert (found.count_rows(), found.schema.names) == (rows, columns), table
    months = dataset.dataset(release.folder / TIERS).to_table(columns=["policy_month"])["policy_month"]
    assert set(months.to_pylist()) == MONTHS


def test_polars(release: Release, expected: dict[str, tuple[int, list[str]]]) -> None:
    polars = pytest.importorskip("polars", reason="`make clients` installs it")
    for table, (rows, columns) in expected.items():
        frame = polars.read_parquet(release.folder / table)
        assert (len(frame), frame.columns) == (rows, columns), table
    assert set(polars.read_parquet(release.folder / TIERS)["policy_month"]) == MONTHS


def test_duckdb(release: Release, expected: dict[str, tuple[int, list[str]]]) -> None:
    for table, (rows, columns) in expected.items():
        relation = duckdb.read_parquet(f"{release.folder / table}/*.parquet")
        assert (relation.count("*").fetchall(), relation.columns) == ([(rows,)], columns), table


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark session on two threads."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    sql = pytest.importorskip("pyspark.sql", reason="`make clients` installs it")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_spark(release: Release, expected: dict[str, tuple[int, list[str]]], spark: Any) -> None:
    for table, (rows, columns) in expected.items():
        frame = spark.read.parquet(str(release.folder / table))
        assert (frame.count(), frame.columns) == (rows, columns), table
    months = spark.read.parquet(str(release.folder / TIERS)).select("policy_month").distinct().collect()
    assert {row["policy_month"] for row in months} == MONTHS


def test_excel(published_bank: House, tmp_path: Path) -> None:
    """Excel itself can't run here: openpyxl reads the workbook by the same rules."""
    openpyxl = pytest.importorskip("openpyxl", reason="`make clients` installs it")
    from fenceng.analysis.export import export, selection_of

    release = Release(published_bank.current.parent.resolve())
    rows = export(selection_of(release), tmp_path / "marts.xlsx", "xlsx", chinese=True)
    book = openpyxl.load_workbook(tmp_path / "marts.xlsx", read_only=True)
    assert len(book.sheetnames) == len(rows)
    sheet = list(book["机构维度"].iter_rows(values_only=True))
    assert sheet[0][:3] == ("机构号", "机构名称", "机构层级")
    assert len(sheet) == rows["dim_organization"] + 1
    assert any("示例银行" in str(cell) for line in sheet for cell in line)
