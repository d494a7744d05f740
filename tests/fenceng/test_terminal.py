"""Commands on terminals, pipes and logs that are not UTF-8: what can't be shown is replaced, and no command fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import duckdb
import pytest
from support.house import FENCENG, House, clean_environment
from typer.testing import CliRunner

from expectations.findings import Finding
from expectations.project import PROJECT_ROOT
from fenceng.cli import app
from fenceng.terminal import REPLACED, log_file, print_findings

NO_NAME = os.fsdecode(b"\xc3\xf7.txt")


def some_customer(house: House) -> str:
    with duckdb.connect(str(house.current), read_only=True) as connection:
        return str(connection.execute("select min(customer_id) from marts.fct_customer_tier_monthly").fetchall()[0][0])


def commands(house: House) -> dict[str, tuple[tuple[str, ...], int]]:
    """Every command that can run on a published store without a refresh, and its exit code."""
    output = ("--output", str(house.output))
    customer = some_customer(house)
    return {
        "help": (("--help",), 0),
        "help of a command": (("policy", "lint", "--help"), 0),
        "no such command": (("prüfen", "层级"), 2),
        "no such option": (("show", "--层级"), 2),
        "a date that is none": (("refresh", "--date", "层级"), 2),
        "show": (("show", *output), 0),
        "show in Chinese": (("show", "--lang", "zh", *output), 0),
        "explain": (("explain", customer, *output), 0),
        "explain in Chinese": (("explain", customer, "--lang", "zh", *output), 0),
        "no such customer": (("explain", "层级", *output), 2),
        "today": (("today", "--outlet", "ORG-O00001", *output), 0),
        "today in Chinese": (("today", "--outlet", "ORG-O00001", "--lang", "zh", *output), 0),
        "show an outlet in Chinese": (("show", "--outlet", "ORG-O00001", "--lang", "zh", *output), 0),
        "no such outlet": (("today", "--outlet", "层级", *output), 2),
        "propose in Chinese": (("assign", "propose", "--lang", "zh", *output), 0),
        "diff in Chinese": (("policy", "diff", "2026-10-31", str(diff_folder(house)), "--lang", "zh", *output), 0),
        "lint": (("policy", "lint", f"层级{NO_NAME}"), 2),
        "simulate": (("simulate", "--policy", f"层级{NO_NAME}", *output), 2),
        "doctor": (("doctor", "--landing", f"层级{NO_NAME}", *output), 2),
        "no release": (("show", "--output", f"层级{NO_NAME}"), 2),
    }


def diff_folder(house: House) -> Path:
    """A policy with Chinese in the differences, built once beside the bank."""
    folder = house.folder / "relabelled"
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        text = (PROJECT_ROOT / "seeds" / "policy" / "policy_tier.csv").read_text(encoding="utf-8")
        (folder / "policy_tier.csv").write_text(text.replace("客户", "层级"), encoding="utf-8")
    return folder


NAMES = (
    "help", "help of a command", "no such command", "no such option", "a date that is none", "show", "show in Chinese",
    "explain", "explain in Chinese", "no such customer", "today", "today in Chinese", "show an outlet in Chinese",
    "no such outlet", "propose in Chinese", "diff in Chinese", "lint", "simulate", "doctor", "no release",
)  # fmt: skip


# GBK has what we print except frames; ASCII has none of it. The others show what these two do not.
PRINTED = [
    *((name, charset) for name in NAMES for charset in ("ascii", "gbk")),
    *((name, charset) for name in ("explain in Chinese", "lint") for charset in ("latin-1", "utf-8")),
]


@pytest.mark.parametrize(("name", "charset"), PRINTED)
def test_a_command_prints_what_can_be_shown(published_bank: House, name: str, charset: str) -> None:
    arguments, code = commands(published_bank)[name]
    result = CliRunner(charset=charset).invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    assert result.output_bytes.decode(charset).strip()
    if NO_NAME in "".join(arguments) and charset == "utf-8":
        assert "层级\\xc3\\xf7.txt" in result.output.replace("\n", "")


def test_tables_keep_their_shape(published_bank: House) -> None:
    """A Chinese character is two columns wide, and so is its substitute; frames are drawn with - | +."""
    shown = {
        charset: CliRunner(charset=charset)
        .invoke(app, ["show", "--lang", "zh", "--output", str(published_bank.output)])
        .output_bytes.decode(charset)
        .splitlines()
        for charset in ("ascii", "utf-8")
    }
    tier = next(line for line in shown["ascii"] if "T4" in line)
    assert "????????" in tier
    assert tier.startswith("| T4")
    assert next(line for line in shown["utf-8"] if "T4" in line).split("│")[2].strip() == "潜力客户"
    from rich.cells import cell_len

    assert [len(line) for line in shown["ascii"]] == [cell_len(line) for line in shown["utf-8"]]


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"PYTHONIOENCODING": "ascii"}, ("show", "no such command")),
        ({"PYTHONIOENCODING": "latin-1"}, ("explain in Chinese",)),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ("explain in Chinese", "lint")),
    ],
    ids=["ascii", "latin-1", "C"],
)
def test_a_process_prints_what_can_be_shown(
    published_bank: House, environment: dict[str, str], names: tuple[str, ...]
) -> None:
    for arguments, code in (commands(published_bank)[name] for name in names):
        done = subprocess.run(
            [FENCENG, *map(os.fsencode, arguments)],
            env=clean_environment(environment),
            cwd=PROJECT_ROOT,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr
        assert done.stdout or done.stderr


def test_the_log_takes_any_name(tmp_path: Path) -> None:
    house = House(tmp_path)
    finding = Finding("delivery.stray", "warning", "account", 0, f"层级 {NO_NAME} is not read")
    with log_file(house.settings, "a title", verbose=False) as log:
        print(f"层级 {NO_NAME}")
    print_findings((finding,), log)
    assert log is not None
    text = log.read_text(encoding="utf-8")
    assert text.count("层级 \\xc3\\xf7.txt") == 2


def test_what_stands_for_a_character() -> None:
    text = "层┏━┓│ é" + NO_NAME
    assert text.encode("ascii", REPLACED) == b"??+-+| ?\\xc3\\xf7.txt"
    assert text.encode("utf-8", REPLACED) == "层┏━┓│ é\\xc3\\xf7.txt".encode()
