"""Stands in for dbt's `adapter` while sqlfluff renders a model: any dispatched macro becomes a plain call."""

from collections.abc import Callable


def dispatch(macro_name: str, macro_namespace: str) -> Callable[..., str]:
    """A macro that renders as a select for a relation of days, as a function call for everything else."""

    def rendered(*arguments: str) -> str:
        if macro_name == "days_between":
            return f"select calendar_date from {arguments[0]}"
        return f"{macro_name}({', '.join(str(argument) for argument in arguments)})"

    return rendered
