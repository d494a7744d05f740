"""The assets that Superset imports, made from the YAML beside this module: one dashboard a language.

A data set and a chart are written once, with their words in Chinese and English; Superset has one name for each, so it
gets each twice. The names of files and the identifiers follow from the names here, so that an import overwrites.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bi.superset import charts

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
DATABASE = "fenceng"
# How amounts, shares and counts are written (d3-format), by the unit of a metric or column.
FORMATS = {"money": ",.2f", "share": ".1%", "": ",d"}
# Of columns, by their type.
_UNITS = {"DECIMAL": "money", "BIGINT": ""}
# What identifies the assets of this board, in Superset's own terms.
_NAMESPACE = uuid.UUID("7d3f6c50-7f2b-5a0e-9d0c-3f8d0b1e6a11")

Spec = dict[str, Any]


@dataclass(frozen=True)
class Dataset:
    """A data set of one language. rights: the kind of rows, see rights.py; columns: those that Superset shows."""

    id: str
    lang: str
    rights: str
    columns: tuple[str, ...]
    uuid: str
    asset: Spec
    # The unit of each metric and column that has one, and whether a column is a decimal number.
    units: Mapping[str, str]


def uuid_of(*names: str) -> str:
    """The identifier of an asset, the same in every import."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def slug(lang: str) -> str:
    """The last part of a dashboard's address."""
    return f"board-{lang}"


def read(name: str) -> Any:
    """A YAML file beside this module."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def datasets(lang: str) -> dict[str, Dataset]:
    """The data sets of a language by their id, the name of the file."""
    shared, money = read("datasets/_shared.yml"), read("board.yml")["money"][lang]
    files = sorted(path for path in (HERE / "datasets").glob("*.yml") if not path.name.startswith("_"))
    return {path.stem: _dataset(path.stem, read(f"datasets/{path.name}"), shared, money, lang) for path in files}


def tabs() -> list[Spec]:
    """The tabs with their charts, in the order of their files' names."""
    return [read(f"charts/{path.name}") for path in sorted((HERE / "charts").glob("*.yml"))]


def chart_specs() -> Iterator[Spec]:
    """Every chart, in the order of the board."""
    for tab in tabs():
        for row in tab["rows"]:
            yield from row["charts"]


def bundle(uri: str) -> dict[str, str]:
    """The files of an import by path. uri: of the database with the marts."""
    files: dict[str, Spec] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"},
        f"databases/{DATABASE}.yaml": _database(uri),
    }
    for lang in LANGUAGES:
        sets = datasets(lang)
        for dataset in sets.values():
            files[f"datasets/{DATABASE}/{dataset.id}_{lang}.yaml"] = dataset.asset
        for spec in chart_specs():
            files[f"charts/{spec['id']}_{lang}.yaml"] = _chart(spec, sets[spec["dataset"]], lang)
        files[f"dashboards/board_{lang}.yaml"] = _dashboard(sets, lang)
    # Superset refuses to change by hand what comes from elsewhere, and an import would overwrite it.
    assets = {
        path: asset if path == "metadata.yaml" else {**asset, "is_managed_externally": True}
        for path, asset in files.items()
    }
    return {path: yaml.safe_dump(asset, allow_unicode=True, sort_keys=False) for path, asset in assets.items()}


def sql_of(spec: Spec, shared: Mapping[str, str], lang: str) -> str:
    """The query of a data set: the shared queries that it uses, then its own."""
    words = {word: text[lang] for word, text in spec.get("words", {}).items()}
    parts = [(name, shared[name]) for name in spec.get("uses", [])] + [("final", spec["sql"])]
    ctes = ",\n\n".join(f"{name} as (\n{_indented(text)}\n)" for name, text in parts)
    query = f"with\n\n{ctes}\n\nselect * from final"
    for word, text in {"lang": lang, **words}.items():
        query = query.replace(f"{{{word}}}", text)
    return query


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())


def _database(uri: str) -> Spec:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": uri,
        # SQL Lab is for administrators alone: row rules hold for data sets.
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "allow_run_async": False,
        "extra": {"allows_virtual_table_explore": False, "disable_data_preview": True},
        "uuid": uuid_of("database"),
        "version": "1.0.0",
    }


def _dataset(name: str, spec: Spec, shared: Mapping[str, str], money: Spec, lang: str) -> Dataset:
    units = {column: texts["unit"] for column, texts in spec["columns"].items() if "unit" in texts}
    units |= {column: _UNITS[texts["type"]] for column, texts in spec["columns"].items() if texts.get("type") in _UNITS}
    units |= {metric: texts.get("unit", "") for metric, texts in spec.get("metrics", {}).items()}
    identifier = uuid_of("dataset", name, lang)
    asset = {
        "table_name": f"{spec['name'][lang]} ({name}_{lang})",
        "description": f"rights: {spec['rights']}",
        "schema": None,
        "sql": sql_of(spec, shared, lang),
        "filter_select_enabled": True,
        "columns": [
            {
                "column_name": column,
                "verbose_name": texts[lang],
                "type": texts.get("type", "VARCHAR"),
                "is_dttm": False,
                "is_active": True,
                "groupby": True,
                "filterable": True,
            }
            for column, texts in spec["columns"].items()
        ],
        "metrics": [_metric(metric, texts, money, lang) for metric, texts in spec.get("metrics", {}).items()],
        "uuid": identifier,
        "version": "1.0.0",
        "database_uuid": uuid_of("database"),
    }
    return Dataset(name, lang, spec["rights"], tuple(spec["columns"]), identifier, asset, units)


def _metric(name: str, texts: Spec, money: Spec, lang: str) -> Spec:
    """A metric; that of a ratio is a quotient of sums, so that it stays right for any rows that are picked."""
    unit, label = texts.get("unit", ""), texts[lang]
    expression = texts.get("sql") or "1.0 * {} / nullif({}, 0)".format(*texts["ratio"])
    if unit == "money":
        expression = f"{expression} / {money['divide_by']}.0"
        label = with_unit(label, money, lang)
    return {"metric_name": name, "verbose_name": label, "expression": expression, "d3format": FORMATS[unit]}


def _chart(spec: Spec, dataset: Dataset, lang: str) -> Spec:
    """A chart: what the browser draws it from, and the query of the same, which the API answers without a browser."""
    formats = {name: FORMATS[unit] for name, unit in dataset.units.items()}
    params = {**charts.params(spec, formats), "viz_type": charts.KINDS[spec["kind"]]}
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [charts.query(spec)],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": _chart_name(spec, dataset, lang),
        "viz_type": params["viz_type"],
        "params": params,
        "query_context": json.dumps(context, ensure_ascii=False),
        "uuid": uuid_of("chart", spec["id"], lang),
        "version": "1.0.0",
        "dataset_uuid": dataset.uuid,
    }


def _chart_name(spec: Spec, dataset: Dataset, lang: str) -> str:
    """A chart's name; one that writes no names of metrics beside the numbers says the unit of its amounts itself."""
    has_unit = spec["kind"] in ("number", "bars") and dataset.units.get(spec["metrics"][0]) == "money"
    return with_unit(spec["name"][lang], read("board.yml")["money"][lang], lang) if has_unit else spec["name"][lang]


def with_unit(name: str, money: Spec, lang: str) -> str:
    """A name with the unit of amounts."""
    return f"{name}（{money['unit']}）" if lang == "zh" else f"{name} ({money['unit']})"


def _dashboard(sets: Mapping[str, Dataset], lang: str) -> Spec:
    board = read("board.yml")
    # Superset replaces these numbers by those that the import gives.
    numbers = {spec["id"]: number for number, spec in enumerate(chart_specs(), start=1)}
    return {
        "dashboard_title": board["title"][lang],
        "slug": slug(lang),
        "uuid": uuid_of("dashboard", lang),
        "published": True,
        "position": _position(board["title"][lang], numbers, sets, lang),
        "metadata": {
            "native_filter_configuration": [_filter(spec, sets, numbers, lang) for spec in board["filters"]],
            "cross_filters_enabled": True,
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
        },
        "version": "1.0.0",
    }


def _position(title: str, numbers: Mapping[str, int], sets: Mapping[str, Dataset], lang: str) -> Spec:
    """Where the charts stand: tabs, rows, and twelve columns that the charts of a row share."""
    position: Spec = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["TABS-board"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": title}},
        "TABS-board": {"id": "TABS-board", "type": "TABS", "children": [], "parents": ["ROOT_ID"], "meta": {}},
    }

    def put(kind: str, name: str, parents: list[str], meta: Spec) -> str:
        key = f"{kind}-{name}"
        position[key] = {"id": key, "type": kind, "children": [], "parents": parents, "meta": meta}
        position[parents[-1]]["children"].append(key)
        return key

    above = ["ROOT_ID", "TABS-board"]
    for number, tab in enumerate(tabs(), start=1):
        in_tab = [*above, put("TAB", str(number), above, {"text": tab["tab"][lang]})]
        for place, row in enumerate(tab["rows"], start=1):
            look = {"background": "BACKGROUND_TRANSPARENT"}
            in_row = [*in_tab, put("ROW", f"{number}-{place}", in_tab, look)]
            for spec in row["charts"]:
                meta = {
                    "chartId": numbers[spec["id"]],
                    "uuid": uuid_of("chart", spec["id"], lang),
                    "sliceName": _chart_name(spec, sets[spec["dataset"]], lang),
                    "width": spec.get("width", 12 // len(row["charts"])),
                    "height": row["height"],
                }
                put("CHART", spec["id"], in_row, meta)
    return position


def _filter(spec: Spec, sets: Mapping[str, Dataset], numbers: Mapping[str, int], lang: str) -> Spec:
    newest = spec.get("newest", False)
    # A trend shows every month whatever month is picked.
    outside = [numbers[chart["id"]] for chart in chart_specs() if newest and chart.get("every_month")]
    return {
        "id": f"NATIVE_FILTER-{spec['id']}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": spec["name"][lang],
        "targets": [{"datasetUuid": sets[spec["dataset"]].uuid, "column": {"name": spec["column"]}}],
        "controlValues": {
            "multiSelect": not newest,
            "enableEmptyFilter": newest,
            "defaultToFirstItem": newest,
            "sortAscending": not newest,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [f"NATIVE_FILTER-{spec['below']}"] if "below" in spec else [],
        # No chart is drawn before the newest is known.
        **({"requiredFirst": True} if newest else {}),
        "scope": {"rootPath": ["ROOT_ID"], "excluded": outside},
        "chartsInScope": [],
        "tabsInScope": [],
        "description": "",
    }
