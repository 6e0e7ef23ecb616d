"""Places where a test may kill the run, to prove that a resume reaches the same end.

`COLOSSUS_CRASH_AT=NAME` kills this process with SIGKILL the first time it gets to that place;
`NAME:3` the third time.
"""

import os
import signal
from collections import Counter

POINTS = (
    "run-begun",  # the run is in the journal, nothing was done
    "intent-committed",  # hosts are about to be begun
    "event-received",  # a host said what it did; the journal does not know yet
    "events-committed",  # the journal knows, the host is not through
    "host-settled",  # one host is through
    "wave-done",  # between two waves
    "run-ended",  # everything is done, the lease is not given back
)
_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Die here, if that is what the environment asks for."""
    wanted, _, times = os.environ.get("COLOSSUS_CRASH_AT", "").partition(":")
    if wanted != name:
        return
    _passed[name] += 1
    if _passed[name] >= int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
