"""Fix the decisions that a built site rests on."""

from typing import Annotated

import typer

from colossus.cli.opening import AllowRecable, Inventory, checked
from colossus.cli.views.messages import put
from colossus.errors import Drifted
from colossus.load.files import shown_path
from colossus.load.lock import write_lock
from colossus.load.site import LOCK_FILE


def lock(
    inventory: Inventory,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit 13 if the lock would change."),
    ] = False,
    allow_recable: AllowRecable = False,
) -> int:
    """Fix the decisions that a built site rests on, in cluster.lock.

    What exists never moves: names, ports, addresses and cable ids follow from cluster.yaml and the
    lock. What is in the lock stays; what is new is appended. A change that would move installed
    cables is refused with their number, unless they may be moved.
    """
    site = checked(inventory, recable=allow_recable)
    path = site.loaded.folder / LOCK_FILE
    if site.loaded.lock == site.designed.lock:
        put(f"{shown_path(path)} is up to date")
        return 0
    if check:
        put(f"{shown_path(path)} would {'change' if site.loaded.lock else 'be written'}")
        return Drifted.exit_status
    write_lock(path, site.designed.lock)
    put(f"{'updated' if site.loaded.lock else 'wrote'} {shown_path(path)}; commit it")
    return 0
