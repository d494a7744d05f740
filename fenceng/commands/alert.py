"""The command `fenceng alert`: tell people what is late, blocked or below a mark."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fenceng.options import DAY, Landing, Lang, Output
from fenceng.terminal import out, settings_for, wrong_use
from orchestration.settings import SettingsError

AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--date",
        formats=DAY,
        help="The business date that ended last; by default the newest that is delivered or published.",
    ),
]


def alert(
    as_of: AsOf = None,
    landing: Landing = None,
    output: Output = None,
    test: Annotated[bool, typer.Option("--test", help="Send a test message to every receiver.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be sent, and send nothing.")] = False,
    lang: Annotated[
        Lang | None, typer.Option("--lang", help="Language of the messages; FENCENG_ALERT_LANG or en by default.")
    ] = None,
) -> None:
    """Tell people what failed, is blocked, late or below a mark, once for each date and cause.

    Receivers are the Apprise urls of FENCENG_ALERT_URLS. Exit code 1 if one did not take a message.
    """
    from expectations.alerts import MarksError, load_marks
    from fenceng.analysis.alerts import alerts_by, newest_known
    from fenceng.words.alerts import print_messages, print_trouble
    from orchestration.alerts.conditions import Alert, Kind
    from orchestration.alerts.messages import message_of
    from orchestration.alerts.receivers import URLS, language_of, receivers_of, send
    from orchestration.alerts.tell import news, tell
    from orchestration.store.releases import current_release

    settings = settings_for(landing, output)
    try:
        marks, language, receivers = load_marks(), language_of(), receivers_of()
    except (SettingsError, MarksError) as error:
        raise wrong_use(str(error)) from None
    if lang:
        language = lang.value
    if not receivers and not dry_run:
        raise wrong_use(f"{URLS} names no receiver; docs/operations.md#alerts shows how, --dry-run prints the messages")
    release, on = current_release(settings.published), as_of.date() if as_of else newest_known(settings)
    if test:
        message = message_of(Alert(Kind.TEST, on), language)
        print_messages(out, [message])
        if missed := () if dry_run else send(message, receivers):
            print_trouble([f"{receiver} did not take the alert" for receiver in missed])
            raise typer.Exit(1)
        return
    alerts = alerts_by(settings, on, marks)
    if dry_run:
        print_messages(out, [message_of(one, language) for one in news(settings, alerts, release)])
        return
    telling = tell(settings, alerts, release, receivers, language)
    print_messages(out, telling.sent)
    if telling.trouble:
        print_trouble(telling.trouble)
        raise typer.Exit(1)
