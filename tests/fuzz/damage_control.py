"""Control files, right and wrong in every way."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from reference.reading import data_files, read_file

from .catalogue import damage
from .zone import Zone


def _true(zone: Zone, folder: Path) -> dict[str, Any]:
    """The content of a correct control file for a partition."""
    table = zone.table_of(folder)
    files = data_files(folder)
    return {
        "rows": sum(read_file(path, table).rows_stand for path in files),
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }


def _written(zone: Zone, folder: Path, text: bytes) -> None:
    zone.write(folder / "_control.json", text)
    zone.note(f"{folder.relative_to(zone.landing)}/_control.json: {text[:120]!r}")


def _json(content: object) -> bytes:
    return json.dumps(content).encode("utf-8", "surrogatepass")


@damage("control", 1)
def right_control(zone: Zone) -> None:
    folder = zone.partition()
    content = _true(zone, folder)
    way = zone.rng.choice(["all", "rows", "files", "upper", "float", "text", "more", "null"])
    if way == "rows":
        del content["files"]
    elif way == "files":
        del content["rows"]
    elif way == "upper":
        content["files"] = {name: digest.upper() for name, digest in content["files"].items()}
    elif way == "float":
        content["rows"] = float(content["rows"])
    elif way == "text":
        content["rows"] = str(content["rows"])
    elif way == "more":
        content |= {"sender": "核心系统", "more": [1, {"a": None}]}
    elif way == "null":
        content["files"] = None
    _written(zone, folder, _json(content))


@damage("control", 2)
def wrong_control(zone: Zone) -> None:
    folder = zone.partition()
    content = _true(zone, folder)
    rows, files = content["rows"], content["files"]
    name = next(iter(files), "part-0.csv")
    odd_rows: list[Any] = [
        rows + 1,
        rows - 1,
        -1,
        rows + 0.5,
        f"{rows} rows",
        "",
        True,
        [rows],
        {},
        1e400,
        "NaN",
        "1_0",
        None,
    ]
    odd_rows += [10**30, f" {rows} ", f"{rows:,}", "１００", float(rows) + 1e-9]
    way = zone.rng.choice(["rows", "rows", "digest", "digest_kind", "absent", "extra", "names", "files_kind"])
    if way == "rows":
        content["rows"] = zone.rng.choice(odd_rows)
    elif way == "digest":
        files[name] = zone.rng.choice(["0" * 64, "", hashlib.sha256(b"").hexdigest(), " " + files.get(name, "")])
    elif way == "digest_kind":
        files[name] = zone.rng.choice([None, 5, [], {}, True])
    elif way == "absent":
        files[zone.rng.choice(["part-9.csv", "../x.csv", "", "a\nb", "客户.csv", "\udcff.csv"])] = "0" * 64
    elif way == "extra":
        files.pop(name, None)
        files["_x.csv"] = "0" * 64
    elif way == "names":
        content["files"] = {name.upper(): digest for name, digest in files.items()} or {"a": "b"}
    else:
        content["files"] = zone.rng.choice([[name], name, 5, [], "", False, [[name, files.get(name)]]])
    _written(zone, folder, _json(content))


@damage("control", 1)
def broken_control(zone: Zone) -> None:
    folder = zone.partition()
    content = _json(_true(zone, folder))
    broken: list[bytes] = [
        b"", b"{", b"null", b"[]", b"5", b'"x"', content[:-1], content + content, content.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + content, b"\xff" + content, b"[" * 100_000, b'{"rows": ' + b"9" * 5000 + b"}",
        b'{"rows": NaN}',
        b'{"rows": 1, "rows": 2}', b'{"files": {"\\ud800": "x"}}', content.replace(b":", b"="), b"\0",
        b'{"rows": 1e999999999}',
        b'{"rows": "1e999999999"}', b'{"rows": Infinity}', b"rows,files\n1,2\n", b'{"ROWS": 1}', b"{}",
        content.replace(b'"', b"'"), "核心".encode("gbk"),
    ]  # fmt: skip
    _written(zone, folder, zone.rng.choice(broken))


@damage("control", 0.5)
def control_without_files(zone: Zone) -> None:
    """A partition with a control file and nothing else."""
    folder = zone.partition()
    content = zone.rng.choice([_true(zone, folder), {"rows": 0}, {"rows": 0, "files": {}}, {}])
    for path in data_files(folder):
        path.unlink()
    _written(zone, folder, _json(content))


@damage("control", 0.5)
def no_regular_control(zone: Zone) -> None:
    path = zone.partition() / "_control.json"
    way = zone.rng.choice(["folder", "nowhere", "circle", "unreadable", "pipe"])
    if way == "folder":
        path.mkdir()
    elif way == "pipe":
        os.mkfifo(path)
    elif way == "unreadable":
        path.write_bytes(b"{}")
        path.chmod(0)
    else:
        path.symlink_to(path if way == "circle" else path.with_name("nothing"))
    zone.note(f"{path.relative_to(zone.landing)}: {way}")
