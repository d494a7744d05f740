"""The charts of the pages: Vega-Lite without data, which the page binds to its own figures, and the rows they draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt

from orchestration.report.formats import known, money, month, number, percent
from orchestration.report.labels import Labels, Text, words

Row = dict[str, Any]
Rows = dict[str, list[Row]]

INK, MUTED, LINE = "#1f2a37", "#5b6675", "#dfe4ea"
RETAIL, CORPORATE = "#33628f", "#b98532"
MET, OPEN, MISSED = "#3c8d6c", "#a3b7cd", "#c65a44"
_FONT = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","Segoe UI",Arial,sans-serif'
# px a label; the page turns it into the height of the chart, which only then may be as wide as its place.
_STEP = 25


@cache
def specifications(language: str) -> Mapping[str, Mapping[str, Any]]:
    """Chart -> its specification in one language. Each draws the data set `rows`, as wide as its place on the page."""

    def say(name: str) -> str:
        return words()[name].of(language)

    statuses = _scale([say("met"), say("open"), say("missed")], [MET, OPEN, MISSED])
    segments = alt.Scale(domain=["retail", "corporate"], range=[RETAIL, CORPORATE])
    ended = _scale([say("met"), say("missed")], [MET, MISSED])
    moves = _scale([say("arrived"), say("risen"), say("fallen"), say("gone")], [RETAIL, MET, CORPORATE, MISSED])
    charts = {
        "customers": _bars(language, "customers", alt.Color("segment:N", scale=segments, legend=None)),
        "assets": _bars(language, "financial_assets", alt.Color("segment:N", scale=segments, legend=None)),
        "moves": _stacked(language, "moved", f"move_{language}", moves),
        "concentration": _beside(language, "share", f"measure_{language}", [RETAIL, CORPORATE]),
        "closed": _stacked(language, "duties", f"status_{language}", ended, stack="normalize"),
        "hand": _stacked(language, "duties", f"status_{language}", statuses),
        "trend": _months(language, statuses),
        "trend_assets": _month_bars(language),
        "workload": _beside(language, "visits", f"kind_{language}", [CORPORATE, RETAIL]),
        "actions": _stacked(language, "actions", f"due_{language}", _scale([say("due"), say("later")], [MISSED, OPEN])),
    }
    return {name: _finished(chart) for name, chart in charts.items()}


def rows_of(figures: Row, labels: Labels) -> Rows:
    """Chart -> the rows that it draws, from the figures of a page; hidden figures are left out."""
    say = words()
    drawn: dict[str, Callable[[], list[Row]]] = {
        "customers": lambda: _tier_rows(figures, "customers", number),
        "assets": lambda: _tier_rows(figures, "financial_assets", money),
        "moves": lambda: _move_rows(figures, say),
        "concentration": lambda: _concentration_rows(figures, labels, say),
        "closed": lambda: _duty_rows(figures, "closed", say),
        "hand": lambda: _duty_rows(figures, "hand", say),
        "trend": lambda: _trend_rows(figures, say),
        "trend_assets": lambda: [
            _both("month", month(row["month"]))
            | {"value": row["financial_assets"]}
            | _both("text", money(row["financial_assets"]))
            for row in figures["trend"]
            if known(row["financial_assets"])
        ],
        "workload": lambda: _workload_rows(figures, labels, say),
        "actions": lambda: _action_rows(figures, labels, say),
    }
    return {name: rows() for name, rows in drawn.items()}


def _both(name: str, text: Text) -> Row:
    return {f"{name}_en": text.en, f"{name}_zh": text.zh}


def _scale(names: Sequence[str], colours: Sequence[str]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=list(colours))


def _base() -> alt.Chart:
    return alt.Chart(alt.NamedData("rows"), width="container", height=alt.Step(_STEP))


def _label_axis() -> alt.Axis:
    # The page limits the labels to a part of its width.
    return alt.Axis(title=None, ticks=False, domain=False, labelPadding=6)


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", symbolType="square")


def _bars(language: str, value: str, colour: alt.Color) -> alt.LayerChart:
    """A bar a label, with its value written behind it."""
    base = _base().encode(
        y=alt.Y(f"label_{language}:N", sort=None, axis=_label_axis()),
        x=alt.X(f"{value}:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False)),
    )
    bars = base.mark_bar(size=15, cornerRadiusEnd=2).encode(color=colour)
    texts = base.mark_text(align="left", dx=4, color=INK).encode(text=f"text_{language}:N")
    return alt.LayerChart(layer=[bars, texts])


def _stacked(language: str, value: str, kind: str, scale: alt.Scale, *, stack: Any = "zero") -> alt.LayerChart:
    """Parts of a bar beside one another, with the text of its row behind it."""
    base = _base().encode(y=alt.Y(f"label_{language}:N", sort=None, axis=_label_axis()))
    bars = base.mark_bar(size=15).encode(
        x=alt.X(
            f"{value}:Q",
            stack=stack,
            axis=alt.Axis(title=None, format="%" if stack == "normalize" else "~s", tickCount=5, domain=False),
        ),
        color=alt.Color(f"{kind}:N", scale=scale, legend=_legend()),
        order=alt.Order("order:Q"),
    )
    texts = (
        base.transform_filter("isValid(datum.text_end)")
        .mark_text(align="left", dx=5, color=INK)
        .encode(x=alt.X("text_end:Q"), text=f"text_{language}:N")
    )
    return alt.LayerChart(layer=[bars, texts])


def _beside(language: str, value: str, kind: str, colours: Sequence[str]) -> alt.LayerChart:
    """Two bars a label, one below the other."""
    base = alt.Chart(alt.NamedData("rows"), width="container", height=alt.Step(42)).encode(
        y=alt.Y(f"label_{language}:N", sort=None, axis=_label_axis(), scale=alt.Scale(paddingInner=0.35)),
        yOffset=alt.YOffset("order:O"),
        x=alt.X(f"{value}:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False)),
    )
    colour = alt.Color(
        f"{kind}:N", sort=alt.EncodingSortField("order"), scale=alt.Scale(range=list(colours)), legend=_legend()
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(color=colour)
    texts = base.mark_text(align="left", dx=4, color=INK).encode(text=f"text_{language}:N")
    return alt.LayerChart(layer=[bars, texts])


def _months(language: str, scale: alt.Scale) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("rows"), width="container", height=210).encode(
        x=alt.X(
            f"month_{language}:O", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, ticks=False)
        ),
    )
    bars = base.mark_bar(width=alt.RelativeBandSize(0.45)).encode(
        y=alt.Y("duties:Q", stack="zero", axis=alt.Axis(title=None, tickCount=5, domain=False, format="~s")),
        color=alt.Color(f"status_{language}:N", scale=scale, legend=_legend()),
        order=alt.Order("order:Q"),
    )
    texts = (
        base.transform_filter("isValid(datum.text_end)")
        .mark_text(dy=-8, color=INK)
        .encode(y="text_end:Q", text=f"text_{language}:N")
    )
    return alt.LayerChart(layer=[bars, texts])


def _month_bars(language: str) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("rows"), width="container", height=210).encode(
        x=alt.X(
            f"month_{language}:O", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, ticks=False)
        ),
        y=alt.Y("value:Q", axis=None, scale=alt.Scale(domainMin=0)),
    )
    bars = base.mark_bar(width=alt.RelativeBandSize(0.45), color=RETAIL)
    texts = base.mark_text(dy=-8, color=INK).encode(text=f"text_{language}:N")
    return alt.LayerChart(layer=[bars, texts])


def _finished(chart: alt.LayerChart) -> Mapping[str, Any]:
    text = {"labelFont": _FONT, "labelFontSize": 12, "labelColor": INK}
    config = {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        # Room for the texts behind bars.
        "padding": {"left": 0, "right": 58, "top": 4, "bottom": 5},
        "axis": {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, **text},
        "axisY": {"grid": False},
        "legend": {**text, "symbolSize": 110, "offset": 4},
        "text": {"font": _FONT, "fontSize": 12},
        # The figure around a chart says what it shows, and the table below it holds the numbers.
        "aria": False,
    }
    specification: dict[str, Any] = chart.properties(
        config=config, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    ).to_dict()
    return specification


def _tier_label(tier: Row) -> Row:
    code = tier["tier_code"]
    return _both("label", Text(f"{code} {tier['label_en']}", f"{code} {tier['label_zh']}"))


def _tier_rows(figures: Row, name: str, written: Callable[[Any], Text]) -> list[Row]:
    return [
        _tier_label(tier) | {"segment": tier["segment"], name: tier[name]} | _both("text", written(tier[name]))
        for tier in figures["tiers"]
        if known(tier[name])
    ]


def _move_rows(figures: Row, say: Mapping[str, Text]) -> list[Row]:
    signs = {"arrived": 1, "risen": 1, "fallen": 1, "gone": -1}
    return [
        _tier_label(tier) | {"moved": sign * tier[name], "order": order} | _both("move", say[name])
        for tier in figures["tiers"]
        if all(known(tier[name]) for name in signs)
        for order, (name, sign) in enumerate(signs.items())
    ]


def _concentration_rows(figures: Row, labels: Labels, say: Mapping[str, Text]) -> list[Row]:
    return [
        _both("label", top(row["group_code"]))
        | _both("measure", held(row, labels))
        | {"share": row["share_of_value"], "order": order}
        | _both("text", percent(row["share_of_value"]))
        for row in main_measures(figures["concentration"])
        if known(row["share_of_value"])
        for order in [0 if row["segment"] == "retail" else 1]
    ]


def main_measures(rows: Sequence[Row]) -> list[Row]:
    """Of each segment, the first measure that is no revenue: what the segment is tiered by."""
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row["segment"], row["measure"])
    return [row for row in rows if row["measure"] == first[row["segment"]]]


def top(share: str) -> Text:
    """`Largest 5%`, from 0.05."""
    written = f"{float(share) * 100:g}%"
    return Text(words()["top_share"].en.format(written), words()["top_share"].zh.format(written))


def capital(text: Text) -> Text:
    """A label at the beginning of a line."""
    return Text(text.en[:1].upper() + text.en[1:], text.zh)


def held(row: Row, labels: Labels) -> Text:
    """What a group holds: `retail, financial assets`."""
    segment, measure = labels.of("segment", row["segment"]), labels.of("concentration_measure", row["measure"])
    return Text(f"{segment.en.capitalize()}, {measure.en}", f"{segment.zh}{measure.zh}")


def _duty_rows(figures: Row, which: str, say: Mapping[str, Text]) -> list[Row]:
    rows = []
    for one in figures["organizations"]:
        duties = one[which]
        if not duties or not all(known(duties[part]) for part in ("met", "open", "missed")):
            continue
        whole = duties["met"] + duties["open"] + duties["missed"]
        if not whole:
            continue
        text = percent(duties["met"] / whole) if which == "closed" else number(duties["met"])
        if which == "hand":
            text = Text(f"{duties['met']:,} of {whole:,}", f"{duties['met']:,}／{whole:,}")
        # A closed month has nothing open.
        for order, part in enumerate(("met", "missed") if which == "closed" else ("met", "open", "missed")):
            last = {"text_end": 1 if which == "closed" else whole} | _both("text", text) if part == "met" else {}
            rows.append(
                _both("label", Text(one["name"], one["name"]))
                | _both("status", say[part])
                | {"duties": duties[part], "order": order}
                | last
            )
    return rows


def _trend_rows(figures: Row, say: Mapping[str, Text]) -> list[Row]:
    rows = []
    for one in figures["trend"]:
        duties = one["duties"]
        if not duties or not all(known(duties[part]) for part in ("met", "open", "missed")):
            continue
        whole = duties["met"] + duties["open"] + duties["missed"]
        text = percent(duties["rate"]) if one["is_closed"] else say["open"]
        for order, part in enumerate(("met", "open", "missed")):
            last = {"text_end": whole} | _both("text", text) if part == "met" else {}
            rows.append(
                _both("month", month(one["month"]))
                | _both("status", say[part])
                | {"duties": duties[part], "order": order}
                | last
            )
    return rows


def _workload_rows(figures: Row, labels: Labels, say: Mapping[str, Text]) -> list[Row]:
    return [
        _both("label", labels.of("role_group", row["role_group"]))
        | _both("kind", say[kind])
        | {"visits": row[column], "order": order}
        | _both("text", number(row[column]))
        for row in figures["workload"]
        for order, (kind, column) in enumerate((("required", "required_contacts"), ("possible", "possible_contacts")))
        if known(row[column])
    ]


def _action_rows(figures: Row, labels: Labels, say: Mapping[str, Text]) -> list[Row]:
    rows = []
    for one in figures["actions"]:
        if not known(one["listed"]) or not known(one["due"]) or not one["listed"]:
            continue
        for order, (kind, value) in enumerate((("due", one["due"]), ("later", one["listed"] - one["due"]))):
            last = {"text_end": one["listed"]} | _both("text", number(one["listed"])) if kind == "due" else {}
            rows.append(
                _both("label", capital(labels.of("action_kind", one["action_kind"])))
                | _both("due", say[kind])
                | {"actions": value, "order": order}
                | last
            )
    return rows
