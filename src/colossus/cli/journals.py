"""Which journals there are: of each cluster applied from here, and of each twin that is up."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from colossus.apply.journal import Journal, Run, RunUnknown
from colossus.apply.sqlite import SqliteJournal, journal_path
from colossus.errors import UsageError

JournalFile = Annotated[
    Path | None,
    typer.Option("--journal", metavar="FILE", help="Another journal than the usual one."),
]


@contextmanager
def journal_at(path: Path) -> Iterator[Journal]:
    """Open a journal while the body runs."""
    journal = SqliteJournal(path)
    try:
        yield journal
    finally:
        journal.close()


def known_journals(chosen: Path | None) -> list[Path]:
    """Give the journals to look into; only the chosen one where the operator chose."""
    if chosen is not None or os.environ.get("COLOSSUS_JOURNAL"):
        path = chosen or journal_path("")
        if not path.is_file():
            raise UsageError(f"there is no journal {path}", "An apply writes it.")
        return [path]
    everywhere = journal_path("any").parent.parent
    return [*sorted(everywhere.glob("*/journal.sqlite")), *_of_twins()]


def _of_twins() -> list[Path]:
    from colossus.twin import state
    from colossus.twin.hands import JOURNAL

    paths = (state.folder_of(name) / JOURNAL for name in state.names())
    return [path for path in paths if path.is_file()]


def find_run(identity: str, chosen: Path | None) -> tuple[Path, Run]:
    """Give the run of this name, or the latest one, and its journal; raises RunUnknown."""
    found: list[tuple[Path, Run]] = []
    for path in known_journals(chosen):
        with journal_at(path) as journal:
            found += [(path, run) for run in journal.runs() if run.id.startswith(identity)]
    if not found:
        raise RunUnknown(
            f"no run is called {identity!r}" if identity else "no runs yet",
            "`colossus runs list` names them.",
        )
    exact = [(path, run) for path, run in found if run.id == identity]
    if identity and len(exact or found) > 1:
        raise RunUnknown(f"{len(found)} runs begin with {identity!r}", "Write more of its name.")
    return max(exact or found, key=lambda pair: (pair[1].started, pair[1].id))
