"""Alerts arrive at real servers with the right words and no secret; a receiver that fails or hangs stops nothing."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
import requests
from support.receivers import mail_server, web_server
from support.small_store import put, settings_of

from expectations.yaml_files import read_yaml
from orchestration.alerts import messages
from orchestration.alerts.conditions import Alert, Kind
from orchestration.alerts.messages import Language, message_of
from orchestration.alerts.receivers import receivers_of, send
from orchestration.alerts.tell import tell, tell_of
from orchestration.alerts.told import FILE, read_told
from orchestration.settings import Settings, SettingsError, settings_from
from orchestration.store.releases import Release

DAY = date(2026, 11, 2)
SECRET = "s3cr3t-token"
STALE = Alert(Kind.BLOCKED, DAY, "customer", "delivery.stale", 310, values={"others": "2"})
NAMED = ("东街支行 41.0%", "西街支行 52.3%")
SHARES = {"share": "0.11%", "mark": "0.10%", "received": "10,000"}
ALERTS = {
    "blocked": STALE,
    "blocked by a mart": Alert(Kind.BLOCKED, DAY, "fct_visit_obligation_monthly", "r", 3, values={"others": "0"}),
    "blocked by a policy row": Alert(Kind.BLOCKED, DAY, "policy_tier_rule.csv:16", "L1", values={"others": "0"}),
    "failed": Alert(Kind.FAILED, DAY, "dbt"),
    "late, delivered": Alert(Kind.LATE, DAY, count=1, values={"newest": "2026-10-30", "delivered": "2026-11-02"}),
    "late, nothing yet": Alert(Kind.LATE, DAY, count=1, values={"newest": "", "delivered": ""}),
    "quarantine": Alert(Kind.QUARANTINE, DAY, "account", "account.a", 11, values=SHARES),
    "compliance": Alert(Kind.COMPLIANCE, date(2026, 10, 1), "outlet", "", 2, NAMED, {"mark": "60%"}),
    "published": Alert(Kind.PUBLISHED, DAY),
    "test": Alert(Kind.TEST, DAY),
}


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_words_in_both_languages(name: str) -> None:
    english, chinese = (message_of(ALERTS[name], language) for language in ("en", "zh"))
    for message in (english, chinese):
        assert message.title
        assert "{" not in message.title + message.body
    assert english.body.count("\n") == chinese.body.count("\n")
    assert not [mark for mark in ",;:()" if mark in re.sub(r"policy_tier_rule.csv:16|10,000", "", chinese.body)]


def test_the_words_of_a_blocked_date() -> None:
    assert message_of(STALE, "en").body.splitlines() == [
        "Date: 2026-11-02",
        "Table: customer",
        "Rule: delivery.stale",
        "Count: 310 rows",
        "What happened: Nothing was published; the release before it stays in force. 2 more findings block it.",
        "What to do: The newest snapshot of the table is older than the date; ask the sender for it."
        " The runbook says how to accept it once.",
    ]
    assert message_of(ALERTS["compliance"], "zh").body.splitlines()[:3] == [
        "月份：2026年10月",
        "机构层级：网点",
        "数量：2个机构低于60%",
    ]


def test_every_rule_that_blocks_a_delivery_has_a_remedy_or_the_general_one() -> None:
    rules = read_yaml(Path(messages.__file__).with_name("words.yml"))["rules"]
    gate_1 = Path(messages.__file__).parents[2] / "expectations" / "gate_1"
    known = {rule["rule"] for name in ("delivery", "share", "sums") for rule in read_yaml(gate_1 / f"{name}.yml")}
    assert {rule for rule in rules if rule.startswith("delivery.")} <= known


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_web_server_and_a_mail_server_get_the_message(language: Language) -> None:
    with web_server() as web, mail_server() as (mail, mails):
        urls = (
            f"json://user:{SECRET}@{web.address}/{SECRET}\nmailto://{mail}?from=fenceng@example.com&to=ops@example.com"
        )
        receivers = receivers_of({"FENCENG_ALERT_URLS": urls})
        message = message_of(STALE, language)
        assert send(message, receivers) == []
    ((path, posted),) = web.posts
    (mailed,) = mails
    assert path == f"/{SECRET}"
    assert (posted["title"], posted["message"]) == (message.title, message.body)
    assert mailed["subject"] == message.title
    part = mailed.get_body(("plain",))
    assert part is not None
    assert part.get_content().split() == message.body.split()
    assert SECRET not in str(posted) + str(mailed)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (f"wecombot://{SECRET}", lambda posted: posted["text"]["content"]),
        (f"dingtalk://{'a' * 64}", lambda posted: posted.get("markdown", posted.get("text"))),
        (f"feishu://{'b' * 36}", lambda posted: posted["content"]["text"]),
    ],
)
def test_the_bots_of_chinese_offices_get_the_message(url: str, text: Callable[[object], object]) -> None:
    """Their addresses are fixed, so that requests to them are led to a local server."""
    post = requests.sessions.Session.request
    with web_server() as web:

        def led(session: requests.Session, method: str, url: str, **options: object) -> requests.Response:
            assert url.startswith("https://")
            return post(session, method, f"http://{web.address}/", **options)  # type: ignore[arg-type]

        with mock.patch.object(requests.sessions.Session, "request", led):
            assert send(message_of(STALE, "zh"), receivers_of({"FENCENG_ALERT_URLS": url})) == []
    ((_, posted),) = web.posts
    assert "2026-11-02数据未发布（被拦截）：customer" in str(text(posted))
    assert "该表最新快照早于业务日期" in str(text(posted))


def test_a_dead_a_refusing_and_a_hanging_receiver(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with web_server() as good, web_server(status=500) as refusing, web_server(pause=30) as hanging:
        urls = " ".join(
            f"json://user:{SECRET}@{address}/{SECRET}"
            for address in (good.address, "127.0.0.1:9", refusing.address, hanging.address)
        )
        receivers = receivers_of({"FENCENG_ALERT_URLS": urls})
        began = time.monotonic()
        missed = send(message_of(STALE, "en"), receivers, patience=3.0)
        assert time.monotonic() - began < 5
    assert [receiver.position for receiver in missed] == [2, 3, 4]
    assert str(missed[0]) == "receiver 2 (json)"
    printed = capfd.readouterr()
    assert SECRET not in caplog.text + printed.out + printed.err + repr(missed)


@pytest.mark.parametrize(
    ("urls", "named"),
    [
        (f"json://127.0.0.1/{SECRET} nothing://{SECRET}", r"receiver 2 \(unknown scheme\)"),
        (SECRET, r"receiver 1 \(unknown scheme\)"),
        (f"dingtalk://{SECRET}", r"receiver 1 \(dingtalk\)"),
        ("json://", r"receiver 1 \(json\)"),
    ],
)
def test_an_unusable_url_is_named_by_place_and_scheme(
    urls: str, named: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SettingsError, match=named) as raised:
        receivers_of({"FENCENG_ALERT_URLS": urls})
    printed = capfd.readouterr()
    assert SECRET not in f"{raised.value!r}{raised.value.__context__!r}{printed}{caplog.text}"


def test_the_settings_of_a_run_do_not_hold_the_urls(tmp_path: Path) -> None:
    environment = {"FENCENG_ALERT_URLS": f"json://{SECRET}", "FENCENG_ALERT_LANG": "zh"}
    settings = settings_from(environment, landing=str(tmp_path), output=str(tmp_path))
    assert SECRET not in f"{settings!r}{settings.as_text()}{settings.environment()}"


def test_the_same_alert_is_sent_once_and_a_recovery_after_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    before = published(settings, date(2026, 10, 30), 1)
    with web_server() as web:
        environment = {"FENCENG_ALERT_URLS": f"json://{web.address}"}
        for _ in range(2):
            assert tell_of(settings, [STALE], before, environment).trouble == ()
        assert titles(web.posts) == ["Fenceng - 2026-11-02 is blocked: customer"]
        other = Alert(Kind.BLOCKED, DAY, "account", "delivery.empty", values={"others": "0"})
        tell_of(settings, [other], before, environment)
        after = published(settings, DAY, 2)
        for _ in range(2):
            tell_of(settings, [], after, environment)
        assert titles(web.posts)[1:] == [
            "Fenceng - 2026-11-02 is blocked: account",
            "Fenceng - 2026-11-02 is published again",
        ]
        tell_of(settings, [STALE], after, environment)
        assert len(web.posts) == 4, "a settled date that is blocked again is told of again"
        # Told of a date before the newest: only a release of that very date settles it.
        tell_of(settings, [], published(settings, date(2026, 11, 3), 3), environment)
        assert len(web.posts) == 4


def test_what_nobody_took_is_told_again(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    telling = tell_of(settings, [STALE], None, {"FENCENG_ALERT_URLS": "json://127.0.0.1:9"})
    assert telling.trouble == ("receiver 1 (json) did not take the alert",)
    with web_server() as web:
        (settings.output / FILE).parent.mkdir(parents=True, exist_ok=True)
        (settings.output / FILE).write_text('{"causes": 3}', encoding="utf-8")
        tell(settings, [STALE], None, receivers_of({"FENCENG_ALERT_URLS": f"json://{web.address}"}), "en")
    assert len(web.posts) == 1
    assert read_told(settings).causes == [STALE.cause]
    assert SECRET not in (settings.output / FILE).read_text(encoding="utf-8")


def published(settings: Settings, day: date, version: int) -> Release:
    return put(settings, day, version)


def titles(posts: list[tuple[str, dict[str, str]]]) -> list[str]:
    return [posted["title"] for _, posted in posts]
