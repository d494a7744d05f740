"""Loading a release into a real PostgreSQL server: whole or not at all, once, and again after a kill."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest
from support.house import House, clean_environment
from support.postgres import Server, running_server

from expectations.project import PROJECT_ROOT
from orchestration.serving import layout, postgres
from orchestration.serving.layout import layout_of, postgres_type
from orchestration.serving.postgres import ServingError, serve
from orchestration.serving.readers import ReadersError, readers_of_marts
from orchestration.store.releases import Release, current_release

TABLES = {"dim_customer": "newest", "fct_customer_tier_monthly": "monthly"}


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The server as it was before the first load, apart from its roles."""
    for (schema,) in running.ask(
        "loader", "select nspname from pg_namespace where nspname ~ '^(fenceng|release_|marts)'"
    ):
        running.ask("loader", f'drop schema "{schema}" cascade')
    return running


@pytest.fixture(scope="module")
def releases(published_bank: House) -> list[Release]:
    """The two releases of the bank, the earlier one first."""
    folder = published_bank.published / "releases"
    return [Release(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def reader(server: Server) -> str:
    """A login that reads everything."""
    ((partition,),) = server.ask(
        "loader",
        "select partition_schema || '.' || partition_name from fenceng.batch"
        " where table_name = 'rights_of_fct_access_right' order by batch desc limit 1",
    )
    server.ask(
        "loader", f"insert into {partition} (employee_id, org_id, scope, rule_id) values ('all', 'X', 'bank', 'X')"
    )
    if not server.ask("postgres", "select from pg_roles where rolname = 'all'"):
        server.ask("postgres", 'create role "all" login in role fenceng_reader')
    return "all"


def rows_of(release: Release, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return connection.execute(f"select * from marts.{table}").fetchall()


def test_a_release_is_loaded_once_and_its_closed_months_once(
    server: Server, published_bank: House, releases: list[Release]
) -> None:
    first, second = releases
    loads = [
        serve(published_bank.settings, release, server.url("loader")) for release in (first, first, second, second)
    ]
    files = [sum(len(table.files) for table in layout_of(release).tables) for release in releases]
    assert (loads[0].loaded, loads[0].kept) == (files[0], 0)
    assert (loads[1].loaded, loads[1].kept, loads[1].rows) == (0, files[0], 0)
    assert loads[2].loaded + loads[2].kept == files[1]
    # October was closed by the first release: the second one brings November alone, and the newest state.
    monthly = sum(len(table.files) == 2 for table in layout_of(second).tables)
    assert loads[2].kept >= monthly > 20
    assert loads[3].loaded == 0
    who = reader(server)
    for table in TABLES:
        assert sorted(server.ask(who, f"select * from marts.{table}"), key=repr) == sorted(
            rows_of(second, table), key=repr
        )
    assert server.ask(who, "select release_id, business_date::text from marts.release_in_force") == [
        (second.release_id, "2026-11-02")
    ]


def test_columns_and_comments_are_those_of_the_release(
    server: Server, published_bank: House, releases: list[Release]
) -> None:
    serve(published_bank.settings, releases[1], server.url("loader"))
    told = server.ask(
        "loader",
        "select c.relname, a.attname, format_type(a.atttypid, null), col_description(c.oid, a.attnum)"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " where c.relnamespace = 'marts'::regnamespace and c.relname <> 'release_in_force'"
        " order by c.relname, a.attnum",
    )
    with duckdb.connect(str(releases[1].database), read_only=True) as connection:
        expected = connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() where schema_name = 'marts'"
            " order by table_name, column_index"
        ).fetchall()
    long_names = {"timestamp": "timestamp without time zone"}
    names = [(table, column, postgres_type(kind).split("(")[0], comment) for table, column, kind, comment in expected]
    assert told == [(table, column, long_names.get(kind, kind), comment) for table, column, kind, comment in names]


def test_a_statement_sees_one_release_whole(server: Server, published_bank: House, releases: list[Release]) -> None:
    """Two readers ask while the releases take turns: every answer is one release's, and none fails."""
    for release in releases:
        serve(published_bank.settings, release, server.url("loader"))
        reader(server)
    query = (
        "select (select release_id from marts.release_in_force),"
        " (select count(*) from marts.fct_customer_tier_monthly),"
        " (select count(*) from marts.fct_visit_obligation_monthly), (select max(business_date) from marts.dim_month)"
    )
    answers: set[tuple[object, ...]] = set()
    errors: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        try:
            with psycopg.connect(server.url("all"), autocommit=True) as connection:
                while not done.is_set():
                    answers.update(connection.execute(query).fetchall())
        except psycopg.Error as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(10):
        serve(published_bank.settings, releases[number % 2], server.url("loader"))
    done.set()
    for thread in threads:
        thread.join()
    expected = set()
    for release in releases:
        with duckdb.connect(str(release.database), read_only=True) as connection:
            counts = connection.execute(
                query.replace("(select release_id from marts.release_in_force)", "0")
            ).fetchone()
            expected.add((release.release_id, *(counts or ())[1:]))
    assert errors == []
    assert answers == expected


def test_a_transaction_reads_its_release_to_the_end(
    server: Server, published_bank: House, releases: list[Release]
) -> None:
    serve(published_bank.settings, releases[0], server.url("loader"))
    who = reader(server)
    with psycopg.connect(server.url(who)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        before = connection.execute("select count(*) from marts.fct_tier_evidence").fetchall()
        serve(published_bank.settings, releases[1], server.url("loader"))
        assert connection.execute("select count(*) from marts.fct_tier_evidence").fetchall() == before
        assert connection.execute("select release_id from marts.release_in_force").fetchall() == [
            (releases[0].release_id,)
        ]
    reader(server)
    assert server.ask(who, "select count(*) from marts.fct_tier_evidence") == [
        (len(rows_of(releases[1], "fct_tier_evidence")),)
    ]


def test_a_load_that_was_killed_goes_on(
    server: Server, published_bank: House, releases: list[Release], tmp_path: Path
) -> None:
    """The command is killed while it loads; nothing of it is seen, and the next one loads only what is missing."""
    environment = clean_environment(
        {"FENCENG_OUTPUT": str(published_bank.settings.output), "FENCENG_POSTGRES_URL": server.url("loader")}
    )
    command = [str(Path(sys.executable).with_name("fenceng")), "serve-postgres"]
    with subprocess.Popen(
        command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        for _ in range(3000):
            loaded = server.ask("postgres", "select to_regclass('fenceng.batch') is not null")
            if loaded == [(True,)] and server.ask("loader", "select count(*) > 9 from fenceng.batch") == [(True,)]:
                break
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert server.ask("loader", "select count(*) from fenceng.release") == [(0,)]
    assert server.ask("postgres", "select count(*) from pg_namespace where nspname = 'marts'") == [(0,)]
    while server.ask("postgres", "select from pg_stat_activity where application_name = 'fenceng'"):
        time.sleep(0.01)
    ((before,),) = server.ask("loader", "select count(*) from fenceng.batch")
    done = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = sum(len(table.files) for table in layout_of(releases[1]).tables)
    # Two months without a row are one batch, so that a file may be there without having been loaded before.
    loaded = int(re.findall(r"(\d+) files loaded", done.stdout)[0])
    assert 9 < int(str(before)) <= files - loaded < files
    who = reader(server)
    assert len(server.ask(who, "select * from marts.dim_customer")) == len(rows_of(releases[1], "dim_customer"))


def test_what_no_release_needs_is_dropped(
    server: Server, published_bank: House, releases: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former release stays until the next one; a transaction that reads it makes the load leave it."""
    monkeypatch.setattr(postgres, "KEPT", 1)
    schemas = "select nspname from pg_namespace where nspname like 'release%' order by 1"
    serve(published_bank.settings, releases[0], server.url("loader"))
    who = reader(server)
    with psycopg.connect(server.url(who)) as connection:
        connection.execute("select count(*) from marts.fct_customer_action").fetchall()
        left = serve(published_bank.settings, releases[1], server.url("loader"))
        assert left.left_over > 0
        connection.rollback()
    assert serve(published_bank.settings, releases[1], server.url("loader")).left_over == 0
    needed = server.ask("loader", "select count(*) from fenceng.batch")
    assert needed == server.ask("loader", "select count(*) from fenceng.release_batch")
    assert len(server.ask("postgres", schemas)) == 2  # October is still in the schema of the first one
    assert server.ask("loader", "select count(*) from fenceng.release") == [(1,)]


def test_another_shape_waits_for_readers_and_takes_their_place(
    server: Server, published_bank: House, releases: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables whose columns or rights have changed need other views: nobody reads an old and a new one together."""
    serve(published_bank.settings, releases[1], server.url("loader"))
    who = reader(server)
    monkeypatch.setattr(layout, "_VEILED", layout._VEILED | {"integer": "{} - 0"})
    monkeypatch.setattr(postgres, "_TRIES", 2)
    with psycopg.connect(server.url(who)) as connection:
        connection.execute("select from marts.dim_tier limit 1")
        with pytest.raises(ServingError, match="readers have held the views"):
            serve(published_bank.settings, releases[1], server.url("loader"))
        connection.execute("select from marts.dim_label limit 1")
        connection.rollback()
    done = serve(published_bank.settings, releases[1], server.url("loader"))
    assert (done.loaded, done.left_over) == (0, 0)
    reader(server)
    assert len(server.ask(who, "select * from marts.dim_customer")) == len(rows_of(releases[1], "dim_customer"))
    assert len(server.ask("postgres", "select from pg_namespace where nspname like 'fenceng\\_%%'")) == 1


def test_two_loads_do_not_meet(server: Server, published_bank: House, releases: list[Release]) -> None:
    with psycopg.connect(server.url("loader"), autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", [postgres._LOCK])
        with pytest.raises(ServingError, match="another load is at work"):
            serve(published_bank.settings, releases[1], server.url("loader"))
    assert serve(published_bank.settings, releases[1], server.url("loader")).loaded > 0


@pytest.mark.parametrize("change", ["damaged", "replaced"])
def test_a_changed_file_is_not_shown(
    server: Server, published_bank: House, releases: list[Release], tmp_path: Path, change: str
) -> None:
    """A damaged file, and a sound one with other rows, which every reader would take."""
    serve(published_bank.settings, releases[0], server.url("loader"))
    damaged = tmp_path / releases[1].release_id
    shutil.copytree(releases[1].folder, damaged)
    file = damaged / "fct_tier_evidence" / "2026-11.parquet"
    file.chmod(0o600)
    if change == "damaged":
        content = bytearray(file.read_bytes())
        content[100:2000] = bytes(1900)
        file.write_bytes(content)
    else:
        shutil.copyfile(damaged / "fct_tier_evidence" / "2026-10.parquet", file)
    with pytest.raises(ServingError, match=r"2026-11\.parquet of release .* is not the file that was published"):
        serve(published_bank.settings, Release(damaged), server.url("loader"))
    who = reader(server)
    assert server.ask(who, "select release_id from marts.release_in_force") == [(releases[0].release_id,)]


def test_what_goes_wrong_is_said_without_the_password(published_bank: House, releases: list[Release]) -> None:
    for url in ("postgresql://loader:secret@127.0.0.1:1/bank", "host=/nowhere user=loader password=secret dbname=bank"):
        with pytest.raises(ServingError, match="no connection to database bank on") as failed:
            serve(published_bank.settings, releases[1], url)
        assert "secret" not in str(failed.value)
    with pytest.raises(ServingError, match="no connection string"):
        serve(published_bank.settings, releases[1], "secret:that=is'no url")


def test_a_loader_without_rights_is_told(server: Server, published_bank: House, releases: list[Release]) -> None:
    server.ask("postgres", "create role poor login")
    with pytest.raises(ServingError, match=r"docs/postgres\.md"):
        serve(published_bank.settings, releases[1], server.url("poor"))


def test_every_mart_says_whose_its_rows_are(published_bank: House) -> None:
    release = current_release(published_bank.published)
    assert release is not None
    assert set(readers_of_marts()) == set(release.manifest()["rows"])


@pytest.mark.parametrize(
    ("told", "message"),
    [("", "none"), ("readers: all", "all"), ("readers: {client: customer_id}", "client"), ("readers: {}", "{}")],
)
def test_a_mart_without_readers_is_served_to_nobody(tmp_path: Path, told: str, message: str) -> None:
    (tmp_path / "area").mkdir()
    (tmp_path / "area" / "_area__models.yml").write_text(
        f"models:\n  - name: fct_new\n    config:\n      meta:\n        grain: [one]\n        {told}\n",
        encoding="utf-8",
    )
    with pytest.raises(ReadersError, match=f"fct_new: meta.readers is {message}"):
        readers_of_marts(tmp_path)


@pytest.mark.parametrize("meta", ["personal: true, level: 2", "personal: false, level: 3"])
def test_what_is_personal_is_never_for_everybody(tmp_path: Path, meta: str) -> None:
    (tmp_path / "area").mkdir()
    text = (
        "models:\n  - name: dim_new\n    config: {meta: {readers: everybody}}\n"
        f"    columns: [{{name: code}}, {{name: who, config: {{meta: {{{meta}}}}}}}]\n"
    )
    (tmp_path / "area" / "_area__models.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ReadersError, match="dim_new: who is personal, and everybody would read it"):
        readers_of_marts(tmp_path)
