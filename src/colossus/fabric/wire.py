"""Links: which port of which device meets which port of which switch.

Intent in, ports and links out. Nothing here asks whether the result is sound (that is what the
checks are for), but what cannot be wired at all is reported as a finding and left out.
"""

from dataclasses import dataclass, field

from colossus.diagnostics import Diagnostic
from colossus.fabric.intent import Wiring, reserved_slots
from colossus.fabric.layout import Layout
from colossus.fabric.model import Equipment
from colossus.fabric.refusals import refusals
from colossus.fabric.slots import Capacity, Demand, allocate, fold_slots, unfold_slots
from colossus.fabric.tables import TIERS
from colossus.inventory.locks import FabricLock, Lock
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


def wire(
    site: Site,
    layout: Layout,
    equipment: dict[str, Equipment],
    lock: Lock | None,
) -> Wired:
    """Wire every fabric of the site."""
    columns, findings = Columns(), list[Diagnostic]()
    locks = dict(lock.fabrics) if lock else {}
    for code, (name, intent) in enumerate(site.fabrics.items()):
        if intent.topology == "none":
            continue
        wiring = Wiring(site, name, intent, layout, equipment)
        known = lock.fabrics.get(name) if lock else None
        locks[name], found = _single(wiring, code, columns, known)
        findings += found
    return Wired(columns, locks, tuple(findings))


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
        "ports_per_switch": group.count * lanes,
        "lanes": lanes,
    }
    ends = _ends(wiring)
    count = max(switches, default=-1) + 1
    capacity = Capacity(
        count,
        group.count * lanes,
        lanes,
        frozenset(slot for _, slots in reserved_slots(wiring) for slot in slots),
        frozenset(range(count)) - frozenset(switches),
    )
    demands = [Demand(layout.devices.names[row], len(ports)) for row, ports in ends.items()]
    slots = allocate(demands, unfold_slots(known.slots if known else ()), capacity)
    speed = SPEEDS_MBPS[intent.breakout.speed if intent.breakout else group.speed]
    for row, ports in ends.items():
        first, taken = slots.taken.get(layout.devices.names[row], (0, 0))
        if not capacity.reaches(first, taken):
            continue
        for slot, (end_group, cage, end_speed, rail) in zip(
            range(first, first + taken), ports, strict=False
        ):
            switch, port = divmod(slot, capacity.per_switch)
            a = columns.port(row, end_group, cage, -1, end_speed, rail)
            lane = port % lanes if lanes > 1 else -1
            z = columns.port(switches[switch], index, port // lanes, lane, speed, rail)
            columns.link(a, z, code, HOST_SWITCH)
    findings = refusals(wiring, known, shape, slots, capacity, demands)
    return FabricLock(shape=shape, slots=fold_slots(slots.taken)), list(findings)


def _ends(wiring: Wiring) -> dict[int, list[tuple[int, int, int, int]]]:
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
