"""A decided Clos fabric against its lock: what would move cables that are installed."""

from collections import Counter
from collections.abc import Iterator, Mapping

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.clos import ClosPlan
from colossus.fabric.intent import end_ports
from colossus.fabric.radix import radices_of
from colossus.fabric.recabling import locked_shape, moved_cables
from colossus.fabric.refusals import RECABLE, reserved_taken, shape_changes
from colossus.fabric.slots import slots_given_twice, unfold_slots
from colossus.fabric.units import misplaced
from colossus.inventory.locks import FabricLock


def lock_findings(plan: ClosPlan) -> Iterator[Diagnostic]:
    """Say what of the lock is contradictory, or would move installed cables."""
    wiring, known = plan.wiring, plan.wiring.known
    if known is None:
        return
    changed = ", ".join(filter(None, (*_shapes(known, plan.lock), *_reservations(plan, known))))
    # More uplinks, pods that are not full yet, or free ports need not move anything.
    if changed and (moved := _moved(plan, known)):
        yield error(
            "lock-shape-changed",
            wiring.path,
            f"fabric {wiring.name}: {changed} would move {counted(moved, 'installed cable')}",
            f"pin the shape, plan ahead with grow_to, or {RECABLE}",
        )
    doubled = slots_given_twice(unfold_slots(known.slots))
    if doubled:
        yield misplaced(wiring.name, sorted(doubled))
    yield from _taken(plan, unfold_slots(known.slots))


def _shapes(known: FabricLock, lock: FabricLock) -> Iterator[str]:
    after = {key: value for key, value in lock.shape.items() if key != "reserved"}
    yield shape_changes(known.shape, after)


def _reservations(plan: ClosPlan, known: FabricLock) -> Iterator[str]:
    before, after = (set(_reserved(lock)) for lock in (known, plan.lock))
    yield from (f"reserving {word}" for word in sorted(after - before))
    yield from (f"releasing {word}" for word in sorted(before - after))


def _reserved(lock: FabricLock) -> tuple[str, ...]:
    """Give the reserved ports of a locked fabric as they are written."""
    return tuple(str(lock.shape.get("reserved", "")).split())


def _moved(plan: ClosPlan, known: FabricLock) -> int:
    """Count the installed cables that the plan would move; all, where the fabric was no Clos."""
    slots, wiring = unfold_slots(known.slots), plan.wiring
    names = wiring.layout.devices.names
    each = len(end_ports(wiring, plan.hosts[0]))
    places = [slots[names[row]][0] for row in plan.hosts if names[row] in slots]
    if "leaf_uplinks" not in known.shape:
        return len(places) * each
    taken = [place for place, _ in slots.values()]
    before = locked_shape(known.shape, plan.shape, taken, each)
    offered = radices_of(wiring.site, wiring.equipment, wiring.intent, _reserved(known))
    return moved_cables((before, offered), (plan.shape, plan.radices), places, each)


def _taken(plan: ClosPlan, known: Mapping[str, tuple[int, int]]) -> Iterator[Diagnostic]:
    """Say which reserved ports belong to a place that the lock gave away before."""
    wiring, unit = plan.wiring, plan.unit
    names = wiring.layout.devices.names
    cables = Counter(names[row] for row, _ in plan.services)
    cables.update({names[row]: unit.leaves * unit.ports for row in plan.hosts})
    for place, word in enumerate(wiring.intent.reserved):
        alone = radices_of(wiring.site, wiring.equipment, wiring.intent, (word,))
        closed = unit.closed(alone.leaf)
        owners = {
            name: cables[name]
            for name, (position, _) in known.items()
            if name in cables and closed(position)
        }
        if owners:
            yield reserved_taken(wiring, place, owners)
