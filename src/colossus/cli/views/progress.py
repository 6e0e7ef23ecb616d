"""How far long work is: one line that is written over on a terminal, nothing in a log."""

import sys
from collections.abc import Callable
from time import monotonic

_PAUSE = 0.1


def progress(what: str) -> Callable[[int, int], None]:
    """Give a function that is told (done, all) and shows it on stderr."""
    if not sys.stderr.isatty():
        return lambda _done, _all: None
    last = 0.0

    def tell(done: int, count: int) -> None:
        nonlocal last
        if done < count and monotonic() - last < _PAUSE:
            return
        last = monotonic()
        end = "\r\033[K" if done == count else ""
        print(f"\r{what}: {done:,} of {count:,}{end}", end="", file=sys.stderr, flush=True)

    return tell
