"""Measures what the suite costs, as ratios to the bare programs in one run; no test depends on the outcome.

``python -m bench`` prints a table and writes docs/benchmarks.md.
"""
