"""A fictitious group's exports with their truth, for the demo, the tests and the benchmarks."""
