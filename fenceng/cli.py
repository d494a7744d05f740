"""The command `fenceng`. Exit codes: 0 published or done, 1 failed, 2 wrong use or setting, 3 blocked by a gate."""

from __future__ import annotations

import atexit
import os
import sys
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import duckdb
import typer
from rich.markup import escape
from typer.core import TyperGroup

from expectations.policy.sheets import PolicyError, UnreadableError
from fenceng.commands.alert import alert
from fenceng.commands.assign import assign_app
from fenceng.commands.docs import docs
from fenceng.commands.doctor import doctor
from fenceng.commands.explain import explain
from fenceng.commands.export import export
from fenceng.commands.init import init
from fenceng.commands.policy import policy_app
from fenceng.commands.quarantine import quarantine
from fenceng.commands.refresh import refresh
from fenceng.commands.sample import sample
from fenceng.commands.serve_postgres import serve_postgres
from fenceng.commands.show import show
from fenceng.commands.simulate import simulate
from fenceng.commands.today import today
from fenceng.commands.verify import verify
from fenceng.commands.versions import rollback, versions
from fenceng.plain_help import plain, speak_plainly
from fenceng.terminal import err, out, replace_what_cannot_be_shown, unreadable, wrong_use
from orchestration.store.releases import NothingPublishedError, OlderVersionError, StoreError

ORDER = (
    "refresh", "show", "today", "explain", "quarantine", "simulate", "policy", "assign", "verify", "versions",
    "rollback", "export", "serve-postgres", "docs", "alert", "doctor", "sample", "init",
)  # fmt: skip


class Commands(TyperGroup):
    """Commands that end with a sentence, not a traceback, when files are not as they should be."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; a terminal that can't show every character must not make it fail."""
        replace_what_cannot_be_shown()
        speak_plainly(self)
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands in the order in which a person meets them; any other one at the end."""
        listed = super().list_commands(ctx)
        return sorted(listed, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Nothing published, an altered store, an unreadable file, Ctrl-C: exit code 1. A place that holds no policy, a
        release of an older version: exit code 2. Unreadable policy rows: exit code 3, with every problem.
        """
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = plain(error.message)
            raise
        except UnreadableError as error:
            raise unreadable(error.problems) from None
        except (PolicyError, OlderVersionError) as error:
            raise wrong_use(str(error)) from None
        except NothingPublishedError as error:
            err.print(str(error), markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            # Whoever reads has seen enough, such as `head`: nothing went wrong.
            raise typer.Exit(1) from None
        except (StoreError, OSError, duckdb.IOException) as error:
            err.print(f"[bold red]failed:[/] {escape(str(error))}", soft_wrap=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            err.print("interrupted")
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (
    refresh, show, today, explain, quarantine, simulate, verify, versions, rollback, export, serve_postgres, docs,
    alert, doctor, sample, init,
):  # fmt: skip
    app.command()(command)
app.add_typer(assign_app, name="assign")
app.add_typer(policy_app, name="policy")


def _print_version(is_asked: bool) -> None:
    """Print the version and end the command, if asked."""
    if is_asked:
        from orchestration.code_version import code_version

        out.print(f"fenceng {version('fenceng')}, code {code_version().partition('+')[2]}")
        raise typer.Exit


@app.callback()
def options(
    is_version_asked: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version of the program."),
    ] = False,
) -> None:
    """From a bank's landing zone to published customer tiers and visit compliance."""


def main() -> NoReturn:
    """Run the command and end the process, without the interpreter's teardown.

    Dagster keeps the exception of a failed step, and with it a DuckDB connection; at teardown DuckDB complains of that
    on the terminal. Nothing is left to tear down: files are closed, and the kernel frees the lock.
    """
    code: object = None
    try:
        app()
    except SystemExit as ended:
        code = ended.code
    gatekeeper = sys.modules.get("orchestration.runtime.gatekeeper")
    if gatekeeper is not None:
        gatekeeper.dismiss()
    atexit._run_exitfuncs()
    is_lost = False
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            is_lost = True
    os._exit(code if isinstance(code, int) and code else 1 if code or is_lost else 0)


if __name__ == "__main__":
    main()
