"""What a reader's query may say: columns and metrics of a data set, and nothing of its own.

A dashboard's readers may ask its data sets through the API with any query. The row rules hold for every one; this
keeps out SQL and templates as well, so that no expression can be tried against them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.security import SupersetSecurityManager


class BoardSecurityManager(SupersetSecurityManager):  # type: ignore[misc]
    """Superset's own rules, and that of this module."""

    def raise_for_access(self, **asked: Any) -> None:
        """Refuse a query with an expression of its own, except to administrators."""
        context = asked.get("query_context")
        if context is not None and not self.is_admin():
            names = {column.column_name for column in context.datasource.columns}
            if any(expression not in names for query in context.queries for expression in expressions(query)):
                raise SupersetSecurityException(
                    SupersetError(
                        error_type=SupersetErrorType.DATASOURCE_SECURITY_ACCESS_ERROR,
                        message="A query of the board names columns and metrics; it has no SQL of its own.",
                        level=ErrorLevel.WARNING,
                    )
                )
        super().raise_for_access(**asked)


def expressions(query: Any) -> Iterator[str]:
    """Every piece of SQL in a query. The browser sends an axis as one, whose text is the column's name."""
    parts = [
        query.columns,
        query.metrics or [],
        query.orderby or [],
        query.filter or [],
        query.extras,
        query.series_columns,
        query.series_limit_metric,
        query.annotation_layers,
    ]
    for part in parts:
        yield from _texts(part)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("sqlExpression", "where", "having") and value:
                yield str(value)
            else:
                yield from _texts(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _texts(value)
    elif isinstance(part, str) and ("{{" in part or "{%" in part):
        yield part
