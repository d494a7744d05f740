"""No personal value of the delivery is in what the board shows or keeps."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from served import Board

LANDING = Path(os.environ["BOARD_TEST"]).absolute().parents[2] / "landing"
COLUMNS = {"customer": ("customer_name", "id_number", "mobile_phone"), "employee": ("employee_name",)}


@pytest.fixture(scope="module")
def personal() -> set[str]:
    """Delivered names, identity and telephone numbers; a name of two characters may be a word."""
    values: set[str] = set()
    with duckdb.connect() as connection:
        for table, columns in COLUMNS.items():
            for column in columns:
                query = f"select distinct {column} from read_parquet('{LANDING}/{table}/*/*.parquet')"
                values |= {value for (value,) in connection.execute(query).fetchall() if value and len(value) > 2}
    assert len(values) > 500
    return values


def test_no_chart_and_no_file_of_the_board_holds_a_personal_value(board: Board, personal: set[str]) -> None:
    texts = []
    for info in board.charts.values():
        answer = board.get("admin", f"/api/v1/chart/{info['id']}/data/?force=true")
        assert answer.status_code == 200, answer.text[:600]
        # As text and not with escapes, which would hide Chinese.
        texts.append(str(answer.json()))
    texts += [file.read_bytes().decode("utf-8", "replace") for file in board.home.rglob("*") if file.is_file()]
    said = "\n".join(texts)
    assert len(said) > 100_000
    assert [value for value in sorted(personal) if value in said] == []
