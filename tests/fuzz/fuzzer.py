"""One damage after another: draw it, inflict it, judge the delivery, check the statements."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from fenceng.sample import write_sample

from . import damage_bytes, damage_control, damage_parquet, damage_places, damage_text, damage_values, statements
from .catalogue import DAMAGES, Damage, draw, inflict
from .line import BLOCKED, FAILED, PUBLISHED, Line, Outcome
from .zone import Zone, copy_of, trim

__all__ = ["DAY", "Fuzzer", "Report", "damage_bytes", "damage_control", "damage_parquet", "damage_places",
"damage_text",
           "damage_values", "sound_zones"]  # fmt: skip

DAY = date(2026, 11, 1)
EVENTS_KEPT = 3
CUSTOMERS = 100
# One in this many is also judged by Great Expectations, and one in this many by the real command.
BY_THE_GATE = 100
BY_THE_COMMAND = 500


@dataclass
class Report:
    """The result of one damage."""

    seed: int
    number: int
    kinds: list[str]
    notes: list[str] = field(default_factory=list)
    code: int = FAILED
    broken: list[str] = field(default_factory=list)
    with_marts: bool = False

    @property
    def name(self) -> str:
        """The arguments that replay it."""
        return f"SEED={self.seed} NUMBER={self.number}"


def sound_zones(folder: Path) -> list[Path]:
    """The sound zones, made once: the sample bank in both formats."""
    zones = []
    for file_format in ("parquet", "csv"):
        zone = folder / file_format
        if not (folder / f"{file_format}.done").exists():
            shutil.rmtree(zone, ignore_errors=True)
            write_sample(zone, customers=CUSTOMERS, first=DAY - timedelta(1), last=DAY, file_format=file_format)
            trim(zone, DAY, EVENTS_KEPT)
            (folder / f"{file_format}.done").touch()
        zones.append(zone)
    return zones


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


class Fuzzer:
    """Works in its own folder. published: a published store, whose release holds the compiled models."""

    def __init__(self, work: Path, published: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.work = work
        self.sound = sound_zones(work)
        self.line = Line(work, published, DAY)
        # Accepted rows whose marts have already been compared.
        self._known: set[str] = set()

    def run(self, seed: int, number: int, *, marts: bool = True, command: bool | None = None) -> Report:
        """Inflict the damage with that number and report the statements it breaks.

        marts: whether to build the marts if the accepted rows are new. command: whether the real command also refreshes
        the zone; None: by the number.
        """
        if command is None:
            command = number % BY_THE_COMMAND == BY_THE_COMMAND // 2
        more = [DAMAGES["changed_while_reading"]] if number % (2 * BY_THE_COMMAND) == BY_THE_COMMAND // 2 else []
        zone, kinds = self._damaged(seed, number, more)
        report = Report(seed, number, kinds, zone.log)
        self._judge(zone, report, marts=marts, by_the_gate=number % BY_THE_GATE == 0)
        if command and report.code in (PUBLISHED, BLOCKED):
            # The later change has already happened: damage another copy in the same way.
            report.broken += self._by_the_command(self._damaged(seed, number, more)[0], report)
        return report

    def _damaged(self, seed: int, number: int, more: list[Damage]) -> tuple[Zone, list[str]]:
        """A damaged copy of a sound zone, determined by the number, and the kinds of damage."""
        rng = random.Random(f"{seed}|{number}")
        place = self.work / "zone"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        zone = Zone(copy_of(rng.choice(self.sound), place / "landing"), DAY, rng)
        zone.note(f"{len(zone.files('.csv'))} CSV, {len(zone.files('.parquet'))} Parquet files")
        return zone, inflict(zone, [*draw(rng), *more])

    def judge(self, landing: Path, name: str) -> Report:
        """Check the statements against a zone in its current state."""
        report = Report(0, 0, [name])
        self._judge(Zone(landing, DAY, random.Random(0)), report, marts=True, by_the_gate=True)
        return report

    def _judge(self, zone: Zone, report: Report, *, marts: bool, by_the_gate: bool) -> None:
        outcome = self.line.judge(zone.landing)
        report.code = outcome.code
        report.broken = self._statements(zone, outcome, report, marts=marts)
        if zone.later and outcome.code == PUBLISHED:
            self._changed(zone, report)
        if by_the_gate and not zone.later and outcome.error is None:
            report.broken += self._by_the_gate(zone, outcome)

    def _changed(self, zone: Zone, report: Report) -> None:
        """Apply the later change: it must be detected if and only if it changes a file that was read."""
        files = zone.files()
        before = [_digest(path) for path in files]
        while zone.later:
            zone.later.pop(0)()
        is_other = before != [_digest(path) for path in files]
        found = self.line.changed_since()
        report.code = BLOCKED if found else PUBLISHED
        if is_other != bool(found):
            report.broken.append(f"4: files changed while the refresh was at work: {is_other}, seen: {bool(found)}")
        report.broken += statements.of_the_words(Outcome(BLOCKED, found))

    def _statements(self, zone: Zone, outcome: Outcome, report: Report, *, marts: bool) -> list[str]:
        broken = statements.of_the_outcome(outcome)
        if outcome.error is not None:
            return broken
        broken += statements.of_the_words(outcome)
        broken += statements.of_the_counts(outcome, zone.landing, DAY)
        reasons, data = statements.reference_blocks(zone.landing, DAY)
        broken += statements.of_the_decision(outcome, reasons)
        if outcome.code != PUBLISHED or data is None:
            return broken
        broken += statements.of_the_rows(outcome, data)
        digest = hashlib.sha256(repr(sorted((k, sorted(v, key=str)) for k, v in outcome.accepted.items())).encode())
        if marts and not broken and digest.hexdigest() not in self._known:
            self._known.add(digest.hexdigest())
            report.with_marts = True
            try:
                built = self.line.marts()
            except Exception as error:
                return [f"1: the models: {type(error).__name__}: {str(error)[:300]}"]
            broken += statements.of_the_marts(built, data, DAY, self.line.history)
        return broken

    def _by_the_gate(self, zone: Zone, outcome: Outcome) -> list[str]:
        slow = self.line.judge(zone.landing, is_quick=False)
        if slow.error is not None:
            return [f"1: by Great Expectations: {type(slow.error).__name__}: {slow.error}"]
        same = (slow.code, slow.findings, slow.counts) == (outcome.code, outcome.findings, outcome.counts)
        return [] if same else ["the quick rules and Great Expectations differ"]

    def _by_the_command(self, zone: Zone, report: Report) -> list[str]:
        """`fenceng refresh` as a user runs it; later changes happen once gate 1 has passed."""
        output = self.work / "command"
        shutil.rmtree(output, ignore_errors=True)
        command = [str(Path(sys.executable).parent / "fenceng"), "refresh", "--date", str(DAY)]
        command += ["--landing", str(zone.landing), "--output", str(output)]
        printed = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "300"}) as process:  # fmt: skip
            assert process.stdout is not None
            for line in process.stdout:
                printed.append(line)
                while "gate 1" in line and zone.later:
                    zone.later.pop(0)()
        said = "".join(printed)
        broken = []
        if process.returncode != report.code:
            broken.append(f"2: the command ends with {process.returncode}, the line with {report.code}: {said[-300:]}")
        if "Traceback" in said or "_duckdb" in said:
            broken.append(f"1: the command prints {said[-400:]}")
        return broken
