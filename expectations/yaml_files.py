"""The one way in which this project reads its own YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The loader written in C, where PyYAML was built with it, takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: Path) -> Any:
    """The document of a file. Raises yaml.YAMLError for text that is not YAML, OSError."""
    return parse_yaml(file.read_text(encoding="utf-8"))


def parse_yaml(text: str) -> Any:
    """The document in a text. Raises yaml.YAMLError for text that is not YAML."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506
