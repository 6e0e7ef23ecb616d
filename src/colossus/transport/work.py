"""Work on many hosts: what one is asked, what happens there, and who carries it out.

The protocol is the seam for growth: threads now, other processes, relays or another engine later.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from colossus.transport.answer import Event
from colossus.transport.base import Endpoint

Ending = Literal["answered", "unreachable", "failed"]


@dataclass(frozen=True, slots=True)
class Work:
    """What one host is to be asked; build makes the request right before it is sent.

    ids: the resources that the answer must be about, in order; timeout: the longest silence, in
    seconds.
    """

    host: str
    endpoint: Endpoint
    ids: tuple[str, ...]
    build: Callable[[], bytes]
    timeout: float


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a host, or the end of its answer; without a host: a second went by."""

    host: str = ""
    event: Event | None = None
    ending: Ending | None = None
    error: str = ""
    hint: str = ""


class Executor(Protocol):
    """Does work on hosts."""

    def submit(self, batch: Iterable[Work]) -> Iterator[Happening]:
        """Do a batch of work; give what happens, as it happens, until all is done.

        The next piece is taken from the batch only when there is room for it.
        """
        ...

    def abort(self) -> None:
        """End all connections now."""
        ...
