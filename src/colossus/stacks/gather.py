"""Resources that the engine asks for at about the same time become one run of our own engine.

The cluster has one lease and the journal one run per apply; the limit on hosts at once is ours.
So calls are gathered: those that come while a run is at work go together in the next one.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from colossus.errors import ColossusError

Item = TypeVar("Item")
Result = TypeVar("Result")
Argument = TypeVar("Argument")
GATHER_SECONDS = 0.1  # the engine sends what may go at once within some milliseconds


@dataclass
class _Batch(Generic[Item, Result]):
    items: list[Item] = field(default_factory=list)
    task: "asyncio.Task[Result] | None" = None


class Stopped(ColossusError):
    """The engine was asked to stop before this resource was begun."""


class Gathering(Generic[Item, Result]):
    """Gathers items by key; work is called in a thread, for one batch at a time."""

    def __init__(self, work: Callable[[Sequence[Item]], Result]) -> None:
        self._work = work
        self._open: dict[Hashable, _Batch[Item, Result]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._stopped = False

    async def add(self, key: Hashable, item: Item) -> Result:
        """Join the next batch of this key; give its result, or raise what it raised."""
        batch = self._open.setdefault(key, _Batch())
        batch.items.append(item)
        if batch.task is None:
            batch.task = asyncio.create_task(self._carry(key, batch))
        # One caller that goes away must not end the work of the others.
        return await asyncio.shield(batch.task)

    async def _carry(self, key: Hashable, batch: _Batch[Item, Result]) -> Result:
        await asyncio.sleep(GATHER_SECONDS)
        async with self._one_at_a_time:
            del self._open[key]
            self._go_on()
            return await asyncio.to_thread(self._work, batch.items)

    async def run_alone(self, work: Callable[[Argument], None], argument: Argument) -> None:
        """Call something else in a thread, while no batch is at work."""
        async with self._one_at_a_time:
            self._go_on()
            await asyncio.to_thread(work, argument)

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped = True

    def _go_on(self) -> None:
        if self._stopped:
            raise Stopped("stopped before this was begun", "Run it again: it goes on from here.")
