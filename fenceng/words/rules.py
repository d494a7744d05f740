"""Rules and conditions in words, English and Chinese: labels from the policy rows, amounts as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from expectations.policy.model import Condition, InForce, Measure, Rule
from expectations.policy.wording import band, plain
from fenceng.words.phrasebook import Language

# Written as powers: the numbers themselves equal policy bounds.
WAN = Decimal(10) ** 4
YI = WAN * WAN
# With more places than this, a count of 万 or 亿 is harder to read than the digits.
_PLACES = 2
_UNITS_ZH = {"years": "年", "points": "分", "accounts": "个", "lines": "笔"}
_UNITS_ZH_OF = {"age": "岁"}
# Categories without a label in any row.
_CATEGORIES_ZH = {"none": "无", "unknown": "未知", "present": "有", "in_force": "有效"}


def yuan(number: Decimal) -> str:
    """An amount in Chinese: 5万元, 2亿元, 999元."""
    for size, name in ((YI, "亿"), (WAN, "万")):
        count = number / size
        if abs(count) >= 1 and count == round(count, _PLACES):
            return f"{plain(count).replace(',', '')}{name}元"
    return f"{plain(number)}元"


def rule_in_words(view: InForce, rule: Rule, language: Language = "en") -> str:
    """A rule's conditions, with `and` between condition numbers and `or` between alternatives; soft ones last."""
    soft = "in principle " if language == "en" else "原则上"
    parts = [_alternatives(view, group, language) for group in rule.hard]
    parts += [soft + _alternatives(view, group, language) for group in rule.soft]
    return (" and " if language == "en" else "，且").join(parts)


def outcome_in_words(view: InForce, scheme: str, tier_code: str, language: Language = "en") -> str:
    """An outcome by its label: `T4 Mass affluent`, `T4 潜力客户`, `Large`; the code where no row is in force.

    A code in capitals, as people use it, comes before the label.
    """
    tier = view.tiers.get(scheme, {}).get(tier_code)
    if tier is None:
        return tier_code
    label = tier.row.text(f"label_{language}")
    return f"{tier_code} {label}" if tier_code.isupper() else label


def measure_in_words(view: InForce, measure_id: str, language: Language = "en") -> str:
    """The label of a measure."""
    return view.measures[measure_id].row.text(f"label_{language}")


def value_in_words(view: InForce, measure_id: str, value: Decimal | str | None, language: Language = "en") -> str:
    """A value of a measure: `60,000 CNY`, `6万元`, `60%`, the label of a category; unknown for None."""
    if isinstance(value, Decimal):
        measure = view.measures[measure_id]
        if language == "zh":
            return _number_zh(measure, value)
        return _number_en(measure, value) + _unit_en(measure)
    return _category(view, measure_id, value or "unknown", language)


def _alternatives(view: InForce, group: Sequence[Condition], language: Language) -> str:
    """Conditions of one number; categories of one measure share its label."""
    parts: list[str] = []
    for measure_id in dict.fromkeys(condition.measure_id for condition in group):
        own = [condition for condition in group if condition.measure_id == measure_id]
        parts += [_band(view, condition, language) for condition in own if not condition.category]
        categories = [_category(view, measure_id, c.category, language) for c in own if c.category]
        if categories:
            link = ": " if language == "en" else "为"
            parts.append(measure_in_words(view, measure_id, language) + link + _listed(categories, language))
    return (" or " if language == "en" else "或").join(parts)


def _band(view: InForce, condition: Condition, language: Language) -> str:
    measure = view.measures[condition.measure_id]
    label = measure_in_words(view, condition.measure_id, language)
    ends = (condition.lower, condition.upper)
    if language == "zh":
        lower, upper = (None if end is None else _number_zh(measure, end) for end in ends)
        return f"{label}{_band_zh(lower, condition.lower_inclusive, upper, condition.upper_inclusive)}"
    lower, upper = (None if end is None else _number_en(measure, end) for end in ends)
    words = band(lower, condition.lower_inclusive, upper, condition.upper_inclusive)
    return f"{label} {words}{_unit_en(measure)}"


def _band_zh(lower: str | None, lower_inclusive: bool, upper: str | None, upper_inclusive: bool) -> str:
    if lower is not None and lower == upper:
        return f"等于{lower}"
    begin = "" if lower is None else f"{lower}（{'含' if lower_inclusive else '不含'}）"
    end = "" if upper is None else f"{upper}（{'含' if upper_inclusive else '不含'}）"
    if begin and end:
        return f"{begin}至{end}"
    return f"{begin}以上" if begin else f"{end}以下" if end else "不限"


def _number_en(measure: Measure, number: Decimal) -> str:
    return f"{plain(number * 100)}%" if measure.unit == "share" else plain(number)


def _number_zh(measure: Measure, number: Decimal) -> str:
    if measure.unit == "CNY":
        return yuan(number)
    if measure.unit == "share":
        return f"{plain(number * 100)}%"
    return plain(number) + _UNITS_ZH_OF.get(measure.measure_id, _UNITS_ZH.get(measure.unit, ""))


def _unit_en(measure: Measure) -> str:
    """The unit after a number, unless the label names it or the number shows it."""
    named = measure.unit in measure.row.text("label_en")
    return "" if named or measure.unit == "share" else f" {measure.unit}"


def _category(view: InForce, measure_id: str, category: str, language: Language) -> str:
    measure = view.measures[measure_id]
    scheme = measure.derived_from_scheme
    if view.scheme_of_scope(measure_id):
        for row in view.rows["policy_route"]:
            if (row.text("scheme"), row.text("route")) == (scheme, category):
                return row.text(f"label_{language}")
    elif scheme and category in view.tiers.get(scheme, {}):
        return outcome_in_words(view, scheme, category, language)
    labels = view.policy.labels.get(measure.vocabulary, {})
    if category in labels:
        return labels[category][0 if language == "en" else 1]
    return category.replace("_", " ") if language == "en" else _CATEGORIES_ZH.get(category, category)


def _listed(items: Sequence[str], language: Language) -> str:
    if len(items) == 1:
        return items[0]
    last = " or " if language == "en" else "或"
    return (", " if language == "en" else "、").join(items[:-1]) + last + items[-1]
