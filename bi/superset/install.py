"""Brings Superset's own database up to date with the board: tables, assets, the readers' role, row rules, users.

Everything here may run again: what is in the repository overwrites what is there.
"""

from __future__ import annotations

import os
import secrets
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bi.superset import assets, marts
from bi.superset.rights import clause

READERS = "Board"
ADMIN = "admin"
# What a reader does: look at the board, filter it, take a chart's figures along, change the own password.
PERMISSIONS = {
    ("can_read", "Dashboard"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_read", "Chart"),
    ("can_dashboard", "Superset"),
    ("can_dashboard_permalink", "Superset"),
    ("can_csv", "Superset"),
    ("can_language_pack", "Superset"),
    ("can_log", "Superset"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "Theme"),
    ("can_read", "CssTemplate"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("menu_access", "Dashboards"),
}


def prepare_home(home: Path) -> None:
    """Make the folder that only its owner reads, and the secret key that signs the sessions."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(home / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))


def install() -> str | None:
    """Bring everything up to date, within Superset's context. Returns the administrator's password if it is new."""
    import flask_migrate
    from superset import appbuilder, security_manager

    flask_migrate.upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    password = os.environ.get("BOARD_PASSWORD")
    new = put_user(ADMIN, "Admin", password, is_changed=password is not None)
    import_assets()
    put_reader_role()
    put_row_rules()
    return new


def import_assets() -> None:
    """Overwrite the database, data sets, charts and dashboards; what the board no longer has goes."""
    from flask import g
    from superset import db, security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    g.user = security_manager.find_user(ADMIN)
    files = assets.bundle(marts.public_uri())
    ImportAssetsCommand(files).run()
    kept = {line.removeprefix("uuid: ") for text in files.values() for line in text.splitlines()}
    for model in (Dashboard, Slice, SqlaTable):
        for asset in db.session.query(model).filter_by(is_managed_externally=True):
            if str(asset.uuid) not in kept:
                db.session.delete(asset)
    db.session.commit()


def put_reader_role() -> None:
    """The role of the board's readers: exactly these permissions, and the board's dashboards."""
    from superset import db, security_manager
    from superset.models.dashboard import Dashboard

    role = security_manager.add_role(READERS)
    found = [security_manager.find_permission_view_menu(*permission) for permission in sorted(PERMISSIONS)]
    if None in found:
        raise RuntimeError("Superset has another name for one of PERMISSIONS")
    role.permissions = found
    slugs = [assets.slug(lang) for lang in assets.LANGUAGES]
    for dashboard in db.session.query(Dashboard).filter(Dashboard.slug.in_(slugs)):
        dashboard.roles = [role]
    db.session.commit()


def put_row_rules() -> None:
    """One row rule for each condition, on every data set of the marts; one that is not the board's is the bank's."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable
    from superset.models.core import Database

    known = {dataset.uuid: dataset for lang in assets.LANGUAGES for dataset in assets.datasets(lang).values()}
    rules: dict[str, list[Any]] = defaultdict(list)
    database = db.session.query(Database).filter_by(database_name=assets.DATABASE).one()
    for table in db.session.query(SqlaTable).filter_by(database_id=database.id).order_by(SqlaTable.id):
        dataset = known.get(str(table.uuid))
        rules[clause(dataset.rights if dataset else "bank")].append(table)
    for rule in db.session.query(RowLevelSecurityFilter).filter(RowLevelSecurityFilter.name.like("Board %")):
        db.session.delete(rule)
    db.session.flush()
    for number, (condition, tables) in enumerate(sorted(rules.items()), start=1):
        # A base rule binds all but these roles.
        exempt = [security_manager.find_role("Admin")]
        db.session.add(
            RowLevelSecurityFilter(
                name=f"Board {number}", filter_type="Base", clause=condition, tables=tables, roles=exempt
            )
        )
    db.session.commit()


def put_user(name: str, role: str, password: str | None = None, *, is_changed: bool = True) -> str | None:
    """Make a user, or give one that exists this role and, if is_changed, a password. Returns one made up here."""
    from superset import db, security_manager

    made_up = None if password else secrets.token_urlsafe(12)
    user, roles = security_manager.find_user(name), [security_manager.find_role(role)]
    if user is None:
        added = security_manager.add_user(name, name, "-", f"{name}@localhost", roles, password or made_up)
        if not added:
            raise RuntimeError(f"Superset did not make the user {name}")
        return made_up
    user.roles = roles
    db.session.commit()
    if not is_changed:
        return None
    security_manager.reset_password(user.id, password or made_up)
    return made_up


def readers(names: Iterable[str]) -> dict[str, str]:
    """Make or renew a reader for each employee; name -> password."""
    return {name: put_user(name, READERS) or "" for name in names}
