"""`make fuzz`: many damages in sequence, and a summary of the results."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from expectations.project import PROJECT_ROOT
from fenceng.sample import write_sample
from orchestration.refresh import Outcome, run_refresh
from orchestration.settings import Settings

from . import workers
from .alike import try_one
from .fuzzer import CUSTOMERS, DAY, Fuzzer, Report, sound_zones

EVERY = 100


def main() -> int:
    """Exit code 1 if a statement was broken."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--number", type=int, default=0, help="the first one")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--files", type=int, help="single damaged files for both readers; --count by default")
    parser.add_argument("--marts", type=int, default=1, help="build the marts for one damage in this many")
    parser.add_argument("--report", type=Path, default=PROJECT_ROOT / "var" / "fuzz.jsonl")
    parser.add_argument("--keep", type=Path, help="where to leave the damaged zone, to inspect one damage")
    parser.add_argument("--command", action="store_true", help="refresh each with the real command too")
    options = parser.parse_args()
    options.report.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    outcomes: Counter[tuple[str, int]] = Counter()
    broken, marts = 0, 0
    with tempfile.TemporaryDirectory(prefix="fenceng-fuzz-") as name, options.report.open("a", encoding="utf-8") as log:
        work = Path(name)
        published = _published(work)
        numbers = range(options.number, options.number + options.count)
        for done, report in enumerate(_reports(work, published, options, numbers), start=1):
            outcomes.update((kind, report.code) for kind in report.kinds)
            marts += report.with_marts
            if report.broken:
                broken += 1
                print(f"{report.name} {'+'.join(report.kinds)}\n    " + "\n    ".join(report.broken + report.notes))
                log.write(json.dumps(asdict(report), ensure_ascii=True) + "\n")
                log.flush()
            if done % EVERY == 0:
                print(f"{done} of {len(numbers)}, {broken} broken, {time.monotonic() - began:.0f} s", flush=True)
        if options.keep:
            shutil.copytree(work / "1" / "zone", options.keep, symlinks=True)
        files = options.count if options.files is None else options.files
        unlike = _read_alike(work, options.seed, range(options.number, options.number + files))
    _print_summary(outcomes)
    print(f"{options.count} damages, {broken} broke a statement, {marts} with marts, {time.monotonic() - began:.0f} s")
    print(f"{files} single files, {unlike} read differently by the reference")
    return 1 if broken or unlike else 0


def _read_alike(work: Path, seed: int, numbers: range) -> int:
    """Single damaged files that the two readers read differently."""
    sound, unlike = sound_zones(work), 0
    for number in numbers:
        zone, found = try_one(sound, work / "file", seed, number)
        if found:
            unlike += 1
            print(f"SEED={seed} NUMBER={number} COUNT=0 FILES=1\n    " + "\n    ".join(found + zone.log), flush=True)
    return unlike


def _reports(work: Path, published: Path, options: argparse.Namespace, numbers: range) -> Iterator[Report]:
    if options.processes == 1:
        yield from _run_all(work / "1", published, options, numbers)
        return
    # spawn: a fork would copy the locks of DuckDB's threads.
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn"), initializer=workers.begin,
                             initargs=(work, published, options)) as pool:  # fmt: skip
        yield from pool.map(workers.run_one, numbers, chunksize=10)


def _run_all(folder: Path, published: Path, options: argparse.Namespace, numbers: range) -> Iterator[Report]:
    fuzzer = Fuzzer(folder, published)
    for number in numbers:
        yield workers.run(fuzzer, options, number)


def _published(work: Path) -> Path:
    """A release of the sample bank for the day before, for its compiled models and the month before."""
    settings = Settings(landing=work / "first", output=work / "output")
    day = DAY - timedelta(1)
    write_sample(settings.landing, customers=CUSTOMERS, first=day, last=day)
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.chdir(PROJECT_ROOT),
        contextlib.redirect_stdout(nowhere),
    ):
        result = run_refresh(settings, day, lambda station: None)
    if result.outcome is not Outcome.PUBLISHED:
        raise SystemExit(f"the sound zone is not published: {result.error or result.findings}")
    return settings.published


def _print_summary(outcomes: Counter[tuple[str, int]]) -> None:
    kinds = sorted({kind for kind, _ in outcomes})
    codes = sorted({code for _, code in outcomes})
    print("kind".ljust(34) + "".join(f"exit {code}".rjust(9) for code in codes))
    for kind in kinds:
        print(kind.ljust(34) + "".join(str(outcomes[kind, code]).rjust(9) for code in codes))


if __name__ == "__main__":
    raise SystemExit(main())
