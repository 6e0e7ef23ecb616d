"""Carries requests to hosts, many at a time: threads here, other processes or relays behind it.

`submit(batch)` gives events as they come. It takes the next piece of work only when there is room,
so whoever gives the batch decides as late as possible (and writes the intent down right then).
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock

from colossus.errors import ColossusError, TransportFailed
from colossus.transport.answer import Event, read_answer
from colossus.transport.base import Session, Transport
from colossus.transport.interpreter import command
from colossus.transport.work import Ending, Executor, Happening, Work

__all__ = ["Executor", "Happening", "ThreadExecutor", "Work"]

PAUSE_SECONDS = 1.0


class ThreadExecutor:
    """Threads of this process, `width` hosts at a time. Right up to thousands of hosts."""

    def __init__(self, transport: Transport, width: int) -> None:
        self._transport = transport
        self._width = width
        self._open: set[Session] = set()
        self._lock = Lock()
        self._aborted = Flag()

    def submit(self, batch: Iterable[Work]) -> Iterator[Happening]:
        """Do a batch of work; give what happens, as it happens, until all is done."""
        source = iter(batch)
        happenings: SimpleQueue[Happening] = SimpleQueue()
        running, more = 0, True
        with ThreadPoolExecutor(self._width) as pool:
            while True:
                while more and running < self._width:
                    work = next(source, None)
                    more = work is not None
                    if work is not None:
                        pool.submit(self._do, work, happenings.put)
                        running += 1
                if not running:
                    return
                happening = _next(happenings)
                running -= happening.ending is not None
                yield happening

    def abort(self) -> None:
        """End all connections now."""
        self._aborted.set()
        with self._lock:
            sessions = tuple(self._open)
        for session in sessions:
            session.close()

    def _do(self, work: Work, tell: Callable[[Happening], None]) -> None:
        """Ask one host; whatever goes wrong there stays there."""
        told = False
        try:
            for event in self._ask(work):
                told = True
                tell(Happening(work.host, event))
            tell(Happening(work.host, ending="answered"))
        except TransportFailed as fault:
            ending: Ending = "failed" if told else "unreachable"
            tell(Happening(work.host, ending=ending, error=fault.summary, hint=fault.hint))
        except ColossusError as fault:
            tell(Happening(work.host, ending="failed", error=fault.summary, hint=fault.hint))
        except Exception as fault:  # noqa: BLE001 - a host's step: one host never ends the others
            reason = f"unexpected {type(fault).__name__}: {fault}"
            tell(Happening(work.host, ending="failed", error=reason))

    def _ask(self, work: Work) -> Iterator[Event]:
        if self._aborted.is_set():
            raise TransportFailed(f"{work.host}: the run was aborted")
        session = self._transport.open(work.endpoint)
        with self._lock:
            self._open.add(session)
        try:
            lines = session.run(command(work.endpoint.become), work.build(), work.timeout)
            yield from read_answer(work.host, lines, work.ids)
        finally:
            with self._lock:
                self._open.discard(session)
            session.close()


def _next(happenings: "SimpleQueue[Happening]") -> Happening:
    try:
        return happenings.get(timeout=PAUSE_SECONDS)
    except Empty:
        return Happening()
