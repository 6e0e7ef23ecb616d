"""Units: which hosts share their leaves, fixed by the lock, appended by growth.

A host's position is unit × hosts_per_unit + place in the unit; the place is its port on each of
the unit's leaves. New hosts fill the last unit of their hall (or of the site), then open a new one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.radix import Radix
from colossus.fabric.reserved import Held, slots_held

Closed = Callable[[int], bool]


def _no_position(_: int) -> bool:
    return False


def assign_units(
    hosts: Sequence[tuple[str, int]],
    hosts_per_unit: int,
    known: Mapping[str, int],
    closed: Closed = _no_position,
) -> dict[str, int]:
    """Give each host its position. hosts: name and the hall that its unit must not leave.

    known: positions that the lock keeps. Positions of removed hosts stay theirs. closed: whether
    a position has a reserved port, so that nobody new gets it; every unit must have open ones.
    """
    positions = dict(known)
    taken = set(known.values())
    hall_of = dict(hosts)
    open_unit: dict[int, int] = {}
    for host, position in known.items():
        if host in hall_of:
            hall = hall_of[host]
            open_unit[hall] = max(open_unit.get(hall, -1), position // hosts_per_unit)
    next_unit = max(taken, default=-1) // hosts_per_unit + 1
    follow = {hall: _follow(unit, hosts_per_unit, taken) for hall, unit in open_unit.items()}
    for host, hall in hosts:
        if host in positions:
            continue
        position = _open(follow.get(hall, -1), closed)
        if position < 0 or position // hosts_per_unit != open_unit[hall]:
            position = _open(next_unit * hosts_per_unit, closed)
            open_unit[hall] = position // hosts_per_unit
            next_unit = open_unit[hall] + 1
        positions[host] = position
        follow[hall] = position + 1
    return positions


def _follow(unit: int, hosts_per_unit: int, taken: set[int]) -> int:
    """Give the position after the last one taken in a unit."""
    last = max(p for p in taken if p // hosts_per_unit == unit)
    return last + 1


def _open(position: int, closed: Closed) -> int:
    """Give the first position from here on that is not closed; none before the first."""
    while position >= 0 and closed(position):
        position += 1
    return position


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit of a fabric is: its hosts, its leaves, ports of a host on one leaf."""

    hosts: int
    leaves: int
    ports: int

    def closed(self, leaf: Radix) -> Closed:
        """Tell which positions have a reserved port: nobody new gets them."""

        def places(held: Held) -> set[int]:
            return {slot // self.ports for slot in slots_held(held, leaf.down_lanes)}

        everywhere = places(leaf.reserved.everywhere)
        own = {
            ordinal // self.leaves * self.hosts + place
            for ordinal, held in leaf.reserved.at.items()
            for place in places(held)
            if place < self.hosts
        }
        return lambda position: position in own or position % self.hosts in everywhere


def full_units(
    positions: Mapping[str, int],
    hosts_per_unit: int,
    grow_to: int | None,
    closed: Closed = _no_position,
) -> int:
    """Count the units that exist, or that the fabric is planned to grow to."""
    units = max(positions.values(), default=-1) // hosts_per_unit + 1
    if not grow_to:
        return units
    places = sum(not closed(position) for position in range(units * hosts_per_unit))
    while places < grow_to:
        first = units * hosts_per_unit
        places += sum(not closed(each) for each in range(first, first + hosts_per_unit))
        units += 1
    return units


def misplaced(name: str, doubled: Sequence[str]) -> Diagnostic:
    """Make the finding for hosts that share a position after a careless merge of the lock."""
    return error(
        "lock-given-twice",
        f"lock.fabrics.{name}.slots",
        f"cluster.lock gives one place in fabric {name} to {' and '.join(doubled)}",
        "keep the older entry, remove the other, and run `colossus lock` again",
    )
