"""Units: which hosts share their leaves, fixed by the lock, appended by growth.

A host's position is unit × hosts_per_unit + place in the unit; the place is its port on each of
the unit's leaves. New hosts fill the last unit of their hall (or of the site), then open a new one.
"""

from collections.abc import Mapping, Sequence

from colossus.diagnostics import Diagnostic, error


def assign_units(
    hosts: Sequence[tuple[str, int]],
    hosts_per_unit: int,
    known: Mapping[str, int],
) -> dict[str, int]:
    """Give each host its position. hosts: name and the hall that its unit must not leave.

    known: positions that the lock keeps. Positions of removed hosts stay theirs.
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
        position = follow.get(hall, -1)
        if position < 0 or position // hosts_per_unit != open_unit[hall]:
            open_unit[hall] = next_unit
            position = next_unit * hosts_per_unit
            next_unit += 1
        positions[host] = position
        follow[hall] = position + 1
    return positions


def _follow(unit: int, hosts_per_unit: int, taken: set[int]) -> int:
    """Give the position after the last one taken in a unit."""
    last = max(p for p in taken if p // hosts_per_unit == unit)
    return last + 1


def full_units(positions: Mapping[str, int], hosts_per_unit: int, grow_to: int | None) -> int:
    """Count the units that exist, or that the fabric is planned to grow to."""
    used = max(positions.values(), default=-1) // hosts_per_unit + 1
    return max(used, -(-(grow_to or 0) // hosts_per_unit))


def misplaced(name: str, doubled: Sequence[str]) -> Diagnostic:
    """Make the finding for hosts that share a position after a careless merge of the lock."""
    return error(
        "lock-given-twice",
        f"lock.fabrics.{name}.slots",
        f"cluster.lock gives one place in fabric {name} to {' and '.join(doubled)}",
        "keep the older entry, remove the other, and run `colossus lock` again",
    )
