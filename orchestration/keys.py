"""What Dagster knows of the line at import: its assets' keys, their partitions, and how dbt's nodes are named."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from expectations.contract import load_contract
from expectations.policy.in_force import earliest_date
from orchestration.settings import TIME_ZONE

# From the first day of the policy on; a partition costs nothing until it is run.
DAILY = dg.DailyPartitionsDefinition(start_date=earliest_date().isoformat(), timezone=TIME_ZONE)
# Dagster's tag of a run's partition, which is its business date.
PARTITION = "dagster/partition"

LANDED = {name: dg.AssetKey(["landing", name]) for name in load_contract().tables}
DELIVERY = dg.AssetKey(["landing", "delivery"])
RELEASE = dg.AssetKey(["published", "release"])


def mart_key(name: str) -> dg.AssetKey:
    """The key of a mart."""
    return dg.AssetKey(["marts", name])


class Translator(DagsterDbtTranslator):
    """Names of assets: a layer and a name; what gate 1 accepted is the landed table."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The landed table for an accepted source, the delivery for other sources, layer and name otherwise."""
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            return LANDED.get(name, DELIVERY) if dbt_resource_props["source_name"] == "accepted" else DELIVERY
        return dg.AssetKey([self.get_group_name(dbt_resource_props) or "dbt", name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: the first folder under models/ or seeds/."""
        if dbt_resource_props["resource_type"] == "seed":
            return str(dbt_resource_props["fqn"][-2])
        return str(dbt_resource_props["fqn"][1])
