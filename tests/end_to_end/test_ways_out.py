"""Personal values are planted in a delivery, and every way out of the house is searched for them.

The ways: the published folder with page and dictionary, exports, PostgreSQL, the commands and their log, alerts, what
Dagster keeps for its pages, and the messages of a delivery that is blocked. The board shows the published tables;
tests/board searches what it answers and keeps.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.house import House, clean_environment, run_fenceng
from support.postgres import running_server, server_programs

from expectations.contract import load_contract
from expectations.project import PROJECT_ROOT
from fenceng.sample import write_sample

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 2)
TEXTS = ("customer_name", "employee_name", "place")
# Where a bank's people really type them: a name in a code, a telephone number in an id of an organisation.
MISPLACED = ("测试姓名90001", "13990001234")


class Planted:
    """A delivery whose personal values can be told from all other text, and these values."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.values: set[bytes] = {value.encode() for value in MISPLACED}
        write_sample(house.landing, customers=300, first=DAY, last=DAY, file_format="csv", defects=True)
        # They count the rows of the sample, to which some are added here.
        for control in house.landing.rglob("_control.json"):
            control.unlink()
        for name, table in load_contract().tables.items():
            columns = [column.name for column in table.columns if column.pii]
            for file in sorted((house.landing / name).rglob("*.csv")) if columns else []:
                self._mark(file, columns)
        self._misplace(next((house.landing / "customer" / f"biz_date={DAY}").glob("*.csv")))

    def _mark(self, file: Path, columns: list[str]) -> None:
        with file.open(encoding="utf-8-sig", newline="") as source:
            rows = list(csv.reader(source))
        heading = rows[0]
        for number, row in enumerate(rows[1:]):
            for column in columns:
                if column not in heading or len(row) != len(heading) or not row[heading.index(column)]:
                    continue
                if column in TEXTS:
                    row[heading.index(column)] = (
                        f"测试姓名{number:05d}" if column != "place" else f"测试地点{number:05d}"
                    )
                # A date of birth is a date like any other: its text alone tells of nobody.
                if column != "birth_date":
                    self.values.add(row[heading.index(column)].encode())
        with file.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(rows)

    def _misplace(self, file: Path) -> None:
        with file.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        name, phone = MISPLACED
        wrong = [{**rows[0], "customer_id": f"C90000000{n}"} for n in range(4)]
        wrong[0] |= {"id_type": name}
        wrong[1] |= {"org_id": phone}
        wrong[2] |= {"opened_on": name}
        wrong[3] |= {"marketing_consent": name}
        with file.open("a", encoding="utf-8", newline="") as target:
            csv.DictWriter(target, rows[0].keys(), lineterminator="\n").writerows(wrong)
            target.write(f"C900000009,personal,{name},{phone}\n")

    def found(self, text: bytes) -> list[str]:
        """The planted values in a text."""
        return sorted(value.decode() for value in self.values if value in text)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return Planted(House(tmp_path_factory.mktemp("ways_out")))


@pytest.fixture(scope="module")
def refreshed(planted: Planted) -> Iterator[subprocess.CompletedProcess[str]]:
    """A refresh by Dagster's command, so that its instance keeps what its pages would show."""
    house = planted.house
    home = house.folder / "dagster"
    home.mkdir()
    shutil.copyfile(PROJECT_ROOT / "dagster.yaml", home / "dagster.yaml")
    environment = clean_environment(
        {"DAGSTER_HOME": str(home), "FENCENG_LANDING": str(house.landing), "FENCENG_OUTPUT": str(house.output)}
    )
    command = [
        Path(sys.executable).with_name("dagster"), "asset", "materialize", "--select", "*", "--partition", str(DAY),
        "-m", "orchestration.definitions",
    ]  # fmt: skip
    yield subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)


def test_the_planted_values_are_there_to_be_found(
    planted: Planted, refreshed: subprocess.CompletedProcess[str]
) -> None:
    """Else a search that finds nothing would say nothing."""
    assert refreshed.returncode == 0, refreshed.stdout[-3000:] + refreshed.stderr[-3000:]
    assert len(planted.values) > 600
    landing = b"".join(file.read_bytes() for file in planted.house.landing.rglob("*.csv"))
    assert len(planted.found(landing)) == len(planted.values)
    with duckdb.connect(str(planted.house.current), read_only=True) as connection:
        held = connection.execute("select count(*) from marts.fct_quarantine where table_name = 'customer'").fetchall()
    assert held[0][0] > 4


def test_the_published_folder(planted: Planted, refreshed: subprocess.CompletedProcess[str]) -> None:
    """Every file as bytes, and every text of the tables, which Parquet may compress."""
    files = [file for file in planted.house.published.rglob("*") if file.is_file()]
    assert {"index.html", "dictionary.html", "manifest.json"} <= {file.name for file in files}
    assert [(file.name, hit) for file in files if (hit := planted.found(file.read_bytes()))] == []
    with duckdb.connect(str(planted.house.current), read_only=True) as connection:
        for (table,) in connection.execute(
            "select view_name from duckdb_views() where schema_name = 'marts'"
        ).fetchall():
            rows = connection.execute(f"select * from marts.{table}").fetchall()
            assert planted.found(repr(rows).encode()) == [], table


def test_exports(planted: Planted, refreshed: subprocess.CompletedProcess[str], tmp_path: Path) -> None:
    for name in ("marts.duckdb", "marts.xlsx", "csv"):
        target = tmp_path / name
        kind = ["--format", "csv"] if name == "csv" else []
        done = run_fenceng("export", "--to", target, *kind, "--output", planted.house.output)
        assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "marts.xlsx") as book:
        texts = [book.read(part) for part in book.namelist()]
    texts += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    with duckdb.connect(str(tmp_path / "marts.duckdb"), read_only=True) as connection:
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            texts.append(repr(connection.execute(f"select * from {table}").fetchall()).encode())
    assert len(texts) > 80
    assert planted.found(b"\n".join(texts)) == []


def test_postgres(planted: Planted, refreshed: subprocess.CompletedProcess[str]) -> None:
    """All of the database, its registry and comments too, as its administrator dumps it."""
    with running_server() as server:
        url = {"FENCENG_POSTGRES_URL": server.url("loader")}
        done = run_fenceng("serve-postgres", "--output", planted.house.output, env=url)
        assert done.returncode == 0, done.stderr
        dump = [server_programs() / "pg_dump", "--dbname", server.url("postgres")]
        text = subprocess.run(dump, capture_output=True, check=True).stdout
        log = (server.folder / "log").read_bytes()
    assert len(text) > 1_000_000
    assert planted.found(text + log + done.stdout.encode()) == []


def test_commands_and_their_log(planted: Planted, refreshed: subprocess.CompletedProcess[str]) -> None:
    output = ("--output", planted.house.output)
    with duckdb.connect(str(planted.house.current), read_only=True) as connection:
        customer = connection.execute("select min(customer_id) from marts.fct_customer_tier_monthly").fetchall()[0][0]
        outlet = connection.execute("select min(lead_org_id) from marts.dim_customer").fetchall()[0][0]
    texts = []
    for arguments in (
        ("show",), ("show", "--outlet", outlet), ("today", "--outlet", outlet), ("explain", customer),
        ("quarantine",), ("quarantine", "--table", "customer"), ("versions",),
        ("verify", "--month", "2026-11", "--landing", planted.house.landing),
        ("assign", "propose", "--org", outlet), ("alert", "--dry-run"),
        ("doctor", "--landing", planted.house.landing),
    ):  # fmt: skip
        done = run_fenceng(*arguments, *output)
        assert len(done.stdout) > 20, (arguments, done.stderr)
        texts += [done.stdout, done.stderr]
    assert planted.found("\n".join(texts).encode()) == []


def test_what_dagster_keeps_for_its_pages(planted: Planted, refreshed: subprocess.CompletedProcess[str]) -> None:
    """Runs, events, compute logs: as bytes, and as SQLite gives them."""
    files = [file for file in (planted.house.folder / "dagster").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) > 100_000
    said = b"\n".join([*(file.read_bytes() for file in files), refreshed.stdout.encode(), refreshed.stderr.encode()])
    assert b"gate_1" in said
    assert planted.found(said) == []


@pytest.mark.parametrize(("damage", "named"), [("columns", b"opened_on"), ("lines", b"quotation mark")])
def test_messages_of_a_delivery_that_is_blocked(planted: Planted, tmp_path: Path, damage: str, named: bytes) -> None:
    """Personal values where a message would quote the sender: in a whole column of another kind, in broken lines."""
    house = House(tmp_path)
    shutil.copytree(planted.house.landing, house.landing)
    if damage == "columns":
        (customers,) = (house.landing / "customer" / f"biz_date={DAY}").glob("*.csv")
        with customers.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        for row in rows:
            row["opened_on"], row["org_id"] = row["customer_name"], row["mobile_phone"]
        with customers.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, rows[0].keys(), lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    else:
        (employees,) = (house.landing / "employee" / f"biz_date={DAY}").glob("*.csv")
        employees.write_bytes(employees.read_bytes().replace(b"\n", b'\n"', 3))
    done = run_fenceng("refresh", "--date", DAY, "--landing", house.landing, "--output", house.output)
    assert done.returncode == 3, done.stdout + done.stderr
    log = (house.output / "refresh.log").read_bytes()
    told = run_fenceng("alert", "--dry-run", "--landing", house.landing, "--output", house.output)
    held = run_fenceng("quarantine", "--output", house.output)
    said = "\n".join(text for one in (done, told, held) for text in (one.stdout, one.stderr)).encode() + log
    assert named in said
    assert planted.found(said) == []
