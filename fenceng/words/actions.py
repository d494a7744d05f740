"""Why an action is on the list, in a sentence; days, amounts and codes as both languages write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from expectations.policy.model import InForce
from fenceng.analysis.actions import Action
from fenceng.words.phrasebook import Language, Phrasebook
from fenceng.words.rules import measure_in_words, yuan
from fenceng.words.sentences import code_in_words, tier_in_words

# The parameter whose months or days a kind's sentence names.
_MONTHS = {"balance_drop": "churn_window_months", "statement_stale": "statement_stale_months"}
_DAYS = {"card_not_activated": "card_not_activated_days"}


def day_in_words(day: date, language: Language) -> str:
    """A day: 2026-01-05, 2026年1月5日."""
    return f"{day:%Y-%m-%d}" if language == "en" else f"{day.year}年{day.month}月{day.day}日"


def money_in_words(amount: Decimal, language: Language) -> str:
    """An amount in CNY: 50,000.00 CNY, 5万元."""
    return f"{amount:,.2f} CNY" if language == "en" else yuan(amount)


def action_in_words(view: InForce, action: Action, language: Language) -> str:
    """What to do and why: the label of the kind, then what was found."""
    book = Phrasebook("actions", language)
    label = code_in_words(view, "action_kind", action.action_kind, language)
    return label + book.colon + _found(view, action, book) if action.action_kind in book else label


def _found(view: InForce, action: Action, book: Phrasebook) -> str:
    kind, language = action.action_kind, book.language
    months, days = (view.parameter(names[kind]) if kind in names else None for names in (_MONTHS, _DAYS))
    if kind == "contact_due":
        rows = view.rows["policy_contact_frequency"]
        months = next((row.number("period_months") for row in rows if row.text("tier_code") == action.tier_code), None)
    phrase = kind
    if kind == "contact_due" and months == 1:
        phrase = "contact_due.month"
    if kind == "falling_below" and not action.amount:
        phrase = "falling_below.on_bound"
    if kind == "statement_stale" and action.due_on >= action.as_of:
        # Without a statement it is due at the end of the month; an old one was due before D.
        phrase = "statement_stale.none"
    own = next(s for s in view.schemes.values() if s.segment == action.segment and s.purpose == "tier")
    return book.say(
        phrase,
        items=f"{action.items:,}",
        amount="" if action.amount is None else money_in_words(action.amount, language),
        day=day_in_words(action.due_on, language),
        months=f"{months or 0:f}",
        days=f"{days or 0:f}",
        measure=measure_in_words(view, own.own_measure_id, language),
        tier=tier_in_words(view, action.tier_code, language),
    )
