"""``python -m benchmarks.bank_formats [FORMAT…] [--large]``."""

import sys

from benchmarks.bank_formats import main

main(sys.argv[1:])
