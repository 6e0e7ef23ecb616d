"""Links: which port of which device meets which port of which switch.

Intent in, ports and links out. Nothing here asks whether the result is sound (that is what the
checks are for), but what cannot be wired at all is reported as a finding and left out.
"""

from dataclasses import dataclass

import numpy as np

from colossus.diagnostics import Diagnostic
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import EndPort, Wiring, end_ports, reserved_slots
from colossus.fabric.layout import Layout
from colossus.fabric.model import Equipment
from colossus.fabric.refusals import refusals
from colossus.fabric.slots import Capacity, Demand, allocate, fold_slots, unfold_slots
from colossus.fabric.tables import TIERS, Index
from colossus.fabric.wire_clos import ClosPlan, plan_clos, wire_clos
from colossus.fabric.wire_dragonfly import wire_dragonfly
from colossus.fabric.wire_mesh import wire_mesh
from colossus.fabric.wire_nvlink import wire_nvlink
from colossus.fabric.wire_racks import rack_decisions, wire_racks
from colossus.inventory.locks import FabricLock, Lock
from colossus.inventory.site import Site
from colossus.inventory.words import SPEEDS_MBPS

HOST_SWITCH = TIERS.index("host-switch")


@dataclass(frozen=True, slots=True)
class Wired:
    """Ports and links of all fabrics, the decided slots of each, and what could not be wired.

    numbers: fabric → what each device counts as there (see addresses).
    """

    columns: Columns
    locks: dict[str, FabricLock]
    numbers: dict[int, Index]
    findings: tuple[Diagnostic, ...]


def plan_fabrics(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
) -> dict[str, ClosPlan | Diagnostic]:
    """Decide the shape of every Clos fabric from the hosts that are placed."""
    return {
        name: plan_clos(
            Wiring(site, name, intent, layout, equipment),
            lock.fabrics.get(name) if lock else None,
        )
        for name, intent in site.fabrics.items()
        if intent.clos
    }


def wire(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
) -> Wired:
    """Wire every fabric of the site."""
    columns, findings = Columns(), list[Diagnostic]()
    locks = dict(lock.fabrics) if lock else {}
    planned = plan_fabrics(site, layout, equipment, lock)
    numbers: dict[int, Index] = {}
    for code, (name, intent) in enumerate(site.fabrics.items()):
        plan = planned.get(name)
        numbers[code] = layout.devices.ordinal
        if isinstance(plan, ClosPlan):
            locks[name] = plan.lock
            numbers[code] = plan.numbers()
            findings += [*plan.findings, *wire_clos(plan, code, columns)]
        elif plan is not None:
            findings.append(plan)
        elif intent.by_rack:
            wiring = Wiring(site, name, intent, layout, equipment)
            known = lock.fabrics.get(name) if lock else None
            findings += wire_racks(wiring, intent.by_rack, code, columns, known)
            locks[name] = FabricLock(shape=rack_decisions(wiring), slots=())
        elif wirer := WIRERS.get(intent.topology):
            wiring = Wiring(site, name, intent, layout, equipment)
            known = lock.fabrics.get(name) if lock else None
            locks[name], found = wirer(wiring, code, columns, known)
            findings += found
    return Wired(columns, locks, numbers, tuple(findings))


def _single(
    wiring: Wiring,
    code: int,
    columns: Columns,
    known: FabricLock | None,
) -> tuple[FabricLock, list[Diagnostic]]:
    """Wire a single-tier fabric: every end to a switch port, in slot order."""
    intent, layout = wiring.intent, wiring.layout
    switches = wiring.switches
    index, group = wiring.switch_group
    lanes = wiring.lanes
    shape: dict[str, int | str] = {
        "topology": intent.topology,
        "ports_per_switch": wiring.per_switch,
        "lanes": lanes,
    }
    ends = _ends(wiring)
    count = max(switches, default=-1) + 1
    capacity = Capacity(
        count,
        wiring.per_switch,
        lanes,
        frozenset(slot for _, slots in reserved_slots(wiring) for slot in slots),
        frozenset(range(count)) - frozenset(switches),
    )
    demands = [Demand(layout.devices.names[row], len(ports)) for row, ports in ends.items()]
    slots = allocate(demands, unfold_slots(known.slots if known else ()), capacity)
    speed = SPEEDS_MBPS[intent.breakout.speed if intent.breakout else group.speed]
    made: list[tuple[int, ...]] = []
    for row, ports in ends.items():
        first, taken = slots.taken.get(layout.devices.names[row], (0, 0))
        if capacity.reaches(first, taken):
            made += [
                (row, *port, switches[slot // capacity.per_switch], slot % capacity.per_switch)
                for slot, port in zip(range(first, first + taken), ports, strict=False)
            ]
    if made:
        row, end_group, cage, lane, end_speed, rail, switch, slot = np.asarray(made).T
        half = slot % lanes if lanes > 1 else -1
        a = columns.ports(Ports(row, end_group, cage, lane, end_speed, rail))
        z = columns.ports(Ports(switch, index, slot // lanes, half, speed, rail))
        columns.links(a, z, code, HOST_SWITCH)
    findings = refusals(wiring, known, shape, slots, capacity, demands)
    return FabricLock(shape=shape, slots=fold_slots(slots.taken)), list(findings)


WIRERS = {
    "single": _single,
    "dragonfly": wire_dragonfly,
    "mesh": wire_mesh,
    "nvlink": wire_nvlink,
}
"""Fabrics that need no plan before all devices are placed."""


def _ends(wiring: Wiring) -> dict[int, list[EndPort]]:
    """Collect what hangs on the fabric: device row → its ports in order."""
    found: dict[int, list[EndPort]] = {}
    for end in wiring.intent.ends:
        for row in wiring.devices(end.role):
            found.setdefault(row, []).extend(end_ports(wiring, row, end.ports))
    return found
