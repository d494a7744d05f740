"""Reads a folder of policy rows: each file with file and line (sheets.py), typed by its YAML.

An unreadable value is a `Problem`, never a traceback. A file's columns, types and key come from the YAML that dbt loads
it with, so the two can't differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from expectations.contract import Contract, load_contract
from expectations.policy.files import family_files
from expectations.policy.model import PolicyRows, Row
from expectations.policy.sheets import (
    PolicyError,
    Problem,
    Schema,
    Sheet,
    policy_schemas,
    read_sheet,
    reference_schemas,
    value_of,
)
from expectations.policy.sheets import shown as shown_path
from expectations.project import POLICY_FOLDER, REFERENCE_FOLDER

# The reference seed of categories without a seed of their own, and of labels for the contract's enums.
CATEGORIES = "ref_category"


def load_policy(
    folder: Path = POLICY_FOLDER,
    *,
    overlay: Path | None = None,
    reference: Path = REFERENCE_FOLDER,
    contract: Contract | None = None,
    is_complete: bool = True,
) -> PolicyRows:
    """Read every policy CSV of a folder. A family that is also in the overlay is read from there as a whole.

    is_complete: whether a missing file is a problem; an older version's release lacks newer families.
    Raises PolicyError if the folder or the overlay is not a folder; everything else wrong with a file is a problem in
    the result.
    """
    for place in (folder, overlay):
        if place and not place.is_dir():
            raise PolicyError(f"no folder of policy CSVs at {place}")
    problems: list[Problem] = []
    files = family_files(folder, overlay)

    def read(file: Path, schema: Schema) -> Sheet:
        return read_sheet(file, schema) if is_complete or file.exists() else Sheet(file, schema, (), ())

    sheets = {
        family: read(files.pop(family, folder / f"{family}.csv"), schema) for family, schema in policy_schemas().items()
    }
    hint = "there is no family of this name; _policy__seeds.yml lists them"
    problems += [_unreadable(file, hint) for file in files.values()]
    problems += _strays(folder, overlay, reference)
    categories = {name: read(reference / f"{name}.csv", schema) for name, schema in reference_schemas().items()}
    problems += [problem for sheet in (*sheets.values(), *categories.values()) for problem in sheet.problems]
    contract = contract or load_contract()
    vocabularies, labels = _vocabularies(categories, contract)
    rows = {family: _rows(sheet) for family, sheet in sheets.items()}
    return PolicyRows(folder, overlay, policy_schemas(), rows, tuple(sorted(problems)), contract, vocabularies, labels)


def _strays(folder: Path, overlay: Path | None, reference: Path) -> list[Problem]:
    """CSVs that look like policy files but are not read, and CSVs that only dbt would read."""
    problems = [
        _unreadable(file, "the name does not end in .csv, in lower case; rename the file")
        for place in (folder, overlay)
        if place
        for file in place.iterdir()
        if file.suffix != ".csv" and file.suffix.lower() == ".csv"
    ]
    known = reference_schemas()
    problems += [
        _unreadable(file, "there is no reference table of this name; _reference__seeds.yml lists them")
        for file in reference.glob("*.csv")
        if file.stem not in known
    ]
    if folder == POLICY_FOLDER:
        problems += [
            _unreadable(file, "only CSVs in policy/ and reference/ are read; move the file out of seeds/")
            for file in POLICY_FOLDER.parent.rglob("*.csv")
            if file.parent not in (POLICY_FOLDER, REFERENCE_FOLDER)
        ]
    return problems


def _unreadable(file: Path, message: str) -> Problem:
    return Problem(shown_path(file), 0, "", "L0", f"unreadable: {message}")


def _rows(sheet: Sheet) -> tuple[Row, ...]:
    columns, file = sheet.schema.columns, shown_path(sheet.file)
    return tuple(
        Row(
            sheet.schema.family,
            file,
            line.number,
            {name: value_of(line.cells[name], kind) for name, kind in columns.items()},
        )
        for line in sheet.lines
    )


def _vocabularies(
    reference: Mapping[str, Sheet], contract: Contract
) -> tuple[dict[str, tuple[str, ...]], dict[str, dict[str, tuple[str, str]]]]:
    values = {
        f"{table.name}.{column.name}": column.enum
        for table in contract.tables.values()
        for column in table.columns
        if column.enum
    }
    labels: dict[str, dict[str, tuple[str, str]]] = {}
    for family, sheet in sorted(reference.items()):
        rows = [line.cells for line in sheet.lines]
        if family == CATEGORIES:
            for row in rows:
                for name in (row["vocabulary"], f"{CATEGORIES}.{row['vocabulary']}"):
                    labels.setdefault(name, {})[row["category"]] = (row["label_en"], row["label_zh"])
                values.setdefault(name, ())
                values[name] = tuple(dict.fromkeys((*values[name], row["category"])))
            continue
        for column in rows[0] if rows else ():
            name = f"{family}.{column}"
            values[name] = tuple(dict.fromkeys(row[column] for row in rows))
            if {"label_en", "label_zh"} <= rows[0].keys():
                labels[name] = {row[column]: (row["label_en"], row["label_zh"]) for row in rows}
    return values, labels
