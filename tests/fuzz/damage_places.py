"""Names and places: odd names, folders in place of files, files that are not regular, partitions lost and doubled."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from .catalogue import NothingToDamageError, damage
from .zone import Zone

ODD_NAMES: list[bytes] = [
    b"part[0]", b"part-[0-9]", b"*", b"part*", b"part?0", b"?", b"[", b"]", b"[!a]", b"{a,b}", b"it's", b'"q"', b"100%",
    b"%41", b"a b", b" ", b"a;b", b"a,b", b"a#b", b"a&b", b"a=b", b"biz_date=2020-01-01", b"\xcb\xb5\xc3\xf7", b"\xff",
    b"a\nb", b"a\tb", b"\x1b[31m", b"\\", b"a\\b", b"~", b"$HOME", b"-x", b"--", b"+", b"x" * 200, "客户".encode(),
    "e\u0301".encode(), "\u202e".encode(), "\u200b".encode(), b"a.csv", b"a.parquet", b"a..", b"part-0.csv",
    b"0", b"{}",
    b"{batch}", b"$table", b"a|b", b"(missing)", b"a:b", b"file:", b"http:", b"s3:", b"^", b"`x`", b"CON", b"null",
]  # fmt: skip


def _renamed(path: Path, stem: bytes) -> Path:
    return path.with_name(os.fsdecode(stem + os.fsencode(path.suffix)))


def _put(zone: Zone, path: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise NothingToDamageError
    path.rename(target)
    zone.note(f"{path.relative_to(zone.landing)} is called {os.fsencode(target.name)!r}")


@damage("places", 4)
def odd_name(zone: Zone) -> None:
    path = zone.file()
    _put(zone, path, _renamed(path, zone.rng.choice(ODD_NAMES)))


@damage("places", 1)
def hidden_name(zone: Zone) -> None:
    """Names that are not data: hidden, temporary, with another suffix."""
    path = zone.file()
    forms = ["_{}", ".{}", "{}.tmp", "{}~", "{}.gz", "{}.crc", "{}.CSV", "{}.PARQUET", "{}.", "{}_", "{}.txt"]
    _put(zone, path, path.with_name(zone.rng.choice(forms).format(path.name)))


@damage("places", 3)
def split_in_two(zone: Zone) -> None:
    """The rows of a file split in two, whose names match each other as patterns."""
    path = zone.file()
    sheet = zone.load(path)
    names = zone.rng.choice([(b"p1", b"p[1]"), (b"pa", b"p*"), (b"px", b"p?"), (b"a", b"A"), (b"1", b"01"),
    (b"b", b"b "),
                             (b"\xff", b"\xfe"), (b"x", zone.rng.choice(ODD_NAMES))])  # fmt: skip
    one, two = (_renamed(path, name) for name in names)
    if os.path.lexists(one) or os.path.lexists(two) or one == two:
        raise NothingToDamageError
    half = zone.rng.randint(0, len(sheet.rows))
    rows = sheet.rows
    path.unlink()
    for target, part in ((one, rows[:half]), (two, rows[half:])):
        sheet.rows = part
        zone.save(target, sheet)
    zone.note(f"{path.relative_to(zone.landing)} as {names[0]!r} and {names[1]!r}")


@damage("places", 2)
def file_twice(zone: Zone) -> None:
    """The same bytes under another name, in the same partition or another one of the table."""
    path = zone.file()
    folders = sorted(folder for folder in path.parent.parent.iterdir() if folder.is_dir())
    folder = zone.rng.choice([path.parent, zone.rng.choice(folders)])
    target = folder / _renamed(path, zone.rng.choice([b"copy", b"part-1", *ODD_NAMES])).name
    if os.path.lexists(target):
        raise NothingToDamageError
    if zone.rng.random() < 0.2:
        target.symlink_to(path)
    else:
        shutil.copyfile(path, target)
    zone.note(f"{path.relative_to(zone.landing)} also as {target.parent.name}/{os.fsencode(target.name)!r}")


@damage("places", 1.5)
def file_lost(zone: Zone) -> None:
    path = zone.file()
    path.unlink()
    zone.note(str(path.relative_to(zone.landing)))


@damage("places", 1.5)
def partition_lost(zone: Zone) -> None:
    folder = zone.partition()
    if zone.rng.random() < 0.3:
        folder = folder.parent
    shutil.rmtree(folder)
    zone.note(str(folder.relative_to(zone.landing)))


@damage("places", 2)
def partition_of_another_day(zone: Zone) -> None:
    """A partition under another date, or under a name that is not a date."""
    names = [
        "biz_date=2026-02-30", "biz_date=2026-11-1", "biz_date=20261101", "biz_date=", "biz_date=2026-11-31",
        "2026-11-01",
        "biz_date=9999-12-31", "biz_date=0001-01-01", "biz_date=0000-00-00", "BIZ_DATE=2026-11-01",
        "biz_date=2026-11-01 ",
        "biz_date=２０２６-11-01", "biz_date=2026-10-30", "biz_date=2026-11-02", "biz_date=2026-09-15",
        "biz_date=2026-11-01.bak",
        "biz_date=2026-10-31\n", "biz_date=1900-01-01",
    ]  # fmt: skip
    folder = zone.partition()
    target = folder.with_name(zone.rng.choice(names))
    if os.path.lexists(target):
        raise NothingToDamageError
    if zone.rng.random() < 0.5:
        shutil.copytree(folder, target)
    else:
        folder.rename(target)
    zone.note(f"{folder.relative_to(zone.landing)} as {target.name!r}")


@damage("places", 1)
def folder_for_a_file(zone: Zone) -> None:
    path = zone.file()
    target = zone.rng.choice(
        [path, path.with_name(f"x{path.suffix}"), path.with_name("more"), path.parent / "_control.json"]
    )
    if target == path:
        path.unlink()
    target.mkdir()
    if zone.rng.random() < 0.5:
        (target / f"part-0{path.suffix}").write_bytes(b"x")
    zone.note(f"{target.relative_to(zone.landing)} is a folder")


@damage("places", 1)
def file_for_a_folder(zone: Zone) -> None:
    folder = zone.partition()
    if zone.rng.random() < 0.3:
        folder = folder.parent
    shutil.rmtree(folder)
    folder.write_bytes(zone.rng.choice([b"", b"x"]))
    zone.note(f"{folder.relative_to(zone.landing)} is a file")


@damage("places", 1)
def no_regular_file(zone: Zone) -> None:
    """A link that is dangling, circular, to a folder, or to a file elsewhere; a pipe that nobody writes to."""
    path = zone.file()
    target = zone.rng.choice([path, path.with_name(f"link{path.suffix}")])
    data = path.read_bytes()
    if target == path:
        path.unlink()
    way = zone.rng.choice(["nowhere", "circle", "folder", "elsewhere", "pipe"])
    if way == "pipe":
        os.mkfifo(target)
    elif way == "elsewhere":
        other = zone.landing.parent / f"elsewhere{path.suffix}"
        zone.write(other, data)
        target.symlink_to(other)
    else:
        aims = {"nowhere": zone.landing / "nothing", "circle": target, "folder": zone.landing}
        target.symlink_to(aims[way])
    zone.note(f"{target.relative_to(zone.landing)}: {way}")


@damage("places", 1)
def linked_partition(zone: Zone) -> None:
    """A partition or a table moved elsewhere and replaced by a link."""
    folder = zone.partition()
    if zone.rng.random() < 0.3:
        folder = folder.parent
    moved = zone.landing.parent / f"moved-{folder.name}"
    shutil.rmtree(moved, ignore_errors=True)
    folder.rename(moved)
    folder.symlink_to(moved if zone.rng.random() < 0.8 else zone.landing / "nothing")
    zone.note(f"{folder.relative_to(zone.landing)} -> {folder.readlink()}")


@damage("places", 2)
def stray(zone: Zone) -> None:
    """Strays: tables, folders and files unknown to the contract."""
    folder = zone.rng.choice([zone.landing, zone.partition().parent, zone.partition()])
    name = os.fsdecode(
        zone.rng.choice([*ODD_NAMES, b"customers", b"accounts.csv", b"README.txt", b"_SUCCESS", b".DS_Store"])
    )
    target = folder / name
    if os.path.lexists(target):
        raise NothingToDamageError
    if zone.rng.random() < 0.5:
        target.mkdir()
        (target / "biz_date=2026-11-01").mkdir()
        (target / "biz_date=2026-11-01" / "part-0.csv").write_text("a\n1\n", encoding="utf-8")
    else:
        target.write_bytes(b"x")
    zone.note(f"{os.fsencode(target.relative_to(zone.landing))!r}")


@damage("places", 2)
def changed_while_reading(zone: Zone) -> None:
    """Changed after the delivery was judged, before anything is published."""
    path = zone.file()
    way = zone.rng.choice(["other", "gone", "same", "longer", "touched", "more"])
    data = path.read_bytes()
    other = zone.file().read_bytes()
    changes: dict[str, Callable[[], None]] = {
        "other": lambda: zone.write(path, other),
        "gone": path.unlink,
        "same": lambda: zone.write(path, data),
        "longer": lambda: zone.write(path, data + b"\n"),
        "touched": lambda: os.utime(path, (1, 1)),
        "more": lambda: zone.write(path.with_name(f"late{path.suffix}"), data),
    }
    zone.later.append(changes[way])
    zone.note(f"later: {path.relative_to(zone.landing)} {way}")
