"""What hangs where, by device: the tables of the fabric turned round once for all contexts."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from colossus.fabric.management import management_addresses
from colossus.fabric.model import AddressView, Fabric, LinkView, PortView
from colossus.inventory.catalog import BMC_PORTS


@dataclass(frozen=True, slots=True)
class Plug:
    """One cabled port of a device, and what is at the far end. near_switch: this is the z end."""

    port: PortView
    far: PortView
    link: LinkView
    near_switch: bool


@dataclass(frozen=True)
class Lookup:
    """Plugs and addresses by device row; only what is present counts."""

    fabric: Fabric

    @cached_property
    def plugs(self) -> dict[int, list[Plug]]:
        """Give the cabled ports of the system, in the order of the port table."""
        fabric, found = self.fabric, defaultdict(list)
        device, present = fabric.ports.device, fabric.devices.present
        for row in range(len(fabric.links.a)):
            a, z = int(device[fabric.links.a[row]]), int(device[fabric.links.z[row]])
            if not (present[a] and present[z]):
                continue
            link = fabric.link(row)
            found[a].append(Plug(link.a, link.z, link, near_switch=False))
            found[z].append(Plug(link.z, link.a, link, near_switch=True))
        return {
            row: sorted(
                (plug for plug in plugs if plug.port.group != BMC_PORTS),
                key=lambda plug: plug.port.index,
            )
            for row, plugs in found.items()
        }

    @cached_property
    def port_addresses(self) -> dict[int, AddressView]:
        """Give the address of each port that has one, by row of the port table."""
        table = self.fabric.addresses
        return {
            int(port): self.fabric.address(row) for row, port in enumerate(table.port) if port >= 0
        }

    @cached_property
    def own_addresses(self) -> dict[int, list[AddressView]]:
        """Give the addresses that belong to a device as a whole (loopback, bridge), by device."""
        table, found = self.fabric.addresses, defaultdict(list)
        for row, port in enumerate(table.port):
            if port < 0:
                found[int(table.device[row])].append(self.fabric.address(row))
        return found

    @cached_property
    def management(self) -> dict[int, str]:
        """Give the address at which each device is reached, by device."""
        return {row: str(each) for row, each in management_addresses(self.fabric).items()}
