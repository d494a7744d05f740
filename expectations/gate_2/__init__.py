"""Gate 2: checks the marts before publication. If it fails, the old release stays in force."""

from expectations.gate_2.gate import GateTwoResult, run_gate_2

__all__ = ["GateTwoResult", "run_gate_2"]
