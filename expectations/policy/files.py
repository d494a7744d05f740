"""The files of a policy: a folder of CSVs, and an optional overlay."""

from __future__ import annotations

from pathlib import Path

from expectations.policy.sheets import PolicyError
from expectations.project import POLICY_FOLDER


def family_files(folder: Path, overlay: Path | None = None) -> dict[str, Path]:
    """Family -> CSV, by name; an overlay file replaces the folder's."""
    places = (folder, overlay) if overlay else (folder,)
    return dict(sorted({file.stem: file for place in places for file in place.glob("*.csv")}.items()))


def proposed_folder(place: Path) -> Path:
    """The folder of CSVs at a path: the path itself, or its subfolder `policy`, as in seeds/ or a release.

    Raises PolicyError for a place that is not a folder or holds no CSV.
    """
    if place.is_file():
        raise PolicyError(f"{place} is a file; give the folder that holds the policy CSVs")
    if not place.is_dir():
        raise PolicyError(f"no folder of policy CSVs at {place}")
    folder = place / POLICY_FOLDER.name if (place / POLICY_FOLDER.name).is_dir() else place
    if not any(file.suffix.lower() == ".csv" for file in folder.iterdir()):
        raise PolicyError(f"{place} holds no policy CSV, such as policy_tier_rule.csv")
    return folder
