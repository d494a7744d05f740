"""`fenceng serve-postgres`: what it prints, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import pytest
from support.house import House
from support.postgres import Server, running_server

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


def test_it_says_what_was_loaded_and_what_was_there(server: Server, fenceng: Run, published_bank: House) -> None:
    env = {"FENCENG_POSTGRES_URL": server.url("loader")}
    output = ("--output", published_bank.settings.output)
    first = fenceng("serve-postgres", *output, env=env)
    assert first.returncode == 0, first.stderr
    assert "dim_customer" in first.stdout
    assert "is shown: " in first.stdout
    again = fenceng("serve-postgres", *output, "--lang", "zh", env=env)
    assert "已生效：本次装载0个文件（0行），沿用" in again.stdout


def test_wrong_use_and_failures_have_their_exit_codes(fenceng: Run, published_bank: House) -> None:
    output = ("--output", published_bank.settings.output)
    unset = fenceng("serve-postgres", *output)
    assert (unset.returncode, "FENCENG_POSTGRES_URL is not set" in unset.stderr) == (2, True)
    url = "postgresql://loader:secret@127.0.0.1:1/bank"
    failed = fenceng("serve-postgres", *output, env={"FENCENG_POSTGRES_URL": url})
    assert failed.returncode == 1
    assert "failed: no connection to database bank on 127.0.0.1" in failed.stderr
    assert "secret" not in failed.stdout + failed.stderr
