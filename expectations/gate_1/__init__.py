"""Gate 1: checks the delivery against the landing contract."""

from expectations.gate_1.gate import GateOneResult, RowCount, judge_files, reasons, run_gate_1, write_held_back

__all__ = ["GateOneResult", "RowCount", "judge_files", "reasons", "run_gate_1", "write_held_back"]
