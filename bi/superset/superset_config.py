"""Settings of Superset for the board. SUPERSET_CONFIG_PATH points here; Superset takes the names in capitals.

The settings of the board itself come from the environment:

BOARD_HOME    folder of Superset's own database and of its secret key
BOARD_URI     of the database with the marts: a release's DuckDB file, or PostgreSQL with its password
BOARD_CONFIG  a Python file with a bank's own settings, read last: how people log in, a proxy, HTTPS
"""

from __future__ import annotations

import os
from pathlib import Path

from bi.superset.guard import BoardSecurityManager
from bi.superset.marts import connection_of

HOME = Path(os.environ["BOARD_HOME"])
SECRET_KEY = (HOME / "secret_key").read_text(encoding="ascii")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"

# Chinese first, English at a click.
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}

# The marts: Superset keeps an address without a password, the connection is made here.
DB_CONNECTION_MUTATOR = connection_of
# Superset counts DuckDB among the unsafe; guard.py and marts.py say what is done about it.
PREVENT_UNSAFE_DB_CONNECTIONS = False
CUSTOM_SECURITY_MANAGER = BoardSecurityManager

FEATURE_FLAGS = {
    # A dashboard's roles decide who sees it; its readers need no right on its data sets, and so have none.
    "DASHBOARD_RBAC": True,
    # The row rules ask for the user's name.
    "ENABLE_TEMPLATE_PROCESSING": True,
    "ALLOW_ADHOC_SUBQUERY": False,
    "ALERT_REPORTS": False,
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
}
FAB_ADD_SECURITY_API = True
AUTH_ROLE_PUBLIC = "Public"
PUBLIC_ROLE_LIKE = None
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000

# Nothing is asked of another host: Superset's own pixel and maps would be.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "font-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        # Scripts only with the page's own number; 'strict-dynamic' lets those load the rest of Superset.
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "referrer_policy": "same-origin",
    "force_https": False,
    "session_cookie_secure": False,
}
TALISMAN_DEV_CONFIG = TALISMAN_CONFIG
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
# One process: its counts of log-ins need no other store.
RATELIMIT_STORAGE_URI = "memory://"
# Queries aren't kept: the row rules hold for each, and a release may flip between two.
CACHE_DEFAULT_TIMEOUT = 60
LOG_LEVEL = "WARNING"

if own := os.environ.get("BOARD_CONFIG"):
    exec(compile(Path(own).read_text(encoding="utf-8"), own, "exec"))  # noqa: S102 - the bank's own settings
