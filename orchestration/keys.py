"""What Dagster knows about the line at import: asset keys, partitions, and the naming of dbt nodes."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from expectations.contract import load_contract
from expectations.policy.in_force import earliest_date
from orchestration.settings import TIME_ZONE

# Starts on the first day of the policy; a partition costs nothing until it runs.
DAILY = dg.DailyPartitionsDefinition(start_date=earliest_date().isoformat(), timezone=TIME_ZONE)
# Dagster's run tag for the partition, which is the business date.
PARTITION = "dagster/partition"

# Tag of a run: up to which date events are read, if not the business date.
KNOWN_ON = "fenceng/known_on"

LANDED = {name: dg.AssetKey(["landing", name]) for name in load_contract().tables}
DELIVERY = dg.AssetKey(["landing", "delivery"])
RELEASE = dg.AssetKey(["published", "release"])
SERVED = dg.AssetKey(["served", "postgres"])


def mart_key(name: str) -> dg.AssetKey:
    """Return the asset key of a mart."""
    return dg.AssetKey(["marts", name])


class Translator(DagsterDbtTranslator):
    """Map dbt nodes to asset keys of layer and name; a source accepted by gate 1 maps to its landed table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the landed table for an accepted source, the delivery for any other source, else layer and name."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            return LANDED.get(name, DELIVERY) if dbt_resource_props["source_name"] == "accepted" else DELIVERY
        return dg.AssetKey([self.get_group_name(dbt_resource_props) or "dbt", name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer: the first folder under models/ or seeds/."""
        if dbt_resource_props["resource_type"] == "seed":
            return str(dbt_resource_props["fqn"][-2])
        return str(dbt_resource_props["fqn"][1])
