"""The kinds of charts: what Superset draws one from, and the query behind it.

A chart of the board has `by` (the axis, or the rows), `split` (the series, or the columns), `columns` of a table,
`metrics`, `where` (column, operator, value) and `order` (a column, with a minus for the greatest first).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Spec = dict[str, Any]

KINDS = {
    "number": "big_number_total",
    "bars": "echarts_timeseries_bar",
    "columns": "echarts_timeseries_bar",
    "lines": "echarts_timeseries_line",
    "dots": "echarts_timeseries_scatter",
    "matrix": "heatmap_v2",
    "pivot": "pivot_table_v2",
    "table": "table",
    "list": "table",
}
# Superset cuts off without a word: above what a board can show anyway.
ROWS = 10_000


def query(spec: Spec) -> Spec:
    """The query of a chart, as the API takes it."""
    split = [spec["split"]] if "split" in spec else []
    by = [spec["by"]] if "by" in spec else []
    asked: Spec = {
        "columns": [*by, *split, *spec.get("columns", [])],
        "filters": [_condition(*condition) for condition in spec.get("where", [])],
        "orderby": _order(spec.get("order", [*by, *split])),
        "row_limit": ROWS,
        "extras": {"having": "", "where": ""},
    }
    # A query without metrics gives the rows themselves.
    return asked | ({"metrics": spec["metrics"]} if "metrics" in spec else {})


def params(spec: Spec, formats: Mapping[str, str]) -> Spec:
    """What the browser draws a chart from. formats: how a metric or column is written."""
    shared: Spec = {
        "adhoc_filters": [_adhoc(number, *condition) for number, condition in enumerate(spec.get("where", []))],
        "row_limit": ROWS,
        "extra_form_data": {},
    }
    return shared | _OF[spec["kind"]](spec, formats)


def _condition(column: str, operator: str, value: Any = None) -> Spec:
    return {"col": column, "op": operator} | ({} if value is None else {"val": value})


def _adhoc(number: int, column: str, operator: str, value: Any = None) -> Spec:
    return {
        "expressionType": "SIMPLE",
        "clause": "WHERE",
        "subject": column,
        "operator": operator,
        "operatorId": {
            "==": "EQUALS",
            "!=": "NOT_EQUALS",
            ">": "GREATER_THAN",
            "IN": "IN",
            "IS TRUE": "IS_TRUE",
            "IS NOT NULL": "IS_NOT_NULL",
        }[operator],
        "comparator": value,
        "isExtra": False,
        "isNew": False,
        "sqlExpression": None,
        "filterOptionName": f"filter_{number}",
    }


def _order(names: list[str]) -> list[list[Any]]:
    return [[name.removeprefix("-"), not name.startswith("-")] for name in names]


def _number(spec: Spec, formats: Mapping[str, str]) -> Spec:
    metric = spec["metrics"][0]
    return {"metric": metric, "y_axis_format": formats[metric], "header_font_size": 0.4, "subheader_font_size": 0.15}


def _series(spec: Spec, formats: Mapping[str, str]) -> Spec:
    """Bars, columns, lines and dots over an axis of names."""
    several = "split" in spec or len(spec["metrics"]) > 1
    is_stacked = "split" in spec and not spec.get("beside", False) and spec["kind"] in ("bars", "columns")
    return {
        "x_axis": spec["by"],
        "xAxisForceCategorical": True,
        "x_axis_sort": spec["by"],
        # Of horizontal bars the last stands on top.
        "x_axis_sort_asc": spec["kind"] != "bars",
        "x_axis_sort_series": "name",
        "x_axis_sort_series_ascending": spec["kind"] != "bars",
        "metrics": spec["metrics"],
        "groupby": [spec["split"]] if "split" in spec else [],
        "orientation": "horizontal" if spec["kind"] == "bars" else "vertical",
        "stack": "Stack" if is_stacked else None,
        "show_value": spec["kind"] != "dots" and not several,
        "show_legend": several,
        "legendType": "scroll",
        "legendOrientation": "top",
        "y_axis_format": formats[spec["metrics"][0]],
        "rich_tooltip": True,
        "markerEnabled": True,
        "markerSize": 8,
        "sort_series_type": "name",
        "sort_series_ascending": True,
        "order_desc": True,
        "truncate_metric": True,
        "color_scheme": "supersetColors",
        "comparison_type": "values",
    }


def _matrix(spec: Spec, formats: Mapping[str, str]) -> Spec:
    return {
        "x_axis": spec["by"],
        "groupby": spec["split"],
        "metric": spec["metrics"][0],
        "normalize_across": "y",
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "legend_type": "continuous",
        "linear_color_scheme": "superset_seq_2",
        "show_legend": False,
        "show_percentage": False,
        "show_values": True,
        "value_bounds": [None, None],
        "y_axis_format": formats[spec["metrics"][0]],
        "xscale_interval": -1,
        "yscale_interval": -1,
        "left_margin": "auto",
        "bottom_margin": "auto",
    }


def _pivot(spec: Spec, formats: Mapping[str, str]) -> Spec:
    return {
        "groupbyRows": [spec["by"]],
        "groupbyColumns": [spec["split"]],
        "metrics": spec["metrics"],
        "metricsLayout": "COLUMNS",
        "aggregateFunction": "Sum",
        # Only counts stand in pivots: a total of ratios would be wrong.
        "rowTotals": True,
        "colTotals": True,
        "valueFormat": formats[spec["metrics"][0]],
        "rowOrder": "key_a_to_z",
        "colOrder": "key_a_to_z",
        "order_desc": True,
    }


def _table(spec: Spec, formats: Mapping[str, str]) -> Spec:
    shown = [*spec.get("columns", []), *spec.get("metrics", [])]
    styles = {name: {"d3NumberFormat": formats[name]} for name in shown if formats.get(name)}
    is_list = "metrics" not in spec
    columns: Spec = (
        {
            "query_mode": "raw",
            "all_columns": spec["columns"],
            "order_by_cols": [_cell(pair) for pair in _order(spec["order"])],
        }
        if is_list
        else {"query_mode": "aggregate", "groupby": spec["columns"], "metrics": spec["metrics"], "all_columns": []}
    )
    return columns | {
        "percent_metrics": [],
        "order_desc": False,
        "server_pagination": False,
        "page_length": 20,
        "include_search": is_list,
        "show_cell_bars": False,
        "column_config": styles,
    }


def _cell(pair: list[Any]) -> str:
    """A column and its direction, written as the table wants it."""
    return f'["{pair[0]}", {str(pair[1]).lower()}]'


_OF = {
    "number": _number,
    "bars": _series,
    "columns": _series,
    "lines": _series,
    "dots": _series,
    "matrix": _matrix,
    "pivot": _pivot,
    "table": _table,
    "list": _table,
}
