"""How twins are shown."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum

from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put, say
from colossus.inventory.nodeset import fold
from colossus.twin.base import TwinStatus


class Format(StrEnum):
    """How a twin's status is printed."""

    TEXT = "text"
    JSON = "json"


def show_status(twins: Sequence[TwinStatus], output: str = "text") -> None:
    """Print the twins of this machine."""
    if output == "json":
        put(as_json({"twins": [asdict(twin) for twin in twins]}))
        return
    if not twins:
        say("no twin is up")
    for twin in twins:
        up = f"{len(twin.up)} nodes up ({fold(twin.up)})"
        put(f"{twin.name}: tier {twin.tier}, {up}, {twin.cables} cables")
        if twin.down:
            put(f"  off: {fold(twin.down)}")
        for cable in twin.not_as_planned:
            put(f"  not as planned: {cable}")


def show_removed(removed: Sequence[str], busy: Sequence[str]) -> None:
    """Say which twins are gone, and which a living tool still uses."""
    for name in removed:
        put(f"removed {name}")
    for name in busy:
        say(f"{name} is in use by a rehearsal that is running")
    if not removed and not busy:
        say("no twin was up")


def relay(stdout: bytes, stderr: bytes) -> None:
    """Pass on what a command wrote."""
    sys.stdout.buffer.write(stdout)
    sys.stdout.flush()
    sys.stderr.buffer.write(stderr)
    sys.stderr.flush()
