"""What Dagster's pages say of a run that ends early, read from the events of a run in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import dagster as dg
import pytest
from support.receivers import web_server
from support.small_bank import D, SmallBank

from orchestration.alerts.sensors import alert_on_failure
from orchestration.definitions import defs
from orchestration.keys import DELIVERY, LANDED, PARTITION
from orchestration.on_page import on_page
from orchestration.resources import run_config_of
from orchestration.settings import Settings

STALE = (
    "customer: the newest partition of a required snapshot is older than the business date; deliver it, or accept it"
    " with {} [delivery.stale]"
)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> SmallBank:
    """A delivery whose customers are a day old."""
    bank = SmallBank(tmp_path_factory.mktemp("stale"))
    bank.add_sound()
    bank.write()
    today = bank.folder("customer")
    today.rename(today.with_name(f"biz_date={D - timedelta(days=1)}"))
    return bank


@contextmanager
def run(settings: Settings, **tags: str) -> Iterator[tuple[dg.ExecuteInProcessResult, dg.DagsterInstance]]:
    """Landing and gate 1 of a date; the settings in the run config are those of the command line."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield (
            defs.resolve_job_def("refresh").execute_in_process(
                instance=instance,
                raise_on_error=False,
                tags={PARTITION: D.isoformat()} | {f"fenceng/{name}": value for name, value in tags.items()},
                asset_selection=[*LANDED.values(), DELIVERY],
                run_config={
                    "resources": {"settings": run_config_of(settings)},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
            ),
            instance,
        )


def metadata_of(result: dg.ExecuteInProcessResult, asset: dg.AssetKey) -> Mapping[str, dg.MetadataValue]:
    (found,) = [one for one in result.get_asset_check_evaluations() if one.asset_key == asset]
    return found.metadata


def test_a_blocked_run_begins_with_the_finding_and_tells_the_sensor(
    bank: SmallBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run(bank.settings) as (result, instance):
        (failure,) = [event for event in result.all_events if event.is_step_failure]
        data = failure.step_failure_data
        assert data.error is not None
        assert data.error.message.startswith(f"Blocked: {D}, {STALE.format('the tag fenceng/allow_stale=true')}")
        assert "--allow" not in data.error.message
        assert (data.error.cause, data.error.context) == (None, None)
        assert data.user_failure_data is not None
        assert "Re-execute" in str(data.user_failure_data.metadata["what_to_do"])
        (checked,) = [one for one in result.get_asset_check_evaluations() if one.asset_key == LANDED["customer"]]
        assert checked.metadata["business_date"].value == D.isoformat()
        assert not checked.passed
        monkeypatch.setenv("FENCENG_OUTPUT", str(bank.settings.output))
        (ended,) = [event for event in result.all_events if event.is_run_failure]
        with web_server() as web:
            monkeypatch.setenv("FENCENG_ALERT_URLS", f"json://{web.address}")
            for _ in range(2):
                alert_on_failure(
                    dg.build_run_status_sensor_context(
                        sensor_name="alert_on_failure",
                        dagster_event=ended,
                        dagster_instance=instance,
                        dagster_run=result.dagster_run,
                    ).for_run_failure()
                )
        assert [posted["title"] for _, posted in web.posts] == [f"Fenceng - {D} is blocked: customer"]


def test_a_tag_allows_for_one_run_what_the_option_allows(bank: SmallBank) -> None:
    with run(bank.settings, allow_stale="true") as (result, _):
        assert result.success
        found = metadata_of(result, LANDED["customer"])
        assert "is used because of the tag fenceng/allow_stale=true" in str(found["findings"].value)
        counts = {name: found[name] for name in ("received", "accepted", "quarantined")}
        assert {type(count) for count in counts.values()} == {dg.IntMetadataValue}
        assert counts["received"].value == len(bank.rows["customer", D])


def test_a_tag_with_another_value_is_refused(bank: SmallBank) -> None:
    with run(bank.settings, allow_older="yes") as (result, _):
        assert not result.success
        assert "FENCENG_ALLOW_OLDER must be true or false, not 'yes'" in str(
            [event.message for event in result.all_events if event.is_failure]
            + [event.event_specific_data for event in result.all_events if event.is_failure]
        )


def test_options_become_tags_on_a_page() -> None:
    assert (
        on_page("--allow-older, or another --output") == "the tag fenceng/allow_older=true, or another FENCENG_OUTPUT"
    )
