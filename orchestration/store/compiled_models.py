"""The models as dbt compiled them for a release, so that some can be rerun on other policy rows.

A what-if runs the same SQL on other rows. dbt takes seconds to start and writes into a refresh's warehouse; its
compiled SQL needs neither. It is kept with each release, as a record of what produced it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

FILE = "models.json"


@dataclass(frozen=True)
class Node:
    """A model, seed or source. relation: quoted three-part name. sql: compiled, empty unless a model.

    parents: names of the nodes that a model reads. columns: name -> type of a seed's columns.
    """

    name: str
    kind: str
    relation: str
    sql: str = ""
    parents: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CompiledModels:
    """All nodes of a dbt project by name; a source is named `<source>.<table>`."""

    nodes: Mapping[str, Node]

    @classmethod
    def of_run(cls, manifest: Mapping[str, Any], run_results: Mapping[str, Any]) -> CompiledModels:
        """Build from the manifest and run results of a full dbt build."""
        compiled = {result["unique_id"]: result.get("compiled_code") or "" for result in run_results["results"]}
        described = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
        names = {key: node["name"] for key, node in described.items()}
        names |= {key: f"{node['source_name']}.{node['name']}" for key, node in manifest["sources"].items()}
        nodes = {
            names[key]: Node(
                names[key],
                node["resource_type"],
                node["relation_name"],
                compiled.get(key, ""),
                tuple(sorted(names[parent] for parent in node.get("depends_on", {}).get("nodes", []))),
                node["config"].get("column_types") or {},
            )
            for key, node in (described | manifest["sources"]).items()
        }
        return cls(nodes)

    @classmethod
    def load(cls, file: Path) -> CompiledModels:
        """Load from a release. Raises FileNotFoundError if it was published without its models."""
        listed = json.loads(file.read_text(encoding="utf-8"))
        return cls({node["name"]: Node(**(node | {"parents": tuple(node["parents"])})) for node in listed})

    def save(self, file: Path) -> None:
        """Write the nodes as JSON, sorted by name."""
        listed = [asdict(self.nodes[name]) for name in sorted(self.nodes)]
        file.write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def needed(self, targets: Iterable[str], given: Collection[str] = ()) -> list[Node]:
        """Return the nodes that the targets need, parents first, excluding those upstream of `given`."""
        graph: dict[str, tuple[str, ...]] = {}
        waiting = list(targets)
        while waiting:
            name = waiting.pop()
            if name not in graph:
                graph[name] = () if name in given else self.nodes[name].parents
                waiting.extend(graph[name])
        # Sorted, since set order varies between runs.
        ordered = TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)}).static_order()
        return [self.nodes[name] for name in ordered]
