"""Tells what is new to all receivers, and remembers it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.alerts.conditions import Alert
from orchestration.alerts.messages import Language, Message, message_of
from orchestration.alerts.receivers import Receiver, language_of, receivers_of, send
from orchestration.alerts.told import read_told, write_told
from orchestration.settings import Settings, SettingsError
from orchestration.store.releases import Release


@dataclass(frozen=True)
class Telling:
    """What was told. sent: messages that a receiver took. trouble: a sentence for each thing that went wrong."""

    sent: tuple[Message, ...] = ()
    trouble: tuple[str, ...] = ()


def news(settings: Settings, alerts: Sequence[Alert], release: Release | None) -> list[Alert]:
    """Return what was not told yet: that an earlier alert is settled, then the new alerts."""
    told = read_told(settings)
    return [*told.settled(release), *told.new(alerts)]


def tell(
    settings: Settings,
    alerts: Sequence[Alert],
    release: Release | None,
    receivers: Sequence[Receiver],
    language: Language,
) -> Telling:
    """Send what is news to all receivers, and remember what one of them took; the others are named as trouble.

    release: the one in force.
    """
    told = read_told(settings)
    sent: list[Message] = []
    trouble: dict[str, None] = {}
    for alert in [*told.settled(release), *told.new(alerts)]:
        message = message_of(alert, language)
        missed = send(message, receivers)
        trouble |= {f"{receiver} did not take the alert": None for receiver in missed}
        if len(missed) < len(receivers):
            sent.append(message)
            told.note(alert, release)
        # Who did not answer once is not waited for again.
        receivers = [receiver for receiver in receivers if receiver not in missed]
        if not receivers:
            break
    if sent:
        try:
            write_told(settings, told)
        except OSError as error:
            trouble[f"what was told can't be recorded, and may be told again: {error.strerror}"] = None
    return Telling(tuple(sent), tuple(trouble))


def tell_of(
    settings: Settings, alerts: Sequence[Alert], release: Release | None, environment: Mapping[str, str] = os.environ
) -> Telling:
    """Tell as the environment says, if it says so; a setting that can't be used is trouble, and stops nothing."""
    try:
        receivers, language = receivers_of(environment), language_of(environment)
    except SettingsError as error:
        return Telling(trouble=(str(error),))
    return tell(settings, alerts, release, receivers, language) if receivers else Telling()
