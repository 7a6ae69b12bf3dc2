"""`python -m civreg.stack run`: what `make run` calls."""

from __future__ import annotations

import sys

from civreg.stack.machine import main

sys.exit(main(sys.argv[1:]))
