"""Connections to machines through the station: they end when their machine has lost its power.

The station acknowledges whatever is sent to a machine, also when that machine is gone, so TCP
never tells. On metal `Timeouts.unanswered` does, and in namespaces.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from weakref import ref

LOOK_SECONDS = 1.0


class Lines:
    """The connections of this tool; has_power: whether a node still runs."""

    def __init__(self, has_power: Callable[[str], bool]) -> None:
        self._has_power = has_power
        self._open: list[tuple[str, ref[socket.socket]]] = []
        self._lock = Lock()
        self._watch: Thread | None = None

    def add(self, node: str, line: socket.socket) -> None:
        """End this connection, too, once its node has no power."""
        with self._lock:
            self._open.append((node, ref(line)))
            if self._watch is None:
                self._watch = Thread(target=self._look_after, daemon=True)
                self._watch.start()

    def _look_after(self) -> None:
        """Look every second, until no connection is left."""
        while self._any_left():
            time.sleep(LOOK_SECONDS)

    def _any_left(self) -> bool:
        with self._lock:
            self._open = [(node, line) for node, line in self._open if _stands(line)]
            for node in {node for node, _ in self._open}:
                if not self._has_power(node):
                    self._end(node)
            if not self._open:
                self._watch = None
            return bool(self._open)

    def _end(self, node: str) -> None:
        for name, line in self._open:
            if name == node and (still := line()) is not None:
                with suppress(OSError):
                    still.shutdown(socket.SHUT_RDWR)


def _stands(line: ref[socket.socket]) -> bool:
    still = line()
    return still is not None and still.fileno() >= 0
