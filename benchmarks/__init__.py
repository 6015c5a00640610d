"""Speed, memory and accuracy against named peers: ``python -m benchmarks [name…]``."""
