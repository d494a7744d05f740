"""The two contracts in the Open Data Contract Standard: what the bank delivers, and what readers may rely on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from open_data_contract_standard.model import (
    CustomProperty,
    DataQuality,
    Description,
    EnumValue,
    OpenDataContractStandard,
    Relationship,
    SchemaObject,
    SchemaProperty,
    Server,
    Synonym,
)

from expectations.contract import load_contract
from orchestration.dictionary.catalogue import Catalogue, Column, Table

API_VERSION = "v3.2.0"
LANDING_FILE = "landing.odcs.yaml"
MARTS_FILE = "marts.odcs.yaml"
# The contract's types, and those of the standard. A decimal is a number.
_LOGICAL = {
    "varchar": "string",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
    "integer": "integer",
    "bigint": "integer",
    "double": "number",
}


@dataclass(frozen=True)
class _Contract:
    """One of the two contracts. path: of a table's files, where {table} stands for its name."""

    id: str
    name: str
    purpose: str
    usage: str
    limitations: str
    path: str
    tables: Sequence[Table]


def write_contracts(catalogue: Catalogue, folder: Path) -> list[Path]:
    """Write both contracts into a folder, and return the files. Raises OSError."""
    delivered = _Contract(
        id="fenceng-landing",
        name="Landing contract",
        purpose="What the bank delivers, as of a business date.",
        usage="A partition a table and date. Gate 1 checks each delivery against it.",
        limitations="Confidential: columns tagged pii identify a person and never leave the scratch warehouse.",
        path="landing/{table}/*/*.parquet",
        tables=catalogue.delivered,
    )
    marts = _Contract(
        id="fenceng-marts",
        name="Contract of the marts",
        purpose="Customer tiers and visit compliance, with the reasons for each.",
        usage="A monthly table holds every published month, in a file each.",
        limitations="No column identifies a person by itself; rows about customers and employees stay personal.",
        path="published/current/{table}/*.parquet",
        tables=catalogue.marts,
    )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file, contract in ((folder / LANDING_FILE, delivered), (folder / MARTS_FILE, marts)):
        file.write_text(_document(contract).to_yaml(), encoding="utf-8")
        written.append(file)
    return written


def _document(contract: _Contract) -> OpenDataContractStandard:
    return OpenDataContractStandard(
        apiVersion=API_VERSION,
        kind="DataContract",
        id=contract.id,
        name=contract.name,
        version=version("fenceng"),
        status="active",
        domain="banking",
        description=Description(
            purpose=contract.purpose,
            usage=contract.usage,
            limitations=contract.limitations,
        ),
        servers=[Server(server="files", type="local", path=contract.path, format="parquet")],
        schema=[_table(table) for table in contract.tables],
    )


def _table(table: Table) -> SchemaObject:
    return SchemaObject(
        name=table.name,
        physicalName=table.name,
        physicalType="table",
        logicalType="object",
        businessName=table.text.zh,
        description=table.text.en,
        dataGranularityDescription=f"One row per {', '.join(table.grain)}",
        tags=[table.rows],
        properties=[_column(table, column) for column in table.columns],
        quality=_quality(table),
    )


def _column(table: Table, column: Column) -> SchemaProperty:
    keyed = _is_key(table) and column.is_key
    return SchemaProperty(
        name=column.name,
        businessName=column.text.zh,
        description=column.text.en,
        synonyms=[Synonym(synonym=column.text.zh, locale="zh-CN")],
        logicalType=_logical(column.type),
        physicalType=column.type,
        required=not column.nullable,
        primaryKey=keyed or None,
        primaryKeyPosition=list(table.grain).index(column.name) + 1 if keyed else None,
        classification=str(column.level),
        tags=["pii"] if column.pii else None,
        enum=[EnumValue(value=code, label=_label(column, code)) for code in column.enum] or None,
        relationships=[Relationship(type="foreignKey", to=f"{column.ref}.{_key_of(column.ref)}")]
        if column.ref
        else None,
        customProperties=[
            CustomProperty(property="jrt0197Level", value=column.level),
            CustomProperty(property="personal", value=column.personal),
            *([CustomProperty(property="unit", value=column.unit)] if column.unit else []),
            *([CustomProperty(property="codeSet", value=[one.name for one in column.codes])] if column.codes else []),
            *([CustomProperty(property="clauses", value=list(column.clauses))] if column.clauses else []),
        ],
    )


def _quality(table: Table) -> list[DataQuality]:
    """The key is unique; within a partition of a snapshot, over all partitions of an event table."""
    where = "in each partition" if table.rows == "snapshot" else "in all partitions"
    return [
        DataQuality(
            name=f"{table.name}_key",
            description=f"No two rows have the same {', '.join(table.grain)}, {where}.",
            dimension="uniqueness",
            type="library",
            metric="duplicateValues",
            arguments={"properties": list(table.grain)},
            mustBe=0,
            # Their defaults are stated in a way that mypy can't see.
            mustBeBetween=None,
            mustNotBeBetween=None,
        )
    ]


def _is_key(table: Table) -> bool:
    """Whether the grain can be a primary key, none of whose columns is ever null."""
    return not any(column.is_key and column.nullable for column in table.columns)


def _key_of(table: str) -> str:
    (key,) = load_contract().tables[table].key
    return key


def _label(column: Column, code: str) -> str | None:
    return next((one.labels[code].zh for one in column.codes if code in one.labels), None)


def _logical(kind: str) -> str:
    return _LOGICAL.get(re.sub(r"\(.*", "", kind), "number")
