"""Who is told: the Apprise urls of the environment. They hold secrets, and no text of them leaves this module."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.alerts.messages import Language, Message
from orchestration.settings import PREFIX, SettingsError

URLS, LANGUAGE = f"{PREFIX}ALERT_URLS", f"{PREFIX}ALERT_LANG"
# What one message may take, all receivers together, in seconds. A refresh waits no longer.
PATIENCE = 10.0
# Loggers that write urls at some level, the paths of requests included.
_TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib", "smtplib")


@dataclass(frozen=True)
class Receiver:
    """A receiver by its place in the variable, from 1, and the scheme of its url; the url is never printed."""

    position: int
    scheme: str
    url: str = field(repr=False)

    def __str__(self) -> str:
        return f"receiver {self.position} ({self.scheme})"


def language_of(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language of alerts. Raises SettingsError for another than en or zh."""
    language = environment.get(LANGUAGE) or "en"
    if language not in ("en", "zh"):
        raise SettingsError(f"{LANGUAGE} must be en or zh, not {language!r}")
    return "zh" if language == "zh" else "en"


def receivers_of(environment: Mapping[str, str] = os.environ) -> list[Receiver]:
    """Return the receivers, none without the variable. Raises SettingsError for a url that can't be used."""
    receivers = []
    for position, url in enumerate(environment.get(URLS, "").split(), start=1):
        receiver = Receiver(position, _scheme(url), url)
        if _service(url) is None:
            raise SettingsError(
                f"{URLS}: {receiver} is no url that Apprise can use; docs/operations.md#alerts shows the form of each"
            )
        receivers.append(receiver)
    return receivers


def send(message: Message, receivers: Sequence[Receiver], patience: float = PATIENCE) -> list[Receiver]:
    """Send a message to all receivers at once, and return those that did not take it within the patience (seconds).

    Never raises for a receiver: a refresh must not fail for one, nor wait for one that hangs.
    """
    took: set[Receiver] = set()

    def tell(receiver: Receiver) -> None:
        if _deliver(message, receiver):
            took.add(receiver)

    deadline = time.monotonic() + patience
    threads = [threading.Thread(target=tell, args=(receiver,), daemon=True) for receiver in receivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [receiver for receiver in receivers if receiver not in took]


def _deliver(message: Message, receiver: Receiver) -> bool:
    """Whether a receiver took a message."""
    apprise, service = _apprise(), _service(receiver.url)
    try:
        sender = apprise.Apprise()
        sender.add(service)
        return bool(sender.notify(body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # Whatever a plugin raises, its text may quote the url.
        return False


def _service(url: str) -> Any:
    """Apprise's own object for a url, None if it can't be used."""
    try:
        return _apprise().Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:  # Its text may quote the url.
        return None


def _scheme(url: str) -> str:
    """The scheme of a url if Apprise knows it: what stands before no separator may be a secret."""
    scheme, separator, _ = url.partition("://")
    known = separator and scheme.lower() in set(_apprise().manager_plugins.NotificationManager().schemas())
    return scheme.lower() if known else "unknown scheme"


def _apprise() -> Any:
    """The library, with every logger silenced that writes urls at some level, whatever level the process logs at.

    They stay silent: a thread that is no longer waited for may still speak.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    import apprise
    import apprise.manager_plugins

    return apprise
