"""``python -m benchmarks.matching [SET…]``."""

import sys

from benchmarks.matching import main

main(sys.argv[1:])
