"""`fenceng export`: the copy holds the same rows, needs no other file, and never harms who opens it."""

from __future__ import annotations

import csv
import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.house import House, read_rows, run_fenceng

from fenceng.analysis import export as module
from fenceng.analysis.export import MARK, ExportError, export, selection_of
from orchestration.store.mart_labels import mart_labels
from orchestration.store.releases import Release

TIERS = "fct_customer_tier_monthly"


@pytest.fixture(scope="module")
def release(published_bank: House) -> Release:
    """The release in force, with two months."""
    return Release(published_bank.current.parent.resolve())


def test_the_copy_as_a_database_needs_no_other_file(release: Release, tmp_path: Path) -> None:
    rows = export(selection_of(release), tmp_path / "marts.duckdb", "duckdb")
    assert rows == release.manifest()["rows"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = Path(shutil.move(tmp_path / "marts.duckdb", elsewhere))
    with duckdb.connect(str(moved), read_only=True) as reader:
        tables = [name for (name,) in reader.execute("show tables").fetchall()]
        assert tables == sorted(rows)
        assert reader.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
        reader.execute(f"attach '{release.database}' as published (read_only)")
        for table in tables:
            for one, other in ((table, f"published.marts.{table}"), (f"published.marts.{table}", table)):
                assert reader.execute(f"select * from {one} except all select * from {other}").fetchall() == []
        ((comment,),) = reader.execute(
            "select comment from duckdb_columns() where database_name = 'marts' and table_name = ?"
            " and column_name = 'tier_movement'",
            [TIERS],
        ).fetchall()
        assert comment.startswith("层级变动 | ")


def test_parquet_is_the_published_files(release: Release, tmp_path: Path) -> None:
    october = date(2026, 10, 1)
    export(selection_of(release, [TIERS, "dim_tier"], [october]), tmp_path / "copy", "parquet")
    found = {file.relative_to(tmp_path / "copy").as_posix() for file in (tmp_path / "copy").rglob("*.parquet")}
    assert found == {f"{TIERS}/2026-10.parquet", "dim_tier/dim_tier.parquet"}
    file = release.month_file(TIERS, october)
    assert file is not None
    assert (tmp_path / "copy" / TIERS / "2026-10.parquet").read_bytes() == file.read_bytes()


def test_csv_shows_chinese_in_excel(release: Release, tmp_path: Path) -> None:
    export(selection_of(release, ["dim_organization"]), tmp_path / "copy", "csv", chinese=True)
    file = tmp_path / "copy" / "dim_organization.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))
    assert rows[0][:3] == ["机构号", "机构名称", "机构层级"]
    published = read_rows(release.database, "select org_id, org_name, org_level from marts.dim_organization")
    assert {tuple(row[:3]) for row in rows[1:]} == {tuple(row.values()) for row in published}


def test_no_text_of_a_csv_is_a_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "release" / "dim_tier"
    table.mkdir(parents=True)
    texts = ["=1+1", "+1", "-1", "@sum(a1)", "\tx", "plain", "a=b", ""]
    values = ", ".join(f"('{text}', -5)" for text in texts)
    duckdb.sql(f"select * from (values {values}) as t (label, number)").write_parquet(str(table / "dim_tier.parquet"))
    selection = module.Selection(
        Release(tmp_path / "release"), {"dim_tier": (table / "dim_tier.parquet",)}, frozenset()
    )
    monkeypatch.setattr(
        Release,
        "manifest",
        lambda _: dict.fromkeys(("release_id", "business_date", "policy_version", "code_version"), ""),
    )
    export(selection, tmp_path / "copy", "csv")
    with (tmp_path / "copy" / "dim_tier.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["label"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@sum(a1)", "'\tx", "plain", "a=b", ""]
    assert {row["number"] for row in rows} == {"-5"}, "numbers are no text"


def test_headings_in_chinese_are_unique_in_each_table(release: Release) -> None:
    labels = mart_labels()
    for table in release.manifest()["rows"]:
        columns = [row["column_name"] for row in read_rows(release.database, f"describe marts.{table}")]
        headings = [labels.of(table, column) for column in columns]
        assert len(set(headings)) == len(headings), table


def test_an_excel_sheet_never_loses_rows(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHEET_ROWS", 5)
    with pytest.raises(ExportError, match=r"dim_tier has 10 rows, and a sheet of Excel holds 5; choose tables"):
        export(selection_of(release, ["dim_tier"]), tmp_path / "marts.xlsx", "xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("file_format", "name"), [("duckdb", "a.duckdb"), ("csv", "a")])
def test_an_export_is_replaced_only_if_asked_and_only_if_it_is_one(
    release: Release, tmp_path: Path, file_format: str, name: str
) -> None:
    chosen = selection_of(release, ["dim_tier"])
    export(chosen, tmp_path / name, file_format)
    with pytest.raises(ExportError, match="use --force"):
        export(chosen, tmp_path / name, file_format)
    export(chosen, tmp_path / name, file_format, replace=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ExportError, match="is no such export"):
        export(chosen, tmp_path / "mine", file_format, replace=True)
    assert os.listdir(tmp_path / "mine") == ["letter.txt"]
    assert not (tmp_path / "mine" / MARK).exists()


def test_the_command_says_what_it_wrote_and_what_it_refuses(published_bank: House, tmp_path: Path) -> None:
    def run(*arguments: object) -> tuple[int, str]:
        done = run_fenceng("export", *arguments, "--output", published_bank.output)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    code, said = run("--to", tmp_path / "a.duckdb", "--table", "dim_tier", "--lang", "zh")
    assert (code, "dim_tier 10 已导出到" in said) == (0, True), said
    for arguments, reason in (
        (("--to", tmp_path / "a.duckdb"), "use --force to replace it"),
        (("--to", tmp_path / "b"), "does not say its format"),
        (("--to", tmp_path / "b.xlsx", "--table", "nope"), "nope: not a published table"),
        (
            ("--to", tmp_path / "b.xlsx", "--month", "2026-09"),
            "2026-09: not published; the months are 2026-10, 2026-11",
        ),
        (("--to", published_bank.published / "b.xlsx"), "is in the published store"),
    ):
        code, said = run(*arguments)
        assert (code, reason in said) == (2, True), said
