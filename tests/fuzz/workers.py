"""Code for the processes of `make fuzz`; a separate module, since a spawned process can't import the main one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .fuzzer import Fuzzer, Report

_here: list[tuple[Fuzzer, argparse.Namespace]] = []


def begin(work: Path, published: Path, options: argparse.Namespace) -> None:
    """Create this process's fuzzer."""
    _here.append((Fuzzer(work / str(os.getpid()), published), options))


def run_one(number: int) -> Report:
    """Run a damage in this process."""
    return run(*_here[0], number)


def run(fuzzer: Fuzzer, options: argparse.Namespace, number: int) -> Report:
    """Run a damage with the options."""
    is_built = number % options.marts == 0
    return fuzzer.run(options.seed, number, marts=is_built, command=True if options.command else None)
