"""The two READMEs, rendered: the same sections, tables, code and links, so that neither language lacks anything."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from expectations.project import PROJECT_ROOT

MARKDOWN = MarkdownIt("commonmark").enable("table")


def structure(text: str) -> list[str]:
    """What a page consists of, in order, without its words."""
    found = []
    cells = 0
    for token in MARKDOWN.parse(text):
        if token.type == "heading_open":
            found.append(token.tag)
        elif token.type in ("bullet_list_open", "list_item_open", "table_open", "blockquote_open"):
            found.append(token.type.removesuffix("_open"))
        elif token.type == "fence":
            found.append(f"code {token.info}")
        elif token.type == "tr_open":
            cells = 0
        elif token.type in ("th_open", "td_open"):
            cells += 1
        elif token.type == "tr_close":
            found.append(f"row of {cells}")
        for child in token.children or ():
            if child.type in ("link_open", "image"):
                found.append(f"{child.type} {child.attrs.get('href') or child.attrs.get('src')}")
    return found


def without_links(found: list[str]) -> list[str]:
    return [one for one in found if not one.startswith("link")]


def links(found: list[str]) -> set[str]:
    return {one for one in found if one.startswith("link")}


PAGES = {name: (PROJECT_ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")}


def test_both_have_the_same_structure() -> None:
    english, chinese = map(structure, PAGES.values())
    assert without_links(english) == without_links(chinese)


def test_both_link_to_the_same_pages() -> None:
    english, chinese = (links(structure(text)) for text in PAGES.values())
    assert english - {"link_open README.zh-CN.md"} == chinese - {"link_open README.md"}


@pytest.mark.parametrize("name", PAGES)
def test_no_table_is_broken(name: str) -> None:
    """A row that a full-width character breaks is rendered as text with bars."""
    texts = [token.content for token in MARKDOWN.parse(PAGES[name]) if token.type == "inline"]
    assert not [text for text in texts if re.search(r"^\||\|$|\|---", text)]


def test_a_broken_table_is_found() -> None:
    broken = PAGES["README.zh-CN.md"].replace("|---|---|\n", "|---|---：|\n", 1)
    assert broken != PAGES["README.zh-CN.md"]
    assert without_links(structure(broken)) != without_links(structure(PAGES["README.md"]))
