"""What the dictionary says: every delivered and published table with its columns, and what is built from what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from expectations.contract import Column as DeliveredColumn
from expectations.contract import Table as DeliveredTable
from expectations.contract import load_contract
from expectations.policy.in_force import rows_in_force
from expectations.policy.sheets import UnreadableError, read_sheet
from expectations.project import REFERENCE_FOLDER
from orchestration.report.labels import Labels, Text, labels_of
from orchestration.store.mart_labels import ANY, MartLabels, mart_labels
from orchestration.store.publish import MONTH_SCHEMA, OF_ALL_RUNS
from orchestration.store.releases import POLICY, Release

LANDING_LABELS = REFERENCE_FOLDER / "ref_landing_label.csv"
LANDING_TABLE = "landing_table"  # the set of codes of delivered tables
UNIT = "unit"  # the set of codes of units
ROW_CURRENCY = "currency"
# Null while dbt builds the row, so dbt can't constrain it.
FILLED_BY_PUBLICATION = frozenset({("fct_refresh_run", "published_at")})
# The kinds of nodes, in the order in which a row passes them.
DELIVERED, GATE, POLICY_ROWS, REFERENCE_ROWS, EARLIER, STAGING, INTERMEDIATE, MART = (
    "delivered", "gate", "policy", "reference", "earlier", "staging", "intermediate", "mart",
)  # fmt: skip
KINDS = (DELIVERED, GATE, POLICY_ROWS, REFERENCE_ROWS, EARLIER, STAGING, INTERMEDIATE, MART)
_SOURCES = {"accepted": DELIVERED, "gate_1": GATE, "run": GATE, "published": EARLIER}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Codes:
    """A set of codes that a column may hold, with their labels in order."""

    name: str
    labels: Mapping[str, Text]


@dataclass(frozen=True)
class Column:
    """A column of a delivered or published table.

    text: in English what it means, in Chinese what it is called. unit: a code of the set `unit`, or a range; None
    without one. clauses: of the policy rows that it rests on; families: those rows' files. optional: a delivered file
    may lack it. ref: the delivered table that it leads to.
    """

    name: str
    type: str
    text: Text
    level: int
    personal: bool
    is_key: bool
    nullable: bool
    unit: str | None = None
    codes: Sequence[Codes] = ()
    clauses: Sequence[str] = ()
    families: Sequence[str] = ()
    pii: bool = False
    optional: bool = False
    ref: str | None = None
    enum: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """A delivered or published table.

    rows: snapshot or event if delivered; monthly, newest or runs if published. text: its name in Chinese, and for a
    mart what a row is in English. node: its name in the lineage.
    """

    name: str
    rows: str
    text: Text
    grain: Sequence[str]
    columns: Sequence[Column]
    node: str
    required: bool = True

    @property
    def level(self) -> int:
        """The highest level of its columns."""
        return max(column.level for column in self.columns)

    @property
    def is_personal(self) -> bool:
        """Whether any column is about a person."""
        return any(column.personal for column in self.columns)


@dataclass(frozen=True)
class Node:
    """A table on the way from delivery to mart.

    kind: one of KINDS. published_as: the mart whose earlier months it is.
    """

    name: str
    kind: str
    description: str
    parents: Sequence[str]
    children: Sequence[str]
    published_as: str | None = None


@dataclass(frozen=True)
class Clause:
    """A clause of a source document. document: its title."""

    ref: str
    document: Text
    summary: Text


@dataclass(frozen=True)
class Catalogue:
    """Everything that the dictionary says."""

    delivered: Sequence[Table]
    marts: Sequence[Table]
    nodes: Mapping[str, Node]
    clauses: Mapping[str, Clause]
    units: Mapping[str, Text] = field(default_factory=dict)

    def upstream(self, node: str) -> list[Node]:
        """All nodes that a node is built from, however far, by kind and name."""
        return self._reached(node, lambda one: one.parents)

    def downstream(self, node: str) -> list[Node]:
        """All nodes that are built from a node, however far, by kind and name."""
        return self._reached(node, lambda one: one.children)

    def _reached(self, node: str, nearest: Any) -> list[Node]:
        found: set[str] = set()
        waiting = list(nearest(self.nodes[node]))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(nearest(self.nodes[name]))
        return sorted((self.nodes[name] for name in found), key=lambda one: (KINDS.index(one.kind), one.name))


class Policy:
    """The policy rows in force, asked for what a column rests on."""

    def __init__(self, rows: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        """rows: family -> its rows in force."""
        self.rows = rows
        known = sorted((row["clause_ref"] for row in rows["policy_article"]), key=len, reverse=True)
        self._cited = re.compile("|".join(rf"{re.escape(ref)}(?!\w|\(\d)" for ref in known) or "(?!)")
        self._parameters = {row["parameter_id"]: row for row in rows["policy_parameter"]}
        self._measures = {row["measure_id"] for row in rows["policy_measure"]}

    def behind(self, name: str, description: str, code_set: str | None) -> tuple[list[str], list[str]]:
        """The clauses and the families of the rows behind a column, in order.

        They are those that its description names or cites, those that its codes come from, and for a measure those of
        the rules that use it.
        """
        words = set(_WORD.findall(description))
        families = {word for word in words if word in self.rows and word != "policy_parameter"}
        rows = [row for family in sorted(families) for row in self.rows[family]]
        if used := sorted(words & self._parameters.keys()):
            families.add("policy_parameter")
            rows += [self._parameters[word] for word in used]
        if name in self._measures:
            for family in ("policy_tier_rule", "policy_maintainer", "policy_aum_component"):
                using = [row for row in self.rows[family] if row["measure_id"] == name]
                families |= {family} if using else set()
                rows += using
        if code_set:
            family, labelled = self._labelled(code_set)
            families |= {family} if labelled else set()
            rows += labelled
        clauses = {row["clause_ref"] for row in rows if row.get("clause_ref")} | set(self._cited.findall(description))
        return sorted(clauses, key=clause_order), sorted(families)

    def _labelled(self, code_set: str) -> tuple[str, list[Mapping[str, str]]]:
        """The family that names the codes of a set, and its rows of the set; see dim_label."""
        tiers = self.rows["policy_tier"]
        schemes = {row["scheme"]: row for row in self.rows["policy_scheme"]}
        if code_set == "tier":
            return "policy_tier", [row for row in tiers if schemes[row["scheme"]]["purpose"] == "tier"]
        if code_set in schemes:
            return "policy_tier", [row for row in tiers if row["scheme"] == code_set]
        if code_set == "scheme":
            return "policy_scheme", list(schemes.values())
        if code_set in ("role", "role_group", "staff_sequence"):
            return "policy_role", [row for row in self.rows["policy_role"] if row[code_set]]
        if code_set.startswith("metric."):
            kind = code_set.removeprefix("metric.")
            return "policy_metric", [row for row in self.rows["policy_metric"] if row["subject_kind"] == kind]
        return "", []


def clause_order(ref: str) -> tuple[Any, ...]:
    """D2 before D10, and article 2 before article 10."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", ref) if part)


def catalogue_of(release: Release, manifest: Mapping[str, Any], on: date) -> Catalogue:
    """What there is to say of a release whose views stand. manifest: dbt's, of the code that describes it.

    on: the date whose policy rows and labels are used. Raises UnreadableError for rows that can't be read.
    """
    labels = labels_of(release, on)
    folder = release.folder / POLICY
    policy = Policy({file.stem: rows_in_force(file, on) for file in sorted(folder.glob("*.csv"))})
    return Catalogue(
        delivered_tables(labels),
        published_tables(manifest, labels, policy),
        nodes_of(manifest),
        _clauses(policy),
        labels.texts.get(UNIT, {}),
    )


def landing_names() -> Mapping[tuple[str, str], Text]:
    """(delivered table, column) -> its names; the table is ANY for what all tables call alike."""
    sheet = read_sheet(LANDING_LABELS)
    if sheet.problems:
        raise UnreadableError(sheet.problems)
    cells = [line.cells for line in sheet.lines]
    return {(row["table_name"], row["column_name"]): Text(row["label_en"], row["label_zh"]) for row in cells}


def delivered_tables(labels: Labels) -> list[Table]:
    """The tables of the landing contract, in its order."""
    names = landing_names()
    contract = load_contract()
    return [
        Table(
            name=table.name,
            rows=table.kind,
            text=labels.of(LANDING_TABLE, table.name),
            grain=table.key,
            columns=[_delivered(table, column, names, labels, contract.tables.values()) for column in table.columns],
            node=table.name,
            required=table.required,
        )
        for table in contract.tables.values()
    ]


def _delivered(
    table: DeliveredTable,
    column: DeliveredColumn,
    names: Mapping[tuple[str, str], Text],
    labels: Labels,
    tables: Iterable[DeliveredTable],
) -> Column:
    name = names.get((table.name, column.name)) or names.get((ANY, column.name))
    unit = ROW_CURRENCY if column.is_in_row_currency else column.unit
    return Column(
        name=column.name,
        type=column.type,
        text=name or Text(column.name, column.name),
        level=column.level,
        personal=column.personal,
        is_key=column.name in table.key,
        nullable=column.nullable,
        unit="share" if unit == "0..1" else unit,
        codes=_delivered_codes(table, column, labels, tables),
        pii=column.pii,
        optional=column.optional,
        ref=column.ref,
        enum=column.enum,
    )


def _delivered_codes(
    table: DeliveredTable, column: DeliveredColumn, labels: Labels, tables: Iterable[DeliveredTable]
) -> list[Codes]:
    """The labels of an enum: of its own set, of a column of the same name, or of a set of that name."""
    if not column.enum:
        return []
    sets = [f"{table.name}.{column.name}", *(f"{other.name}.{column.name}" for other in tables), column.name]
    known = next((name for name in sets if set(column.enum) <= labels.texts.get(name, {}).keys()), sets[0])
    return [Codes(known, {code: labels.of(known, code) for code in column.enum})]


def published_tables(manifest: Mapping[str, Any], labels: Labels, policy: Policy) -> list[Table]:
    """The marts, by name."""
    names = mart_labels()
    marts = sorted((node for node in manifest["nodes"].values() if is_mart(node)), key=lambda node: node["name"])
    return [
        Table(
            name=node["name"],
            rows=rows_of(node),
            text=Text(_plain(node["description"]), names.of(node["name"]) or node["name"]),
            grain=node["config"]["meta"]["grain"],
            columns=[_published(node, column, names, labels, policy) for column in node["columns"].values()],
            node=node["name"],
        )
        for node in marts
    ]


def is_mart(node: Mapping[str, Any]) -> bool:
    """Whether a node of the manifest is a published table."""
    return bool(node["resource_type"] == "model" and node["path"].startswith("marts/"))


def rows_of(node: Mapping[str, Any]) -> str:
    """Which rows a mart holds: of every month, of the newest date, or of every run."""
    if node["config"].get("schema") == MONTH_SCHEMA:
        return "monthly"
    return "runs" if node["name"] in OF_ALL_RUNS else "newest"


def _published(
    node: Mapping[str, Any], column: Mapping[str, Any], names: MartLabels, labels: Labels, policy: Policy
) -> Column:
    meta = column["config"]["meta"]
    code_set = meta.get("code_set")
    description = _plain(column["description"])
    clauses, families = policy.behind(column["name"], description, code_set)
    return Column(
        name=column["name"],
        type=column["data_type"],
        text=Text(description, names.of(node["name"], column["name"]) or column["name"]),
        level=meta["level"],
        personal=meta["personal"],
        is_key=column["name"] in node["config"]["meta"]["grain"],
        nullable=(node["name"], column["name"]) not in FILLED_BY_PUBLICATION
        and not any(one["type"] == "not_null" for one in column["constraints"]),
        unit=meta.get("unit"),
        codes=_sets(code_set, labels) if code_set else (),
        clauses=clauses,
        families=families,
    )


def _sets(code_set: str, labels: Labels) -> list[Codes]:
    """The set of a column, or all that its set may be where another column of the row decides it."""
    pattern = re.compile(".+".join(re.escape(part) for part in re.split(r"\{\w+\}", code_set)))
    if "{" not in code_set:
        return [Codes(code_set, labels.texts.get(code_set, {}))]
    # A scheme alone would match every set.
    schemes = labels.texts.get("scheme", {})
    chosen = [name for name in sorted(labels.texts) if pattern.fullmatch(name)]
    return [Codes(name, labels.texts[name]) for name in chosen if code_set != "{scheme}" or name in schemes]


def nodes_of(manifest: Mapping[str, Any]) -> dict[str, Node]:
    """All models, seeds and sources by name, with their nearest."""
    named: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] in ("model", "seed"):
            kind = node["fqn"][-2] if node["resource_type"] == "seed" else node["fqn"][1]
            named[key] = (node["name"], MART if kind == "marts" else kind, node)
    for key, node in manifest["sources"].items():
        is_delivered = node["source_name"] == "accepted"
        name = node["name"] if is_delivered else f"{node['source_name']}.{node['name']}"
        named[key] = (name, _SOURCES[node["source_name"]], node)
    parents = {
        key: sorted(named[one][0] for one in node.get("depends_on", {}).get("nodes", []) if one in named)
        for key, (_, _, node) in named.items()
    }
    children: dict[str, list[str]] = {}
    for key, (name, _, _) in named.items():
        for parent in parents[key]:
            children.setdefault(parent, []).append(name)
    return {
        name: Node(
            name,
            kind,
            _plain(node["description"]),
            parents[key],
            sorted(children.get(name, [])),
            node["config"].get("meta", {}).get("published_as") if kind == EARLIER else None,
        )
        for key, (name, kind, node) in named.items()
    }


def _clauses(policy: Policy) -> dict[str, Clause]:
    titles = {
        row["document_id"]: Text(row["title_en"], row["title_zh"]) for row in policy.rows.get("policy_document", ())
    }
    return {
        row["clause_ref"]: Clause(
            row["clause_ref"],
            titles.get(row["document_id"], Text(row["document_id"], row["document_id"])),
            Text(row["summary_en"], row["summary_zh"]),
        )
        for row in policy.rows.get("policy_article", ())
    }


def _plain(description: str) -> str:
    return " ".join(description.split())
