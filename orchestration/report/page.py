"""The pages of a release, written beside its marts: `report/index.html`, and one a branch or an outlet if asked for.

A page is one file: figures, charts and their library are in it, and it asks nothing of any server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from expectations.contract import load_contract
from expectations.policy.in_force import parameters
from expectations.policy.sheets import PolicyError
from orchestration.dictionary import FILE as DICTIONARY
from orchestration.report import FOLDER, INDEX, charts, formats
from orchestration.report.figures import ALL, VISIT_BEHIND, Row, figures_of, read_bank
from orchestration.report.html import script_hash, shown
from orchestration.report.labels import LANGUAGES, Labels, Text, labels_of, words
from orchestration.report.sharing import HIDDEN, hide_small
from orchestration.settings import Settings
from orchestration.store.releases import POLICY, Release

# What FENCENG_REPORT_PAGES adds to the page of the whole bank.
LEVELS: Mapping[str, Sequence[str]] = {
    "head_office": (),
    "branches": ("province_branch", "branch"),
    "outlets": ("province_branch", "branch", "sub_branch", "outlet"),
}
LANDING_TABLE = "landing_table"  # the set of codes of delivered tables
LEAST_CUSTOMERS = "shared_cell_minimum"  # of policy_parameter
_TEMPLATES = Path(__file__).with_name("templates")
_VEGA_LITE = "6.4"
# vega-embed brings the interpreter for which a page needs no `unsafe-eval`.
_LIBRARY = "window.fencengEmbed = vegaEmbed;"


@dataclass(frozen=True)
class About:
    """What a page says of its release. newest: the newest business date. delivered: the tables that were."""

    business_date: date
    newest: date
    known_on: str
    policy_version: str
    code_version: str
    delivered: Sequence[str]

    def as_row(self) -> Row:
        """As the page's data."""
        return {
            "business_date": self.business_date.isoformat(),
            "newest_business_date": self.newest.isoformat(),
            "known_on": self.known_on,
            "policy_version": self.policy_version,
            "code_version": self.code_version,
        }


def about(facts: Mapping[str, Any], business_date: date, newest: date) -> About:
    """What is said of a run, from the facts of its manifest."""
    return About(
        business_date,
        newest,
        facts["known_on"],
        facts["policy_version"],
        facts["code_version"],
        sorted(facts["delivered"]),
    )


def write_report(release: Release, said: About, settings: Settings) -> list[Path]:
    """Write the pages of a release whose views stand; return their files, the bank's first.

    Raises OSError, duckdb.Error, and PolicyError for rows that can't be read or for pages to be shared without a least
    count.
    """
    levels = LEVELS[settings.report_pages]
    bank = read_bank(release, said.newest, levels)
    labels = labels_of(release, said.newest)
    missing = [table for table in load_contract().tables if table not in said.delivered]
    # Figures of scopes share rows of the bank; JSON makes each page's its own before any is hidden.
    pages: dict[str, Row] = {scope: json.loads(json.dumps(figures_of(bank, scope))) for scope in bank.scopes_of(levels)}
    for page in pages.values():
        _sort_roles(page, labels)
    least = None
    if settings.report_shared:
        least = _least_customers(release, said.newest)
        above = {org_id: one.above for org_id, one in bank.organizations.items()}
        counts = [metric for metric, unit in labels.units.items() if unit == "customers"]
        hide_small(pages, above, least, counts)
    folder = release.folder / FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for scope, page in pages.items():
        page |= {
            "release": said.as_row() | {"release_id": release.release_id},
            "not_delivered": missing,
            "least_customers": least,
        }
        file = folder / (INDEX if scope == bank.root else f"{scope}.html")
        file.write_text(
            render(
                page,
                labels,
                settings.report_language,
                is_bank=scope == bank.root,
                pages=list(pages),
                # A page for sharing goes without its folder.
                dictionary=DICTIONARY if (folder / DICTIONARY).exists() and not settings.report_shared else None,
            ),
            encoding="utf-8",
        )
        written.append(file)
    return written


def _least_customers(release: Release, on: date) -> int:
    found = parameters(on, release.folder / POLICY).get(LEAST_CUSTOMERS)
    if found is None:
        raise PolicyError(f"pages are to be shared, but policy_parameter has no {LEAST_CUSTOMERS} in force on {on}")
    return int(float(found))


def _sort_roles(page: Row, labels: Labels) -> None:
    """Put role groups and roles into the order of the policy's rows, leaders first; all of them stay in front."""
    for rows, vocabulary in (("roles", "role_group"), ("workload", "role_group"), ("maintenance", "role")):
        order = {code: number for number, code in enumerate([ALL, *labels.order[vocabulary]])}
        page[rows].sort(key=lambda row, v=vocabulary, o=order: (o.get(row[v], len(o)), row[v]))


def render(
    figures: Row,
    labels: Labels,
    language: str,
    *,
    is_bank: bool,
    pages: Sequence[str],
    dictionary: str | None = None,
) -> str:
    """A page from its figures.

    language: the one it opens in. pages: the scopes that have a page. dictionary: the file that the page links to.
    """
    library, script, style = _library(), _text("page.js"), _text("page.css")
    figures = figures | {"charts": charts.rows_of(figures, labels)}
    page: str = _template().render(
        figures=figures,
        labels=labels,
        language=language,
        is_bank=is_bank,
        pages=set(pages),
        dictionary=dictionary,
        figures_json=_inlined(figures),
        charts_json=_specifications(),
        library=Markup(library),  # noqa: S704  from the package, checked by its hash in the lock
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        hashes=[script_hash(library), script_hash(script)],
    )
    return page


@cache
def _specifications() -> Markup:
    return _inlined({language: charts.specifications(language) for language in LANGUAGES})


@cache
def _library() -> str:
    bundle: str = vl_convert.javascript_bundle(_LIBRARY, vl_version=_VEGA_LITE)
    # Nothing in a script element may look like its end.
    return bundle.replace("</script", "<\\/script")


@cache
def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _inlined(value: Any) -> Markup:
    """JSON inside a script element: no `<` can end it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026").replace("\u2028", "\\u2028"))  # noqa: S704


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "say": _say,
        "number": lambda value: shown(formats.number(value)),
        "signed": lambda value: shown(formats.signed(value)),
        "percent": lambda value: shown(formats.percent(value)),
        "money": lambda value: shown(formats.money(value)),
        "month": formats.month,
        "day": formats.day,
        "both": shown,
        "top": charts.top,
        "capital": charts.capital,
        "behind": _behind,
        "held": charts.held,
        "change": _change,
        "known": formats.known,
        "text": lambda name: words()[name],
        "plain": Text,
        "number_text": formats.number,
        "signed_text": formats.signed,
        "main_measures": charts.main_measures,
        "filled": lambda name, *values: Text(*(_filled(words()[name], language, values) for language in LANGUAGES)),
        "change_text": lambda share: _same(f"{share:+.1%}".replace("-", "−")),
        "portion": _portion,
        "held_tables": _held_tables,
        "names": _table_names,
        "ALL": ALL,
    }
    return environment.get_template("page.html.j2")


def _say(name: str, *values: Any) -> Markup:
    """A phrase in both languages, filled with texts; the page shows the one that is chosen."""
    phrase = words()[name]
    return shown(Text(*(_filled(phrase, language, values) for language in LANGUAGES)))


def _filled(phrase: Text, language: str, values: Sequence[Any]) -> str:
    return phrase.of(language).format(*(one.of(language) if isinstance(one, Text) else one for one in values))


def _same(text: str) -> Text:
    return Text(text, text)


def _behind(figures: Row) -> Any:
    """Visits behind their pace, of the whole scope."""
    return next((row["listed"] for row in figures["actions"] if row["action_kind"] == VISIT_BEHIND), 0)


def _portion(part: Any, whole: Any) -> Any:
    if HIDDEN in (part, whole):
        return HIDDEN
    return part / whole if whole else None


def _held_tables(rows: Sequence[Row], labels: Labels) -> list[Row]:
    """The rows held back by table, the most first; hidden in sum if one of them is."""
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row["table_name"], []).append(row)
    found = []
    for table, own in tables.items():
        counts = [row["rows_held"] for row in own]
        held = HIDDEN if HIDDEN in counts else sum(counts)
        label = labels.of(LANDING_TABLE, table)
        found.append({"label": label, "rows_held": held, "reasons": _reasons(own), "table_name": table})
    return sorted(found, key=lambda row: (row["rows_held"] == HIDDEN, -_count(row["rows_held"]), row["table_name"]))


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _table_names(tables: Sequence[str], labels: Labels) -> Text:
    names = [labels.of(LANDING_TABLE, table) for table in tables]
    return Text(", ".join(name.en for name in names), "、".join(name.zh for name in names))


def _change(now: Any, before: Any) -> Any:
    """A change; unknown if either side is, hidden if either side is."""
    if now is None or before is None:
        return None
    return now - before if formats.known(now) and formats.known(before) else HIDDEN


def _reasons(rows: Sequence[Row]) -> Text:
    """Why rows of a table were held back, the most frequent reason first."""
    counts: dict[str, int] = {}
    for row in rows:
        kind = f"reason.{row['rule_id'].rsplit('.', 1)[-1]}"
        counts[kind] = counts.get(kind, 0) + (row["rows_held"] if formats.known(row["rows_held"]) else 0)
    ordered = sorted(counts, key=lambda kind: (-counts[kind], kind))
    names = [words().get(kind, Text(kind.removeprefix("reason."), kind.removeprefix("reason."))) for kind in ordered]
    return Text(
        ", ".join(
            name.en + (f" ({counts[kind]:,})" if counts[kind] else "")
            for name, kind in zip(names, ordered, strict=True)
        ),
        "、".join(
            name.zh + (f"（{counts[kind]:,}）" if counts[kind] else "")
            for name, kind in zip(names, ordered, strict=True)
        ),
    )
