"""docs/first_delivery.md: what it tells a newcomer to type is a sound delivery and matches the contract."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

from support.small_bank import TABLES, judge

from expectations.contract import load_contract
from expectations.project import PROJECT_ROOT
from orchestration.landing import unfit_headers
from orchestration.settings import Settings

PAGE = (PROJECT_ROOT / "docs" / "first_delivery.md").read_text(encoding="utf-8")
DAY = date(2026, 11, 2)


def test_the_smallest_delivery_passes_gate_1(tmp_path: Path) -> None:
    script = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)[0]
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True)
    settings = Settings(landing=tmp_path / "landing", output=tmp_path / "output", memory_limit="500MB")
    judged = judge(settings, DAY)
    said = {finding.rule_id for finding in judged.result.findings}
    assert said == {"delivery.never_delivered"}
    assert judged.held == set()
    assert judged.accepted("account", "account_id") == [("A1",)]
    delivered = {folder.name for folder in settings.landing.iterdir()}
    assert delivered == {table.name for table in TABLES.values() if table.required}


def test_doctor_names_the_file_with_another_delimiter(tmp_path: Path) -> None:
    script = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)[0]
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True)
    contract = load_contract()
    assert unfit_headers(tmp_path / "landing", contract, DAY) == []
    file = tmp_path / "landing" / "visit" / f"biz_date={DAY}" / "part-0.csv"
    file.write_text(file.read_text().replace(",", ";"))
    ((found, defect),) = unfit_headers(tmp_path / "landing", contract, DAY)
    assert (found.table, found.name) == ("visit", "part-0.csv")
    assert "the delimiter seems to be ';'" in defect.found
