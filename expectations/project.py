"""Where the project is on this machine."""

from __future__ import annotations

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
POLICY_FOLDER = PROJECT_ROOT / "seeds" / "policy"
REFERENCE_FOLDER = PROJECT_ROOT / "seeds" / "reference"
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
