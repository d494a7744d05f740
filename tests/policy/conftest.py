"""Fixtures of the policy tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")
