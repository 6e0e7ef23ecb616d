"""Sheets on all cores: made by processes that share the plan by fork instead of copying it."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

from colossus.sheets.book import Floor
from colossus.wiring.books import Book

Make = Callable[[Floor, Book, str], bytes]
Tell = Callable[[int, int], None]
Piece = TypeVar("Piece")
Made = TypeVar("Made")
_FEW = 2
"""So few pieces are made here; a pool costs more than it saves."""
_RACKS = 32
"""Racks of one piece of work: 25,000 rows, a tenth of a second."""


class _Press:
    """What a printing process does; set once in each by its initializer."""

    work: Callable[[Any], Any]


def printed(
    ready: Floor, books: Sequence[Book], make: Make, size: str, tell: Tell
) -> Iterator[tuple[str, bytes]]:
    """Make books; gives (name, content) in order and tells how many of all are done.

    Books whose racks have nothing to do are left out.
    """
    made = spread(lambda book: make(ready, book, size), books)
    for number, (book, content) in enumerate(zip(books, made, strict=True), 1):
        tell(number, len(books))
        if content:
            yield book.name, content


def by_racks(
    make: Callable[[Sequence[int]], Iterator[Made]], racks: Sequence[int]
) -> Iterator[Made]:
    """Make what some racks give, many racks at a time, in their order."""
    pieces = [racks[first : first + _RACKS] for first in range(0, len(racks), _RACKS)]
    for made in spread(lambda piece: list(make(piece)), pieces):
        yield from made


def spread(work: Callable[[Piece], Made], pieces: Sequence[Piece]) -> Iterator[Made]:
    """Do work on pieces, on as many cores as there are; gives the results in order."""
    workers = min(len(os.sched_getaffinity(0)), len(pieces))
    if workers < _FEW:
        yield from map(work, pieces)
        return
    # Frozen, so that the collector of a child touches no page that it shares with us.
    gc.freeze()
    pool = ProcessPoolExecutor(workers, get_context("fork"), initializer=_set, initargs=(work,))
    try:
        yield from pool.map(_do, pieces)
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


def _set(work: Callable[[Any], Any]) -> None:
    _Press.work = staticmethod(work)


def _do(piece: Any) -> Any:  # noqa: ANN401 - whatever the work takes and gives
    return _Press.work(piece)
