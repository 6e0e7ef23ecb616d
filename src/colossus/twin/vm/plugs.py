"""Plugging cables while machines run: two NICs are joined when each `.out` leads to the other.

QEMU looks the name up for every frame, so a changed link counts at once. The carrier is another
matter: a NIC does not notice a missing far end, `Machine.set_link` tells it.
"""

from pathlib import Path
from typing import NamedTuple

from colossus.twin.vm.qemu import incoming, outgoing


class Plug(NamedTuple):
    """One NIC of one machine: the machine's folder and the NIC's number in `MachineSpec.nics`."""

    folder: Path
    nic: int


def join(one: Plug, other: Plug) -> None:
    """Lay a cable between two NICs, in place of whatever was plugged in there."""
    _lead(one, other)
    _lead(other, one)


def cut(end: Plug) -> None:
    """Pull the plug out: what this NIC sends goes nowhere; nothing to do if there is none."""
    outgoing(*end).unlink(missing_ok=True)


def _lead(one: Plug, other: Plug) -> None:
    one.folder.mkdir(parents=True, exist_ok=True)
    fresh = outgoing(*one).with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(incoming(*other))
    fresh.replace(outgoing(*one))
