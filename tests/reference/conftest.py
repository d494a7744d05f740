"""Fixtures of the reference's own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .hand_bank import Bank


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """Return an empty bank with a small tree of organizations."""
    return Bank(tmp_path / "landing")
