"""Links of Clos fabrics: hosts to leaves, leaves to spines, spines to cores, all at once.

Port rules (facts: systems.md 5.1): place i of a unit takes port i of each of its leaves; uplink k
of a leaf goes to spine k div links; port index at the spine = index of the leaf in its pod; spine k
of every pod goes to group k of cores.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.clos import ClosPlan, group_of
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import Wiring, end_ports
from colossus.fabric.radix import Radix
from colossus.fabric.refusals import reserved_unknown
from colossus.fabric.reserved import ordinal_of, parted, reserved_ports
from colossus.fabric.tables import TIERS
from colossus.fabric.trunks import TrunkPorts, leaf_spine, spine_core, trunk_ports
from colossus.inventory.fabrics import Tier

Column = NDArray[np.int64]


def _unknown(plan: ClosPlan) -> Iterator[Diagnostic]:
    """Say which reserved ports no switch of the fabric has."""
    wiring, clos = plan.wiring, plan.clos
    tiers = [tier for tier in (clos.tiers.leaf, clos.tiers.spine, clos.tiers.core) if tier]
    for place, word in enumerate(wiring.intent.reserved):
        if not any(_has(wiring, tier, word) for tier in tiers):
            device = parted(word)[0]
            roles = wiring.site.roles
            near = [
                tier
                for tier in tiers
                if device == tier.role or ordinal_of(device, roles[tier.role].name) is not None
            ]
            yield reserved_unknown(wiring, place, group_of(wiring, (near or tiers)[0])[1])


def _has(wiring: Wiring, tier: Tier, word: str) -> bool:
    """Whether a tier has switches with a reserved port."""
    lanes = [each.lanes for each in (tier.down, tier.up) if each]
    name, group = wiring.site.roles[tier.role].name, group_of(wiring, tier)[1]
    reserved = reserved_ports((word,), tier.role, name, group)
    rows = wiring.devices(tier.role)
    numbers = wiring.layout.devices.ordinal[rows].tolist()
    there = any(reserved.of(number) for number in numbers)
    return there and parted(word)[2] <= max(lanes, default=1)


def wire_clos(plan: ClosPlan, code: int, columns: Columns) -> tuple[Diagnostic, ...]:
    """Wire a planned Clos fabric; switches that are not placed are a finding."""
    tiers = plan.clos.tiers
    ports = trunk_ports(plan.shape, plan.radices)
    leaf = _Switches(plan, tiers.leaf, plan.radices.leaf, plan.shape.leaves)
    spine = _Switches(plan, tiers.spine, plan.radices.spine, plan.shape.spines)
    _hosts(plan, code, columns, leaf)
    _service_ports(plan, code, columns, leaf)
    _leaf_spine(plan, code, columns, (leaf, spine, ports))
    found = [*_unknown(plan), *leaf.missing(), *spine.missing()]
    if tiers.core and plan.radices.core:
        core = _Switches(plan, tiers.core, plan.radices.core, plan.shape.cores)
        _spine_core(plan, code, columns, (spine, core, ports))
        found += core.missing()
    return tuple(found)


class _Switches:
    """The switches of one tier by index in the fabric, and the ports they offer."""

    def __init__(self, plan: ClosPlan, tier: Tier, radix: Radix, count: int) -> None:
        self.plan, self.tier, self.radix, self.count = plan, tier, radix, count
        self.group, _ = group_of(plan.wiring, tier)
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

    def down(self, switch: Column, port: Column, rail: Column | int) -> Ports:
        """Give ports towards the hosts: port p in cage p div lanes, half p mod lanes."""
        return self._ports(switch, port, self.radix.down_lanes, self.radix.down_mbps, rail)

    def up(self, switch: Column, port: Column, rail: Column | int) -> Ports:
        """Give ports towards the core, likewise."""
        return self._ports(switch, port, self.radix.up_lanes, self.radix.up_mbps, rail)

    def _ports(
        self, switch: Column, port: Column, lanes: int, mbps: int, rail: Column | int
    ) -> Ports:
        lane = port % lanes if lanes > 1 else np.full_like(port, -1)
        return Ports(self.rows[switch], self.group, port // lanes, lane, mbps, rail)


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


Tiers = tuple[_Switches, _Switches, TrunkPorts]


def _leaf_spine(plan: ClosPlan, code: int, columns: Columns, tiers: Tiers) -> None:
    """Every uplink of every leaf, to the spines of its pod and plane."""
    leaf, spine, ports = tiers
    of = leaf_spine(plan.shape)
    own = of.rail if plan.clos.rail_optimised else -1
    a = leaf.up(of.near, ports.leaf_up[of.near, of.uplink], own)
    z = spine.down(of.far, ports.spine_down[of.far, of.slot], own)
    _connect(columns, code, "leaf-spine", _Bundle(a, z, of.plane))


def _spine_core(plan: ClosPlan, code: int, columns: Columns, tiers: Tiers) -> None:
    """Every uplink of every spine, to the group of cores that its number in the pod names."""
    spine, core, ports = tiers
    of = spine_core(plan.shape)
    a = spine.up(of.near, ports.spine_up[of.near, of.uplink], -1)
    z = core.down(of.far, ports.core_down[of.far, of.slot], -1)
    _connect(columns, code, "spine-core", _Bundle(a, z, of.plane))
