"""The kinds of damage, by name: registered by the other modules; each damage is drawn from (seed, number)."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from .zone import Zone

Action = Callable[[Zone], None]


@dataclass(frozen=True)
class Damage:
    """A kind of damage. weight: how often it is drawn relative to the others of its group."""

    name: str
    group: str
    weight: float
    action: Action


DAMAGES: dict[str, Damage] = {}
# How often each group is drawn.
GROUPS = {"bytes": 14, "text": 24, "values": 22, "parquet": 18, "places": 16, "control": 6}


class NothingToDamageError(Exception):
    """The zone has nothing that a damage could apply to, mostly because another one removed it."""


def damage(group: str, weight: float = 1) -> Callable[[Action], Action]:
    """Register a function as a kind of damage in a group."""

    def register(action: Action) -> Action:
        DAMAGES[action.__name__] = Damage(action.__name__, group, weight, action)
        return action

    return register


def draw(rng: random.Random) -> list[Damage]:
    """One damage, or a few at once."""
    groups = list(GROUPS)
    times = rng.choices([1, 2, 3, 5], [76, 14, 7, 3])[0]
    drawn = []
    for _ in range(times):
        group = rng.choices(groups, [GROUPS[name] for name in groups])[0]
        kinds = sorted((kind for kind in DAMAGES.values() if kind.group == group), key=lambda kind: kind.name)
        drawn.append(rng.choices(kinds, [kind.weight for kind in kinds])[0])
    return drawn


def inflict(zone: Zone, kinds: list[Damage]) -> list[str]:
    """Damage the zone; return the names of the kinds that found something to damage."""
    done = []
    for kind in kinds:
        try:
            kind.action(zone)
        except (NothingToDamageError, OSError, ValueError, IndexError, RuntimeError, csv.Error, duckdb.Error) as error:
            # An earlier damage often leaves a file that this one can't read.
            zone.note(f"{kind.name} found nothing: {type(error).__name__} {error}"[:200])
            continue
        done.append(kind.name)
    return done
