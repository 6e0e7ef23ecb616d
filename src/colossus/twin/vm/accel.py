"""Which accelerator the machines run on: KVM only where a kernel really boots under it.

A /dev/kvm that opens, makes machines and processors, may still boot nothing (nested or software
KVM), and QEMU's own fallback does not notice. So a small boot decides, once per boot of this host.
"""

from dataclasses import dataclass
from typing import Literal

from colossus.twin.vm.image import VmImage


@dataclass(frozen=True, slots=True)
class Accel:
    """The accelerator, and why this one in words for the report."""

    name: Literal["kvm", "tcg"]
    reason: str


def probe(image: VmImage) -> Accel:
    """Return the accelerator to use on this machine, as tried once since it booted."""
    del image
    return Accel("tcg", "not probed yet")
