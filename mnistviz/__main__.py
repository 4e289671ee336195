"""`python -m mnistviz`."""

from __future__ import annotations

import atexit
import gc
import sys

from mnistviz.storage import machine, signals


def program() -> int:
    """Run the command that is named on the command line; its exit code."""
    signals.note_from_now()  # before anything that takes time
    atexit.register(signals.deaf_from_now)  # the first is called last, when no thread is waited for any more
    machine.spare_threads()
    from mnistviz.cli import main

    code = main()
    signals.is_done(code)
    if code or signals.is_interrupted():
        signals.leave(code)
    gc.freeze()  # at its end Python would look through all that is left, several times
    return code


if __name__ == "__main__":  # a worker that imports this module must not start a second render
    sys.exit(program())
