"""Python's garbage collector, suspended where it only costs time.

Importing Dagster, dbt or Great Expectations creates some hundred thousand objects that live until the process ends.
Scanning them for garbage took a fifth of a small refresh's startup, and again at its end.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def long_lived() -> Iterator[None]:
    """Exempt objects created in the block from garbage collection for good; for imports of large libraries."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
