"""`python -m bi.superset up` brings the board up, `user E00001` makes a reader, `assets DIR` writes the import."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TypeVar

from bi.superset import assets, install, marts

Result = TypeVar("Result")
CONFIG = Path(__file__).with_name("superset_config.py")


def main() -> None:
    """Run one command. The settings are in the environment, see superset_config.py."""
    parser = argparse.ArgumentParser(prog="python -m bi.superset", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring the board up to date and serve it")
    up.add_argument("--bind", default="127.0.0.1:8088", help="address and port")
    up.add_argument("--only-install", action="store_true", help="bring it up to date, and end")
    user = commands.add_parser("user", help="make a reader for each employee, or give a new password")
    user.add_argument("employee", nargs="+", help="the employee's number, as in fct_access_right")
    files = commands.add_parser("assets", help="write the files of the import, to look at")
    files.add_argument("folder", type=Path)
    arguments = parser.parse_args()

    if arguments.command == "assets":
        return write_assets(arguments.folder)
    os.environ["SUPERSET_CONFIG_PATH"] = str(CONFIG)
    home = Path(os.environ["BOARD_HOME"])
    if arguments.command == "user":
        for name, made in in_superset(lambda: install.readers(arguments.employee)).items():
            print(f"{name}  {made}")
        return None
    install.prepare_home(home)
    password = in_superset(install.install)
    if password:
        print(f"user admin, password {password} (shown this once)", flush=True)
    if not arguments.only_install:
        serve(arguments.bind)
    return None


def in_superset(work: Callable[[], Result]) -> Result:
    """Call this within Superset's application, whose migrations and libraries have much to say otherwise."""
    logging.disable(logging.INFO)
    warnings.simplefilter("ignore")
    with redirect_stdout(io.StringIO()):
        from superset.app import create_app

        with create_app().app_context():
            return work()


def write_assets(folder: Path) -> None:
    """Write the files of the import."""
    for name, text in assets.bundle(marts.public_uri()).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def serve(bind: str) -> None:
    """Become the web server: one process, as the counts of log-ins are its own, with threads."""
    print("the board, in Chinese and English:", flush=True)
    for lang in assets.LANGUAGES:
        print(f"  http://{bind}/superset/dashboard/{assets.slug(lang)}/", flush=True)
    options = [
        "--bind",
        bind,
        "--worker-class",
        "gthread",
        "--threads",
        "16",
        "--timeout",
        "120",
        "--log-level",
        "warning",
    ]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *options, "superset.app:create_app()"])  # noqa: S606


if __name__ == "__main__":
    main()
