"""Shortest ways through the cabling: devices are the vertices, their neighbours flat arrays.

For choosing a small connected part of a site: what is in the part already costs nothing to pass.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
UNSEEN, START = -2, -1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who is cabled to whom: the neighbours of device r are device[first[r]:first[r + 1]]."""

    first: Rows
    device: Rows

    def of(self, rows: Rows) -> tuple[Rows, Rows]:
        """Give the neighbours of many devices, and beside each the device it is a neighbour of."""
        counts = self.first[rows + 1] - self.first[rows]
        beside = np.repeat(rows, counts)
        places = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.device[self.first[beside] + places], beside


def neighbours(fabric: Fabric, links: Rows) -> Neighbours:
    """Turn these links (rows of the link table) into neighbours, in both directions."""
    a, z = (fabric.ports.device[side[links]] for side in (fabric.links.a, fabric.links.z))
    near, far = np.concatenate([a, z]), np.concatenate([z, a])
    order = np.lexsort((far, near))
    first = np.searchsorted(near[order], np.arange(len(fabric.devices.names) + 1))
    return Neighbours(first.astype(np.int64), far[order].astype(np.int64))


def way(net: Neighbours, start: Rows, goal: Mask, through: Mask, free: Mask) -> Rows | None:
    """Give the cheapest way from any start to any goal, the goal included; None without one.

    A way leads only through devices of `through`; each costs one, those of `free` nothing. Of
    equally near goals the one with most cables to the last step wins, then the lowest row.
    """
    before = np.full(len(goal), UNSEEN, dtype=np.int64)
    before[start] = START
    level, cables = start, np.zeros(len(start), dtype=np.int64)
    while len(level):
        level, cables = _over_free(net, level, cables, before, through & free)
        reached = np.flatnonzero(goal[level])
        if len(reached):
            best = reached[np.lexsort((level[reached], -cables[reached]))[0]]
            return _back(before, int(level[best]))
        level, cables = _onward(net, level, before, through | goal)
    return None


def _over_free(
    net: Neighbours, level: Rows, cables: Rows, before: Rows, free: Mask
) -> tuple[Rows, Rows]:
    """Add to a level what it reaches for nothing."""
    levels, counts, fresh = [level], [cables], level
    while len(fresh):
        fresh, more = _onward(net, fresh, before, free)
        levels.append(fresh)
        counts.append(more)
    return np.concatenate(levels), np.concatenate(counts)


def _onward(net: Neighbours, level: Rows, before: Rows, allowed: Mask) -> tuple[Rows, Rows]:
    """Take one step; gives the devices first seen now, and how many cables lead to each."""
    far, near = net.of(level)
    new = (before[far] == UNSEEN) & allowed[far]
    fresh, first, count = np.unique(far[new], return_index=True, return_counts=True)
    before[fresh] = near[new][first]
    return fresh, count.astype(np.int64)


def _back(before: Rows, end: int) -> Rows:
    found = [end]
    while before[found[-1]] != START:
        found.append(int(before[found[-1]]))
    return np.asarray(found[::-1], dtype=np.int64)


def distances(net: Neighbours, start: Rows, through: Mask) -> Rows:
    """Give how many steps each device is away over devices of `through`; -1 where none lead."""
    before = np.full(len(through), UNSEEN, dtype=np.int64)
    before[start] = START
    found = np.full(len(through), -1, dtype=np.int64)
    level, steps = start, 0
    while len(level):
        found[level] = steps
        level, _ = _onward(net, level, before, through)
        steps += 1
    return found
