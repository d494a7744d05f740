"""What `fenceng policy diff` prints: one paragraph a change, then what all of them do together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from expectations.policy.model import RULE_FAMILIES
from expectations.policy.wording import Language, plain, yuan
from fenceng.analysis.policy_diff.changes import Change, beginning, cell_in_words, ending, sentence
from fenceng.analysis.policy_diff.counts import Count, Counts
from fenceng.analysis.policy_diff.sides import Side

# Each phrase in English and Chinese; {} are numbered, since the order differs.
_PHRASES = {
    "no_change": ("no change: {0} and {1} say the same", "无变化:{0} 与 {1} 的规则相同"),
    "unsound": (
        "warning: the policy of {0} is not sound, so what is counted of it may mislead:",
        "警告:{0} 的规则存在问题,据此计算的结果可能有误:",
    ),
    "sides": ("from {0} to {1}: {2} changes", "由 {0} 到 {1}:共 {2} 处变化"),
    "side": ("from {0} to {1}: 1 change", "由 {0} 到 {1}:共 1 处变化"),
    "counted": (
        "counted in the month {0} as of {1}, by the models and measures of release {2}",
        "按 {0} 月(截至 {1})发布 {2} 的模型与指标计算",
    ),
    "new": ("new", "新增"),
    "closed": ("closed", "废止"),
    "changed": ("changed", "变更"),
    "from": ("from {0}", "自 {0} 起"),
    "until": ("until {0}, which is the first day without it", "{0} 起不再有效"),
    "column": ("{0}: {1} -> {2}", "{0}:{1} -> {2}"),
    "touches": (
        "touches {0} customers with {1} in financial assets; contacts a month {2} -> {3}",
        "涉及 {0} 个客户,金融资产 {1};每月联系次数 {2} -> {3}",
    ),
    "touches_one": (
        "touches 1 customer with {1} in financial assets; contacts a month {2} -> {3}",
        "涉及 1 个客户,金融资产 {1};每月联系次数 {2} -> {3}",
    ),
    "touches_nobody": ("touches no customer of the month", "本月不涉及任何客户"),
    "rule_how": ("begins to hold for {0}, ceases for {1}", "开始适用 {0} 个,不再适用 {1} 个"),
    "rule_other": ("other outcome for {0}", "结果不同 {0} 个"),
    "duty_how": ("begins for {0}, ends for {1}", "开始承担 {0} 个,不再承担 {1} 个"),
    "duty_other": ("another number of contacts for {0}", "次数不同 {0} 个"),
    "scheme": ("whose outcome by this scheme differs", "该方案的结果不同"),
    "holders": ("who have this outcome before or after", "变更前或变更后属于此结果"),
    "alone": ("by this change alone", "仅计此项变化"),
    "label": ("{0} on {1}", "{0}({1})"),
    "measure": (
        "shapes the measures that the rules look at; it is counted together with all changes of that kind, below",
        "影响规则所看的指标;与同类变化一并计算,见下",
    ),
    "measure_uncounted": (
        "shapes the measures that the rules look at; not counted: see below",
        "影响规则所看的指标;未计算,原因见下",
    ),
    "people": (
        "changes no class and no duty; it decides which contacts count and how many people the duties need",
        "不改变类别与职责;影响哪些联系计入以及需要多少人",
    ),
    "names": ("changes names or sources only, no outcome", "只改变名称或出处,不改变结果"),
    "elsewhere": ("no tier, class or duty rests on it", "层级、类别与职责均不取决于它"),
    "measures": ("Changes of the measures together", "指标类变化合计"),
    "all": ("All changes together", "全部变化合计"),
    "all_outcomes": (
        "{0} of {1} customers have another outcome; {2} another tier ({3} up, {4} down), with {5} in financial assets",
        "{1} 个客户中 {0} 个结果不同;{2} 个层级不同(升 {3},降 {4}),金融资产 {5}",
    ),
    "all_contacts": (
        "contacts a month {0} -> {1}; people needed for them {2} -> {3}",
        "每月联系次数 {0} -> {1};所需人数 {2} -> {3}",
    ),
    "no_sum": ("not counted: {0}", "未计算:{0}"),
    "no_release": (
        "{0} has nothing published; run `fenceng refresh` to have the changes counted",
        "{0} 尚无发布;运行 `fenceng refresh` 后可计算影响",
    ),
    "needs_refresh": (
        "the accepted rows of {0} are gone; run `fenceng refresh --date {0}` first, since {1} decides what is measured",
        "{1} 决定指标的计算,而 {0} 的入库明细已不在;请先运行 `fenceng refresh --date {0}`",
    ),
}  # fmt: skip


_COLUMNS_ZH = {
    "rationale": "理由", "clause_ref": "条款", "basis": "依据", "label_en": "英文名称", "label_zh": "中文名称",
    "job_title_en": "英文岗位名", "job_title_zh": "中文岗位名", "description": "说明", "title_en": "英文标题",
    "title_zh": "中文标题", "summary_en": "英文摘要", "summary_zh": "中文摘要", "is_gap_fill": "补缺",
}  # fmt: skip


class DiffPrinter:
    """Prints the changes from one side to another on a console, in one language."""

    def __init__(self, console: Console, before: Side, after: Side, language: Language) -> None:
        """Nothing is printed yet."""
        self.console = console
        self.before = before
        self.after = after
        self.language: Language = language

    def no_change(self) -> None:
        """Say that both sides are the same."""
        self._line(self._say("no_change", *self._labels()))

    def unsound(self, console: Console) -> None:
        """Warn of a side that the policy lint refuses, with its problems: what is counted of it may mislead."""
        for side, label in zip((self.before, self.after), self._labels(), strict=True):
            if side.problems:
                console.print(self._say("unsound", label), style="yellow", markup=False, soft_wrap=True)
            for problem in side.problems:
                console.print(f"  {problem}", markup=False, soft_wrap=True)

    def changes(self, changes: Sequence[Change], counts: Counts) -> None:
        """Print every change with its count, then the sums."""
        phrase = "side" if len(changes) == 1 else "sides"
        self._line(self._say(phrase, *self._labels(), len(changes)), style="bold")
        if counts.business_date:
            month = f"{counts.business_date:%Y-%m}"
            self._line(self._say("counted", month, counts.business_date, counts.release))
        for change, count in zip(changes, counts.each, strict=True):
            self._change(change, count, counts)
        measuring = sorted({c.family for c, n in zip(changes, counts.each, strict=True) if n.effect == "measure"})
        if counts.of_measures:
            self.console.print()
            self._line(self._say("measures"), style="bold")
            self._line(self._touches(counts.of_measures), 2)
        self.console.print()
        self._line(self._say("all"), style="bold")
        if counts.together:
            self._together(counts.together)
        elif counts.business_date:
            why = self._say("needs_refresh", counts.business_date, ", ".join(measuring))
            self._line(self._say("no_sum", why), 2)
        else:
            self._line(self._say("no_sum", self._say("no_release", counts.because)), 2)

    # ---------------------------------------------------------------- parts

    def _say(self, phrase: str, *values: object) -> str:
        return _PHRASES[phrase][0 if self.language == "en" else 1].format(*values)

    def _labels(self) -> list[str]:
        return [
            self._say("label", side.what, side.on) if side.what else str(side.on) for side in (self.before, self.after)
        ]

    def _line(self, text: str, indent: int = 0, style: str = "") -> None:
        self.console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    @property
    def _comma(self) -> str:
        return ", " if self.language == "en" else ","

    def _listed(self, parts: Sequence[str]) -> str:
        return ("; " if self.language == "en" else ";").join(part for part in parts if part)

    def _change(self, change: Change, count: Count, counts: Counts) -> None:
        self.console.print()
        head = f"{change.family} {change.name} {self._say(change.kind)}"
        since, until = beginning(change), ending(change, self.after.view)
        begun = beginning(Change(change.family, change.name, "new", (), change.before)) if change.before else None
        if since and since not in (begun, date(1990, 1, 1)):
            head += self._comma + self._say("from", since)
        if until:
            head += self._comma + self._say("until", until)
        self._line(head, style="bold")
        old = sentence(self.before.view, change.family, change.before, self.language)
        new = sentence(self.after.view, change.family, change.after, self.language)
        if old != new:
            self._line(old or f"-> {new}", 2)
            if old and new:
                self._line(f"-> {new}", 2)
        else:
            self._line(new, 2)
        self._columns(change, same_words=old == new)
        if counts.business_date:
            self._line(self._effect(change, count, counts), 2, style="dim")

    def _columns(self, change: Change, *, same_words: bool) -> None:
        """What the sentence does not say: the rationale, and what else differs behind equal sentences."""
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
                    self._line(self._say("column", self._column(name), old, new), 2)

    def _column(self, name: str) -> str:
        return name.replace("_", " ") if self.language == "en" else _COLUMNS_ZH.get(name, name)

    def _effect(self, change: Change, count: Count, counts: Counts) -> str:
        if count.customers is None:
            uncounted = count.effect == "measure" and counts.of_measures is None
            return self._say("measure_uncounted" if uncounted else count.effect)
        words = self._touches(count)
        if not count.customers:
            return words
        other = count.customers - count.begins - count.ceases
        how = []
        if count.effect == "rule" or (count.effect == "duty" and change.family == "policy_visit_frequency"):
            how.append(self._say(f"{count.effect}_how", f"{count.begins:,}", f"{count.ceases:,}"))
            if other:
                how.append(self._say(f"{count.effect}_other", f"{other:,}"))
        elif count.effect == "holders":
            how.append(self._say("holders"))
        else:
            if change.family in ("policy_scheme", "policy_tier"):
                how.append(self._say("scheme"))
            how.append(self._say("alone"))
        return self._listed([words, *how])

    def _touches(self, count: Count) -> str:
        if not count.customers:
            return self._say("touches_nobody")
        phrase = "touches_one" if count.customers == 1 else "touches"
        contacts = (plain(count.contacts_before), plain(count.contacts_after))
        assets = self._money(count.assets_before)
        if count.assets_after != count.assets_before:
            assets += f" -> {self._money(count.assets_after)}"
        return self._say(phrase, f"{count.customers:,}", assets, *contacts)

    def _together(self, summary: Mapping[str, Any]) -> None:
        self._line(
            self._say(
                "all_outcomes",
                *(f"{summary[name]:,}" for name in ("customers_affected", "customers", "customers_moved")),
                *(f"{summary[name]:,}" for name in ("customers_up", "customers_down")),
                self._money(summary["financial_assets_moved"]),
            ),
            2,
        )
        names = ("contacts_in_force", "contacts_proposed", "people_needed_in_force", "people_needed_proposed")
        self._line(self._say("all_contacts", *(plain(Decimal(summary[name])) for name in names)), 2)

    def _money(self, amount: Decimal) -> str:
        return f"{amount:,.2f} CNY" if self.language == "en" else yuan(amount)
