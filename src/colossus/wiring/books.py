"""Which racks make a book: a scalable unit with its leaves, a row, or what a hall has besides.

A scalable unit is a set of hosts that share leaves: a component of the host-to-leaf links of the
widest fabric. Where units are smaller than two racks, a row of racks makes the book.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.graph import spread
from colossus.fabric.hierarchy import common_place
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS

_SMALLEST = 2
_UNIT_TIERS = ("host-leaf", "host-switch")


@dataclass(frozen=True, slots=True)
class Book:
    """Racks (rows of `Fabric.racks`, in floor order) that are printed together.

    name: of the file (`unit-003`, `hall-h1`, `hall-h1-row-a`); title: for the cover, with the
    place where it stands (`scalable unit 3, array h1-p1-a3`).
    """

    name: str
    title: str
    racks: tuple[int, ...]


def books(fabric: Fabric) -> list[Book]:
    """Put every rack into one book; units first, then what the halls have besides."""
    units = _units(fabric)
    count = len(set(units.values()))
    if count < _SMALLEST or len(units) < _SMALLEST * count:
        return _by_place(fabric, range(len(fabric.racks.names)), rows=count >= _SMALLEST)
    members: dict[int, list[int]] = defaultdict(list)
    for rack, unit in sorted(units.items()):
        members[unit].append(rack)
    width = len(str(count))
    ordered = sorted(members.values())
    found = [
        Book(f"unit-{number:0{width}d}", _title(fabric, number, racks), tuple(racks))
        for number, racks in enumerate(ordered, 1)
    ]
    others = [rack for rack in range(len(fabric.racks.names)) if rack not in units]
    return found + _by_place(fabric, others, rows=False)


def _title(fabric: Fabric, number: int, racks: Sequence[int]) -> str:
    place = common_place(fabric.levels, racks)
    return f"scalable unit {number}, {place}" if place else f"scalable unit {number}"


def _by_place(fabric: Fabric, racks: range | list[int], *, rows: bool) -> list[Book]:
    table, members = fabric.racks, defaultdict(list)
    for rack in racks:
        row = fabric.rows[table.row[rack]] if rows else ""
        members[fabric.halls[table.hall[rack]], row].append(rack)
    return [
        Book(
            f"hall-{hall}-row-{row}" if row else f"hall-{hall}",
            f"hall {hall}, row {row}" if row else f"hall {hall}",
            tuple(inside),
        )
        for (hall, row), inside in members.items()
    ]


def _units(fabric: Fabric) -> dict[int, int]:
    """Give the unit of each rack that has one: the unit of most of its devices."""
    labels = _labels(fabric)
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    members = np.flatnonzero(labels >= 0)
    for rack, unit in zip(
        fabric.devices.rack[members].tolist(), labels[members].tolist(), strict=True
    ):
        votes[rack][unit] += 1
    return {
        rack: min(counted, key=lambda unit: (-counted[unit], unit))
        for rack, counted in votes.items()
    }


def _labels(fabric: Fabric) -> NDArray[np.int32]:
    """Number the components of hosts and leaves; -1 for devices outside them."""
    links, count = fabric.links, len(fabric.devices.names)
    tiers = [TIERS.index(tier) for tier in _UNIT_TIERS]
    nothing = np.full(count, -1, dtype=np.int32)
    near = np.isin(links.tier, tiers)
    if not near.any():
        return nothing
    widest = Counter(links.fabric[near].tolist()).most_common(1)[0][0]
    chosen = np.flatnonzero(near & (links.fabric == _compute(fabric, int(widest))))
    a, z = (fabric.ports.device[end[chosen]] for end in (links.a, links.z))
    label = spread(a.astype(np.int64), z.astype(np.int64)).astype(np.int32)
    labels = nothing
    labels[a] = labels[z] = label
    return labels


def _compute(fabric: Fabric, widest: int) -> int:
    """Choose the fabric whose units count: `compute` where there is one that reaches leaves."""
    if "compute" not in fabric.fabrics:
        return widest
    code = fabric.fabrics.index("compute")
    return code if bool((fabric.links.fabric == code).any()) else widest
