"""What hangs where, by device: the tables of the fabric turned round once for all contexts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from colossus.fabric.management import management_addresses
from colossus.fabric.model import AddressView, Fabric, LinkView, PortView
from colossus.fabric.tables import Index
from colossus.inventory.catalog import BMC_PORTS


class Grouped:
    """The rows of a table by what one of its columns holds; -1 holds nothing."""

    def __init__(self, column: Index) -> None:
        order = np.argsort(column, kind="stable")
        held = column[order]
        self._order = order[np.searchsorted(held, 0) :]
        self._first = np.searchsorted(held[held >= 0], np.arange(int(column.max(initial=0)) + 2))

    def of(self, value: int) -> list[int]:
        """Give the rows that hold the value, in the order of the table."""
        if value + 1 >= len(self._first):
            return []
        rows: list[int] = self._order[self._first[value] : self._first[value + 1]].tolist()
        return rows


@dataclass(frozen=True, slots=True)
class Plug:
    """One cabled port of a device, and what is at the far end. near_switch: this is the z end."""

    port: PortView
    far: PortView
    link: LinkView
    near_switch: bool


@dataclass(frozen=True)
class Lookup:
    """Plugs and addresses of one device at a time; only what is present counts.

    Tables are sorted by device once; views are made for the devices that are asked for, so that
    a slice of a large site costs what the slice costs. untold: ports, as device and interface, that
    their devices are not told of.
    """

    fabric: Fabric
    untold: Collection[tuple[str, str]] = frozenset()
    _planned: dict[int, tuple[Plug, ...]] = field(default_factory=dict)

    def plugs(self, device: int) -> tuple[Plug, ...]:
        """Give the cabled ports that a device is told of, in the order of the port table."""
        planned = self.planned(device)
        if not self.untold:
            return planned
        return tuple(p for p in planned if (p.port.device, p.port.interface) not in self.untold)

    def planned(self, device: int) -> tuple[Plug, ...]:
        """Give all cabled ports of a device's system, in the order of the port table."""
        if device not in self._planned:
            self._planned[device] = tuple(self._plugs_of(device))
        return self._planned[device]

    def _plugs_of(self, device: int) -> Iterator[Plug]:
        links, present = self.fabric.links, self.fabric.devices.present
        a, z = self._ends
        found = [(int(links.a[row]), row, False) for row in a.of(device)]
        found += [(int(links.z[row]), row, True) for row in z.of(device)]
        for _, row, near_switch in sorted(found):
            ends = self.fabric.ports.device[[links.a[row], links.z[row]]]
            link = self.fabric.link(row)
            port, far = (link.z, link.a) if near_switch else (link.a, link.z)
            if port.group != BMC_PORTS and bool(present[ends].all()):
                yield Plug(port, far, link, near_switch)

    def port_address(self, port: int) -> AddressView | None:
        """Give the address of a port, by row of the port table."""
        rows = self._address_of_port.of(port)
        return self.fabric.address(rows[0]) if rows else None

    def own_addresses(self, device: int) -> list[AddressView]:
        """Give the addresses that belong to a device as a whole (loopback, bridge)."""
        table = self.fabric.addresses
        rows = (row for row in self._addresses.of(device) if table.port[row] < 0)
        return [self.fabric.address(row) for row in rows]

    @cached_property
    def _ends(self) -> tuple[Grouped, Grouped]:
        device, links = self.fabric.ports.device, self.fabric.links
        return Grouped(device[links.a]), Grouped(device[links.z])

    @cached_property
    def _addresses(self) -> Grouped:
        return Grouped(self.fabric.addresses.device)

    @cached_property
    def _address_of_port(self) -> Grouped:
        return Grouped(self.fabric.addresses.port)

    @cached_property
    def management(self) -> dict[int, str]:
        """Give the address at which each device is reached, by device."""
        return {row: str(each) for row, each in management_addresses(self.fabric).items()}
