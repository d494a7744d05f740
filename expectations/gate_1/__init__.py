"""Gate 1: what arrived against the landing contract."""

from expectations.gate_1.gate import GateOneResult, RowCount, run_gate_1

__all__ = ["GateOneResult", "RowCount", "run_gate_1"]
