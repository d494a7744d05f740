"""What `fenceng policy diff` prints: one paragraph per change, then their joint effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console

from expectations.policy.model import RULE_FAMILIES
from expectations.policy.wording import plain
from fenceng.analysis.policy_diff.changes import Change, beginning, ending
from fenceng.analysis.policy_diff.counts import Count, Counts
from fenceng.analysis.policy_diff.sides import Side
from fenceng.words.phrasebook import Language, Phrasebook, Printer
from fenceng.words.problems import print_problems
from fenceng.words.rules import yuan
from fenceng.words.sentences import cell_in_words, sentence


class DiffPrinter(Printer):
    """Prints the changes from one side to another on a console, in one language."""

    def __init__(self, console: Console, before: Side, after: Side, language: Language) -> None:
        """Nothing is printed yet."""
        super().__init__(console, Phrasebook("changes", language))
        self.before = before
        self.after = after
        self.language: Language = language

    def no_change(self) -> None:
        """Say that both sides are the same."""
        self.line(self.say("no_change", *self._labels()))

    def unsound(self, console: Console) -> None:
        """Warn of a side that the policy lint refuses, with its problems: its counts may mislead."""
        for side, label in zip((self.before, self.after), self._labels(), strict=True):
            if side.problems:
                console.print(self.say("unsound", label), style="yellow", markup=False, soft_wrap=True)
            print_problems(console, side.problems, indent="  ")

    def changes(self, changes: Sequence[Change], counts: Counts) -> None:
        """Print every change with its count, then the sums."""
        phrase = "side" if len(changes) == 1 else "sides"
        self.line(self.say(phrase, *self._labels(), len(changes)), style="bold")
        if counts.business_date:
            month = f"{counts.business_date:%Y-%m}"
            self.line(self.say("counted", month, counts.business_date, counts.release))
        for change, count in zip(changes, counts.each, strict=True):
            self._change(change, count, counts)
        measuring = sorted({c.family for c, n in zip(changes, counts.each, strict=True) if n.effect == "measure"})
        if counts.of_measures:
            self.title(self.say("measures"))
            self.line(self._touches(counts.of_measures), 2)
        self.title(self.say("all"))
        if counts.together:
            self._together(counts.together)
        elif counts.business_date:
            why = self.say("needs_refresh", counts.business_date, ", ".join(measuring))
            self.line(self.say("no_sum", why), 2)
        else:
            self.line(self.say("no_sum", self.say("no_release", counts.because)), 2)

    # ---------------------------------------------------------------- parts

    def _labels(self) -> list[str]:
        return [
            self.say("label", side.what, side.on) if side.what else str(side.on) for side in (self.before, self.after)
        ]

    def _change(self, change: Change, count: Count, counts: Counts) -> None:
        head = f"{change.family} {change.name} {self.say(change.kind)}"
        since, until = beginning(change), ending(change, self.after.view)
        begun = beginning(Change(change.family, change.name, "new", (), change.before)) if change.before else None
        if since and since not in (begun, date(1990, 1, 1)):
            head += self.book.comma + self.say("from", since)
        if until:
            head += self.book.comma + self.say("until", until)
        self.title(head)
        old = sentence(self.before.view, change.family, change.before, self.language)
        new = sentence(self.after.view, change.family, change.after, self.language)
        if old != new:
            self.line(old or self.say("arrow", new), 2)
            if old and new:
                self.line(self.say("arrow", new), 2)
        else:
            self.line(new, 2)
        self._columns(change, same_words=old == new)
        if counts.business_date:
            self.line(self._effect(change, count, counts), 2, style="dim")

    def _columns(self, change: Change, *, same_words: bool) -> None:
        """What the sentence leaves out: the rationale, and other differences behind equal sentences."""
        if change.kind != "changed" or (change.family in RULE_FAMILIES and len(change.before) != len(change.after)):
            return
        for name in change.columns:
            if name == "rationale" or same_words:
                pairs = dict.fromkeys(
                    (
                        cell_in_words(old.values.get(name), self.language),
                        cell_in_words(new.values.get(name), self.language),
                    )
                    for old, new in zip(change.before, change.after, strict=True)
                    if old.values.get(name) != new.values.get(name)
                )
                for old, new in pairs:
                    self.line(self.say("column", self._column(name), old, new), 2)

    def _column(self, name: str) -> str:
        phrase = f"column.{name}"
        return self.say(phrase) if phrase in self.book else self.book.pick(name.replace("_", " "), name)

    def _effect(self, change: Change, count: Count, counts: Counts) -> str:
        if count.customers is None:
            uncounted = count.effect == "measure" and counts.of_measures is None
            return self.say("measure_uncounted" if uncounted else count.effect)
        words = self._touches(count)
        if not count.customers:
            return words
        other = count.customers - count.begins - count.ceases
        how = []
        if count.effect == "rule" or (count.effect == "duty" and change.family == "policy_visit_frequency"):
            how.append(self.say(f"{count.effect}_how", f"{count.begins:,}", f"{count.ceases:,}"))
            if other:
                how.append(self.say(f"{count.effect}_other", f"{other:,}"))
        elif count.effect == "holders":
            how.append(self.say("holders"))
        else:
            if change.family in ("policy_scheme", "policy_tier"):
                how.append(self.say("scheme"))
            how.append(self.say("alone"))
        return self.book.listed([words, *how])

    def _touches(self, count: Count) -> str:
        if not count.customers:
            return self.say("touches_nobody")
        phrase = "touches_one" if count.customers == 1 else "touches"
        contacts = (plain(count.contacts_before), plain(count.contacts_after))
        assets = self._money(count.assets_before)
        if count.assets_after != count.assets_before:
            assets = self.say("amounts", assets, self._money(count.assets_after))
        return self.say(phrase, f"{count.customers:,}", assets, *contacts)

    def _together(self, summary: Mapping[str, Any]) -> None:
        self.line(
            self.say(
                "all_outcomes",
                *(f"{summary[name]:,}" for name in ("customers_affected", "customers", "customers_moved")),
                *(f"{summary[name]:,}" for name in ("customers_up", "customers_down")),
                self._money(summary["financial_assets_moved"]),
            ),
            2,
        )
        names = ("contacts_in_force", "contacts_proposed", "people_needed_in_force", "people_needed_proposed")
        self.line(self.say("all_contacts", *(plain(Decimal(summary[name])) for name in names)), 2)

    def _money(self, amount: Decimal) -> str:
        return f"{amount:,.2f} CNY" if self.language == "en" else yuan(amount)
