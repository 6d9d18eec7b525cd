"""Benchmarks: each figure is a ratio to a floor that was measured in the same run. Nothing here is asserted."""
