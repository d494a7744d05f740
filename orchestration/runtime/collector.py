"""Python's collector, held back where it only costs time.

A process that imports Dagster, dbt or Great Expectations makes some hundred thousand objects that live until it ends.
Looking through them for dead ones took a fifth of the start of a small refresh, and its end again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def long_lived() -> Iterator[None]:
    """What is made inside is left alone by the collector for good; for the imports of a large library."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
