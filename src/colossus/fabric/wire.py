"""Links: which port of which device meets which port of which switch.

Intent in, ports and links out. Nothing here asks whether the result is sound (that is what the
checks are for), but what cannot be wired at all is reported as a finding and left out.
"""

from dataclasses import dataclass, field

import numpy as np

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.layout import Layout
from colossus.fabric.model import PDU_ROLE, Equipment
from colossus.fabric.slots import Allocation, Capacity, Demand, allocate, fold_slots, unfold_slots
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import PortGroup
from colossus.inventory.fabrics import FabricIntent
from colossus.inventory.locks import FabricLock, Lock
from colossus.inventory.nodeset import fold
from colossus.inventory.site import Site
from colossus.inventory.words import SPEEDS_MBPS

HOST_SWITCH = TIERS.index("host-switch")


@dataclass(slots=True)
class Columns:
    """Ports and links while they grow; the same columns as the tables."""

    device: list[int] = field(default_factory=list)
    group: list[int] = field(default_factory=list)
    cage: list[int] = field(default_factory=list)
    lane: list[int] = field(default_factory=list)
    speed: list[int] = field(default_factory=list)
    rail: list[int] = field(default_factory=list)
    a: list[int] = field(default_factory=list)
    z: list[int] = field(default_factory=list)
    fabric: list[int] = field(default_factory=list)
    tier: list[int] = field(default_factory=list)

    def port(self, device: int, group: int, cage: int, lane: int, speed: int, rail: int) -> int:
        """Append a port; gives its row."""
        for column, value in (
            (self.device, device),
            (self.group, group),
            (self.cage, cage),
            (self.lane, lane),
            (self.speed, speed),
            (self.rail, rail),
        ):
            column.append(value)
        return len(self.device) - 1

    def link(self, a: int, z: int, fabric: int, tier: int) -> None:
        """Append a link."""
        self.a.append(a)
        self.z.append(z)
        self.fabric.append(fabric)
        self.tier.append(tier)


@dataclass(frozen=True, slots=True)
class Wired:
    """Ports and links of all fabrics, the decided slots of each, and what could not be wired."""

    columns: Columns
    locks: dict[str, FabricLock]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Wiring:
    """What wiring one fabric needs at hand."""

    site: Site
    name: str
    intent: FabricIntent
    layout: Layout
    equipment: dict[str, Equipment]

    @property
    def switch_role(self) -> str:
        """Role of the switches; the model demands one wherever there is something to wire."""
        return self.intent.switch_role or ""

    @property
    def switch_group(self) -> tuple[int, PortGroup]:
        """Port group of the switches that the ends plug into, with its index."""
        model = self.site.roles[self.switch_role].model
        return self.groups(model, (self.intent.switch_ports or "",))[0]

    @property
    def path(self) -> str:
        """Authored path of the fabric."""
        return f"fabrics.{self.name}"

    def devices(self, role: str) -> list[int]:
        """Rows of a role's devices by ordinal; PDUs by rack."""
        code = self.layout.roles.index(role)
        rows = np.flatnonzero(self.layout.devices.role == code)
        if role == PDU_ROLE:
            return [int(row) for row in rows]
        return [int(row) for row in rows[np.argsort(self.layout.devices.ordinal[rows])]]

    def groups(self, model: str, names: tuple[str, ...]) -> list[tuple[int, PortGroup]]:
        """Port groups of a model by name, with their index."""
        ports = self.equipment[model].ports
        return [
            (index, group)
            for name in names
            for index, group in enumerate(ports)
            if group.name == name
        ]


def wire(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
) -> Wired:
    """Wire every fabric of the site."""
    columns, locks, findings = Columns(), {}, []
    for code, (name, intent) in enumerate(site.fabrics.items()):
        if intent.topology == "none":
            continue
        wiring = _Wiring(site, name, intent, layout, equipment)
        known = lock.fabrics.get(name) if lock else None
        locks[name], found = _single(wiring, code, columns, known)
        findings += found
    return Wired(columns, locks, tuple(findings))


def _single(
    wiring: _Wiring,
    code: int,
    columns: Columns,
    known: FabricLock | None,
) -> tuple[FabricLock, list[Diagnostic]]:
    """Wire a single-tier fabric: every end to a switch port, in slot order."""
    intent, layout = wiring.intent, wiring.layout
    switches = wiring.devices(wiring.switch_role)
    index, group = wiring.switch_group
    lanes = intent.breakout.lanes if intent.breakout else 1
    shape: dict[str, int | str] = {
        "topology": intent.topology,
        "ports_per_switch": group.count * lanes,
        "lanes": lanes,
    }
    ends = _ends(wiring)
    capacity = Capacity(len(switches), group.count * lanes, lanes, _reserved(wiring, lanes))
    demands = [Demand(layout.devices.names[row], len(ports)) for row, ports in ends.items()]
    slots = allocate(demands, unfold_slots(known.slots if known else ()), capacity)
    findings = _refusals(wiring, known, shape, slots, capacity, demands)
    speed = SPEEDS_MBPS[intent.breakout.speed if intent.breakout else group.speed]
    for row, ports in ends.items():
        first = slots.taken.get(layout.devices.names[row])
        if first is None or first[0] + len(ports) > capacity.total:
            continue
        for place, (end_group, cage, end_speed, rail) in enumerate(ports):
            switch, slot = divmod(first[0] + place, capacity.per_switch)
            a = columns.port(row, end_group, cage, -1, end_speed, rail)
            lane = slot % lanes if lanes > 1 else -1
            z = columns.port(switches[switch], index, slot // lanes, lane, speed, rail)
            columns.link(a, z, code, HOST_SWITCH)
    return FabricLock(shape=shape, slots=fold_slots(slots.taken)), findings


def _ends(wiring: _Wiring) -> dict[int, list[tuple[int, int, int, int]]]:
    """Collect what hangs on the fabric: device row → (group, cage, speed, rail) in port order."""
    found: dict[int, list[tuple[int, int, int, int]]] = {}
    models, devices = wiring.layout.models, wiring.layout.devices
    for end in wiring.intent.ends:
        for row in wiring.devices(end.role):
            for index, group in wiring.groups(models[devices.model[row]], end.ports):
                rails = range(group.count) if group.rail_order else [-1] * group.count
                speed = SPEEDS_MBPS[group.speed]
                found.setdefault(row, []).extend(
                    (index, cage, speed, rail) for cage, rail in enumerate(rails)
                )
    return found


def _reserved(wiring: _Wiring, lanes: int) -> frozenset[int]:
    """Slots of reserved ports, written `switch:cage` or `switch:cage/half`."""
    names = [wiring.layout.devices.names[row] for row in wiring.devices(wiring.switch_role)]
    _, group = wiring.switch_group
    slots: set[int] = set()
    for word in wiring.intent.reserved:
        device, _, port = word.partition(":")
        if device not in names:
            continue
        cage, _, half = port.partition("/")
        base = names.index(device) * group.count * lanes + (int(cage) - group.first_cage) * lanes
        slots.update([base + int(half) - 1] if half else range(base, base + lanes))
    return frozenset(slots)


def _refusals(
    wiring: _Wiring,
    known: FabricLock | None,
    shape: dict[str, int | str],
    slots: Allocation,
    capacity: Capacity,
    demands: list[Demand],
) -> list[Diagnostic]:
    """Say what cannot be wired, or would move what is installed."""
    findings: list[Diagnostic] = []
    if known and known.shape != shape:
        changed = ", ".join(
            f"{key} {known.shape.get(key)} → {value}"
            for key, value in shape.items()
            if known.shape.get(key) != value
        )
        cables = sum(ports for _, ports in unfold_slots(known.slots).values())
        findings.append(
            error(
                "lock-shape-changed",
                wiring.path,
                f"fabric {wiring.name}: {changed} would move {cables} installed cables",
                "keep the shape, or remove the fabric from cluster.lock if nothing is installed",
            ),
        )
    if slots.moved:
        findings.append(
            error(
                "lock-ports-changed",
                wiring.path,
                f"fabric {wiring.name}: {fold(slots.moved)} now have another number of ports"
                " than the lock knows, which would move installed cables",
                "give them a new role, or edit their slots in cluster.lock",
            ),
        )
    if slots.overflow:
        findings.append(_overflow(wiring, slots, capacity, demands))
    return findings


def _overflow(
    wiring: _Wiring,
    slots: Allocation,
    capacity: Capacity,
    demands: list[Demand],
) -> Diagnostic:
    needed = sum(demand.ports for demand in demands)
    role = wiring.switch_role
    return error(
        "fabric-ports-exhausted",
        wiring.path,
        f"fabric {wiring.name}: {len(demands)} devices need {needed} ports, but"
        f" {capacity.switches} × {role} offer {capacity.total - len(capacity.reserved)};"
        f" no port is left for {fold(slots.overflow)}",
        f"add a device of role {role}, split its ports further, or remove"
        f" {len(slots.overflow)} devices",
    )
