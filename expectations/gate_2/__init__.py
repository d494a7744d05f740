"""Gate 2: the marts before they are published. Failing, the old release stays in force."""

from expectations.gate_2.gate import GateTwoResult, run_gate_2

__all__ = ["GateTwoResult", "run_gate_2"]
