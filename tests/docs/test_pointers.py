"""What the documents point to exists, and nothing points outside the project."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.project import PROJECT_ROOT

SEMANTICS = PROJECT_ROOT / "docs/semantics.md"
# Text files that are not the project's prose.
UNREAD = {".svg", ".png", ".lock"}


def _files() -> list[Path]:
    """Every file of the project that git would track; all files if the copy is not a git repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := PROJECT_ROOT / name).is_file()]
    hidden = {".venv", "var", "__pycache__"}
    return [path for path in PROJECT_ROOT.rglob("*") if path.is_file() and not hidden & set(path.parts)]


FILES = [path for path in _files() if path.suffix not in UNREAD]
DOCUMENTS = [path for path in FILES if path.suffix == ".md"]


def _anchors(text: str) -> set[str]:
    """The anchors that GitHub generates for a document's headings."""
    headings = re.findall(r"^#+ (.+)$", _without_code(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def _links(document: Path) -> Iterator[tuple[Path, str]]:
    """Target file and anchor of each link inside the project."""
    text = re.sub(r"`[^`]*`", "", _without_code(document.read_text(encoding="utf-8")))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            file, _, anchor = target.partition("#")
            yield (document.parent / file).resolve() if file else document, anchor


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for target, anchor in _links(document):
        assert target.is_relative_to(PROJECT_ROOT), f"{target} lies outside the project"
        assert target.exists(), target
        if anchor:
            assert anchor in _anchors(target.read_text(encoding="utf-8")), f"{target.name}#{anchor}"


def test_every_paragraph_of_the_semantics_that_is_cited_exists() -> None:
    paragraphs = re.findall(r"^\*\*(\d+\.\d+)\*\*", SEMANTICS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(paragraphs) > 50
    assert sorted(set(paragraphs)) == sorted(paragraphs)
    cited = [
        (path, number)
        for path in FILES
        for number in re.findall(r"semantics\.md(?:\)| )+(\d+\.\d+)", path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert cited
    assert [(path, number) for path, number in cited if number not in paragraphs] == []


def test_the_semantics_are_numbered_without_a_gap() -> None:
    found = re.findall(r"^\*\*(\d+)\.(\d+)\*\*", SEMANTICS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections: dict[int, list[int]] = {}
    for section, number in found:
        sections.setdefault(int(section), []).append(int(number))
    assert list(sections) == list(range(1, len(sections) + 1))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in sections.values())


def test_nothing_points_to_a_folder_beside_the_project() -> None:
    """Outsiders have only the repository."""
    outside = re.compile(r"(?:\.\./)+shared\b|(?<!docs/)(?<![(\[])\bsemantics\.md|\braw\.yml")
    found = {
        f"{path.relative_to(PROJECT_ROOT).as_posix()}: {hit[0]}"
        for path in FILES
        if path != Path(__file__).resolve()
        for hit in outside.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    }
    assert found == set()
