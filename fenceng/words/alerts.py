"""What `fenceng alert` prints, and what a refresh tells by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from fenceng.terminal import err
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.alerts.messages import Message
    from orchestration.refresh import RefreshResult


def print_messages(console: Console, messages: Sequence[Message]) -> None:
    """Each message as it is sent, an empty line between them."""
    for number, message in enumerate(messages):
        console.print(("\n" if number else "") + f"[bold]{escape(message.title)}[/]", soft_wrap=True)
        console.print(escape(message.body), soft_wrap=True)


def print_trouble(sentences: Sequence[str]) -> None:
    """What went wrong with the alerts: a warning, never a failure of what they are about."""
    for sentence in sentences:
        err.print(f"[yellow]warning[/]    {escape(sentence)}", soft_wrap=True)


def tell_outcome(settings: Settings, day: date, result: RefreshResult) -> None:
    """Tell that a refresh failed or was blocked, or that a date told of is published, if receivers are set."""
    from orchestration.alerts.conditions import blocked, failed
    from orchestration.alerts.tell import tell_of
    from orchestration.refresh import Outcome

    alerts = blocked(day, result.findings) if result.outcome is Outcome.BLOCKED else []
    if result.outcome is Outcome.FAILED:
        alerts = failed(day, result.station)
    print_trouble(tell_of(settings, alerts, result.release).trouble)
