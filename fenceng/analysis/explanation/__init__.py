"""Why a customer has the tier, class, maintainer and duties that a release publishes for it."""

from fenceng.analysis.explanation.facts import ContradictionError, Explanation, ExplanationError
from fenceng.analysis.explanation.reader import explanation_of

__all__ = ["ContradictionError", "Explanation", "ExplanationError", "explanation_of"]
