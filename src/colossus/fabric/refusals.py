"""What cannot be wired, or would move what is installed: the findings of the wiring itself."""

from collections.abc import Iterator, Mapping

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.intent import Wiring, reserved_slots
from colossus.fabric.slots import (
    Allocation,
    Capacity,
    Demand,
    slots_given_twice,
    unfold_slots,
)
from colossus.inventory.catalog import PortGroup
from colossus.inventory.locks import FabricLock
from colossus.inventory.nodeset import fold

Shape = dict[str, int | str]
RECABLE = "move them: --allow-recable"
MOVING = (
    "lock-shape-changed",
    "lock-ports-changed",
    "fabric-switch-gone",
    "lock-cords-changed",
    "reserved-taken",
)
"""Findings that --allow-recable turns into warnings: installed cables go elsewhere."""


def refusals(
    wiring: Wiring,
    known: FabricLock | None,
    shape: Shape,
    slots: Allocation,
    capacity: Capacity,
    demands: list[Demand],
) -> Iterator[Diagnostic]:
    """Say what of one fabric is impossible, roots before consequences."""
    if known:
        yield from _lock_refusals(wiring, known, shape, slots)
    yield from _reserved(wiring, slots)
    if slots.stranded and not (known and known.shape != shape):
        yield _switch_gone(wiring, slots, capacity)
    if slots.overflow:
        yield _exhausted(wiring, slots, capacity, demands)


def shape_changes(before: Mapping[str, int | str], after: Mapping[str, int | str]) -> str:
    """Say in words how a decided shape differs; empty when it does not."""
    return ", ".join(
        f"{key} {before.get(key)} → {value}"
        for key, value in after.items()
        if before.get(key) != value
    )


def shape_refused(name: str, changed: str, cables: int, ways: str) -> Diagnostic:
    """Refuse a change of what the lock says of a fabric whose places follow from its shape.

    cables: those between installed devices; how many of them the new shape plugs as before is not
    known.
    """
    return error(
        "lock-shape-changed",
        f"fabrics.{name}",
        f"fabric {name}: {changed} would move up to {counted(cables, 'installed cable')}",
        ways,
    )


def _lock_refusals(
    wiring: Wiring,
    known: FabricLock,
    shape: Shape,
    slots: Allocation,
) -> Iterator[Diagnostic]:
    """Say what would move cables that are installed."""
    changed = shape_changes(known.shape, shape)
    if changed:
        cables = sum(ports for _, ports in unfold_slots(known.slots).values())
        yield error(
            "lock-shape-changed",
            wiring.path,
            f"fabric {wiring.name}: {changed} would move {counted(cables, 'installed cable')}",
            f"keep the shape, or {RECABLE}",
        )
    if slots.moved:
        taken = unfold_slots(known.slots)
        cables = sum(taken[name][1] for name in slots.moved)
        yield error(
            "lock-ports-changed",
            wiring.path,
            f"fabric {wiring.name}: {fold(slots.moved)} now have another number of ports than the"
            f" lock knows, which would move {counted(cables, 'installed cable')}",
            f"give them a new role, edit their slots in cluster.lock, or {RECABLE}",
        )
    doubled = slots_given_twice(unfold_slots(known.slots))
    if doubled:
        yield error(
            "lock-given-twice",
            f"lock.fabrics.{wiring.name}.slots",
            f"cluster.lock gives the same ports of fabric {wiring.name} to {fold(doubled)}",
            "keep the older entry, remove the other, and run `colossus lock` again",
        )


def _reserved(wiring: Wiring, slots: Allocation) -> Iterator[Diagnostic]:
    """Say which reserved ports do not exist, or were given away before they were reserved."""
    for place, (_, held) in enumerate(reserved_slots(wiring)):
        if not held:
            yield reserved_unknown(wiring, place, wiring.switch_group[1])
            continue
        owners = {
            device: ports
            for device, (first, ports) in slots.taken.items()
            if not held.isdisjoint(range(first, first + ports))
        }
        if owners:
            yield reserved_taken(wiring, place, owners)


def reserved_unknown(wiring: Wiring, place: int, group: PortGroup) -> Diagnostic:
    """Say that a fabric's switches have no such port. group: their ports, as an example."""
    return error(
        "reserved-unknown",
        f"{wiring.path}.reserved[{place}]",
        f"fabric {wiring.name} has no switch port {wiring.intent.reserved[place]}",
        f"write switch:cage (cages {group.first_cage} to {group.first_cage + group.count - 1}) or"
        " switch:cage/half",
    )


def reserved_taken(wiring: Wiring, place: int, owners: Mapping[str, int]) -> Diagnostic:
    """Say who has a reserved port by the lock. owners: devices, and the cables of each."""
    cables = counted(sum(owners.values()), "installed cable")
    return error(
        "reserved-taken",
        f"{wiring.path}.reserved[{place}]",
        f"port {wiring.intent.reserved[place]} of fabric {wiring.name} is reserved, but"
        f" cluster.lock gives it to {fold(owners)}: {cables} would move",
        f"reserve a free port, or {RECABLE}",
    )


def _switch_gone(wiring: Wiring, slots: Allocation, capacity: Capacity) -> Diagnostic:
    """Say which switches are gone, with the devices that are cabled to them."""
    pattern = wiring.site.roles[wiring.switch_role].name
    ordinals = {slots.taken[name][0] // capacity.per_switch for name in slots.stranded}
    cables = sum(slots.taken[name][1] for name in slots.stranded)
    gone = fold(pattern.format(n=ordinal + 1) for ordinal in ordinals)
    return error(
        "fabric-switch-gone",
        wiring.path,
        f"fabric {wiring.name}: the site no longer has {gone}, where"
        f" {counted(cables, 'installed cable')} of {fold(slots.stranded)} end",
        f"put it back, or {RECABLE}",
    )


def _exhausted(
    wiring: Wiring,
    slots: Allocation,
    capacity: Capacity,
    demands: list[Demand],
) -> Diagnostic:
    needed = sum(demand.ports for demand in demands)
    role = wiring.switch_role
    split = " (all ports of a device hang on one switch)" if needed <= capacity.offered else ""
    return error(
        "fabric-ports-exhausted",
        wiring.path,
        f"fabric {wiring.name}: {counted(len(demands), 'device')} need {needed} ports, but"
        f" {len(wiring.switches)} × {role} offer {capacity.offered}{split};"
        f" no port is left for {fold(slots.overflow)}",
        f"add a device of role {role}, split its ports further, or remove"
        f" {counted(len(slots.overflow), 'device')}",
    )
