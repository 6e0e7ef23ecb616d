"""Removing twins: one, the ones whose tool died, or all; nothing that is not ours."""

import shutil
from pathlib import Path

from colossus.errors import RehearsalFailed
from colossus.twin import state, thresholds


def remove(name: str, twins: Path = state.TWINS) -> None:
    """Remove a twin by name; nothing to do if there is none.

    Raises:
        RehearsalFailed: a process of it does not end.
    """
    now = state.load(name, twins)
    if now is not None:
        for life in now.lives():
            life.kill()
        if left := state.wait_until_gone(now.lives()):
            pids = ", ".join(str(life.pid) for life in left)
            raise RehearsalFailed(f"twin {name}: processes {pids} do not end")
        thresholds.put_back(now.thresholds)
    state.drop_short(state.folder_of(name, twins))
    shutil.rmtree(state.folder_of(name, twins), ignore_errors=True)


def sweep(twins: Path = state.TWINS) -> list[str]:
    """Remove what dead tools left behind; return the names. Twins meant to last stay."""
    found = {name: state.load(name, twins) for name in state.names(twins)}
    gone = [name for name, now in found.items() if now and now.abandoned]
    for name in gone:
        remove(name, twins)
    return gone


def remove_all(twins: Path = state.TWINS) -> tuple[list[str], list[str]]:
    """Remove every twin; return those removed, and those that a living tool is using.

    A rehearsal in progress is not a leftover: end the tool, and it removes its twin itself.
    """
    removed, in_use = [], []
    for name in state.names(twins):
        now = state.load(name, twins)
        if now and now.creator.alive and not (now.lasting and now.complete):
            in_use.append(name)
        else:
            remove(name, twins)
            removed.append(name)
    return removed, in_use
