"""Reserved switch ports: what the operator keeps free, by switch.

A word is `switch:cage` or `switch:cage/half`, both counted from 1 as they are printed; the switch
is a device, or a role for each of its devices.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from colossus.inventory.catalog import PortGroup

Held = frozenset[tuple[int, int]]
"""Reserved ports of one switch: cage from 0 and half from 1; half 0 = the whole cage."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """Reserved ports of the switches of one role: those of every one, those of some by ordinal."""

    everywhere: Held = frozenset()
    at: Mapping[int, Held] = field(default_factory=dict)

    def of(self, ordinal: int) -> Held:
        """Give what is reserved at one switch."""
        return self.everywhere | self.at.get(ordinal, frozenset())

    def kinds(self) -> set[Held]:
        """Give every set of ports that some switch keeps free; no set where nothing is reserved."""
        found = {self.everywhere, *(self.everywhere | held for held in self.at.values())}
        return found - {frozenset()}


def reserved_ports(words: Iterable[str], role: str, name: str, group: PortGroup) -> Reserved:
    """Read the reserved ports of a role's switches. name: the pattern that names its devices."""
    everywhere = set[tuple[int, int]]()
    at: dict[int, set[tuple[int, int]]] = {}
    for word in words:
        device, cage, half = parted(word)
        port = cage - group.first_cage, half
        if 0 <= port[0] < group.count:
            if (ordinal := ordinal_of(device, name)) is not None:
                at.setdefault(ordinal, set()).add(port)
            elif device == role:
                everywhere.add(port)
    return Reserved(frozenset(everywhere), {row: frozenset(ports) for row, ports in at.items()})


def parted(word: str) -> tuple[str, int, int]:
    """Give switch, cage and half of a reserved port as written; half 0 = the whole cage."""
    device, _, port = word.partition(":")
    cage, _, half = port.partition("/")
    return device, int(cage), int(half or 0)


def ordinal_of(device: str, name: str) -> int | None:
    """Give the ordinal (from 0) of the device that a role's pattern would call so, if any."""
    numbers = [int(digits) for digits in re.findall(r"\d+", device)]
    return next((n - 1 for n in (*numbers, 1) if n and name.format(n=n) == device), None)


def slots_held(held: Held, lanes: int) -> set[int]:
    """Give the reserved ports of a switch whose cages are split in so many, counted from 0."""
    return {slot for cage, half in held for slot in _slots(cage, half, lanes)}


def _slots(cage: int, half: int, lanes: int) -> Iterator[int]:
    """Half of a cage that is not split is all of it; one that the cage has not is none."""
    if half == 0 or lanes == 1:
        yield from range(cage * lanes, (cage + 1) * lanes)
    elif half <= lanes:
        yield cage * lanes + half - 1
