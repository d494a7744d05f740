"""The pages of a release: the numbers of the marts, nothing of a person, and drawn by a browser without a request."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.browser import chromium, open_page, print_page
from support.house import House, read_rows

from orchestration.report.figures import Row, figures_of, plain, read_bank
from orchestration.report.labels import labels_of
from orchestration.report.page import about, render, write_report
from orchestration.settings import Settings
from orchestration.store.releases import Release

OCTOBER, NOVEMBER, AS_OF = date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 2)

needs_chromium = pytest.mark.skipif(chromium() is None, reason="no Chromium is installed")


def figures_in(file: Path) -> Row:
    """The figures of a page, as whoever reads its JSON block finds them."""
    found = re.search(
        r'<script type="application/json" id="figures">(.*?)</script>', file.read_text(encoding="utf-8"), re.S
    )
    assert found
    figures: Row = json.loads(found[1])
    return figures


@pytest.fixture(scope="module")
def release(published_bank: House) -> Release:
    return Release((published_bank.published / "current").resolve())


def write_again(release: Release, folder: Path, **settings: Any) -> Path:
    """Write pages of a release under other settings, beside links to its files; return their folder."""
    folder.mkdir()
    for part in release.folder.iterdir():
        if part.name != "report":
            os.symlink(part, folder / part.name)
    manifest = release.manifest()
    write_report(Release(folder), about(manifest, AS_OF, AS_OF), Settings(folder, folder, **settings))
    return folder / "report"


@pytest.fixture(scope="module")
def pages(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the bank, of its branches and of its outlets, in English."""
    folder = tmp_path_factory.mktemp("pages") / "release"
    return write_again(release, folder, report_pages="outlets", report_language="en")


@pytest.fixture(scope="module")
def index(release: Release) -> Row:
    """The figures of the page that the refresh published."""
    return figures_in(release.folder / "report" / "index.html")


@pytest.fixture(scope="module")
def outlet(release: Release) -> str:
    """The outlet with most customers."""
    found = read_rows(
        release.database,
        "select lead_org_id from marts.fct_customer_tier_monthly where policy_month = '2026-11-01'"
        " group by all order by count(*) desc, lead_org_id limit 1",
    )
    return str(found[0]["lead_org_id"])


def asked(release: Release, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


# ------------------------------------------------------------------ the same numbers as the marts


def tiers_by_hand(release: Release, condition: str) -> dict[str, list[float]]:
    """Tier -> customers, their assets, customers before, arrived, risen, fallen, gone; customer by customer."""
    rows = {
        month: {
            customer: (tier, rank, segment, assets)
            for customer, tier, rank, segment, assets in asked(
                release,
                "select customer_id, tier_code, tier_rank, segment, financial_assets"
                f" from marts.fct_customer_tier_monthly where policy_month = date '{month}' and {condition}",
            )
        }
        for month in (OCTOBER, NOVEMBER)
    }
    before, now = rows[OCTOBER], rows[NOVEMBER]
    found: dict[str, list[Any]] = {}

    def at(tier: str) -> list[Any]:
        return found.setdefault(tier, [0, Decimal(0), 0, 0, 0, 0, 0])

    for customer, (tier, rank, segment, assets) in now.items():
        at(tier)[0] += 1
        at(tier)[1] += assets
        former = before.get(customer)
        if former is None or former[2] != segment:
            at(tier)[3] += 1
        elif former[0] != tier:
            at(tier)[4 if rank < former[1] else 5] += 1
    for customer, (tier, _, segment, _) in before.items():
        at(tier)[2] += 1
        if customer not in now or now[customer][0] != tier or now[customer][2] != segment:
            at(tier)[6] += 1
    return {tier: [plain(value) for value in values] for tier, values in found.items()}


COLUMNS = ("customers", "financial_assets", "customers_before", "arrived", "risen", "fallen", "gone")


@pytest.mark.parametrize("scope", ["bank", "outlet"])
def test_tiers_and_moves_are_those_of_the_marts(
    release: Release, pages: Path, index: Row, outlet: str, scope: str
) -> None:
    figures = index if scope == "bank" else figures_in(pages / f"{outlet}.html")
    by_hand = tiers_by_hand(release, "true" if scope == "bank" else f"lead_org_id = '{outlet}'")
    shown = {tier["tier_code"]: [tier[name] for name in COLUMNS] for tier in figures["tiers"]}
    assert {tier: values for tier, values in shown.items() if any(values)} == by_hand
    assert sum(values[0] for values in by_hand.values()) > 50
    assert sum(values[4] + values[5] + values[6] for values in by_hand.values()) > 0
    for tier in figures["tiers"]:
        come = tier["customers_before"] + tier["arrived"] + tier["risen"] + tier["fallen"] - tier["gone"]
        assert come == tier["customers"]
    everybody = figures["tier_totals"][-1]
    assert everybody["customers"] == sum(values[0] for values in by_hand.values())


@pytest.mark.parametrize("scope", ["bank", "outlet"])
def test_duties_are_those_of_the_obligations(
    release: Release, pages: Path, index: Row, outlet: str, scope: str
) -> None:
    figures = index if scope == "bank" else figures_in(pages / f"{outlet}.html")
    inside = "true" if scope == "bank" else f"lead_org_id = '{outlet}'"
    for which, month in (("closed", OCTOBER), ("hand", NOVEMBER)):
        by_hand = {
            group: list(counts)
            for group, *counts in asked(
                release,
                "select role_group, count(*) filter (where status = 'met'), count(*) filter (where status = 'open'),"
                " count(*) filter (where status = 'missed'), sum(shortfall)::bigint"
                f" from marts.fct_visit_obligation_monthly where policy_month = date '{month}' and {inside}"
                " and status <> 'excluded' group by all",
            )
        }
        shown = {row["role_group"]: row[which] for row in figures["roles"]}
        assert by_hand
        for group, counts in by_hand.items():
            assert [shown[group][name] for name in ("met", "open", "missed", "lacking")] == counts, (which, group)
        for name, place in (("met", 0), ("open", 1), ("missed", 2)):
            assert shown["all"][name] == sum(counts[place] for counts in by_hand.values())
        assert shown["all"]["judged"] == sum(sum(counts[:3]) for counts in by_hand.values())
        # What is open is not missed, and a closed month has nothing open.
        assert (shown["all"]["missed"] == 0) == (which == "hand")
        assert (shown["all"]["open"] == 0) == (which == "closed")
    closed = shown_rate = next(row for row in figures["roles"] if row["role_group"] == "all")["closed"]
    assert shown_rate["rate"] == pytest.approx(closed["met"] / closed["judged"])


def test_the_outlets_of_the_bank_are_named_and_counted(release: Release, index: Row) -> None:
    by_hand = {
        (name, met, missed)
        for name, met, missed in asked(
            release,
            "select org_name, count(*) filter (where status = 'met'), count(*) filter (where status = 'missed')"
            " from marts.fct_visit_obligation_monthly join marts.dim_organization on org_id = lead_org_id"
            " where policy_month = '2026-10-01' and org_level = 'outlet' group by all",
        )
    }
    shown = {
        (row["name"], row["closed"]["met"], row["closed"]["missed"]) for row in index["organizations"] if row["closed"]
    }
    assert shown == by_hand
    assert len(shown) > 1


@pytest.mark.parametrize("scope", ["bank", "outlet"])
def test_actions_are_those_of_the_list(release: Release, pages: Path, index: Row, outlet: str, scope: str) -> None:
    figures = index if scope == "bank" else figures_in(pages / f"{outlet}.html")
    inside = "true" if scope == "bank" else f"lead_org_id = '{outlet}'"
    by_hand = {
        kind: (listed, due)
        for kind, listed, due in asked(
            release,
            f"select action_kind, count(*), count(*) filter (where due_on <= date '{AS_OF}')"
            f" from marts.fct_customer_action where {inside} group by all",
        )
    }
    shown = {row["action_kind"]: (row["listed"], row["due"]) for row in figures["actions"] if row["listed"]}
    assert shown == by_hand
    assert figures["action_totals"]["due"] == sum(due for _, due in by_hand.values()) > 0
    dropped = asked(
        release,
        f"select sum(actions)::bigint from marts.fct_customer_action_count where outcome <> 'listed' and {inside}",
    )
    assert figures["action_totals"]["dropped"] == dropped[0][0]


def test_workload_concentration_and_rows_held_back_are_those_of_the_marts(release: Release, index: Row) -> None:
    shown = {row["role_group"]: (row["required_contacts"], row["possible_contacts"]) for row in index["workload"]}
    assert shown == {
        group: (plain(required), possible)
        for group, required, possible in asked(
            release,
            "select role_group, sum(required_contacts), sum(possible_contacts)::bigint"
            " from marts.fct_visit_capacity_monthly where policy_month = '2026-11-01' group by all",
        )
    }
    top = {row["group_code"]: row["value"] for row in index["concentration"] if row["measure"] == "financial_assets"}
    greatest = asked(
        release,
        "select financial_assets from marts.fct_customer_tier_monthly where policy_month = '2026-11-01'"
        " and segment = 'retail' order by financial_assets desc",
    )
    count = next(row["customers"] for row in index["concentration"] if row["group_code"] == "0.10")
    assert top["0.10"] == plain(sum(assets for (assets,) in greatest[:count]))
    held = asked(release, "select coalesce(sum(rows_held), 0)::bigint from marts.fct_quarantine")
    assert index["held_back_total"] == held[0][0]


def test_the_trend_has_every_published_month(release: Release, index: Row) -> None:
    by_hand = asked(
        release,
        "select policy_month, count(*), sum(financial_assets) from marts.fct_customer_tier_monthly"
        " group by all order by all",
    )
    shown = [(row["month"], row["customers"], row["financial_assets"]) for row in index["trend"]]
    assert shown == [(month.isoformat(), customers, plain(assets)) for month, customers, assets in by_hand]
    assert [row["is_closed"] for row in index["trend"]] == [True, False]


# ------------------------------------------------------------------ what a page is


def test_the_page_is_part_of_the_sealed_release(release: Release) -> None:
    page = release.folder / "report" / "index.html"
    assert release.manifest()["files"]["report/index.html"]["bytes"] == page.stat().st_size
    assert page.stat().st_size < 1_200_000
    assert page.stat().st_mode & 0o222 == 0
    # By default the bank has a page and nobody else.
    assert sorted(file.name for file in page.parent.iterdir()) == ["dictionary.html", "index.html"]


def test_branches_and_outlets_have_pages_if_asked_for(release: Release, pages: Path, tmp_path: Path) -> None:
    levels = dict(asked(release, "select org_id, org_level from marts.dim_organization"))
    shown = {levels[file.stem] for file in pages.glob("*.html") if file.stem != "index"}
    assert {"branch", "outlet"} <= shown
    branches = write_again(release, tmp_path / "branches", report_pages="branches")
    assert {levels[file.stem] for file in branches.glob("ORG-*.html")} <= {"branch", "province_branch"}


def test_no_page_tells_of_a_person(release: Release, pages: Path) -> None:
    told = {
        word for file in pages.glob("*.html") for word in re.findall(r"[\w-]{4,}", file.read_text(encoding="utf-8"))
    }
    people = asked(
        release, "select customer_id from marts.dim_customer union all select employee_id from marts.dim_employee"
    )
    assert len(people) > 300
    assert "ORG-O00001" in told
    assert told & {one for (one,) in people} == set()


class Outline(HTMLParser):
    """Headings, tables and what could ask for something, of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tables: list[dict[str, int]] = []
        self.nameless: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "table":
            self.tables.append({"th": 0, "scoped": 0})
        if tag == "th":
            self.tables[-1]["th"] += 1
            self.tables[-1]["scoped"] += "scope" in given
        if given.get("role") == "img" and not given.get("aria-label"):
            self.nameless.append(tag)


def test_a_page_asks_for_nothing_and_has_a_structure(pages: Path, outlet: str) -> None:
    for name in ("index", outlet):
        text = (pages / f"{name}.html").read_text(encoding="utf-8")
        outline = Outline()
        outline.feed(text)
        # Pages of the same folder only.
        assert all(re.fullmatch(r"[\w-]+\.html", address) for address in outline.addresses), outline.addresses
        assert outline.headings[0] == "h1"
        assert outline.headings.count("h1") == 1
        assert outline.headings.count("h2") > 5
        assert all(table["th"] == table["scoped"] for table in outline.tables)
        assert outline.nameless == []
        assert "default-src 'none'" in text
        assert "unsafe-eval" not in text


def test_values_are_escaped(release: Release, pages: Path, outlet: str) -> None:
    bank = read_bank(release, AS_OF, ())
    figures = figures_of(bank, bank.root)
    evil = "</script><b>&\u2028"
    figures["organizations"][0]["name"] = evil
    figures |= {
        "release": figures_in(pages / "index.html")["release"], "not_delivered": [], "least_customers": None
    }  # fmt: skip
    text = render(figures, labels_of(release, AS_OF), "en", is_bank=True, pages=[])
    assert "<b>&" not in text
    assert "&lt;/script&gt;&lt;b&gt;&amp;" in text
    file = pages / "evil.html"
    file.write_text(text, encoding="utf-8")
    assert figures_in(file)["organizations"][0]["name"] == evil
    file.unlink()


def test_a_first_month_says_that_nothing_is_closed(release: Release, pages: Path) -> None:
    """The same release without its closed month."""
    bank = read_bank(release, AS_OF, ())
    alone = type(bank)(
        bank.root, bank.organizations, [bank.hand], bank.tiers, bank.by_scope, bank.duties, bank.actions,
        bank.hiring, bank.held_back,
    )  # fmt: skip
    figures = figures_of(alone, alone.root)
    assert (figures["months"]["closed"], figures["months"]["before"]) == (None, None)
    assert all(tier["risen"] is None for tier in figures["tiers"])
    figures |= {
        "release": figures_in(pages / "index.html")["release"], "not_delivered": [], "least_customers": None
    }  # fmt: skip
    text = render(figures, labels_of(release, AS_OF), "en", is_bank=True, pages=[])
    assert "No month is closed yet" in text
    assert "0.0%" not in text.partition('class="tiles"')[2].partition("</dl>")[0]


# ------------------------------------------------------------------ a browser


@needs_chromium
@pytest.mark.parametrize(
    ("fragment", "language", "word"),
    [("", "en", "Visit compliance"), ("#zh", "zh", "拜访达标情况"), ("?lang=zh", "zh", "已完成")],
)
def test_a_browser_draws_it_without_a_request(
    pages: Path, tmp_path: Path, fragment: str, language: str, word: str
) -> None:
    opened = open_page(pages / "index.html", tmp_path, fragment)
    assert opened.console == []
    assert opened.requests == []
    assert f'data-drawn="{language}"' in opened.dom
    charts = re.findall(r'data-chart="(\w+)".*?</figure>', opened.dom, re.S)
    drawn = re.findall(r'data-chart="\w+"(.*?)</figure>', opened.dom, re.S)
    assert len(charts) == len(set(charts)) == 10
    for name, chart in zip(charts, drawn, strict=True):
        marks = re.findall(r'<path [^>]*d="M[^"]+"[^>]*fill="#', chart)
        assert len(marks) > 1, name
    assert word in opened.dom


@needs_chromium
def test_the_browser_would_tell_of_a_request_and_of_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://example.invalid/a.png"><script>throw new Error("x")</script>', encoding="utf-8")
    opened = open_page(page, tmp_path)
    assert opened.requests == ["http://example.invalid/a.png"]
    assert len(opened.console) == 1


@needs_chromium
def test_it_prints(pages: Path, tmp_path: Path) -> None:
    printed = print_page(pages / "index.html", tmp_path)
    assert printed.startswith(b"%PDF")
    # A4 portrait, in points.
    assert re.search(rb"/MediaBox \[0 0 59[45][\d.]* 84[12]", printed)
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 10
