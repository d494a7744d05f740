"""Analyses of a published release: explain, simulate, diff, verify."""
