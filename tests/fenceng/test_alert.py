"""`fenceng alert` on the published sample bank: what it prints, sends and refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from support.house import House
from support.receivers import web_server
from typer.testing import CliRunner, Result

from fenceng.cli import app
from orchestration.alerts.told import FILE

SECRET = "s3cr3t-token"
Run = Callable[..., Result]


@pytest.fixture
def run(published_bank: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command on an output folder of its own, which shares the releases of the published bank."""
    output = tmp_path / "output"
    output.mkdir()
    (output / "published").symlink_to(published_bank.published)
    shutil.copytree(published_bank.output / "scratch", output / "scratch")
    for name in ("FENCENG_ALERT_URLS", "FENCENG_ALERT_LANG"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str) -> Result:
        folders = ("--landing", str(published_bank.landing), "--output", str(output))
        return CliRunner().invoke(app, ["alert", *arguments, *folders])

    return command


def test_a_dry_run_prints_what_would_be_sent(run: Run, tmp_path: Path) -> None:
    told = run("--date", "2026-11-06", "--dry-run", "--lang", "zh")
    assert told.exit_code == 0, told.output
    assert "分层 - 2026-11-05数据迟迟未发布" in told.output
    assert "数量：落后3个工作日" in told.output
    assert not (tmp_path / "output" / FILE).exists()


def test_each_alert_is_sent_once(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with web_server() as web:
        monkeypatch.setenv("FENCENG_ALERT_URLS", f"json://user:{SECRET}@{web.address}/{SECRET}")
        first, second = run("--date", "2026-11-06"), run("--date", "2026-11-06")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    titles = [posted["title"] for _, posted in web.posts]
    assert "Fenceng - 2026-11-05 is not published yet" in titles
    assert len(titles) == len(set(titles))
    assert first.output.count("Fenceng - ") == len(titles)
    assert second.output == ""
    written = (tmp_path / "output" / FILE).read_text(encoding="utf-8")
    assert SECRET not in first.output + written + json.dumps([posted for _, posted in web.posts])


def test_no_message_names_a_customer(run: Run, published_bank: House) -> None:
    customers = {row["customer_id"] for row in published_bank.marts()["dim_customer"]}
    told = run("--date", "2026-11-06", "--dry-run").output
    assert customers
    assert not {word.strip(".,;:()") for word in told.split()} & customers


def test_the_date_is_the_newest_that_is_known(run: Run) -> None:
    """The bank is published up to its newest delivery, so it is not late."""
    assert "is not published yet" not in run("--dry-run").output


def test_a_test_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server() as web:
        monkeypatch.setenv("FENCENG_ALERT_URLS", f"json://{web.address} json://127.0.0.1:9/{SECRET}")
        told = run("--test")
    assert told.exit_code == 1
    assert "receiver 2 (json) did not take the alert" in told.output
    assert [posted["title"] for _, posted in web.posts] == ["Fenceng - Test message"]
    assert SECRET not in told.output


@pytest.mark.parametrize(
    ("urls", "said"),
    [("", "names no receiver"), (f"nothing://{SECRET}", "receiver 1 (unknown scheme) is no url that Apprise can use")],
)
def test_wrong_use(run: Run, monkeypatch: pytest.MonkeyPatch, urls: str, said: str) -> None:
    monkeypatch.setenv("FENCENG_ALERT_URLS", urls)
    told = run("--date", date(2026, 11, 6).isoformat())
    assert told.exit_code == 2
    assert said in " ".join(told.output.split())
    assert SECRET not in told.output
