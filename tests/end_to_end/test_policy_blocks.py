"""A refresh with an unsound policy: blocked before any data is read, with file, line and rule."""

from __future__ import annotations

from datetime import date

import pytest
from support.house import HouseCopy, deliver_something


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> HouseCopy:
    """A copy of the project whose rows leave 70 to 80 points without a grade, as the text does."""
    house = HouseCopy(tmp_path_factory.mktemp("house"))
    bands = house.policy / "policy_score_band.csv"
    lines = bands.read_text(encoding="utf-8").splitlines(keepends=True)
    bands.write_text("".join(line for line in lines if "AG-PASS-GAP" not in line), encoding="utf-8")
    deliver_something(house.landing, date(2026, 3, 31))
    return house


def test_an_unsound_policy_blocks_before_any_data_is_read(house: HouseCopy) -> None:
    done = house.refresh("2026-03-31")
    assert done.returncode == 3, done.stderr
    finding = next(line for line in done.stderr.splitlines() if line.startswith("block "))
    assert finding.split(maxsplit=1)[1] == (
        "seeds/policy/policy_score_band.csv:4: hole: appraisal_grade: nobody decides appraisal_score from 70 to below"
        " 80 [AG-PASS] (policy lint L1)"
    )
    assert "blocked: nothing was published for 2026-03-31" in done.stderr
    # What is delivered would have been the next failure.
    assert "delivery" not in done.stderr
    assert not (house.output / "published" / "current").exists()
