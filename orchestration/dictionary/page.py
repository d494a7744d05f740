"""The page of the dictionary: one file that asks nothing of any server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from expectations.yaml_files import read_yaml
from orchestration.dictionary import FILE
from orchestration.dictionary.catalogue import (
    DELIVERED,
    KINDS,
    MART,
    ROW_CURRENCY,
    Catalogue,
    Node,
    Table,
    catalogue_of,
)
from orchestration.report import FOLDER, formats
from orchestration.report.html import script_hash, shown
from orchestration.report.labels import Text
from orchestration.store.releases import Release

_HERE = Path(__file__).parent
# More codes than these are folded up.
FEW_CODES = 8


@dataclass(frozen=True)
class Links:
    """Files beside the page, as links: (word, file)."""

    files: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Said:
    """What the foot of the page says of the release."""

    release_id: str
    business_date: date
    policy_version: str
    code_version: str


def write_dictionary(release: Release, manifest: Mapping[str, Any], said: Said, on: date, language: str) -> Path:
    """Write the dictionary of a release whose views stand, beside its page; return the file.

    manifest: dbt's. on: the date whose policy rows and labels are used. Raises OSError, duckdb.Error, UnreadableError.
    """
    file = release.folder / FOLDER / FILE
    file.parent.mkdir(exist_ok=True)
    links = Links([("back", "index.html")])
    file.write_text(render(catalogue_of(release, manifest, on), said, language, links), encoding="utf-8")
    return file


def render(catalogue: Catalogue, said: Said, language: str, links: Links) -> str:
    """The page. language: the one it opens in."""
    script, style = _text("dictionary.js"), _report_style() + _text("dictionary.css")
    page: str = _template().render(
        catalogue=catalogue,
        said=said,
        language=language,
        links=links.files,
        total=sum(len(table.columns) for table in (*catalogue.delivered, *catalogue.marts)),
        models=_models(catalogue),
        used_by=_users(catalogue),
        tables={table.node: table for table in (*catalogue.delivered, *catalogue.marts)},
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        hash=script_hash(script),
    )
    return page


def _models(catalogue: Catalogue) -> dict[str, list[Node]]:
    """Kind -> its nodes by name, without delivered and published tables, which have entries of their own."""
    kinds = [kind for kind in KINDS if kind not in (DELIVERED, MART)]
    nodes = sorted(catalogue.nodes.values(), key=lambda node: node.name)
    return {kind: [node for node in nodes if node.kind == kind] for kind in kinds}


def _users(catalogue: Catalogue) -> dict[str, list[tuple[Table, str]]]:
    """Clause -> the published columns that rest on it."""
    users: dict[str, list[tuple[Table, str]]] = {}
    for table in catalogue.marts:
        for column in table.columns:
            for ref in column.clauses:
                users.setdefault(ref, []).append((table, column.name))
    return users


def _unit(catalogue: Catalogue, unit: str) -> Text:
    return words()["unit_currency"] if unit == ROW_CURRENCY else catalogue.units.get(unit, Text(unit, unit))


def _by_kind(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    return {kind: found for kind in KINDS if (found := [node for node in nodes if node.kind == kind])}


@cache
def words() -> Mapping[str, Text]:
    """The phrases of the page by name."""
    return {name: Text(str(one["en"]), str(one["zh"])) for name, one in read_yaml(_HERE / "words.yml").items()}


def _say(name: str, *values: Any) -> Markup:
    phrase = words()[name]
    english, chinese = (
        phrase.of(language).format(*(one.of(language) if isinstance(one, Text) else one for one in values))
        for language in ("en", "zh")
    )
    return shown(Text(english, chinese))


@cache
def _text(name: str) -> str:
    return (_HERE / "templates" / name).read_text(encoding="utf-8")


@cache
def _report_style() -> str:
    return (_HERE.parent / "report" / "templates" / "page.css").read_text(encoding="utf-8")


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "say": _say,
        "both": shown,
        "text": lambda name: words()[name],
        "unit": _unit,
        "day": formats.day,
        "by_kind": _by_kind,
        "plain": Text,
        "FEW_CODES": FEW_CODES,
        "MART": MART,
        "DELIVERED": DELIVERED,
    }
    return environment.get_template("dictionary.html.j2")
