"""Who holds a lease: a process of a machine, and whether it still lives.

A killed run must not keep the next one waiting, so on the same machine a dead holder gives way at
once; for another machine only time can tell.
"""

import os
import socket
from pathlib import Path

START_FIELD = 19  # of /proc/PID/stat after the name: when the process started, in clock ticks


def this_holder() -> str:
    """Name this process so that no later one has the same name: machine, pid, start."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_dead(holder: str) -> bool:
    """Whether a holder is known to be gone; False when that cannot be told from here."""
    machine, _, process = holder.rpartition(":")[0].rpartition(":")
    started = holder.rpartition(":")[2]
    here = machine == socket.gethostname() and process.isdigit()
    return here and _started(int(process)) != started


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[START_FIELD]
