"""One fabric's intent against the layout: which devices it joins, what their ports are called."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from colossus.fabric.layout import Layout
from colossus.fabric.model import Equipment
from colossus.fabric.reserved import parted, reserved_ports, slots_held
from colossus.inventory.catalog import PortGroup
from colossus.inventory.fabrics import FabricIntent
from colossus.inventory.locks import FabricLock
from colossus.inventory.site import Site
from colossus.inventory.words import SPEEDS_MBPS


@dataclass(frozen=True)
class Wiring:
    """What wiring one fabric needs at hand.

    known: what the lock decided; recable: whether installed cables may go elsewhere.
    """

    site: Site
    name: str
    intent: FabricIntent
    layout: Layout
    equipment: dict[str, Equipment]
    known: FabricLock | None = None
    recable: bool = False

    @property
    def switch_role(self) -> str:
        """Role of the switches; the model demands one wherever there is something to wire."""
        return self.intent.switch_role or ""

    @cached_property
    def switches(self) -> dict[int, int]:
        """Rows of the switches by ordinal, which slots count by: a removed one leaves a gap."""
        ordinals = self.layout.devices.ordinal
        return {int(ordinals[row]): row for row in self.devices(self.switch_role)}

    @property
    def lanes(self) -> int:
        """Ports that each cage is split in."""
        return self.intent.breakout.lanes if self.intent.breakout else 1

    @property
    def switch_group(self) -> tuple[int, PortGroup]:
        """Port group of the switches that the ends plug into, with its index."""
        model = self.site.roles[self.switch_role].model
        return self.groups(model, (self.intent.switch_ports or "",))[0]

    @property
    def per_switch(self) -> int:
        """Ports of each switch that the fabric may use, from the first on."""
        most = self.switch_group[1].count * self.lanes
        return min(most, self.intent.ports_per_switch or most)

    @property
    def path(self) -> str:
        """Authored path of the fabric."""
        return f"fabrics.{self.name}"

    def devices(self, role: str) -> list[int]:
        """Rows of a role's devices by ordinal."""
        code = self.layout.roles.index(role)
        rows = np.flatnonzero(self.layout.devices.role == code)
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


EndPort = tuple[int, int, int, int, int]
"""Port group, cage, half (-1 = whole), speed in Mb/s, rail (-1 = none) of one port of an end."""


def end_ports(wiring: Wiring, row: int, names: tuple[str, ...] = ()) -> list[EndPort]:
    """List the ports with which a device hangs on the fabric, in rail order.

    names: the port groups; none = those that the fabric's ends name for the device's role.
    """
    layout = wiring.layout
    role = layout.roles[layout.devices.role[row]]
    listed = (*wiring.intent.ends, *wiring.intent.services)
    end = next((e for e in listed if e.role == role and names in ((), e.ports)), None)
    wanted = names or (end.ports if end else ())
    return [
        port
        for index, group in wiring.groups(layout.models[layout.devices.model[row]], wanted)
        for port in _ports_of(index, group, SPEEDS_MBPS[(end and end.speed) or group.speed])
    ]


@cache
def _ports_of(index: int, group: PortGroup, mbps: int) -> tuple[EndPort, ...]:
    speed, shared = min(mbps, SPEEDS_MBPS[group.speed]), group.ports_per_cage
    return tuple(
        (
            index,
            port // shared,
            port % shared if shared > 1 else -1,
            speed,
            port // group.ports_per_nic if group.rail_order == "by-interface" else -1,
        )
        for port in range(group.count)
    )


def reserved_slots(wiring: Wiring) -> list[tuple[str, frozenset[int]]]:
    """Slots of each reserved port of a fabric of one tier; none where there is no such port."""
    role, (_, group) = wiring.site.roles[wiring.switch_role], wiring.switch_group
    found: list[tuple[str, frozenset[int]]] = []
    for word in wiring.intent.reserved:
        reserved = reserved_ports((word,), wiring.switch_role, role.name, group)
        there = wiring.switches if parted(word)[2] <= wiring.lanes else ()
        slots = frozenset(
            ordinal * wiring.per_switch + slot
            for ordinal in there
            for slot in slots_held(reserved.of(ordinal), wiring.lanes)
            if slot < wiring.per_switch
        )
        found.append((word, slots))
    return found
