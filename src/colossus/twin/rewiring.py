"""Which plug is where after one is moved: swapped ends, dead cables, lost devices (pure)."""

from collections.abc import Iterable

from colossus.errors import UsageError
from colossus.twin.base import End, TwinSpec

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


def returned(spec: TwinSpec, wired: Wires, node: str) -> Wires:
    """Return the wiring once a node has power again: its cables as planned, if their far end is.

    A far end that hangs loose is plugged in again; one that was moved elsewhere stays there.
    """
    free = {one for one, other in wired if other is None}
    own: Wires = [(port, None) for port in spec.open_ports if port.node == node]
    for cable in spec.cables:
        if node in (cable.a_node, cable.z_node):
            end, far = (cable.a, cable.z) if cable.a_node == node else (cable.z, cable.a)
            own.append((end, far if far in free else None))
    taken = {far for _, far in own if far}
    return [*(pair for pair in wired if pair[0] not in taken), *own]
