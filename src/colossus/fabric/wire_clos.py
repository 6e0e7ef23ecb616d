"""Links of Clos fabrics: hosts to leaves, leaves to spines, spines to cores, all at once.

Port rules (facts: systems.md 5.1): place i of a unit takes port i of each of its leaves; uplink k
of a leaf goes to spine k div links; port index at the spine = index of the leaf in its pod; spine k
of every pod goes to group k of cores.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import EndPort, Wiring, end_ports
from colossus.fabric.recabling import locked_shape, moved_cables
from colossus.fabric.refusals import RECABLE, shape_changes
from colossus.fabric.shape import Radices, Radix, Shape, ShapeImpossible, decide, radix_of
from colossus.fabric.slots import fold_slots, slots_given_twice, unfold_slots
from colossus.fabric.tables import TIERS, Index
from colossus.fabric.trunks import leaf_spine, spine_core
from colossus.fabric.units import assign_units, full_units, misplaced
from colossus.inventory.catalog import PortGroup
from colossus.inventory.fabrics import Clos, Tier
from colossus.inventory.locks import FabricLock

Column = NDArray[np.int64]


@dataclass(frozen=True)
class ClosPlan:
    """A decided Clos fabric: its shape, the place of every host, and what the lock keeps."""

    wiring: Wiring
    clos: Clos
    shape: Shape
    radices: Radices
    positions: dict[str, int]
    hosts: tuple[int, ...]
    services: tuple[tuple[int, EndPort], ...]
    lock: FabricLock
    findings: tuple[Diagnostic, ...]

    def needs(self) -> dict[str, int]:
        """How many switches of each role the fabric wants."""
        tiers = self.clos.tiers
        found = {tiers.leaf.role: self.shape.leaves, tiers.spine.role: self.shape.spines}
        if tiers.core:
            found[tiers.core.role] = self.shape.cores
        return found

    def numbers(self) -> Index:
        """Number every host by its place: unit after unit; others by ordinal."""
        devices = self.wiring.layout.devices
        found = devices.ordinal.copy()
        for row in self.hosts:
            found[row] = self.positions[devices.names[row]]
        return found


def plan_clos(wiring: Wiring) -> ClosPlan | Diagnostic:
    """Decide units and shape of a Clos fabric; a finding where no legal shape exists."""
    clos = wiring.intent.clos
    assert clos is not None  # noqa: S101 — the model demands it for this topology
    hosts = tuple(sorted(row for end in wiring.intent.ends for row in wiring.devices(end.role)))
    ports = {len(end_ports(wiring, row)) for row in hosts}
    if len(ports) != 1:
        return _uneven(wiring, ports)
    services = _services(wiring)
    names, racks = wiring.layout.devices.names, wiring.layout.racks
    halls = racks.hall if clos.unit_within == "hall" else np.zeros_like(racks.hall)
    listed = [(names[row], int(halls[wiring.layout.devices.rack[row]])) for row in hosts]
    (per_host,) = ports
    leaves = per_host if clos.rail_optimised else 1
    holders = dict.fromkeys(
        names[row] for number, (row, _) in enumerate(services) if number % leaves == 0
    )
    last = listed[-1][1] if listed else 0
    known = wiring.known
    kept = known and not (
        wiring.recable and known.shape.get("hosts_per_unit") != clos.hosts_per_unit
    )
    before = unfold_slots(known.slots if known and kept else ())
    positions = assign_units(
        [*listed, *((name, last) for name in holders)],
        clos.hosts_per_unit,
        {name: first for name, (first, _) in before.items()},
    )
    units = full_units(positions, clos.hosts_per_unit, clos.grow_to)
    radices = _radices(wiring, clos)
    try:
        planned = decide(clos, wiring.intent.planes, units, per_host, radices)
        built = full_units(positions, clos.hosts_per_unit, None)
        shape = _built(planned, built)
    except ShapeImpossible as problem:
        return error(problem.code, f"{wiring.path}.clos", problem.summary, problem.ways)
    decisions = {"topology": wiring.intent.topology, **shape.decisions()}
    taken = {name: (position, 1) for name, position in positions.items()}
    lock = FabricLock(shape=decisions, slots=fold_slots(taken))
    plan = ClosPlan(wiring, clos, shape, radices, positions, hosts, services, lock, ())
    return replace(plan, findings=_lock_findings(plan, known))


def _built(planned: Shape, units: int) -> Shape:
    """Give the shape with only the units that exist; `grow_to` decided the rest of it."""
    values = {name: getattr(planned, name) for name in Shape.__slots__}
    return Shape(**{**values, "units": units})


def _radices(wiring: Wiring, clos: Clos) -> Radices:
    def radix(tier: Tier) -> Radix:
        return radix_of(_group(wiring, tier)[1], tier)

    tiers = clos.tiers
    return Radices(
        radix(tiers.leaf),
        radix(tiers.spine),
        radix(tiers.core) if tiers.core else None,
        wiring.intent.oversubscription.get("leaf", 1.0),
        wiring.intent.oversubscription.get("spine", 1.0),
    )


def _group(wiring: Wiring, tier: Tier) -> tuple[int, PortGroup]:
    return wiring.groups(wiring.site.roles[tier.role].model, (tier.ports,))[0]


def _services(wiring: Wiring) -> tuple[tuple[int, EndPort], ...]:
    """List the ports of fabric managers and the like: they take host places, leaf by leaf."""
    return tuple(
        (row, port)
        for end in wiring.intent.services
        for row in wiring.devices(end.role)
        for port in end_ports(wiring, row, end.ports)
    )


def _uneven(wiring: Wiring, ports: set[int]) -> Diagnostic:
    if not ports:
        summary = f"fabric {wiring.name} has no hosts"
        return error("clos-impossible", f"{wiring.path}.ends", summary, "place some, or drop it")
    return error(
        "clos-impossible",
        f"{wiring.path}.ends",
        f"fabric {wiring.name}: its hosts have {' and '.join(map(str, sorted(ports)))} ports, but"
        " every place of a unit has as many",
        "give each kind of host a fabric of its own",
    )


def _lock_findings(plan: ClosPlan, known: FabricLock | None) -> tuple[Diagnostic, ...]:
    if known is None:
        return ()
    found, wiring = [], plan.wiring
    changed = shape_changes(known.shape, plan.lock.shape)
    # More uplinks, or pods that are not full yet, need not move anything.
    if changed and (moved := _moved(plan, known)):
        found.append(
            error(
                "lock-shape-changed",
                wiring.path,
                f"fabric {wiring.name}: {changed} would move {counted(moved, 'installed cable')}",
                f"pin the shape, plan ahead with grow_to, or {RECABLE}",
            ),
        )
    doubled = slots_given_twice(unfold_slots(known.slots))
    if doubled:
        found.append(misplaced(wiring.name, sorted(doubled)))
    return tuple(found)


def _moved(plan: ClosPlan, known: FabricLock) -> int:
    """Count the installed cables that the plan would move; all, where the fabric was no Clos."""
    slots = unfold_slots(known.slots)
    names = plan.wiring.layout.devices.names
    each = len(end_ports(plan.wiring, plan.hosts[0]))
    places = [slots[names[row]][0] for row in plan.hosts if names[row] in slots]
    if "leaf_uplinks" not in known.shape:
        return len(places) * each
    taken = [place for place, _ in slots.values()]
    before = locked_shape(known.shape, plan.shape, taken, each)
    return moved_cables(before, plan.shape, plan.radices, places, each)


def wire_clos(plan: ClosPlan, code: int, columns: Columns) -> tuple[Diagnostic, ...]:
    """Wire a planned Clos fabric; switches that are not placed are a finding."""
    tiers = plan.clos.tiers
    leaf = _Switches(plan, tiers.leaf, plan.radices.leaf, plan.shape.leaves)
    spine = _Switches(plan, tiers.spine, plan.radices.spine, plan.shape.spines)
    _hosts(plan, code, columns, leaf)
    _service_ports(plan, code, columns, leaf)
    _leaf_spine(plan, code, columns, leaf, spine)
    found = [*leaf.missing(), *spine.missing()]
    if tiers.core and plan.radices.core:
        core = _Switches(plan, tiers.core, plan.radices.core, plan.shape.cores)
        _spine_core(plan, code, columns, spine, core)
        found += core.missing()
    return tuple(found)


class _Switches:
    """The switches of one tier by index in the fabric, and the ports they offer."""

    def __init__(self, plan: ClosPlan, tier: Tier, radix: Radix, count: int) -> None:
        self.plan, self.tier, self.radix, self.count = plan, tier, radix, count
        self.group, _ = _group(plan.wiring, tier)
        layout = plan.wiring.layout
        rows = plan.wiring.devices(tier.role)
        self.rows = np.full(count, -1, dtype=np.int64)
        ordinals = layout.devices.ordinal[rows]
        there = ordinals < count
        self.rows[ordinals[there]] = np.asarray(rows, dtype=np.int64)[there]

    def missing(self) -> Iterator[Diagnostic]:
        """Say how many switches the site lacks for the shape."""
        lacking = int(np.count_nonzero(self.rows < 0))
        if lacking:
            wiring = self.plan.wiring
            yield error(
                "fabric-switches-missing",
                wiring.path,
                f"fabric {wiring.name} needs {self.count} devices of role {self.tier.role}, the"
                f" racks hold {self.count - lacking}",
                f"place {lacking} more (a devices rule with `fill: true` takes what is needed)",
            )

    def down(self, switch: Column, slot: Column, rail: Column | int) -> Ports:
        """Give ports towards the hosts: slot s in cage s div lanes, half s mod lanes."""
        return self._ports(switch, slot, 0, self.radix.down_lanes, self.radix.down_mbps, rail)

    def up(self, switch: Column, slot: Column, first: int, rail: Column | int) -> Ports:
        """Give ports towards the core, from cage `first` on."""
        return self._ports(switch, slot, first, self.radix.up_lanes, self.radix.up_mbps, rail)

    def _ports(
        self, switch: Column, slot: Column, first: int, lanes: int, mbps: int, rail: Column | int
    ) -> Ports:
        lane = slot % lanes if lanes > 1 else np.full_like(slot, -1)
        return Ports(self.rows[switch], self.group, first + slot // lanes, lane, mbps, rail)


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Links to be made: ports of both ends, rail and plane of each."""

    a: Ports
    z: Ports
    plane: Column | int


def _connect(columns: Columns, code: int, tier: str, bundle: _Bundle) -> None:
    """Append the links whose two devices exist."""
    a, z = (np.broadcast_arrays(*ports) for ports in (bundle.a, bundle.z))
    there = (a[0] >= 0) & (z[0] >= 0)
    plane = np.broadcast_to(np.asarray(bundle.plane), there.shape)[there]
    rows = [columns.ports(Ports(*(column[there] for column in side))) for side in (a, z)]
    columns.links(rows[0], rows[1], code, TIERS.index(tier), plane)


def _hosts(plan: ClosPlan, code: int, columns: Columns, leaf: _Switches) -> None:
    """Each host's ports to the leaves of its unit, at its place."""
    shape, names = plan.shape, plan.wiring.layout.devices.names
    listed = [end_ports(plan.wiring, row) for row in plan.hosts]
    each = len(listed[0])
    host = np.repeat(np.asarray(plan.hosts, dtype=np.int64), each)
    place = np.repeat([plan.positions[names[row]] for row in plan.hosts], each)
    number = np.tile(np.arange(each), len(listed))
    group, cage, lane, mbps, rail = np.asarray(listed, dtype=np.int64).reshape(-1, 5).T
    unit, slot = np.divmod(place, shape.hosts_per_unit)
    switch = unit * shape.leaves_per_unit
    if plan.clos.rail_optimised:
        switch, plane = switch + number, number * shape.planes // shape.leaves_per_unit
    else:
        slot, plane = slot * each + number, np.zeros_like(number)
    a = Ports(host, group, cage, lane, mbps, rail)
    _connect(columns, code, "host-leaf", _Bundle(a, leaf.down(switch, slot, rail), plane))


def _service_ports(plan: ClosPlan, code: int, columns: Columns, leaf: _Switches) -> None:
    """Fabric managers and the like: each leaf of their place in turn."""
    shape, names = plan.shape, plan.wiring.layout.devices.names
    for first in range(0, len(plan.services), shape.leaves_per_unit):
        part = plan.services[first : first + shape.leaves_per_unit]
        unit, slot = divmod(plan.positions[names[part[0][0]]], shape.hosts_per_unit)
        row = np.asarray([owner for owner, _ in part], dtype=np.int64)
        group, cage, lane, mbps, _ = np.asarray([port for _, port in part], dtype=np.int64).T
        switch = unit * shape.leaves_per_unit + np.arange(len(part))
        a = Ports(row, group, cage, lane, mbps, -1)
        z = leaf.down(switch, np.full(len(part), slot, dtype=np.int64), -1)
        plane = np.arange(len(part)) * shape.planes // shape.leaves_per_unit
        _connect(columns, code, "service-leaf", _Bundle(a, z, plane))


def _leaf_spine(
    plan: ClosPlan,
    code: int,
    columns: Columns,
    leaf: _Switches,
    spine: _Switches,
) -> None:
    """Every uplink of every leaf, to the spines of its pod and plane."""
    of = leaf_spine(plan.shape)
    own = of.rail if plan.clos.rail_optimised else -1
    first = plan.radices.leaf.first_up_cage(plan.shape.leaf_down)
    a = leaf.up(of.near, of.uplink, first, own)
    _connect(columns, code, "leaf-spine", _Bundle(a, spine.down(of.far, of.slot, own), of.plane))


def _spine_core(
    plan: ClosPlan,
    code: int,
    columns: Columns,
    spine: _Switches,
    core: _Switches,
) -> None:
    """Every uplink of every spine, to the group of cores that its number in the pod names."""
    shape, of = plan.shape, spine_core(plan.shape)
    first = plan.radices.spine.first_up_cage(shape.leaves_per_pod * shape.leaf_spine_links)
    a = spine.up(of.near, of.uplink, first, -1)
    _connect(columns, code, "spine-core", _Bundle(a, core.down(of.far, of.slot, -1), of.plane))
