"""Some damages with fixed seeds, in the normal test run; `make fuzz` runs thousands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.house import House
from support.quick_rules import breaks

from expectations.contract import load_contract
from expectations.gate_1.gate import HERE, ROW_RULES
from expectations.policy.in_force import parameters
from expectations.rules import load_rules

from .alike import try_one
from .catalogue import DAMAGES, GROUPS
from .counts import rows_of
from .fuzzer import DAY, Fuzzer

SEED = 20261127
DAMAGES_RUN = 24
FILES_READ = 60
PARTS = 2


@pytest.fixture(scope="module")
def fuzzer(published_bank: House, tmp_path_factory: pytest.TempPathFactory) -> Fuzzer:
    """A fuzzer over the release of the sample bank."""
    return Fuzzer(tmp_path_factory.mktemp("fuzz"), published_bank.published)


def test_a_sound_zone_breaks_nothing(fuzzer: Fuzzer) -> None:
    """Both sound zones are published, with the reference's marts, with either rule runner."""
    reports = [fuzzer.judge(zone, "sound") for zone in fuzzer.sound]
    assert [(report.code, report.broken) for report in reports] == [(0, []), (0, [])]
    # The accepted rows are the same in both formats.
    assert [report.with_marts for report in reports] == [True, False]


@pytest.mark.parametrize("part", range(PARTS))
def test_damages_break_no_statement(fuzzer: Fuzzer, part: int) -> None:
    numbers = range(part + 1, DAMAGES_RUN + 1, PARTS)
    reports = [fuzzer.run(SEED, number, marts=number % 5 == 0, command=False) for number in numbers]
    broken = [f"{report.name} {report.kinds} {report.notes} {report.broken}" for report in reports if report.broken]
    assert broken == []
    assert {report.code for report in reports} == {0, 3}


def test_damaged_files_are_read_as_the_reference_reads_them(fuzzer: Fuzzer, tmp_path: Path) -> None:
    broken = []
    for number in range(FILES_READ):
        zone, found = try_one(fuzzer.sound, tmp_path / "zone", SEED, number)
        broken += [f"{number} {zone.log} {found}"] if found else []
    assert broken == []


def test_a_damage_can_be_replayed(fuzzer: Fuzzer) -> None:
    one, two = (fuzzer.run(SEED, 3, command=False) for _ in range(2))
    assert (one.kinds, one.notes, one.code) == (two.kinds, two.notes, two.code)


def test_the_catalogue_has_kinds_of_each_group() -> None:
    assert {damage.group for damage in DAMAGES.values()} == set(GROUPS)


def test_every_expectation_of_gate_1_can_be_counted() -> None:
    """A new kind of expectation must be added to the quick rules."""
    files = (*ROW_RULES, "delivery.yml", "share.yml")
    rules = [rule for name in files for rule in load_rules(HERE / name, load_contract(), parameters(DAY))]
    assert all(breaks(rule.expect, rule.arguments) for rule in rules if rule.query is None)


def test_rows_are_counted_by_the_files_themselves(tmp_path: Path, fuzzer: Fuzzer) -> None:
    parquet, text = (sorted((zone / "employee").rglob("part-0.*"))[-1] for zone in fuzzer.sound)
    rows = rows_of(parquet)
    assert rows == rows_of(text)
    assert rows is not None and rows > 100
    (tmp_path / "a.csv").write_bytes(b'a,b\r\n1,"2\r\n3"\r\n\r\n4\r\n')
    assert rows_of(tmp_path / "a.csv") == 2
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    assert rows_of(tmp_path / "a.parquet") is None
