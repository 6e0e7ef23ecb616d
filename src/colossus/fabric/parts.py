"""A fabric as parts within parts, equal ones folded: units in pods, switches in groups. Pure.

Links are added tier by tier from the hosts up; what hangs together at a tier is a part there, and
lies in the part that it belongs to one tier higher. Parts are equal when the same roles of the
same planes are joined by as many links, with equal parts inside.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.graph import spread
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS, rows_by
from colossus.inventory.fabrics import FabricIntent

_LEVELS = (
    ("host-switch", "host-leaf", "service-leaf", "gpu-nvswitch", "tile-tile"),
    ("leaf-spine", "local", "dip-tile"),
    ("spine-core", "global"),
)
_WORDS = {
    "clos": ("unit", "pod", "fabric"),
    "dragonfly": ("block", "group", "fabric"),
    "nvlink": ("domain",),
    "mesh": ("mesh", "machine"),
}


class Kind(NamedTuple):
    """Devices that play the same part: their role and plane (-1: of none, or of all)."""

    role: str
    plane: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a fabric, and how many equal ones there are in the part around it.

    word: unit, pod, group... devices: rows of the device table by kind, lowest tier first; links:
    rows of the link table that join this part at its own tier, those of its inner parts left out.
    inner: unequal parts in it, each with its own count.
    """

    word: str
    count: int
    devices: Mapping[Kind, tuple[int, ...]]
    links: NDArray[np.integer[Any]]
    inner: tuple["Part", ...]

    @property
    def first(self) -> int:
        """The row of its first device, of those in its inner parts too."""
        own = [rows[0] for rows in self.devices.values()]
        return min(own + [part.first for part in self.inner])


@dataclass(slots=True)
class _Level:
    """One tier of links: which component each device is in, and what joins each component."""

    label: NDArray[np.int64]
    links: dict[int, NDArray[np.integer[Any]]]
    devices: dict[int, list[int]]


def parts_of(fabric: Fabric, code: int) -> tuple[Part, ...]:
    """Give the outermost parts of one fabric, equal ones once; none where it has no link."""
    levels = _levels(fabric, code)
    if not levels:
        return ()
    return _Folding(fabric, code, levels).folded(len(levels) - 1, sorted(levels[-1].links))


def _levels(fabric: Fabric, code: int) -> list[_Level]:
    links, device = fabric.links, fabric.ports.device
    mine = links.fabric == code
    count = len(fabric.devices.names)
    level_of = np.full(len(TIERS), -1)
    for level, words in enumerate(_LEVELS):
        level_of[[TIERS.index(word) for word in words]] = level
    of_link = np.where(mine, level_of[links.tier], -1)
    seen = np.zeros(count, dtype=np.bool_)
    found = []
    for level in range(len(_LEVELS)):
        at = np.flatnonzero(of_link == level)
        if not len(at):
            continue
        so_far = np.flatnonzero((of_link >= 0) & (of_link <= level))
        a, z = device[links.a[so_far]].astype(np.int64), device[links.z[so_far]].astype(np.int64)
        label = np.full(count, -1, dtype=np.int64)
        label[a] = label[z] = spread(a, z)
        new = np.flatnonzero((label >= 0) & ~seen)
        seen[new] = True
        found.append(_Level(label, rows_by(label[device[links.a[at]]], at), _listed(label, new)))
    return found


def _listed(label: NDArray[np.int64], devices: NDArray[np.int64]) -> dict[int, list[int]]:
    return {key: rows.tolist() for key, rows in rows_by(label[devices], devices).items()}


class _Folding:
    """Folds one fabric from its inmost parts out; a part's shape is a number once it is known."""

    def __init__(self, fabric: Fabric, code: int, levels: Sequence[_Level]) -> None:
        self._fabric = fabric
        self._levels = levels
        self._words = _words(fabric.site.fabrics[fabric.fabrics[code]], len(levels))
        self._plane = _planes(fabric, code)
        self._shapes: dict[object, int] = {}
        self._inside = [self._children(level) for level in range(len(levels))]
        self._shape_of: list[dict[int, int]] = []
        for level in range(len(levels)):
            # What joins nothing at this tier is a part of it all the same (a pod of one leaf).
            whole = set(levels[level].links) | set(self._inside[level])
            self._shape_of.append({each: self._shape(level, each) for each in sorted(whole)})

    def folded(self, level: int, labels: Sequence[int]) -> tuple[Part, ...]:
        """Make a part of the first of each shape, with how many there are."""
        alike: dict[int, list[int]] = {}
        for label in labels:
            alike.setdefault(self._shape_of[level][label], []).append(label)
        return tuple(self._part(level, same[0], len(same)) for same in alike.values())

    def _part(self, level: int, label: int, count: int) -> Part:
        here = self._levels[level]
        kinds: dict[Kind, list[int]] = {}
        for row in here.devices.get(label, ()):
            kinds.setdefault(self._kind(row), []).append(row)
        inner = self._inside[level].get(label, [])
        return Part(
            word=self._words[level],
            count=count,
            devices={kind: tuple(rows) for kind, rows in kinds.items()},
            links=here.links.get(label, np.empty(0, dtype=np.int64)),
            inner=self.folded(level - 1, inner) if inner else (),
        )

    def _children(self, level: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        if level:
            below, here = self._levels[level - 1], self._levels[level]
            for label in sorted(set(below.label[below.label >= 0].tolist())):
                # A component is labelled by one of its own devices.
                found.setdefault(int(here.label[label]), []).append(label)
        return found

    def _shape(self, level: int, label: int) -> int:
        here = self._levels[level]
        kinds = Counter(self._kind(row) for row in here.devices.get(label, ()))
        inner = Counter(
            self._shape_of[level - 1][each] for each in self._inside[level].get(label, ())
        )
        links = len(here.links.get(label, ()))
        key = (level, links, tuple(sorted(kinds.items())), tuple(sorted(inner.items())))
        return self._shapes.setdefault(key, len(self._shapes))

    def _kind(self, row: int) -> Kind:
        devices = self._fabric.devices
        return Kind(self._fabric.roles[devices.role[row]], int(self._plane[row]))


def _planes(fabric: Fabric, code: int) -> NDArray[np.int64]:
    """Give the plane of every device of a fabric; -1 where its links are of several."""
    links = fabric.links
    mine = np.flatnonzero(links.fabric == code)
    low = np.full(len(fabric.devices.names), np.iinfo(np.int64).max)
    high = np.full(len(fabric.devices.names), -1, dtype=np.int64)
    for ports in (links.a[mine], links.z[mine]):
        np.minimum.at(low, fabric.ports.device[ports], links.plane[mine])
        np.maximum.at(high, fabric.ports.device[ports], links.plane[mine])
    return np.where(low == high, high, -1)


def _words(intent: FabricIntent, levels: int) -> tuple[str, ...]:
    words = _WORDS.get(intent.topology.rstrip("23"), ())
    return (*(*words, *("part",) * levels)[: levels - 1], "fabric")
