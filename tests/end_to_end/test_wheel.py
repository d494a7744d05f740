"""The package as a bank installs it: built, installed outside the checkout, and run in a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.house import TIMEOUT, clean_environment

from expectations.project import PROJECT_ROOT
from orchestration.code_version import code_version

pytestmark = pytest.mark.slow

# Notes every file or folder of the checkout that any process opens, other than the libraries in its environment.
WATCH = """
import os, sys
CHECKOUT, LIBRARIES, NOTES = {checkout!r}, {libraries!r}, {notes!r}
def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if path.startswith(CHECKOUT + os.sep) and not path.startswith(LIBRARIES + os.sep):
            handle = os.open(NOTES, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(handle, (path + chr(10)).encode())
            os.close(handle)
sys.addaudithook(note)
"""


class Installed:
    """An environment with the built package, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "environment" / "bin" / "python"
        self.project = folder / "project"
        self.notes = folder / "opened"

    def run(self, *command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the project, or elsewhere."""
        program, *arguments = map(str, command)
        return subprocess.run(
            [self.python.with_name(program), *arguments],
            env=clean_environment(),
            cwd=cwd or self.project,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def done(self, *command: object, cwd: Path | None = None) -> str:
        """Run a command that must succeed; return what it prints."""
        ended = self.run(*command, cwd=cwd)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def package(self) -> dict[str, int]:
        """File of the installed package -> time of its last change, without bytecode."""
        place = Path(self.done("python", "-c", "import fenceng; print(fenceng.__path__[0])", cwd=self.folder).strip())
        return {
            str(file): file.stat().st_mtime_ns
            for room in ("fenceng", "orchestration", "expectations")
            for file in (place.parent / room).rglob("*")
            if file.suffix != ".pyc" and file.name != "__pycache__" and file.is_file()
        }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The package, built and installed without a network; the libraries are those of the tests' environment."""
    own = Installed(tmp_path_factory.mktemp("wheel"))
    uv = [str(Path(sys.executable).with_name("uv"))]
    build = ["build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", str(own.folder)]
    subprocess.run([*uv, *build, str(PROJECT_ROOT)], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own.folder / "environment"], check=True)
    (wheel,) = own.folder.glob("*.whl")
    install = ["pip", "install", "--no-deps", "--offline", "--python", str(own.python), str(wheel)]
    subprocess.run([*uv, *install], check=True, capture_output=True)
    libraries = Path(sysconfig.get_path("purelib"))
    site = Path(
        own.done("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=own.folder).strip()
    )
    # A path alone: the editable install of the checkout beside these libraries stays out.
    (site / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    # As installing dbt-core into this environment would leave it.
    dbt = own.python.with_name("dbt")
    dbt.write_text(f"#!{own.python}\nfrom dbt.cli.main import cli\ncli()\n", encoding="utf-8")
    dbt.chmod(0o755)
    watch = WATCH.format(checkout=str(PROJECT_ROOT), libraries=str(Path(sys.prefix)), notes=str(own.notes))
    (site / "sitecustomize.py").write_text(watch, encoding="utf-8")
    yield own


def test_the_package_runs_outside_the_checkout(installed: Installed) -> None:
    run, project = installed.done, installed.project
    before = installed.package()
    run("fenceng", "init", project, cwd=installed.folder)
    run("fenceng", "sample", "--customers", 300, "--from", "2026-10-31", "--to", "2026-11-02")
    assert "sound" in run("fenceng", "policy", "lint")
    run("fenceng", "refresh", "--date", "2026-11-02")
    current = project / "var" / "output" / "published" / "current"
    manifest = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["code_version"] == code_version(), "the same code in a checkout"
    assert "2026-11-02" in run("fenceng", "show")
    run("fenceng", "doctor")
    assert "identical" in run("fenceng", "verify", "--month", "2026-11")
    load = "from orchestration.definitions import defs; print(defs.resolve_job_def('refresh').name)"
    assert run("python", "-c", load).strip() == "refresh"
    assert installed.package() == before, "nothing is written into the package"
    opened = installed.notes.read_text(encoding="utf-8") if installed.notes.exists() else ""
    assert opened == "", "nothing of the checkout is read"


def test_rows_and_settings_are_those_of_the_project(installed: Installed, tmp_path: Path) -> None:
    project = tmp_path / "project"
    installed.done("fenceng", "init", project, cwd=tmp_path)
    tiers = project / "seeds" / "policy" / "policy_tier.csv"
    tiers.write_text(tiers.read_text(encoding="utf-8").replace("T1,", "T1 ,", 1), encoding="utf-8")
    below = project / "seeds" / "policy"
    linted = installed.run("fenceng", "policy", "lint", cwd=below)
    assert (linted.returncode, "seeds/policy/policy_tier.csv" in linted.stdout + linted.stderr) == (3, True)
    with (project / "fenceng.env").open("a", encoding="utf-8") as handle:
        handle.write("FENCENG_OUTPUT=elsewhere\n")
    assert str(project / "elsewhere") in installed.run("fenceng", "show", cwd=below).stderr
    with (project / "fenceng.env").open("a", encoding="utf-8") as handle:
        handle.write("FENCENG_OUTPT=x\n")
    assert "unknown setting FENCENG_OUTPT" in installed.run("fenceng", "show", cwd=project).stderr


def test_without_a_project_a_sentence_says_how_to_get_one(installed: Installed, tmp_path: Path) -> None:
    for command in (("policy", "lint"), ("show",), ("refresh", "--date", "2026-11-02")):
        ended = installed.run("fenceng", *command, cwd=tmp_path)
        assert (ended.returncode, "`fenceng init FOLDER` makes one" in ended.stderr) == (2, True), ended.stderr
    assert "init" in installed.done("fenceng", "--help", cwd=tmp_path)
    assert not list(tmp_path.iterdir()), "nothing is written"


def test_a_change_of_the_project_is_compared_by_revision(installed: Installed, tmp_path: Path) -> None:
    project = tmp_path / "project"
    installed.done("fenceng", "init", project, cwd=tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(project)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "rows"], check=True, env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull})
    printed = installed.done("fenceng", "policy", "diff", "HEAD@2026-11-02", "2026-11-02", cwd=project)
    assert "no" in printed.lower()
