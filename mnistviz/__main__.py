"""`python -m mnistviz`."""

from __future__ import annotations

import sys

from mnistviz.cli import main

if __name__ == "__main__":  # a worker that imports this module must not start a second render
    sys.exit(main())
