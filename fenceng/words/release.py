"""What `fenceng show` and `fenceng refresh` print about a release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Column, Table

from fenceng.analysis.summary import Summary, summary_of
from fenceng.terminal import err, out
from fenceng.words.phrasebook import Language, Phrasebook
from orchestration.report import FOLDER, INDEX
from orchestration.settings import Settings
from orchestration.store.releases import CURRENT, Release, current_release

if TYPE_CHECKING:
    from orchestration.refresh import RefreshResult


def print_published(settings: Settings, release: Release, language: Language) -> None:
    """A release and its newest month: tiers, compliance, quarantine, versions."""
    summary = summary_of(release)
    book = Phrasebook("release", language)
    out.print(_tiers(summary, book))
    out.print(_compliance(summary, book))
    out.print(_quarantine(summary, book))
    print_release(settings, release.manifest(), book)


def print_release(settings: Settings, manifest: Mapping[str, Any], book: Phrasebook | None = None) -> None:
    """The release in force: its dates, rows and versions, from its manifest; in English without a book."""
    say = (book or Phrasebook("release", "en")).say
    delivered = manifest["delivered"].values()
    totals = {key: f"{sum(table[key] for table in delivered):,}" for key in ("received", "accepted", "quarantined")}
    current = escape(str(settings.published / "current"))
    out.print(f"[bold green]{say('in_force')}[/]{current} -> {manifest['release_id']}")
    out.print("  " + say("business_date", manifest["business_date"], manifest["newest_business_date"]))
    if manifest.get("known_on", manifest["business_date"]) > manifest["business_date"]:
        out.print("  " + say("known_on", manifest["known_on"]))
    if manifest["newest_business_date"] > manifest["business_date"]:
        out.print("  " + say("later_months"))
    out.print("  " + say("totals", **totals))
    for name, rows in manifest["rows"].items():
        out.print(f"  {name:<42} {rows:>12,}")
    out.print("  " + say("policy", manifest["policy_version"]))
    out.print("  " + say("code", manifest["code_version"]))
    # An older version published no page. The link `current` always leads to the newest one.
    if (page := settings.published / CURRENT / FOLDER / INDEX).is_file():
        out.print("  " + say("page", escape(str(page))), soft_wrap=True)


def _tiers(summary: Summary, book: Phrasebook) -> Table:
    """Customers and their assets by tier."""
    numbers = _numbers(book, "customers", "in_scope", "financial_assets")
    title = book.say("tiers", _month(summary.month, book))
    table = Table(book.say("tier"), book.say("label"), *numbers, title=title)
    for tier in summary.tiers:
        label = book.pick(tier.label.en, tier.label.zh)
        table.add_row(
            tier.tier_code, label, f"{tier.customers:,}", f"{tier.in_scope:,}", f"{tier.financial_assets:,.2f}"
        )
    return table


def _compliance(summary: Summary, book: Phrasebook) -> Table:
    """Visit duties by level of organisation."""
    numbers = _numbers(book, "organisations", "duties", "met", "open", "missed", "excluded", "rate")
    title = book.say("compliance", _month(summary.month, book))
    table = Table(Column(book.say("level"), no_wrap=True), *numbers, title=title)
    for level in summary.levels:
        counts = (level.organisations, level.duties, level.met, level.open, level.missed, level.excluded)
        rate = "-" if level.rate is None else f"{level.rate:.1%}"
        table.add_row(book.pick(level.label.en, level.label.zh), *(f"{count:,}" for count in counts), rate)
    return table


def _quarantine(summary: Summary, book: Phrasebook) -> Table | str:
    """Rows that the newest refresh quarantined, by table and rule."""
    if not summary.quarantine:
        return book.say("empty")
    headings = (Column(book.say("table")), Column(book.say("rule"), no_wrap=True), *_numbers(book, "rows"))
    table = Table(*headings, title=book.say("quarantine"))
    for found in summary.quarantine:
        table.add_row(found.table, found.rule_id, f"{found.rows:,}")
    return table


def _numbers(book: Phrasebook, *names: str) -> list[Column]:
    return [Column(book.say(name), justify="right") for name in names]


def _month(month: date, book: Phrasebook) -> str:
    return book.pick(f"{month:%Y-%m}", f"{month.year}年{month.month}月")


def print_disk(settings: Settings, day: date) -> None:
    """The disk space a refresh of a day will need; too little is only a warning, since it is an estimate."""
    from expectations.contract import load_contract
    from orchestration.runtime.disk import disk_need

    need = disk_need(settings, load_contract(), day)
    err.print(f"  disk     {need}")
    if not need.is_enough:
        err.print(f"[yellow]warning[/]    the disk of {escape(str(settings.output))} may be too small", soft_wrap=True)


def print_unpublished(settings: Settings, day: date, result: RefreshResult, log: Path | None) -> None:
    """Why a refresh published nothing, and which release stays in force."""
    from orchestration.refresh import Outcome

    release = current_release(settings.published)
    in_force = f"{release.release_id} stays in force" if release else "nothing is in force yet"
    if result.outcome is Outcome.BLOCKED:
        err.print(f"[bold red]blocked:[/] nothing was published for {day}; {in_force}")
        return
    err.print(f"[bold red]failed:[/] {day}: {escape(result.error)}")
    err.print(f"nothing was published; {in_force}" + (f"\nthe whole log: {escape(str(log))}" if log else ""))
