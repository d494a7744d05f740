"""A policy's files on a date: rows, parameters, and the identifying hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from expectations.contract import limit_name
from expectations.policy.files import family_files
from expectations.policy.model import BASE_SCENARIO
from expectations.policy.sheets import CellValue, PolicyError, UnreadableError, read_sheet, value_of
from expectations.policy.sheets import shown as shown_path
from expectations.project import POLICY_FOLDER


def rows_in_force(file: Path, on: date, scenario: str = BASE_SCENARIO) -> list[dict[str, str]]:
    """The rows of one policy CSV in force on a date, as canonical text; validity is half-open, an empty end is open.

    A file without validity (documents, measures) is always in force. Raises UnreadableError naming file and line.
    """
    sheet = read_sheet(file)
    if sheet.problems:
        raise UnreadableError(sheet.problems)
    rows = [dict(line.cells) for line in sheet.lines]
    if not sheet.schema.has_validity:
        return rows
    day = on.isoformat()
    return [
        row
        for row in rows
        if row["scenario"] == scenario and row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
    ]


def values_in_force(file: Path, on: date) -> list[dict[str, CellValue]]:
    """The values of one policy CSV's rows in force on a date, without their validity: 50000 equals 50000.00."""
    columns = read_sheet(file).schema.columns
    return [
        {name: value_of(text, columns[name]) for name, text in row.items() if name not in ("valid_from", "valid_to")}
        for row in rows_in_force(file, on)
    ]


def parameters(on: date, folder: Path = POLICY_FOLDER, overlay: Path | None = None) -> dict[str, str]:
    """The values filled into the gates' rules, as text: the scalars by name, and the amount limits.

    Raises UnreadableError.
    """
    files = family_files(folder, overlay)

    def rows(family: str) -> list[dict[str, str]]:
        return rows_in_force(files.get(family, folder / f"{family}.csv"), on)

    scalars = {row["parameter_id"]: row["number_value"] for row in rows("policy_parameter")}
    limits = {
        limit_name(row["table_name"], row["column_name"]): row["amount_limit"] for row in rows("policy_amount_limit")
    }
    return scalars | limits


def earliest_date(folder: Path = POLICY_FOLDER) -> date:
    """The first date on which any policy row is in force; before it nothing can be decided.

    Unreadable rows are skipped: the lint names them. Raises PolicyError if no row is left.
    """
    dates = [
        line.cells["valid_from"]
        for file in family_files(folder).values()
        for line in read_sheet(file).lines
        if "valid_from" in line.cells
    ]
    if not dates:
        raise PolicyError(f"no row of {shown_path(folder)} can be read; `fenceng policy lint` says why")
    return date.fromisoformat(min(dates))


def policy_version(on: date, folder: Path = POLICY_FOLDER, overlay: Path | None = None) -> str:
    """A short hash of all policy rows of a folder in force on a date; see version_of."""
    return version_of(family_files(folder, overlay).values(), on)


def version_of(files: Iterable[Path], on: date) -> str:
    """A short hash of the files' rows in force: equal versions mean equal rows, in any file order.

    Validity dates are not part of it: closing a row on a future date does not change what it says of earlier days, and
    must not change a rebuilt month.
    """
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        said = [
            {name: value for name, value in row.items() if name not in ("valid_from", "valid_to")}
            for row in rows_in_force(file, on)
        ]
        lines = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in said)
        digest.update("\n".join([file.name, *lines, ""]).encode())
    return f"policy-{digest.hexdigest()[:12]}"
