"""The container, the workflow and the hooks fit the project: checked as files, without a daemon."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from expectations.project import PROJECT_ROOT

DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
INSTRUCTIONS = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]
PROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))


def _yaml(name: str) -> Mapping[Any, Any]:
    loaded: Mapping[Any, Any] = yaml.safe_load((PROJECT_ROOT / name).read_text(encoding="utf-8"))
    return loaded


def _pythons() -> list[str]:
    """The versions that requires-python allows."""
    bounds = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["project"]["requires-python"])
    assert bounds
    return [f"3.{minor}" for minor in range(int(bounds[1]), int(bounds[2]))]


def _given(instruction: str) -> list[str]:
    return [text for name, text in INSTRUCTIONS if name == instruction]


# --- the image ---


def test_the_image_has_a_python_of_the_project_and_installs_by_hash() -> None:
    [image] = _given("FROM")
    found = re.fullmatch(r"python:(3\.\d+)-slim-\w+", image)
    assert found
    assert found[1] in _pythons()
    installs = [text for text in _given("RUN") if "pip install" in text]
    assert installs[0] == "pip install --require-hashes -r requirements.run.lock"
    # Only the project itself is not in the lock file.
    assert all("--no-deps" in text and text.endswith(" .") for text in installs[1:])


def test_the_lock_of_the_image_is_the_other_one_without_tests_and_lints() -> None:
    full, image = (
        dict(
            re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", (PROJECT_ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
        )
        for file in ("requirements.lock", "requirements.run.lock")
    )
    assert {name: full.get(name) for name in image} == image
    groups = PROJECT["dependency-groups"]
    tools = {re.split(r"[>=<]", name)[0].lower() for name in (*groups["test"], *groups["lint"])}
    assert tools <= full.keys()
    # rich, which prints for the commands, reads Markdown with it too.
    assert not (tools - {"markdown-it-py"}) & image.keys()


def test_the_image_copies_what_the_project_needs_and_what_is_there() -> None:
    sources = {source for text in _given("COPY") for source in text.split()[:-1]}
    assert {"requirements.run.lock", "dbt_project", "seeds"} <= sources
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]) <= sources
    assert [source for source in sources if not (PROJECT_ROOT / source).exists()] == []
    ignored = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    board = (PROJECT_ROOT / "deploy" / "board.Dockerfile").read_text(encoding="utf-8")
    sources |= {word for line in re.findall(r"^COPY (.+) \S+$", board, re.M) for word in line.split()}
    assert sources == {line[1:] for line in ignored if line.startswith("!")}


def test_the_image_runs_the_command_without_privileges() -> None:
    names = [name for name, _ in INSTRUCTIONS]
    [user] = _given("USER")
    assert int(user.split(":")[0]) > 0
    assert names.index("USER") < names.index("ENTRYPOINT")
    [entrypoint] = _given("ENTRYPOINT")
    assert yaml.safe_load(entrypoint)[0] in PROJECT["project"]["scripts"]


def test_the_services_mount_the_folders_that_the_image_reads_and_writes() -> None:
    variables = dict(word.split("=", 1) for text in _given("ENV") for word in shlex.split(text))
    services = [one for one in _yaml("compose.yaml")["services"].values() if one["image"] == "fenceng"]
    assert len(services) == 3
    for service in services:
        mounts = {mount.removesuffix(":ro").rsplit(":", 1)[1]: mount.endswith(":ro") for mount in service["volumes"]}
        assert mounts[variables["FENCENG_LANDING"]], "the landing zone is only read"
        assert not mounts[variables["FENCENG_OUTPUT"]]
        assert service["read_only"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), "the pages have no login"


# --- the workflow ---


def test_the_workflow_runs_the_script_of_ci_with_every_python() -> None:
    workflow = _yaml(".github/workflows/ci.yml")
    [job] = workflow["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == _pythons()
    script, nightly = [step for step in job["steps"] if "run" in step]
    assert script["run"] == "bash .ci/run"
    assert "if" not in script
    assert (nightly["run"], nightly["if"]) == ("make test-nightly", "github.event_name == 'schedule'")
    assert (PROJECT_ROOT / ".ci/run").is_file()
    assert workflow["permissions"] == {"contents": "read"}


# --- the hooks ---

HOOKS: Mapping[str, Mapping[str, Any]] = {
    hook["id"]: hook for repo in _yaml(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]
}


def test_no_hook_downloads_anything() -> None:
    assert {repo["repo"] for repo in _yaml(".pre-commit-config.yaml")["repos"]} == {"local"}
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_calls_a_target_or_a_tool_of_the_environment(hook: str) -> None:
    command, argument, *_ = shlex.split(HOOKS[hook]["entry"])
    if command == "make":
        assert argument in TARGETS
        return
    tool = command.removeprefix(".venv/bin/")
    assert tool != command
    locked = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(rf"^{tool}==", locked, flags=re.MULTILINE)


def test_the_hooks_watch_files_that_are_there() -> None:
    files = [
        path.relative_to(PROJECT_ROOT).as_posix()
        for folder in ("dbt_project", "expectations", "seeds", "fenceng", "docs", "tests/seeds")
        for path in (PROJECT_ROOT / folder).rglob("*")
    ]
    for hook in HOOKS.values():
        if "files" in hook:
            assert any(re.search(hook["files"], name) for name in files), hook["files"]
