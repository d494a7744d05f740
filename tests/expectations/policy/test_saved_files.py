"""Policy and reference CSVs as people save them: read the same by every reader, or refused with file and line."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.house import House, HouseCopy, clean_environment, deliver_something
from support.policy_folder import Folder
from support.saved_files import FAMILY, READ, REFUSED, excel
from typer.testing import CliRunner

from expectations.policy.in_force import earliest_date, parameters, policy_version
from expectations.policy.reading import load_policy
from expectations.policy.sheets import (
    PolicyError,
    UnreadableError,
    canonical_files,
    policy_schemas,
    read_sheet,
    reference_schemas,
)
from expectations.project import POLICY_FOLDER, REFERENCE_FOLDER
from fenceng.analysis.proposal import changed_families
from fenceng.analysis.replay import run_models
from fenceng.cli import app
from orchestration.store.compiled_models import CompiledModels, Node
from orchestration.store.releases import POLICY, REFERENCE

D = date(2026, 11, 2)
FILES = {file.stem: file for folder in (POLICY_FOLDER, REFERENCE_FOLDER) for file in sorted(folder.glob("*.csv"))}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "policy")


def command(*arguments: object, charset: str = "utf-8") -> tuple[int, str]:
    """Run a command in this process: its exit code and all its output on one line. An exception is a failure."""
    result = CliRunner(charset=charset).invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


# ---------------------------------------------------------------- read


@pytest.mark.parametrize("way", READ)
def test_a_file_that_reads_in_one_way_is_read(tmp_path: Path, way: str) -> None:
    """Every shipped file, saved in another way, gives every reader the bytes of the shipped one."""
    saved = {}
    for name, file in FILES.items():
        saved[name] = tmp_path / file.parent.name / file.name
        saved[name].parent.mkdir(exist_ok=True)
        saved[name].write_bytes(READ[way](file.read_text(encoding="utf-8")))
    read = canonical_files(saved, tmp_path / "read")
    assert {name: file.read_bytes() for name, file in read.items()} == {
        name: file.read_bytes() for name, file in FILES.items()
    }
    policy = load_policy(tmp_path / "policy", reference=tmp_path / "reference")
    shipped = load_policy()
    assert policy.problems == ()
    for family, rows in shipped.rows.items():
        assert [row.values for row in policy.rows[family]] == [row.values for row in rows]
    assert (policy.vocabularies, policy.labels) == (shipped.vocabularies, shipped.labels)
    assert policy_version(D, tmp_path / "policy") == policy_version(D)
    assert parameters(D, tmp_path / "policy") == parameters(D)
    assert earliest_date(tmp_path / "policy") == earliest_date()


def test_a_row_is_named_by_the_line_where_an_editor_shows_it(folder: Folder) -> None:
    file = folder.path / f"{FAMILY}.csv"
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    lines[0] = lines[0].replace("source,false,,", 'source,false,"two\nlines",')
    lines[2] = lines[2].replace("false", "nein", 1)
    file.write_text("\n".join([header, "", *lines]), encoding="utf-8")
    # After an empty line and a row of two lines.
    assert [problem.line for problem in load_policy(folder.path).problems] == [6]


def test_a_value_may_hold_a_line_break(folder: Folder) -> None:
    rationale = "first line\nsecond, line"
    folder.change(FAMILY, "RS-AUM", rationale=rationale)
    file = folder.path / f"{FAMILY}.csv"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_policy(folder.path).in_force(D).all_rules["RS-AUM"].rationale == rationale


def test_decimals_that_excel_shortens_say_the_same(folder: Folder, tmp_path: Path) -> None:
    """Excel saves 50000.00 as 50000: no family and no row has changed."""
    before = dict(FILES)
    for name, schema in policy_schemas().items():
        rows = folder.rows(name)
        for row in rows:
            for column, kind in schema.columns.items():
                if kind.startswith("decimal") and "." in row[column]:
                    row[column] = row[column].rstrip("0").rstrip(".")
        if rows:
            folder.write(name, rows)
    after = before | {file.stem: file for file in folder.path.glob("*.csv")}
    assert (folder.path / f"{FAMILY}.csv").read_bytes() != FILES[FAMILY].read_bytes()
    assert changed_families(before, after, D) == set()
    shipped, again = load_policy(), load_policy(folder.path)
    assert all([a.values for a in again.rows[f]] == [b.values for b in shipped.rows[f]] for f in shipped.rows)


@pytest.fixture(scope="module")
def resaved(tmp_path_factory: pytest.TempPathFactory, published_bank: House) -> HouseCopy:
    """A copy of the project with each file saved in another way, refreshed for the bank's first date."""
    house = HouseCopy(tmp_path_factory.mktemp("resaved"))
    house.landing.symlink_to(published_bank.landing)
    ways = list(READ.values())
    for number, file in enumerate(sorted((house.project / "seeds").rglob("*.csv"))):
        save = excel if file.stem == FAMILY else ways[number % len(ways)]
        file.write_bytes(save(file.read_text(encoding="utf-8")))
    done = house.refresh("2026-10-31")
    assert done.returncode == 0, done.stderr
    return house


@pytest.mark.nightly
def test_a_refresh_publishes_the_same_bytes_from_resaved_files(resaved: HouseCopy, published_bank: House) -> None:
    """The policy hash, the gates and dbt read them; the published bytes equal those of the shipped files."""
    months = {}
    for house in (resaved, published_bank):
        manifest = json.loads((house.published / "current" / "manifest.json").read_text(encoding="utf-8"))
        months[house] = {
            name: described["sha256"] for name, described in manifest["files"].items() if "2026-10.parquet" in name
        }
    assert months[resaved] == months[published_bank]
    assert len(months[resaved]) > 10


@pytest.mark.nightly
def test_a_what_if_reads_the_resaved_files_of_a_release(resaved: HouseCopy, folder: Folder) -> None:
    """A release keeps the files unchanged; its rows do not differ from the shipped ones."""
    code, said = command("simulate", "--policy", folder.path, "--output", resaved.output)
    assert (code, "changed: nothing" in said) == (0, True), said
    code, said = command("policy", "diff", resaved.published / "current", "2026-10-31", "--output", resaved.output)
    assert (code, "no change:" in said) == (0, True), said


@pytest.mark.nightly
def test_dbt_and_what_ifs_load_the_same_table(resaved: HouseCopy, tmp_path: Path) -> None:
    """The table that dbt loads from a file has the same columns, types and rows as in a what-if."""
    models = CompiledModels.load(resaved.published / "current" / "models.json")
    release = (resaved.published / "current").resolve()
    files = {file.stem: file for kept in (POLICY, REFERENCE) for file in (release / kept).glob("*.csv")}
    assert files.keys() == policy_schemas().keys() | reference_schemas().keys()
    seeds = canonical_files(files, tmp_path)
    with duckdb.connect() as connection:
        for name in {models.nodes[name].relation.split(".")[0] for name in files}:
            connection.execute(f"attach ':memory:' as {name}")
        run_models(connection, models, list(files), {}, seeds)
        connection.execute(f"attach '{resaved.output / 'scratch' / 'warehouse.duckdb'}' as built (read_only)")
        for name in files:
            ours, built = models.nodes[name].relation, f"built.{models.nodes[name].relation.split('.', 1)[1]}"
            assert (
                connection.execute(f"describe {ours}").fetchall() == connection.execute(f"describe {built}").fetchall()
            )
            for left, right in ((ours, built), (built, ours)):
                assert connection.execute(f"from {left} except all from {right}").fetchall() == []


def test_sql_reads_every_text_as_it_is(tmp_path: Path) -> None:
    """Quotation marks, commas, line breaks, and words that some readers take for null."""
    texts = ['a "quoted", word', "first line\nsecond line", "null", "NULL", "NaN", "007", "1.10", "a;b", "'", "\\n"]
    file = tmp_path / "policy_article.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(policy_schemas()["policy_article"].columns)
        writer.writerows([f"D1 art. {number}", "D1", text, text] for number, text in enumerate(texts))
    seeds = canonical_files({"policy_article": file}, tmp_path / "canonical")
    # The column order of a release of an older version.
    columns = dict(reversed(policy_schemas()["policy_article"].columns.items()))
    node = Node("policy_article", "seed", '"bank"."policy"."policy_article"', columns=columns)
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as bank")
        run_models(connection, CompiledModels({node.name: node}), [node.name], {}, seeds)
        rows = connection.execute("select summary_en, summary_zh from bank.policy.policy_article").fetchall()
    assert rows == [(text, text) for text in texts]
    assert [line.cells["summary_en"] for line in read_sheet(file).lines] == texts


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize("damage", REFUSED)
def test_a_file_that_may_mean_something_else_is_refused(folder: Folder, damage: str) -> None:
    file = folder.path / f"{FAMILY}.csv"
    REFUSED[damage].do(file)
    problems = load_policy(folder.path).problems
    assert problems
    first = problems[0]
    assert first.file == file.as_posix()
    assert first.line == (REFUSED[damage].line or 0)
    assert first.check == "L0"
    assert REFUSED[damage].says in str(first)
    assert not [word for word in ("codec", "Error", "NoneType", "csv.") if word in str(first)]
    with pytest.raises(UnreadableError):
        load_policy(folder.path).in_force(D)
    if damage != "missing":
        with pytest.raises(UnreadableError):
            policy_version(D, folder.path)
    assert earliest_date(folder.path) == earliest_date(), "the other files say it"


@pytest.mark.parametrize("damage", ["GBK", "UTF-16", "nothing", "missing", "a folder", "a workbook"])
def test_a_reference_file_that_cannot_be_read_is_refused(tmp_path: Path, damage: str) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(REFERENCE_FOLDER, reference)
    file = reference / "ref_category.csv"
    if damage == "GBK":
        file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))
    else:
        REFUSED[damage].do(file)
    problems = load_policy(reference=reference).problems
    assert [problem.file for problem in problems] == [file.as_posix()]
    assert REFUSED[damage].says.split(";")[0] in str(problems[0])


def test_a_reference_value_is_named_with_its_line(tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(REFERENCE_FOLDER, reference)
    file = reference / "ref_weekday.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("2,true", "2,ja"), encoding="utf-8")
    (problem,) = load_policy(reference=reference).problems
    assert str(problem) == f"{file}:3 unreadable: is_working_day 'ja' is neither true nor false [L0]".replace(
        ":3 ", ":3 2 "
    )


def test_files_that_nobody_would_read_are_named(folder: Folder, tmp_path: Path) -> None:
    shutil.copy(folder.path / f"{FAMILY}.csv", folder.path / f"{FAMILY}.CSV")
    shutil.copy(folder.path / f"{FAMILY}.csv", folder.path / os.fsdecode(b"\xc3\xf7.csv"))
    reference = tmp_path / "reference"
    shutil.copytree(REFERENCE_FOLDER, reference)
    shutil.copy(reference / "ref_weekday.csv", reference / "ref_weekday (1).csv")
    said = [str(problem) for problem in load_policy(folder.path, reference=reference).problems]
    assert any("does not end in .csv, in lower case; rename the file" in one for one in said)
    assert any("ref_weekday (1).csv unreadable: there is no reference table of this name" in one for one in said)
    assert any("\\xc3\\xf7.csv unreadable: there is no family of this name" in one for one in said)
    assert len(said) == 3


def test_nothing_that_can_be_read_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no row of .* can be read; `fenceng policy lint` says why"):
        earliest_date(tmp_path)


# ---------------------------------------------------------------- the commands


# One of each kind; the messages for all others are those of load_policy, above.
@pytest.mark.parametrize("damage", ["GBK", "missing", "a folder", "no header", "shortened", "an open quotation mark"])
def test_commands_that_read_a_folder_refuse_it(published_bank: House, tmp_path: Path, damage: str) -> None:
    """A proposal with one damaged file; missing files are those in force."""
    folder = tmp_path / "proposal"
    folder.mkdir()
    file = folder / f"{FAMILY}.csv"
    shutil.copy(FILES[FAMILY], file)
    shutil.copy(FILES["policy_role"], folder)
    REFUSED[damage].do(file)
    commands = (
        ("policy", "lint", folder),
        ("policy", "diff", "2026-10-31", folder, "--output", published_bank.output),
        ("simulate", "--policy", folder, "--output", published_bank.output),
        ("simulate", "--policy", folder, "--output", published_bank.output, "--allow-problems"),
    )
    for arguments in commands:
        code, said = command(*arguments)
        if damage == "missing":
            assert code == 0, said
            continue
        assert code == 3, said
        assert REFUSED[damage].says.split(";")[0] in said
        place = f"{file}:{REFUSED[damage].line}" if REFUSED[damage].line else str(file)
        assert place in said


PLACES = ("nowhere", "a file", "an empty folder")


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_no_policy_is_wrong_use(published_bank: House, tmp_path: Path, place: str) -> None:
    path = tmp_path / "place"
    if place == "a file":
        shutil.copy(FILES[FAMILY], path)
    elif place == "an empty folder":
        path.mkdir()
    says = {
        "nowhere": ("no folder of policy CSVs at", "is not a date, a folder or a revision that git knows"),
        "a file": ("is a file; give the folder that holds the policy CSVs",) * 2,
        "an empty folder": ("holds no policy CSV, such as policy_tier_rule.csv",) * 2,
    }[place]
    output = ("--output", published_bank.output)
    for arguments, words in (
        (("policy", "lint", path), says[0]),
        (("policy", "lint", "--policy", path), says[0]),
        (("policy", "lint", path, "--alone"), says[0]),
        (("policy", "diff", path, "2026-10-31", *output), says[1]),
        (("policy", "diff", "2026-10-31", path, *output), says[1]),
        (("simulate", "--policy", path, *output), says[0]),
    ):
        code, said = command(*arguments)
        assert (code, words in said) == (2, True), said


def test_lint_wants_one_folder(folder: Folder) -> None:
    for arguments in ((folder.path, "--policy", folder.path), ("--alone",)):
        assert command("policy", "lint", *arguments)[0] == 2


def test_a_partial_folder_is_laid_over_the_rows_in_force(tmp_path: Path, published_bank: House) -> None:
    """The only problem is a hole in one family; with --alone the folder lacks all others."""
    folder = tmp_path / "proposal"
    folder.mkdir()
    text = FILES[FAMILY].read_text(encoding="utf-8")
    row = "RT-T4-AUM,retail_tier,T4,aum,1,financial_assets,50000.00"
    assert row in text
    (folder / f"{FAMILY}.csv").write_text(text.replace(row, row.replace("50000", "60000")), encoding="utf-8")
    code, said = command("policy", "lint", folder)
    assert code == 3
    assert "1 problem in 1 file of the policy, on every date" in said
    assert "nobody decides financial_assets from 50,000 to below 60,000" in said
    code, alone = command("policy", "lint", folder, "--alone")
    assert (code, alone.count("the file is missing")) == (3, len(policy_schemas()) - 1)
    code, said = command("policy", "diff", "2026-11-02", folder, "--output", published_bank.output)
    assert code == 0
    warning = f"warning: the policy of {folder} on 2026-11-02 is not sound, so its counts may mislead:"
    assert said.index(warning) < said.index("nobody decides financial_assets from 50,000") < said.index("1 change")
    code, said = command("policy", "diff", folder, "2026-11-02", "--output", published_bank.output, "--lang", "zh")
    assert (code, f"警告：{folder}（2026-11-02）的制度未通过检查" in said) == (0, True), said
    sound = tmp_path / "sound"
    sound.mkdir()
    shutil.copy(FILES[FAMILY], sound)
    assert command("policy", "lint", sound)[0] == 0
    assert "warning" not in command("policy", "diff", "2026-11-02", sound, "--output", published_bank.output)[1]


@pytest.fixture
def release(published_bank: House, tmp_path: Path) -> House:
    """A copy of the newest release, to be damaged."""
    house = House(tmp_path / "copy")
    shutil.copytree((published_bank.published / "current").resolve(), house.published / "releases" / "copy")
    (house.published / "current").symlink_to(Path("releases") / "copy")
    return house


@pytest.mark.parametrize("damage", ["GBK", "a folder", "shortened"])
def test_a_release_whose_rows_were_damaged(release: House, published_bank: House, damage: str) -> None:
    customer = _some_customer(published_bank)
    kept = (release.published / "current").resolve() / POLICY
    shutil.rmtree(kept.with_name(REFERENCE))
    (kept / f"{FAMILY}.csv").chmod(0o644)
    kept.chmod(0o755)
    REFUSED[damage].do(kept / f"{FAMILY}.csv")
    for arguments in (("explain", customer), ("simulate", "--policy", POLICY_FOLDER.parent / "policy")):
        code, said = command(*arguments, "--output", release.output)
        assert (code, REFUSED[damage].says.split(";")[0] in said) == (3, True), said


def test_a_release_of_an_older_version_lacks_a_family(release: House, published_bank: House, tmp_path: Path) -> None:
    """It can still be explained; a what-if on it would not represent the proposed policy."""
    kept = (release.published / "current").resolve() / POLICY
    kept.chmod(0o755)
    (kept / "policy_amount_limit.csv").unlink()
    assert command("explain", _some_customer(published_bank), "--output", release.output)[0] == 0
    shutil.copy(FILES[FAMILY], tmp_path)
    code, said = command("simulate", "--policy", tmp_path, "--output", release.output)
    words = "has no policy_amount_limit: an older version published it; refresh 2026-11-02 again"
    assert (code, words in said) == (2, True), said


def _some_customer(house: House) -> str:
    with duckdb.connect(str(house.current), read_only=True) as connection:
        rows = connection.execute("select min(customer_id) from marts.fct_customer_tier_monthly").fetchall()
    return str(rows[0][0])


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> HouseCopy:
    """A copy of the project, to be damaged."""
    house = HouseCopy(tmp_path_factory.mktemp("copied"))
    deliver_something(house.landing, date(2026, 10, 31))
    return house


# Undecodable bytes, and a missing file: commands reading it themselves would fail.
@pytest.fixture(params=["missing", pytest.param("GBK", marks=pytest.mark.nightly)])
def damaged(copied: HouseCopy, request: pytest.FixtureRequest) -> Iterator[tuple[HouseCopy, str]]:
    """The copy with one damaged file."""
    file = copied.policy / f"{FAMILY}.csv"
    REFUSED[request.param].do(file)
    yield copied, REFUSED[request.param].says.split(";")[0]
    if file.is_dir():
        file.rmdir()
    shutil.copy(FILES[FAMILY], file)


def test_commands_on_damaged_rows_end_with_a_sentence(damaged: tuple[HouseCopy, str], published_bank: House) -> None:
    """Commands that read the rows name file and fault; those that only read a release continue."""
    house, says = damaged
    output, published = ("--output", house.output), ("--output", published_bank.output)
    for arguments, code in (
        (("refresh", "--date", "2026-10-31", "--landing", house.landing, *output), 3),
        (("policy", "lint"), 3),
        (("policy", "diff", "2026-10-31", "2026-11-01", *output), 3),
        (("doctor", "--landing", house.landing, *output), 1),
        (("verify", "--month", "2026-10", "--landing", published_bank.landing, *published), 3),
        (("show", *published), 0),
        (("explain", _some_customer(published_bank), *published), 0),
    ):
        done = house.command(*arguments)
        said = " ".join((done.stdout + done.stderr).split())
        assert "Traceback" not in said
        assert done.returncode == code, said
        if code:
            assert says.split()[0] in said, said
            assert f"{FAMILY}.csv" in said.replace(" ", ""), said
    done = _python(house, "-c", "from pathlib import Path\nfrom orchestration.runtime.dbt_command import write_seeds\n"
                   f"write_seeds(Path({str(house.folder)!r}))")  # fmt: skip
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (3, True, False), done.stderr


def test_dagster_says_which_row_it_cannot_read(copied: HouseCopy) -> None:
    """Where dbt would have to parse: its own message for a GBK file names no file."""
    file = copied.policy / f"{FAMILY}.csv"
    REFUSED["GBK"].do(file)
    try:
        done = _python(copied, "-c", "import orchestration.definitions")
    finally:
        shutil.copy(FILES[FAMILY], file)
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    assert f"the policy can't be read: seeds/policy/{FAMILY}.csv:2 unreadable: the file is saved in GBK" in said


def _python(house: HouseCopy, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=house.project,
        env=clean_environment({"PYTHONPATH": str(house.project)}),
        capture_output=True,
        text=True,
        check=False,
    )
