"""The tools that read the marts, as themselves: each reads every table's folder as it is.

`make test-clients` runs them in an environment of their own, on a sample bank with two months: Great Expectations and
pandas behave differently where Spark or pyarrow are installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

# The folder with the published bank and its export.
MARTS = os.environ.get("MARTS", "")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not MARTS, reason="`make test-clients` publishes a bank for them")]

MONTHS = {date(2026, 10, 1), date(2026, 11, 1)}
TIERS = "fct_customer_tier_monthly"


@pytest.fixture(scope="module")
def release() -> Path:
    """The folder of the release in force, with two months."""
    return (Path(MARTS) / "output" / "published" / "current").resolve()


# A table's columns, and how often it has each row.
Table = tuple[list[str], Counter[tuple[str, ...]]]


def as_text(value: Any) -> str:
    """Return a value as text with its type, the same from every tool.

    pandas has no missing whole number: it reads such a column as floats, and what is missing as NaN or NaT, the values
    that do not equal themselves.
    """
    if value is None or value != value:
        return ""
    value = value.item() if hasattr(value, "item") else value
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    # pandas has a class of its own for times.
    kind = "datetime" if type(value).__name__ == "Timestamp" else type(value).__name__
    return f"{kind} {value}"


def table_of(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Return a table for comparison: a folder has no order between its files.

    The number of rows and the columns' names aren't enough: where a later month lacks a column, some tools fill it with
    nulls and say nothing.
    """
    return list(columns), Counter(tuple(as_text(value) for value in row) for row in rows)


@pytest.fixture(scope="module")
def expected(release: Path) -> dict[str, Table]:
    """Table -> its columns and rows, by the database."""
    with duckdb.connect(str(release / "fenceng.duckdb"), read_only=True) as connection:
        found = {}
        for table in _rows(release):
            result = connection.execute(f"select * from marts.{table}")
            found[table] = table_of([column[0] for column in result.description or []], result.fetchall())
        return found


def test_pandas(release: Path, expected: dict[str, Table]) -> None:
    pytest.importorskip("pyarrow", reason="pandas reads Parquet by pyarrow")
    import pandas as pd

    for table, published in expected.items():
        frame = pd.read_parquet(release / table)
        assert table_of(frame.columns, frame.itertuples(index=False, name=None)) == published, table
    assert set(pd.read_parquet(release / TIERS)["policy_month"]) == MONTHS


def test_pyarrow(release: Path, expected: dict[str, Table]) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    for table, published in expected.items():
        found = dataset.dataset(release / table, format="parquet").to_table()
        assert table_of(found.column_names, (row.values() for row in found.to_pylist())) == published, table
    months = dataset.dataset(release / TIERS).to_table(columns=["policy_month"])["policy_month"]
    assert set(months.to_pylist()) == MONTHS


def test_polars(release: Path, expected: dict[str, Table]) -> None:
    polars = pytest.importorskip("polars")
    for table, published in expected.items():
        frame = polars.read_parquet(release / table)
        assert table_of(frame.columns, frame.rows()) == published, table
    assert set(polars.read_parquet(release / TIERS)["policy_month"]) == MONTHS


def test_duckdb(release: Path, expected: dict[str, Table]) -> None:
    for table, published in expected.items():
        relation = duckdb.read_parquet(f"{release / table}/*.parquet")
        assert table_of(relation.columns, relation.fetchall()) == published, table


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark session on two threads."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    sql = pytest.importorskip("pyspark.sql")
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


def test_spark(release: Path, expected: dict[str, Table], spark: Any) -> None:
    for table, published in expected.items():
        frame = spark.read.parquet(str(release / table))
        assert table_of(frame.columns, frame.collect()) == published, table
    months = spark.read.parquet(str(release / TIERS)).select("policy_month").distinct().collect()
    assert {row["policy_month"] for row in months} == MONTHS


def test_excel(release: Path) -> None:
    """Excel itself can't run here: openpyxl reads the workbook that `fenceng export` wrote by the same rules."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(Path(MARTS) / "marts.xlsx", read_only=True)
    rows = _rows(release)
    assert len(book.sheetnames) == len(rows)
    sheet = list(book["机构维度"].iter_rows(values_only=True))
    assert sheet[0][:3] == ("机构号", "机构名称", "机构层级")
    assert len(sheet) == rows["dim_organization"] + 1
    assert any("示例银行" in str(cell) for line in sheet for cell in line)


def _rows(release: Path) -> dict[str, int]:
    rows: dict[str, int] = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["rows"]
    return rows


@pytest.mark.parametrize("name", ["landing", "marts"])
def test_a_contract_is_valid_by_the_tool_of_its_standard(name: str, tmp_path: Path) -> None:
    tool = os.environ["DATACONTRACT"]
    file = Path(MARTS) / "docs" / "odcs" / f"{name}.odcs.yaml"
    done = subprocess.run([tool, "lint", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "valid against ODCS" in done.stdout

    spoiled = tmp_path / file.name
    text = file.read_text(encoding="utf-8")
    spoiled.write_text(text.replace("logicalType: string", "logicalType: text"), encoding="utf-8")
    assert subprocess.run([tool, "lint", spoiled], capture_output=True, check=False).returncode != 0
