"""Publication on a small building file: releases, shared months, manifest, retention."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.small_store import AS_OF, CUSTOMERS, MONTHLY, STEPS, build, publication_of, put, settings_of

from fenceng.analysis.verification import replaced_since
from orchestration.settings import Settings
from orchestration.store.publish import UnreadableMonthError, publish
from orchestration.store.releases import (
    FILE,
    TOOLS_FILE,
    Release,
    StoreError,
    current_release,
    earlier_name,
    month_of_path,
    month_path,
)

FEB, MARCH, APRIL = date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 1)
TIERS = "fct_customer_tier_monthly"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings over an empty folder."""
    return settings_of(tmp_path)


def query(release: Release, sql: str) -> list[tuple]:
    """Query a release as a reader does."""
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def versions(release: Release, table: str = TIERS) -> list[tuple]:
    """Return month, version and rows of a monthly table."""
    return query(
        release,
        f"select policy_month, version, count(*) from marts.{table} group by all order by all",
    )


def check_manifest(release: Release) -> None:
    """The manifest lists every file of the release with its hash and size, and no other."""
    stated = release.manifest()["files"]
    found = {
        path.relative_to(release.folder).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in release.folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert stated == found


def test_the_first_release_is_in_force(settings: Settings) -> None:
    seen: list[str] = []
    assert current_release(settings.published) is None
    release = put(settings, MARCH, 1, seen.append)
    assert tuple(seen) == STEPS
    assert current_release(settings.published) == release
    assert os.readlink(settings.published / "current") == f"releases/{release.release_id}"
    for table in MONTHLY:
        assert versions(release, table) == [(date(2026, 3, 1), 1, CUSTOMERS)]
    assert query(release, "select count(*) from marts.dim_customer") == [(CUSTOMERS,)]
    check_manifest(release)
    manifest = release.manifest()
    assert manifest["business_date"] == manifest["newest_business_date"] == "2026-03-30"
    assert manifest["policy_month"] == "2026-03-01"
    assert manifest["previous_release"] is None
    assert manifest["rows"] == {
        "dim_customer": CUSTOMERS,
        "dim_tier": 1,
        "fct_customer_tier_monthly": CUSTOMERS,
        "fct_refresh_run": 1,
        "fct_visit_obligation_monthly": CUSTOMERS,
    }


def test_nothing_is_left_under_construction(settings: Settings) -> None:
    release = put(settings, MARCH, 1)
    assert [p.name for p in (settings.published / "releases").iterdir()] == [release.release_id]
    assert [p.name for p in settings.published.iterdir() if p.name != "releases"] == ["current"]


def test_a_second_date_replaces_its_month(settings: Settings) -> None:
    old = put(settings, MARCH, 1)
    new = put(settings, date(2026, 3, 31), 2)
    assert versions(new) == [(date(2026, 3, 1), 2, CUSTOMERS)]
    assert versions(old) == [(date(2026, 3, 1), 1, CUSTOMERS)]
    assert new.manifest()["previous_release"] == old.release_id
    assert query(new, "select business_date from marts.fct_refresh_run order by 1") == [
        (MARCH,),
        (date(2026, 3, 31),),
    ]
    check_manifest(new)


def test_a_closed_month_is_shared_by_the_next_release(settings: Settings) -> None:
    old = put(settings, MARCH, 1)
    new = put(settings, APRIL, 2)
    for table in MONTHLY:
        assert versions(new, table) == [
            (date(2026, 3, 1), 1, CUSTOMERS),
            (date(2026, 4, 1), 2, CUSTOMERS),
        ]
        before, after = (r.month_file(table, date(2026, 3, 1)) for r in (old, new))
        assert before is not None
        assert after is not None
        assert before.stat().st_ino == after.stat().st_ino
        name = after.relative_to(new.folder).as_posix()
        assert new.manifest()["files"][name] == old.manifest()["files"][name]
    check_manifest(new)
    assert new.manifest()["rows"][TIERS] == 2 * CUSTOMERS


def test_a_closed_months_hash_is_taken_over_not_computed_again(settings: Settings) -> None:
    """A day must not cost more as history grows: the old file is not read, so a marked hash is kept."""
    old = put(settings, MARCH, 1)
    name = f"{TIERS}/2026-03.parquet"
    manifest = old.folder / "manifest.json"
    document = old.manifest()
    document["files"][name]["sha256"] = "marked"
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(document), encoding="utf-8")
    new = put(settings, APRIL, 2)
    assert new.manifest()["files"][name]["sha256"] == "marked"


def test_without_hard_links_a_closed_month_is_copied(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems refuse hard links; simulated here, since the test's own does not."""
    old = put(settings, MARCH, 1)

    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    new = put(settings, APRIL, 2)
    before, after = (r.month_file(TIERS, date(2026, 3, 1)) for r in (old, new))
    assert before is not None
    assert after is not None
    assert before.stat().st_ino != after.stat().st_ino
    assert before.read_bytes() == after.read_bytes()
    assert after.stat().st_mode & 0o222 == 0
    check_manifest(new)


def test_an_older_month_rewritten_keeps_the_newest_as_of_tables(settings: Settings) -> None:
    put(settings, MARCH, 1)
    april = put(settings, APRIL, 2)
    back = put(settings, date(2026, 3, 31), 3)
    assert versions(back) == [(date(2026, 3, 1), 3, CUSTOMERS), (date(2026, 4, 1), 2, CUSTOMERS)]
    for table in ("dim_customer", "dim_tier"):
        assert query(back, f"select distinct version, as_of from marts.{table}") == [(2, APRIL)]
        assert back.as_of_file(table).read_bytes() == april.as_of_file(table).read_bytes()
    assert query(back, "select count(*) from marts.fct_refresh_run") == [(3,)]
    manifest = back.manifest()
    assert (manifest["business_date"], manifest["newest_business_date"]) == (
        "2026-03-31",
        "2026-04-01",
    )
    check_manifest(back)
    # Next: a newer date takes over the tables again.
    ahead = put(settings, date(2026, 4, 2), 4)
    assert query(ahead, "select distinct version from marts.dim_customer") == [(4,)]
    assert versions(ahead) == [(date(2026, 3, 1), 3, CUSTOMERS), (date(2026, 4, 1), 4, CUSTOMERS)]


def test_a_month_before_all_others_is_added(settings: Settings) -> None:
    put(settings, APRIL, 1)
    back = put(settings, FEB, 2)
    assert versions(back) == [(date(2026, 2, 1), 2, CUSTOMERS), (date(2026, 4, 1), 1, CUSTOMERS)]
    assert query(back, "select distinct version from marts.dim_customer") == [(1,)]


def test_retention_leaves_the_newest_and_loses_no_month(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, kept=2)
    days = [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), FEB, MARCH]
    names = [put(settings, day, number).release_id for number, day in enumerate(days)]
    kept = sorted(path.name for path in (settings.published / "releases").iterdir())
    assert kept == names[-2:]
    for name in kept:
        release = Release(settings.published / "releases" / name)
        shown = versions(release)
        months = [day.replace(day=1) for day in days[: names.index(name) + 1]]
        assert shown == [(m, number, CUSTOMERS) for number, m in enumerate(months)]
        check_manifest(release)


def test_retention_of_one_leaves_the_one_in_force(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, kept=1)
    put(settings, MARCH, 1)
    last = put(settings, APRIL, 2)
    assert [p.name for p in (settings.published / "releases").iterdir()] == [last.release_id]
    assert len(versions(last)) == 2


def test_views_name_files_of_their_own_release_only(settings: Settings) -> None:
    put(settings, FEB, 1)
    put(settings, MARCH, 2)
    last = put(settings, APRIL, 3)
    views = dict(query(last, "select view_name, sql from duckdb_views() where schema_name = 'marts'"))
    assert views.keys() == {*MONTHLY, *AS_OF, "fct_refresh_run"}
    for name, sql in views.items():
        files = 3 if name in MONTHLY else 1
        assert sql.count(".parquet") == files
        assert sql.count(f"{last.folder}/") == files
        assert "/current/" not in sql


def test_tools_find_every_table_once_and_without_a_schema(settings: Settings) -> None:
    """In marts.duckdb the catalogue is called `marts`; in fenceng.duckdb the schema is."""
    put(settings, MARCH, 1)
    release = put(settings, APRIL, 2)
    tables = sorted([*MONTHLY, *AS_OF, "fct_refresh_run"])
    for name, shown in ((TOOLS_FILE, tables), (FILE, [])):
        with duckdb.connect(str(release.folder / name), read_only=True) as reader:
            assert [table for (table,) in reader.execute("show tables").fetchall()] == shown
            listed = reader.execute("select table_name from information_schema.tables order by 1").fetchall()
            assert [table for (table,) in listed] == tables
            assert reader.execute(f"select count(*) from marts.{TIERS}").fetchall() == [(2 * CUSTOMERS,)]
            comments = reader.execute("select comment from duckdb_views() where view_name = ?", [TIERS]).fetchall()
            assert comments == [("it's a tier",)]
    with duckdb.connect(str(release.folder / TOOLS_FILE), read_only=True) as reader:
        assert reader.execute(f"select count(*) from {TIERS}").fetchall() == [(2 * CUSTOMERS,)]


def test_comments_reach_the_views(settings: Settings) -> None:
    release = put(settings, MARCH, 1)
    assert query(release, "select comment from duckdb_views() where view_name = '" + TIERS + "'") == [("it's a tier",)]
    assert query(
        release,
        "select comment from duckdb_columns() where schema_name = 'marts' and table_name ="
        f" '{TIERS}' and column_name = 'tier_code'",
    ) == [("the 'tier'",)]


def test_a_release_is_read_only(settings: Settings) -> None:
    put(settings, MARCH, 1)
    release = put(settings, APRIL, 2)
    files = [path for path in release.folder.rglob("*") if path.is_file()]
    assert len(files) > 6
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}


def test_readers_of_duckdb_1_0_can_open_it(settings: Settings) -> None:
    release = put(settings, MARCH, 1)
    (tags,) = query(release, "select tags from duckdb_databases() where database_name = 'fenceng'")
    assert "v1.0.0" in str(tags)


def test_equal_input_gives_equal_parquet(tmp_path: Path) -> None:
    """All except the list of runs, which holds the time of publication."""
    bytes_of: list[dict[str, bytes]] = []
    for name in ("one", "two"):
        settings = settings_of(tmp_path / name)
        put(settings, MARCH, 1)
        folder = put(settings, APRIL, 2).folder
        bytes_of.append(
            {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*.parquet")
                if path.name != "fct_refresh_run.parquet"
            }
        )
    assert len(bytes_of[0]) == 6
    assert bytes_of[0] == bytes_of[1]


def test_rows_stand_in_the_order_of_their_grain(settings: Settings) -> None:
    release = put(settings, MARCH, 1)
    file = release.month_file(TIERS, date(2026, 3, 1))
    rows = duckdb.execute(f"select customer_id from read_parquet('{file}')").fetchall()
    assert len(rows) == CUSTOMERS
    assert rows == sorted(rows)


def test_a_failing_publication_leaves_the_old_release(settings: Settings) -> None:
    old = put(settings, MARCH, 1)
    build(settings, APRIL, 2)
    with duckdb.connect(str(settings.building)) as connection:
        connection.execute("alter table marts.dim_tier drop column tier_code")
    with pytest.raises(duckdb.Error):
        publish(settings, publication_of(APRIL, 2))
    assert current_release(settings.published) == old
    assert versions(old) == [(date(2026, 3, 1), 1, CUSTOMERS)]
    assert versions(put(settings, APRIL, 3))[-1] == (date(2026, 4, 1), 3, CUSTOMERS)


def test_a_current_that_leads_nowhere_is_an_error(settings: Settings) -> None:
    """Somebody deleted a release by hand: not the same as a store without one."""
    release = put(settings, MARCH, 1)
    release.folder.rename(release.folder.with_name("moved"))
    with pytest.raises(StoreError, match="which is gone; bring that folder back"):
        current_release(settings.published)


# ------------------------------------------------------------------ columns that change


def put_changed(settings: Settings, day: date, version: int, *statements: str) -> Release:
    """Publish a version with customer tiers altered as if by another version of the models."""
    build(settings, day, version)
    with duckdb.connect(str(settings.building)) as connection:
        for statement in statements:
            connection.execute(f"alter table month_in_hand.{TIERS} {statement}")
    return publish(settings, publication_of(day, version))


def test_columns_that_come_and_go_leave_every_month_readable(settings: Settings) -> None:
    """January lacks a column that February has, and has one that March lacks."""
    put(settings, date(2026, 1, 31), 1)
    put_changed(settings, date(2026, 2, 28), 2, "add column is_assumed boolean default true")
    last = put_changed(settings, MARCH, 3, "add column is_assumed boolean default false", "drop column version")
    found = query(last, f"select policy_month, is_assumed, count(*) from marts.{TIERS} group by all order by all")
    assert found == [
        (date(2026, 1, 1), None, CUSTOMERS),
        (date(2026, 2, 1), True, CUSTOMERS),
        (date(2026, 3, 1), False, CUSTOMERS),
    ]
    names = [row[0] for row in query(last, f"describe marts.{TIERS}")]
    assert names == ["policy_month", "customer_id", "tier_code", "is_assumed"]


def test_a_month_of_another_type_is_read_in_the_present_one(settings: Settings) -> None:
    put(settings, MARCH, 1)
    last = put_changed(settings, APRIL, 2, "alter column version type varchar")
    assert query(last, f"select distinct version, typeof(version) from marts.{TIERS} order by all") == [
        ("1", "VARCHAR"),
        ("2", "VARCHAR"),
    ]


def test_a_month_that_the_new_type_cannot_hold_stops_the_publication(settings: Settings) -> None:
    old = put(settings, MARCH, 1)
    retyped = "alter column tier_code type integer using 1"
    with pytest.raises(UnreadableMonthError, match=r"fct_customer_tier_monthly of 2026-03-01: .* tier_code .* INTEGER"):
        put_changed(settings, APRIL, 2, retyped)
    assert current_release(settings.published) == old
    assert versions(old) == [(date(2026, 3, 1), 1, CUSTOMERS)]


def test_a_back_dated_run_carries_the_columns_that_are_still_there(settings: Settings) -> None:
    put(settings, APRIL, 1)
    build(settings, MARCH, 2)
    with duckdb.connect(str(settings.building)) as connection:
        connection.execute("alter table marts.dim_customer drop column version")
    back = publish(settings, publication_of(MARCH, 2))
    assert query(back, "select distinct as_of from marts.dim_customer") == [(APRIL,)]


def test_what_a_month_was_built_from_is_kept_when_it_is_published_again(settings: Settings) -> None:
    """April was built from March; March is closed again twice, and April's March is kept as long as April is."""
    march = put(settings, MARCH, 1)
    path = month_path(Path(), TIERS, date(2026, 3, 1)).as_posix()
    read = {path: march.manifest()["files"][path]}
    build(settings, APRIL, 2)
    april = replace(publication_of(APRIL, 2), facts={**publication_of(APRIL, 2).facts, "inputs": read})
    before = publish(settings, april)
    assert before.built_from(date(2026, 4, 1)) == {path: read[path]["sha256"]}
    assert replaced_since(before, date(2026, 4, 1)) == ()
    put(settings, MARCH, 3)
    again = put(settings, MARCH, 4)
    assert again.manifest()["files"][path] != read[path]
    kept = again.file_with(path, read[path]["sha256"])
    assert kept is not None
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == read[path]["sha256"]
    assert len(list((again.folder / "superseded").iterdir())) == 1
    assert replaced_since(again, date(2026, 4, 1)) == (date(2026, 3, 1),)
    last = put(settings, APRIL, 5)
    assert not (last.folder / "superseded").exists()


# ------------------------------------------------------------------ stores of earlier versions


def as_version_0_6(release: Release) -> None:
    """Move a release's months to where version 0.6 had them: in a folder that is named after the month."""
    document = release.manifest()
    del document["columns"]
    for name in [name for name in document["files"] if month_of_path(name)]:
        earlier = release.folder / earlier_name(name)
        earlier.parent.mkdir()
        (release.folder / name).rename(earlier)
        document["files"][earlier_name(name)] = document["files"].pop(name)
    for built in document["months"].values():
        built["inputs"] = {earlier_name(name): one for name, one in built["inputs"].items()}
    (release.folder / "manifest.json").chmod(0o644)
    (release.folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")


def test_a_store_of_version_0_6_goes_on(settings: Settings) -> None:
    """Its months are found, shared and kept while another month rests on them, under their names of today."""
    put(settings, FEB, 1)
    march = put(settings, MARCH, 2)
    path = month_path(Path(), TIERS, date(2026, 2, 1)).as_posix()
    document = march.manifest()
    document["months"]["2026-03-01"]["inputs"] = {path: document["files"][path]}
    (march.folder / "manifest.json").chmod(0o644)
    (march.folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    as_version_0_6(march)
    assert march.months(TIERS) == [date(2026, 2, 1), date(2026, 3, 1)]
    before = march.month_file(TIERS, date(2026, 3, 1))
    sha256 = document["files"][path]["sha256"]
    april = put(settings, APRIL, 3)
    check_manifest(april)
    assert versions(april) == [(date(2026, month, 1), month - 1, CUSTOMERS) for month in (2, 3, 4)]
    after = april.month_file(TIERS, date(2026, 3, 1))
    assert before is not None
    assert after is not None
    assert (after.name, after.stat().st_ino) == ("2026-03.parquet", before.stat().st_ino)
    assert april.built_from(date(2026, 3, 1)) == {path: sha256}
    assert replaced_since(april, date(2026, 3, 1)) == ()
    # The first publication after the change of version may itself replace the month.
    february = put(settings, FEB, 4)
    assert february.file_with(path, sha256) == february.folder / "superseded" / f"{sha256}.parquet"
    assert replaced_since(february, date(2026, 3, 1)) == (date(2026, 2, 1),)


def test_every_file_of_a_table_has_the_columns_of_the_newest(settings: Settings) -> None:
    """Tools that read a folder as it is take the first file's columns for all; the original stays while needed."""
    january = put(settings, date(2026, 1, 31), 1)
    path = month_path(Path(), TIERS, date(2026, 1, 1)).as_posix()
    read = {path: january.manifest()["files"][path]}
    build(settings, FEB, 2)
    facts = {**publication_of(FEB, 2).facts, "inputs": read}
    publish(settings, replace(publication_of(FEB, 2), facts=facts))
    last = put_changed(settings, MARCH, 3, "add column is_assumed boolean default false", "drop column version")
    check_manifest(last)
    for file in sorted((last.folder / TIERS).iterdir()):
        described = duckdb.execute(f"describe select * from read_parquet('{file}')").fetchall()
        assert [(name, kind) for name, kind, *_ in described] == [
            ("policy_month", "DATE"),
            ("customer_id", "VARCHAR"),
            ("tier_code", "VARCHAR"),
            ("is_assumed", "BOOLEAN"),
        ]
    kept = last.file_with(path, read[path]["sha256"])
    assert kept is not None
    assert kept.parent.name == "superseded"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == read[path]["sha256"]
    assert last.manifest()["columns"][TIERS] == {
        "policy_month": "DATE", "customer_id": "VARCHAR", "tier_code": "VARCHAR", "is_assumed": "BOOLEAN"
    }  # fmt: skip
