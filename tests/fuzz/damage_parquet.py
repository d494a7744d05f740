"""Parquet as other programs write it: physical types, layout, columns too many, too few or renamed."""

from __future__ import annotations

from pathlib import Path

import duckdb
from reference.reading import exact

from .catalogue import NothingToDamageError, damage
from .zone import Zone

# {c}: the column; {n}: its digits as a number, if it has any.
NUMBERS = [
    "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint", "uhugeint",
    "float", "double", "decimal(18,0)", "decimal(38,0)", "decimal(18,4)", "decimal(18,2)", "decimal(9,2)",
    "decimal(4,1)", "decimal(38,10)", "decimal(38,2)",
]  # fmt: skip
DATES = [
    "date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz",
    "timestamp '1970-01-01' + to_microseconds(1) + ({c}::date - date '1970-01-01') * interval 1 day",
    "({c}::varchar || ' 12:30:00')::timestamp", "({c}::varchar || ' 00:00:00+00')::timestamptz",
    "({c}::varchar || ' 00:00:00+08')::timestamptz", "({c}::varchar || ' 23:00:00-05')::timestamptz",
]  # fmt: skip
CONSTANTS = [
    "null::integer[]", "null::float", "null", "null::struct(a integer)", "null::time", "null::blob", "null::boolean",
    "null::timestamptz", "[1, 2]", "{'a': 1}", "map {'a': 1}", "time '10:00:00'", "interval 1 day", "uuid()", "true",
    "1::bigint", "0::utinyint", "1.5::double", "'nan'::double", "'inf'::double", "-0.0::double", "'nan'::float",
    "date '2026-10-31'", "'infinity'::date", "'12026-01-01'::date", "'0044-03-15 (BC)'::date", "'infinity'::timestamp",
    "'infinity'::timestamptz", "timestamp_ns '2026-10-31 00:00:00.000000001'", "'x'::blob", "'\\xC8\\xD5'::blob",
    "''::blob", "encode('中文')", "'{\"a\": 1}'::json", "'a'::enum('a', 'b')", "''", "1e300::double", "1e-300::double",
    "99999999999999999999999999999999999999::hugeint", "7.1200000001::double", "7.12000000001::double", "'101'::bit",
    "if(random() < 0.5, null, 1)", "if(random() < 0.1, [1], null)", "timestamp '9999-12-31 00:00:00'", "1.005::double",
    "70368744177664::double", "70368744177663.5::double", "0.1::float", "16777217::float", "time_ns '10:00:00'",
]  # fmt: skip


def _columns(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect() as connection:
        described = connection.execute(
            "describe select * from read_parquet(?, hive_partitioning = false)", [exact(path)]
        ).fetchall()
    return [(row[0], row[1]) for row in described]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _replaced(zone: Zone, path: Path, changes: dict[str, str], options: str = "") -> None:
    listed = ", ".join(f"{sql} as {_quoted(name)}" for name, sql in changes.items())
    columns = f"* replace ({listed})" if changes else "*"
    seed = zone.rng.random()
    try:
        zone.reparquet(path, columns, options, ["set timezone = 'Asia/Shanghai'", f"select setseed({seed})"])
    except duckdb.Error as error:
        raise NothingToDamageError from error
    zone.note(f"{path.relative_to(zone.landing)}: {columns}{options}"[:400])


def _a_cast(zone: Zone, name: str, kind: str) -> str:
    """A column in another physical type, its values kept if possible."""
    column = _quoted(name)
    if zone.rng.random() < 0.3:
        return zone.rng.choice(CONSTANTS)
    if "DATE" in kind and zone.rng.random() < 0.8:
        target = zone.rng.choice(DATES)
        return target.format(c=column) if "{c}" in target else f"cast({column} as {target})"
    if zone.rng.random() < 0.2:
        bytes_too = [
            "encode({c}::varchar)",
            "{c}::varchar",
            "{c}::varchar::json",
            "[{c}]",
            "{{'a': {c}}}",
            "{c}::varchar::blob",
        ]
        return zone.rng.choice(bytes_too).format(c=column)
    target = zone.rng.choice(NUMBERS)
    number = f"try_cast(regexp_replace({column}::varchar, '[^0-9.-]', '', 'g') as double)"
    if "VARCHAR" not in kind:
        number = f"try_cast({column} as {target})"
    elif zone.rng.random() < 0.5:
        number = f"try_cast({number} as bigint)"
    return f"try_cast({number} as {target})"


@damage("parquet", 6)
def another_type(zone: Zone) -> None:
    path = zone.parquet_file()
    columns = dict(_columns(path))
    known = [name for name in columns if name in {c.name for c in zone.table_of(path).columns}]
    if not known:
        raise NothingToDamageError
    chosen = zone.rng.sample(known, min(len(known), zone.rng.choice([1, 1, 1, 2, len(known)])))
    _replaced(zone, path, {name: _a_cast(zone, name, columns[name]) for name in chosen})


@damage("parquet", 1)
def keys_of_another_type(zone: Zone) -> None:
    """One kind of key in all tables, as written by a program that treats all digits as numbers."""
    name = zone.rng.choice(["customer_id", "org_id", "employee_id", "card_id", "account_id"])
    target = zone.rng.choice(["bigint", "integer", "double", "decimal(18,0)", "float", "hugeint", "uuid"])
    files = [path for path in zone.files(".parquet") if name in dict(_columns(path))]
    if not files:
        raise NothingToDamageError
    for path in files:
        changes = {}
        for column in _columns(path):
            if column[0] == name or (name == "org_id" and column[0] == "parent_org_id"):
                digits = f"regexp_replace({_quoted(column[0])}::varchar, '[^0-9]', '', 'g')"
                changes[column[0]] = f"try_cast({digits} as {target})"
                if target == "uuid":
                    changes[column[0]] = f"md5({_quoted(column[0])}::varchar)::uuid"
        if zone.rng.random() < 0.9:
            _replaced(zone, path, changes)


@damage("parquet", 2)
def another_layout(zone: Zone) -> None:
    options = [
        ", row_group_size 1", ", row_group_size 10", ", row_group_size 2048", ", compression zstd",
        ", compression gzip",
        ", compression snappy", ", compression uncompressed", ", compression brotli", ", compression lz4_raw",
        ", compression lz4", ", parquet_version v2", ", parquet_version v1", ", dictionary_size_limit 1",
        ", parquet_version v2, compression gzip, row_group_size 5", ", kv_metadata {a: 'b'}",
        ", encryption_config {footer_key: 'k'}", ", field_ids {x: 1}", ", row_groups_per_file 1",
    ]  # fmt: skip
    _replaced(zone, zone.parquet_file(), {}, zone.rng.choice(options))


@damage("parquet", 1)
def no_rows(zone: Zone) -> None:
    path = zone.parquet_file()
    way = zone.rng.choice(["where false", "where false", "limit 1", "using sample 50 percent (bernoulli, 7)"])
    with duckdb.connect() as connection:
        zone.copy_to(connection, f"select * from read_parquet('{exact(path)}', hive_partitioning = false) {way}", path)
    zone.note(f"{path.relative_to(zone.landing)} {way}")


@damage("parquet", 3)
def other_columns(zone: Zone) -> None:
    path = zone.parquet_file()
    names = [name for name, _ in _columns(path)]
    name = zone.rng.choice(names)
    way = zone.rng.choice(["missing", "case", "rename", "extra", "extra", "order", "only", "nested_extra"])
    if way == "missing":
        columns = f"* exclude ({_quoted(name)})"
    elif way in ("case", "rename"):
        other = (
            name.upper()
            if way == "case"
            else zone.rng.choice(["客户号", f" {name}", f"{name} ", "x", "1", f"{name}_1"])
        )
        columns = ", ".join(f"{_quoted(n)} as {_quoted(other)}" if n == name else _quoted(n) for n in names)
    elif way == "extra":
        other = zone.rng.choice(
            [
                "备注",
                "biz_date",
                "_row",
                "file_row_number",
                "filename",
                "file_index",
                "_biz_date",
                "_unreadable",
                "a b",
                "x'",
            ]
        )
        columns = f"*, {zone.rng.choice(['1', 'null', chr(39) + 'x' + chr(39), '[1]'])} as {_quoted(other)}"
    elif way == "nested_extra":
        columns = "*, {'a': 1, 'b': [1, 2]} as nested, [{'c': 1}] as more"
        if zone.rng.random() < 0.5:
            columns = "{'a': 1, 'customer_id': 'x'} as nested, *"
    elif way == "order":
        columns = ", ".join(_quoted(n) for n in zone.rng.sample(names, len(names)))
    else:
        columns = _quoted(name)
    try:
        zone.reparquet(path, columns)
    except duckdb.Error as error:
        raise NothingToDamageError from error
    zone.note(f"{path.relative_to(zone.landing)}: {columns[:200]}")


@damage("parquet", 1)
def a_column_twice(zone: Zone) -> None:
    """Written under another name of the same length, which is then replaced by the first one's in the footer."""
    path = zone.parquet_file()
    name = zone.rng.choice([name for name, _ in _columns(path)])
    other = zone.rng.choice([name, name.upper(), name.title()])
    held = "z" * len(name)
    zone.reparquet(path, f"*, '1' as {_quoted(held)}")
    zone.write(path, path.read_bytes().replace(held.encode(), other.encode()))
    zone.note(f"{path.relative_to(zone.landing)}: {other} beside {name}")


@damage("parquet", 1)
def all_nulls(zone: Zone) -> None:
    path = zone.parquet_file()
    columns = dict(_columns(path))
    nullable = [c.name for c in zone.table_of(path).columns if c.name in columns and c.nullable]
    chosen = nullable if nullable and zone.rng.random() < 0.7 else [zone.rng.choice(list(columns))]
    kinds = ["integer[]", "float", "time", "blob", "boolean", "struct(a integer)", "timestamptz", "interval", "double"]
    kinds += ["date", "uuid", "map(varchar, integer)", "decimal(4,1)", "hugeint", "timestamp_ns", "bit"]
    if len(chosen) < len(columns):
        _replaced(zone, path, {name: f"null::{zone.rng.choice(kinds)}" for name in chosen})


@damage("parquet", 1)
def mixed_formats(zone: Zone) -> None:
    """Half of a file in the other format, next to the rest."""
    path = zone.file()
    sheet = zone.load(path)
    if len(sheet.rows) < 2:
        raise NothingToDamageError
    half = len(sheet.rows) // 2
    other = path.with_name("part-9" + (".csv" if path.suffix == ".parquet" else ".parquet"))
    rest, sheet.rows = sheet.rows[half:], sheet.rows[:half]
    zone.save(path, sheet)
    known = {column.name: column.type for column in zone.table_of(path).columns}
    if other.suffix == ".parquet":
        sheet.types = [known.get(name, "VARCHAR") for name in sheet.names]
    sheet.rows = rest
    zone.save(other, sheet)
    zone.note(f"{path.relative_to(zone.landing)} and {other.name}")
