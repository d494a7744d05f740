"""What `fenceng show` and `fenceng refresh` print about a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Column, Table

from expectations.findings import Finding
from fenceng.analysis.summary import Summary, summary_of
from fenceng.terminal import err, out
from fenceng.words.phrasebook import Language, Phrasebook, counted
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
    for name, rows in release.manifest()["rows"].items():
        out.print(f"  {name:<42} {rows:>12,}")
    print_page(settings, book)


def print_refreshed(settings: Settings, release: Release, findings: Sequence[Finding], language: Language) -> None:
    """What a refresh published and what it held back; `fenceng show` has the figures."""
    book = Phrasebook("release", language)
    print_release(settings, release.manifest(), book)
    print_held_back(findings, book)
    print_page(settings, book)


def print_release(settings: Settings, manifest: Mapping[str, Any], book: Phrasebook) -> None:
    """The release in force: its dates, sums of rows and versions, from its manifest."""
    say = book.say
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
    out.print("  " + say("policy", manifest["policy_version"]))
    out.print("  " + say("code", manifest["code_version"]))


def print_page(settings: Settings, book: Phrasebook) -> None:
    """Where the page of the release is; an older version published none. The link `current` leads to the newest one."""
    if (page := settings.published / CURRENT / FOLDER / INDEX).is_file():
        out.print("  " + book.say("page", escape(str(page))), soft_wrap=True)


def print_held_back(findings: Sequence[Finding], book: Phrasebook) -> None:
    """A line for each table of which rows were held back or look odd, and where the details are."""
    for severity in ("quarantine", "warning"):
        rules: dict[str, list[int]] = {}
        for finding in findings:
            if finding.severity == severity:
                rules.setdefault(finding.table, []).append(finding.rows)
        for table, rows in sorted(rules.items()):
            counts = [
                book.pick(counted(count, name), f"{count:,}")
                for count, name in ((sum(rows), "row"), (len(rows), "rule"))
            ]
            out.print("  " + book.say(f"{severity}_line", table, *counts), soft_wrap=True)
        if rules:
            out.print("  " + book.say(f"{severity}_details"), soft_wrap=True)


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


def print_disk(settings: Settings, day: date, book: Phrasebook) -> None:
    """The disk space a refresh of a day will need; too little is only a warning, since it is an estimate."""
    from expectations.contract import load_contract
    from orchestration.runtime.disk import disk_need
    from orchestration.runtime.failures import size

    need = disk_need(settings, load_contract(), day)
    want, delivered = size(need.wanted), size(need.read)
    err.print("  " + book.say("disk", delivered, want, size(need.free)))
    if not need.is_enough:
        err.print(f"[yellow]{book.say('small_disk', escape(str(settings.output)))}[/]", soft_wrap=True)


def print_unpublished(
    settings: Settings, day: date, result: RefreshResult, log: Path | None, language: Language
) -> None:
    """Why a refresh published nothing, and which release stays in force."""
    from orchestration.refresh import Outcome

    book = Phrasebook("release", language)
    release = current_release(settings.published)
    in_force = book.say("stays", release.release_id) if release else book.say("nothing_in_force")
    if result.outcome is Outcome.BLOCKED:
        err.print(f"[bold red]{book.say('blocked')}[/]{book.say('blocked_because', day, in_force)}", soft_wrap=True)
        print_held_back(result.findings, book)
    else:
        err.print(f"[bold red]{book.say('failed')}[/]{book.say('failed_because', day, escape(result.error))}")
        err.print(book.say("not_published", in_force), soft_wrap=True)
    if log:
        err.print(book.say("log", escape(str(log))), soft_wrap=True)
