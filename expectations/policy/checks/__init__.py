"""The checks of the policy rows of one date, without the proof of tiling.py: shape, references, sources, units.

Each check is a function of the policy in force and yields problems. The codes: L2 a rule or outcome that can't work, L3
a name that does not exist or that nothing uses, L4 clause, basis and rationale, L5 duplicate keys, L6 units and
plausible numbers, L7 roles and job titles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from expectations.policy.checks.access import rights
from expectations.policy.checks.figures import metrics, ranking
from expectations.policy.checks.maintenance import (
    actions,
    customer_parameters,
    groups,
    own_measures,
    profile_fields,
    regular_care,
    stars,
    value_lists,
)
from expectations.policy.checks.numbers import numbers, plausible_bounds
from expectations.policy.checks.outcomes import idle, measures, outcomes, rules, schemes
from expectations.policy.checks.references import amount_limits, contract_values, references, reverse, roles
from expectations.policy.checks.results import people_of_results, result_parameters, seasons
from expectations.policy.checks.sources import keys, sources
from expectations.policy.checks.visits import visit_parameters, visit_signals
from expectations.policy.model import InForce
from expectations.policy.sheets import Problem

Check = Callable[[InForce], Iterator[Problem]]

ALL: tuple[Check, ...] = (
    schemes, outcomes, idle, rules, measures, contract_values, amount_limits, references, reverse, sources, keys,
    numbers, plausible_bounds, roles, actions, customer_parameters, regular_care, profile_fields, stars, groups,
    value_lists, own_measures, visit_signals, visit_parameters, metrics, ranking,
    seasons, people_of_results, result_parameters, rights,
)  # fmt: skip
# A scheme with problems from these checks is not proved: the proof relies on them.
GROUNDS: tuple[Check, ...] = (schemes, outcomes, rules, measures, keys)
