"""Ctrl-C during an apply: once, no new hosts are begun; twice, connections are cut."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType


class Interrupts:
    """How often the operator asked to stop."""

    def __init__(self, abort: Callable[[], None], say: Callable[[str], None]) -> None:
        self._abort = abort
        self._say = say
        self.asked = 0

    def interrupt(self) -> None:
        """Count one Ctrl-C and act on it."""
        self.asked += 1
        if self.asked == 1:
            self._say("stopping: hosts that are begun will finish; Ctrl-C again cuts them off")
        else:
            self._say("cutting connections; hosts finish what they were told")
            self._abort()


@contextmanager
def listening(interrupts: Interrupts) -> Iterator[None]:
    """Take Ctrl-C while the body runs; only Python's main thread can."""
    if current_thread() is not main_thread():
        yield
        return

    def take(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - Python's signature
        interrupts.interrupt()

    before = signal.signal(signal.SIGINT, take)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
