"""Power for a machine: QEMU, tied to the tool that started it until the tool says otherwise.

QEMU is the child of a small shell that reads a pipe from the tool. If the tool dies before it says
"stay", even by kill -9, the shell ends, and the kernel ends QEMU with it. Nothing can outlive the
tool before it is written down.
"""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from colossus.errors import RehearsalFailed
from colossus.twin.state import Life

# Batch: a machine that wakes for a moment waits its turn; thirty of them that interrupt those at
# work leave these without their caches.
TETHER = """
chrt --batch --pid 0 $$ >/dev/null 2>&1
setpriv --pdeathsig KILL "$@" </dev/null >&2 &
echo "$!"
exec >/dev/null
read -r word && [ "$word" = stay ] && wait "$!"
"""

# It listens within 0.1 s on a quiet machine.
LISTEN_SECONDS = 60.0


class Tether:
    """What ties a QEMU to this tool: it ends with it. Not closed with this object, on purpose."""

    def __init__(self, life: Life, line: int) -> None:
        self.life = life
        self._line: int | None = line

    def stay(self) -> None:
        """Let it live on when this tool ends."""
        self._say(b"stay\n")

    def cut(self) -> None:
        """End it at once if it was not told to stay."""
        self._say(b"")

    def _say(self, word: bytes) -> None:
        if self._line is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._line, word)
            os.close(self._line)
            self._line = None


def start(argv: Sequence[str], folder: Path) -> Tether:
    """Start QEMU, whose sockets and log lie in folder, and wait until all of them are there.

    It has its own session and process group.

    Raises:
        RehearsalFailed: it ends at once, or does not listen.
    """
    log = folder / "qemu.log"
    deadline = time.monotonic() + LISTEN_SECONDS
    # A killed QEMU is a zombie for a moment in which it still holds its sockets and ports.
    while _greets(folder / "qmp") is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    tether = _start(argv, log)
    while not _greets(folder / "qmp"):
        if not tether.life.alive or time.monotonic() > deadline:
            tether.cut()
            raise RehearsalFailed(f"QEMU does not start: {last_words(log)}")
        time.sleep(0.01)
    return tether


def _greets(path: Path) -> bool | None:
    """Whether QEMU is past its start: it greets once all its sockets are there. None: no QEMU."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(LISTEN_SECONDS)
        if probe.connect_ex(str(path)):
            return None
        try:
            return bool(probe.recv(1))
        except ConnectionResetError:
            return False


def _start(argv: Sequence[str], log: Path) -> Tether:
    with log.open("ab") as errors:
        # setsid --fork: no child of ours, so nothing to reap, and Ctrl-C reaches this tool only.
        process = subprocess.Popen(
            ["setsid", "--fork", "sh", "-c", TETHER, "qemu", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
        )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a pipe that was asked for is missing")
    process.wait()
    with process.stdout as said, process.stdin as line:
        pid = said.readline().strip()
        kept = os.dup(line.fileno())
    return Tether(Life.of(int(pid)), kept)


def last_words(log: Path, lines: int = 3) -> str:
    """Return the last lines of a log in one line."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return " / ".join(text.split("\n")[-lines - 1 :]).strip(" /") or "it said nothing"
