"""How many machines this computer carries, computed before any is started.

Figures: a clone with FRR and lldpd under software emulation held 72 to 112 MiB more than it shares,
a machine that had worked long 190 MiB more than its memory; 32 of them came up on two cores in half
a minute and 14 went through a rehearsal at 11 to 12 s of a core each.
"""

import os
from dataclasses import dataclass

from colossus.twin.room import free_mib
from colossus.twin.vm.parts import MEMORY_MIB
from colossus.twin.vm.qemu import TRANSLATION_CACHE_MIB

# A machine that has written all of its memory, with QEMU's translation cache and its own pages.
MIB_PER_MACHINE = MEMORY_MIB + TRANSLATION_CACHE_MIB + 60
# The image's pages, the templates' memory, and what else runs here.
MIB_APART = 1024
MACHINES_PER_CORE = 16


@dataclass(frozen=True, slots=True)
class Budget:
    """What this computer has for machines: free memory in MiB, and cores."""

    free_mib: int
    cores: int

    @property
    def machines(self) -> int:
        """How many machines fit."""
        by_memory = (self.free_mib - MIB_APART) // MIB_PER_MACHINE
        return max(0, min(by_memory, self.cores * MACHINES_PER_CORE))

    def __str__(self) -> str:
        return (
            f"{self.machines} machines of {MIB_PER_MACHINE} MiB fit here"
            f" ({self.free_mib} MiB free, {self.cores} cores)"
        )


def budget() -> Budget:
    """Look at this computer."""
    return Budget(free_mib(), len(os.sched_getaffinity(0)))
