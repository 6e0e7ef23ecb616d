"""Units, pods and groups by number, so that an operator can name one: `unit=3`, `pod=1`.

Parts follow from the cables alone: what hangs together over the links below a tier is one part.
They are numbered from 1, in the order of the first switch of each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.graph import spread
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS

HELD_BY = {
    "unit": ("host-switch", "host-leaf"),
    "pod": ("host-leaf", "leaf-spine"),
    "group": ("host-switch", "local"),
}
"""The links that hold a part of each kind together."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """The parts of one kind: the part of each device, 0 for none, and how many there are."""

    word: str
    of: NDArray[np.int64]
    count: int

    def equal_to(self, part: int, fabric: Fabric) -> set[int]:
        """Give the parts with as many devices of each role as this one, itself included."""
        shape = np.zeros((self.count + 1, len(fabric.roles)), dtype=np.int64)
        np.add.at(shape, (self.of, fabric.devices.role), 1)
        same = (shape[1:] == shape[part]).all(axis=1)
        return set((np.flatnonzero(same) + 1).tolist())


def numbered(fabric: Fabric, code: int, word: str) -> Numbered:
    """Number the parts of one kind (a key of HELD_BY) in a fabric."""
    tiers = [TIERS.index(each) for each in HELD_BY[word]]
    mine = (fabric.links.fabric == code) & np.isin(fabric.links.tier, tiers)
    links = np.flatnonzero(mine)
    a, z = (fabric.ports.device[side[links]] for side in (fabric.links.a, fabric.links.z))
    found = np.zeros(len(fabric.devices.names), dtype=np.int64)
    if not len(links):
        return Numbered(word, found, 0)
    labels = spread(a.astype(np.int64), z.astype(np.int64))
    _, first, which = np.unique(labels, return_index=True, return_inverse=True)
    lowest = np.full(len(first), np.iinfo(np.int64).max)
    np.minimum.at(lowest, which, fabric.devices.ordinal[z].astype(np.int64))
    number = np.empty(len(first), dtype=np.int64)
    number[np.lexsort((first, lowest))] = np.arange(1, len(first) + 1)
    found[a] = found[z] = number[which]
    return Numbered(word, found, len(first))


def words_of(fabric: Fabric, code: int) -> tuple[str, ...]:
    """Name the kinds of parts that a fabric has."""
    match fabric.site.fabrics[fabric.fabrics[code]].topology:
        case "clos3":
            return ("unit", "pod")
        case "dragonfly":
            return ("group",)
        case "single" | "clos2":
            return ("unit",)
        case _:
            return ()
