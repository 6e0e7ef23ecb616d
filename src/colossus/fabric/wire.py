"""Links: which port of which device meets which port of which switch.

Intent in, ports and links out. Nothing here asks whether the result is sound (that is what the
checks are for), but what cannot be wired at all is reported as a finding and left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from colossus.diagnostics import Diagnostic
from colossus.fabric.clos import ClosPlan, plan_clos
from colossus.fabric.clos_lock import lock_findings
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import EndPort, Wiring, end_ports, reserved_slots
from colossus.fabric.layout import Layout
from colossus.fabric.model import Equipment
from colossus.fabric.ordinals import unfold
from colossus.fabric.refusals import MOVING, RECABLE, refusals, shape_changes, shape_refused
from colossus.fabric.slots import (
    Allocation,
    Capacity,
    Demand,
    allocate,
    fold_slots,
    unfold_slots,
)
from colossus.fabric.tables import TIERS, Index
from colossus.fabric.wire_clos import wire_clos
from colossus.fabric.wire_dragonfly import wire_dragonfly
from colossus.fabric.wire_mesh import wire_mesh
from colossus.fabric.wire_nvlink import wire_nvlink
from colossus.fabric.wire_racks import rack_changes, rack_decisions, wire_racks
from colossus.inventory.locks import FabricLock, Lock
from colossus.inventory.site import Site
from colossus.inventory.words import SPEEDS_MBPS

APPEND = "append new U positions at the end of the rule, and leave per_rack as it is"
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
    *,
    recable: bool,
) -> dict[str, ClosPlan | Diagnostic]:
    """Decide the shape of every Clos fabric from the hosts that are placed."""
    return {
        wiring.name: plan_clos(wiring)
        for wiring in _wirings(site, layout, equipment, lock, recable=recable)
        if wiring.intent.clos
    }


def _wirings(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
    *,
    recable: bool,
) -> list[Wiring]:
    fabrics = lock.fabrics if lock else {}
    return [
        Wiring(site, name, intent, layout, equipment, fabrics.get(name), recable)
        for name, intent in site.fabrics.items()
    ]


def wire(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
    *,
    recable: bool = False,
) -> Wired:
    """Wire every fabric of the site. recable: whether installed cables may go elsewhere."""
    columns, findings = Columns(), list[Diagnostic]()
    locks = dict(lock.fabrics) if lock else {}
    planned = plan_fabrics(site, layout, equipment, lock, recable=recable)
    numbers: dict[int, Index] = {}
    changed: list[_Changed] = []
    for code, wiring in enumerate(_wirings(site, layout, equipment, lock, recable=recable)):
        name, intent, plan = wiring.name, wiring.intent, planned.get(wiring.name)
        numbers[code] = layout.devices.ordinal
        if isinstance(plan, ClosPlan):
            locks[name] = plan.lock
            numbers[code] = plan.numbers()
            findings += [*lock_findings(plan), *wire_clos(plan, code, columns)]
        elif plan is not None:
            findings.append(plan)
        elif intent.by_rack:
            findings += wire_racks(wiring, intent.by_rack, code, columns)
            locks[name] = FabricLock(shape=rack_decisions(wiring), slots=())
            changed.append(_Changed(code, name, rack_changes(wiring), APPEND))
        elif wirer := WIRERS.get(intent.topology):
            locks[name], found = wirer(wiring, code, columns)
            findings += found
            if wirer is not _single and wiring.known:
                words = shape_changes(wiring.known.shape, locks[name].shape)
                changed.append(_Changed(code, name, words, "keep the shape"))
    return Wired(columns, locks, numbers, (*findings, *_refused(changed, layout, columns, lock)))


@dataclass(frozen=True, slots=True)
class _Changed:
    """What of a fabric's decisions is otherwise than the lock has it, in words; empty if nothing.

    cure: what the operator could do instead of moving cables.
    """

    code: int
    name: str
    words: str
    cure: str


def _refused(
    changed: list[_Changed],
    layout: Layout,
    columns: Columns,
    lock: Lock | None,
) -> Iterator[Diagnostic]:
    """Refuse changed shapes, with the number of cables between devices that the lock knows."""
    if lock is None or not any(each.words for each in changed):
        return
    devices, racks = layout.devices, layout.racks.names
    known = {role: unfold(runs) for role, runs in lock.roles.items()}
    rows = zip(devices.role.tolist(), devices.rack.tolist(), devices.level.tolist(), strict=True)
    installed = np.asarray(
        [(racks[rack], level) in known.get(layout.roles[role], {}) for role, rack, level in rows],
        dtype=np.bool_,
    )
    a, z, code, *_ = columns.link_columns()
    device = columns.port_table().device
    there = installed[device[a]] & installed[device[z]]
    for each in changed:
        if each.words:
            cables = int(np.count_nonzero(there & (code == each.code)))
            yield shape_refused(each.name, each.words, cables, f"{each.cure}, or {RECABLE}")


def _single(
    wiring: Wiring,
    code: int,
    columns: Columns,
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
    slots, findings = _allocated(wiring, shape, demands, capacity)
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
    return FabricLock(shape=shape, slots=fold_slots(slots.taken)), findings


def _allocated(
    wiring: Wiring,
    shape: dict[str, int | str],
    demands: list[Demand],
    capacity: Capacity,
) -> tuple[Allocation, list[Diagnostic]]:
    """Give every device its slots; where cables may move, those that no longer fit get others."""
    known = wiring.known
    wanted = {demand.device: demand.ports for demand in demands}
    # What is gone loses its claim to a port that is reserved now.
    taken = {
        name: run
        for name, run in unfold_slots(known.slots if known else ()).items()
        if name in wanted or capacity.avoids_reserved(*run)
    }
    slots = allocate(demands, taken, capacity)
    findings = list(refusals(wiring, known, shape, slots, capacity, demands))
    if known and wiring.recable and any(finding.code in MOVING for finding in findings):
        taken = {
            name: run
            for name, run in taken.items()
            if known.shape == shape
            and run[1] == wanted.get(name, run[1])
            and capacity.reaches(*run)
            and capacity.avoids_reserved(*run)
        }
        slots = allocate(demands, taken, capacity)
        left = refusals(wiring, None, shape, slots, capacity, demands)
        findings = [finding for finding in findings if finding.code in MOVING] + [*left]
    return slots, findings


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
