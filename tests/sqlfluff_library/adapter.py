"""Replaces dbt's `adapter` while sqlfluff renders a model: any dispatched macro becomes a plain call."""

from collections.abc import Callable


def dispatch(macro_name: str, macro_namespace: str) -> Callable[..., str]:
    """A macro that renders as a select for a relation of days or a tree, with its order for a list, else as a call."""

    def rendered(*arguments: str) -> str:
        if macro_name in ("days_between", "whole_numbers"):
            return f"select calendar_date from {arguments[0]}"
        if macro_name == "all_above":
            relation, node, parent = arguments
            return f"select {node} as node, {parent} as above, 0 as distance from {relation}"
        if macro_name == "matched_whole":
            texts, text, patterns, pattern = arguments
            return f"select {pattern} as pattern, {text} as text from {texts} cross join {patterns}"
        if macro_name == "listagg":
            value, ordered_by, separator = arguments
            return f"string_agg({value}, '{separator}' order by {ordered_by})"
        return f"{macro_name}({', '.join(str(argument) for argument in arguments)})"

    return rendered
