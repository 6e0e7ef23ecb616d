"""Books on all cores: made by processes that share the plan by fork instead of copying it."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from colossus.sheets.book import Floor
from colossus.wiring.books import Book

Make = Callable[[Floor, Book, str], bytes]
Tell = Callable[[int, int], None]
_FEW = 2
"""So few books are made here; a pool costs more than it saves."""


class _Press:
    """What a printing process works with; set once in each by its initializer."""

    ready: Floor
    make: Make
    size: str


def printed(
    ready: Floor, books: Sequence[Book], make: Make, size: str, tell: Tell
) -> Iterator[tuple[str, bytes]]:
    """Make books; gives (name, content) in order and tells how many of all are done.

    Books whose racks have nothing to do are left out.
    """
    made = (
        _one_by_one(ready, books, make, size)
        if len(books) < _FEW
        else _at_once(ready, books, make, size)
    )
    for number, (book, content) in enumerate(zip(books, made, strict=True), 1):
        tell(number, len(books))
        if content:
            yield book.name, content


def _one_by_one(ready: Floor, books: Sequence[Book], make: Make, size: str) -> Iterator[bytes]:
    return (make(ready, book, size) for book in books)


def _at_once(ready: Floor, books: Sequence[Book], make: Make, size: str) -> Iterator[bytes]:
    workers = min(len(os.sched_getaffinity(0)), len(books))
    # Frozen, so that the collector of a child touches no page that it shares with us.
    gc.freeze()
    pool = ProcessPoolExecutor(
        workers, get_context("fork"), initializer=_set, initargs=(ready, make, size)
    )
    try:
        yield from pool.map(_print, books)
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


def _set(ready: Floor, make: Make, size: str) -> None:
    _Press.ready, _Press.size = ready, size
    _Press.make = staticmethod(make)


def _print(book: Book) -> bytes:
    return _Press.make(_Press.ready, book, _Press.size)
