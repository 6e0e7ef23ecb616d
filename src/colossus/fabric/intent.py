"""One fabric's intent against the layout: which devices it joins, what their ports are called."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from colossus.fabric.layout import Layout
from colossus.fabric.model import Equipment
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
    wanted = names or next((end.ports for end in wiring.intent.ends if end.role == role), ())
    return [
        port
        for index, group in wiring.groups(layout.models[layout.devices.model[row]], wanted)
        for port in _ports_of(index, group)
    ]


@cache
def _ports_of(index: int, group: PortGroup) -> tuple[EndPort, ...]:
    speed, shared = SPEEDS_MBPS[group.speed], group.ports_per_cage
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


def reserved_slots(wiring: Wiring) -> list[tuple[str, range]]:
    """Slots of each reserved port, written `switch:cage` or `switch:cage/half`; none if absent."""
    names = {wiring.layout.devices.names[row]: n for n, row in wiring.switches.items()}
    _, group = wiring.switch_group
    found: list[tuple[str, range]] = []
    for word in wiring.intent.reserved:
        device, _, port = word.partition(":")
        cage, half = (int(part or 0) for part in port.partition("/")[::2])
        cage -= group.first_cage
        cages = wiring.per_switch // wiring.lanes
        if device not in names or not 0 <= cage < cages or half > wiring.lanes:
            found.append((word, range(0)))
            continue
        base = names[device] * wiring.per_switch + cage * wiring.lanes
        slots = range(base, base + wiring.lanes)
        found.append((word, slots[half - 1 : half] if half else slots))
    return found
