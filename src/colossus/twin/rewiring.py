"""Moving plugs in a twin that is up: swapped ends, dead cables, lost devices.

A veth's peer cannot be changed, so the pairs are made anew; names, MAC addresses, addresses, routes
and bridge membership of both ends are put back, as a port keeps them when a plug is moved.
"""

from collections.abc import Iterable

from colossus.errors import UsageError
from colossus.twin.base import DEFAULT_MTU, End, TwinSpec
from colossus.twin.ports import ip_batch, port_settings
from colossus.twin.state import TwinState
from colossus.twin.wires import STATION, loose, plug_line

Wires = list[tuple[End, End | None]]


def _far(wired: Wires, end: End) -> End | None:
    for one, other in wired:
        if end in (one, other):
            return other if end == one else one
    raise UsageError(f"no cable of the twin has an end at {end}", hint="name it DEVICE:INTERFACE")


def _less(wired: Wires, ends: Iterable[End]) -> Wires:
    gone = set(ends)
    return [pair for pair in wired if not gone & set(pair)]


def swapped(wired: Wires, one: End, other: End) -> Wires:
    """Return the wiring with the plugs in two ports exchanged."""
    far_one, far_other = _far(wired, one), _far(wired, other)
    if other in {one, far_one}:
        raise UsageError(f"{one} and {other} are the two ends of one cable")
    return [*_less(wired, (one, other)), (one, far_other), (other, far_one)]


def broken(wired: Wires, end: End) -> Wires:
    """Return the wiring with the cable in this port cut."""
    far = _far(wired, end)
    return [*_less(wired, (end,)), (end, None), *([(far, None)] if far else [])]


def without(wired: Wires, node: str) -> Wires:
    """Return the wiring with every cable to one node cut, and that node's own ends gone."""
    touched = [pair for pair in wired if node in {end.node for end in pair if end}]
    loose = [end for pair in touched for end in pair if end and end.node != node]
    kept = [pair for pair in wired if pair not in touched]
    return [*kept, *((end, None) for end in loose)]


def planned(spec: TwinSpec, alive: set[str]) -> Wires:
    """Return the wiring of the plan between nodes that have power."""
    found: Wires = [(port, None) for port in spec.open_ports if port.node in alive]
    for cable in spec.cables:
        ends = [end for end in (cable.a, cable.z) if end.node in alive]
        if ends:
            found.append((ends[0], ends[1] if len(ends) > 1 else None))
    return found


def rewire(spec: TwinSpec, now: TwinState, wanted: Wires) -> None:
    """Make the pairs of a twin those wanted, touching only the ones that differ.

    Raises:
        RehearsalFailed: a cable cannot be made.
    """
    have, want = ({frozenset(pair): pair for pair in side} for side in (now.wires, wanted))
    going = [pair for key, pair in have.items() if key not in want]
    coming = [pair for key, pair in want.items() if key not in have]
    pids = {name: life.pid for name, life in now.nodes.items() if life.alive}
    touched = sorted({end for pair in (*going, *coming) for end in pair if end})
    touched = [end for end in touched if end.node in pids]
    kept = {name: port_settings(pids[name]) for name in {end.node for end in touched}}
    for name in kept:
        ip_batch(
            [f"link del {end.interface}" for end in touched if end.node == name],
            pids[name],
            force=True,
        )
    mtus = dict.fromkeys(spec.open_ports, DEFAULT_MTU)
    mtus |= {end: cable.mtu for cable in spec.cables for end in (cable.a, cable.z)}
    macs = {
        end: kept[end.node][end.interface].mac for end in touched if end.interface in kept[end.node]
    }
    pids[STATION] = now.station.pid
    ip_batch([plug_line(one, other or loose(one), mtus[one], pids, macs) for one, other in coming])
    for name, ports in kept.items():
        own = [
            ports[end.interface] for end in touched if end.node == name and end.interface in ports
        ]
        ip_batch([line for port in own for line in port.lines], pids[name], force=True)
