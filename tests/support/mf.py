"""Asks MetricFlow several questions in one process of its own: dbt and MetricFlow change much of a process's state.

Run with an output folder; reads a list of questions as JSON and answers with a list of tables.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.house import clean_environment

# What MetricFlowQueryRequest.create is called with.
Question = dict[str, Any]
Row = dict[str, Any]


# The rows of a table, or why there are none.
Answer = list[Row] | str


def ask(output: Path, questions: Sequence[Question]) -> list[Answer]:
    """Ask the release in force of an output folder; a value is a number, a text, a day or time as text, or None."""
    done = subprocess.run(
        [sys.executable, "-m", "support.mf", str(output)],
        input=json.dumps(questions),
        env=clean_environment({"PYTHONPATH": str(Path(__file__).parents[1])}),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answers: list[Answer] = json.loads(done.stdout.splitlines()[-1])
    return answers


def main() -> None:
    """Answer the questions of the standard input."""
    from fenceng.metricflow import enter
    from orchestration.settings import settings_from

    questions = json.load(sys.stdin)
    enter(settings_from(output=sys.argv[1]))
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    configuration = CLIConfiguration()
    configuration.setup(configure_file_logging=False)
    answers: list[Answer] = []
    for question in questions:
        try:
            table = configuration.mf.query(MetricFlowQueryRequest.create(**question)).result_df
        except Exception as error:  # so that one question does not cost the answers of all others
            answers.append(f"{question}: {error}")
        else:
            assert table is not None
            answers.append([dict(zip(table.column_names, row, strict=True)) for row in table.rows])
    sys.stdout.write("\n" + json.dumps(answers, default=str))


if __name__ == "__main__":
    main()
