"""The designed cluster: every rack, device, port, link, cable run, address and name.

`Fabric` is the one value that checks, playbooks, wiring sheets, twins and verification read.
The tables are arrays; the views at the end are for printing and templates.
"""

from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address
from typing import cast

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.hierarchy import LevelPlaces, hierarchy
from colossus.fabric.plugging import Equipped, places
from colossus.fabric.supply import Supply, supply
from colossus.fabric.tables import (
    ABSENT,
    MEDIA,
    STATUSES,
    TIERS,
    AddressTable,
    CableTable,
    DeviceTable,
    LinkTable,
    PortTable,
    RackTable,
)
from colossus.inventory.assets import Asset
from colossus.inventory.catalog import (
    CatalogItem,
    Cdu,
    Chassis,
    Mounted,
    Pdu,
    PortGroup,
    PowerShelf,
    Rack,
    Server,
    Switch,
)
from colossus.inventory.locks import FabricLock, RackSupply
from colossus.inventory.parts import NO_PARTS, Parts
from colossus.inventory.site import Site
from colossus.inventory.sockets import Sockets, sockets_of

PDU_ROLE = "pdu"
Equipment = Server | Switch | Pdu | Cdu | PowerShelf | Chassis


@dataclass(frozen=True, slots=True)
class PortView:
    """One port as people name it: `cage/half` counted from 1, and the system's interface name."""

    index: int
    device: str
    group: str
    port: str
    interface: str
    connector: str
    speed: str
    rail: int
    slot: str
    face: str

    def __str__(self) -> str:
        """Give `device:interface`."""
        return f"{self.device}:{self.interface}"


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device with its place, for tables and templates."""

    index: int
    name: str
    role: str
    model: str
    hall: str
    row: str
    rack: str
    u: int
    height_u: int
    ordinal: int
    status: str
    stage: str
    present: bool
    origin: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link with both ends, its cable and what it is for."""

    index: int
    a: PortView
    z: PortView
    fabric: str
    tier: str
    rail: int
    plane: int
    cable_id: str


@dataclass(frozen=True, slots=True)
class AddressView:
    """One address: `10.20.1.1/22` on a port, or a loopback where interface is `lo`."""

    device: str
    interface: str
    fabric: str
    address: str
    prefix_length: int

    @property
    def cidr(self) -> str:
        """Address and prefix length in one word."""
        return f"{self.address}/{self.prefix_length}"


@dataclass(frozen=True)
class Fabric:
    """The designed cluster; name tables beside the arrays, origins = authored paths.

    decided: the shape of each fabric, as a lock would keep it.
    """

    site: Site
    catalog: dict[str, CatalogItem]
    halls: tuple[str, ...]
    rows: tuple[str, ...]
    stages: tuple[str, ...]
    roles: tuple[str, ...]
    models: tuple[str, ...]
    fabrics: tuple[str, ...]
    origins: tuple[str, ...]
    racks: RackTable
    devices: DeviceTable
    ports: PortTable
    links: LinkTable
    cables: CableTable
    addresses: AddressTable
    decided: dict[str, FabricLock] = field(default_factory=dict)
    supplied: tuple[RackSupply, ...] = ()
    digest: str = field(default="")
    stage: str = field(default="")
    assets: tuple[Asset, ...] = ()
    parts: Parts = NO_PARTS

    @cached_property
    def device_index(self) -> dict[str, int]:
        """Device name → row."""
        return {name: row for row, name in enumerate(self.devices.names)}

    @cached_property
    def rack_index(self) -> dict[str, int]:
        """Rack name → row."""
        return {name: row for row, name in enumerate(self.racks.names)}

    @cached_property
    def levels(self) -> tuple[LevelPlaces, ...]:
        """Halls and what lies between them and the racks, from the outside in."""
        return hierarchy(self.site, self.racks)

    @cached_property
    def racks_present(self) -> NDArray[np.bool_]:
        """Whether each rack stands there at the chosen stage."""
        reached = self.stages.index(self.stage) if self.stage else len(self.stages)
        absent = [STATUSES.index(word) for word in ABSENT]
        return ~np.isin(self.racks.status, absent) & (self.racks.stage <= reached)

    @cached_property
    def equipped(self) -> Equipped:
        """What cords and hoses are derived from."""
        return Equipped(
            self.site,
            self.catalog,
            self.models,
            self.roles,
            self.racks,
            self.devices,
            self.supplied,
        )

    @cached_property
    def supply(self) -> Supply:
        """Power cords and coolant hoses; derived when first asked for."""
        return supply(self.equipped, places(self.equipped))

    @cached_property
    def port_index(self) -> dict[str, int]:
        """`device:interface` and `device:port` → row of the ports in use."""
        found: dict[str, int] = {}
        for row in range(len(self.ports.device)):
            view = self.port(row)
            found[f"{view.device}:{view.interface}"] = row
            found.setdefault(f"{view.device}:{view.port}", row)
        return found

    def equipment(self, device: int) -> Equipment:
        """Give the catalogue entry of a device."""
        return cast("Equipment", self.catalog[self.models[self.devices.model[device]]])

    def rack_model(self, rack: int) -> Rack:
        """Give the catalogue entry of a rack."""
        return cast("Rack", self.catalog[self.site.racks[self.racks.group[rack]].model])

    def device(self, row: int) -> DeviceView:
        """Give one device for reading."""
        table, rack = self.devices, int(self.devices.rack[row])
        item = self.equipment(row)
        return DeviceView(
            index=row,
            name=table.names[row],
            role=self.roles[table.role[row]],
            model=self.models[table.model[row]],
            hall=self.halls[self.racks.hall[rack]],
            row=self.rows[self.racks.row[rack]],
            rack=self.racks.names[rack],
            u=int(table.u[row]),
            height_u=item.height_u if isinstance(item, Mounted) else 0,
            ordinal=int(table.ordinal[row]),
            status=STATUSES[table.status[row]],
            stage=self.stages[table.stage[row]] if table.stage[row] >= 0 else "",
            present=bool(table.present[row]),
            origin=self.origins[table.origin[row]],
        )

    def sockets(self, device: int, group: int) -> PortGroup | Sockets:
        """Give the row of ports or, behind those, of inlets, outlets or couplings of a device."""
        item = self.equipment(device)
        own = len(item.ports)
        return item.ports[group] if group < own else sockets_of(item)[group - own]

    def port_row(self, port: int) -> PortGroup | Sockets:
        """Give the row of equal ports, inlets, outlets or couplings that a port belongs to."""
        return self.sockets(int(self.ports.device[port]), int(self.ports.group[port]))

    def port_group(self, port: int) -> PortGroup:
        """Give the catalogue's port group of a port."""
        return self.equipment(int(self.ports.device[port])).ports[int(self.ports.group[port])]

    def port(self, row: int) -> PortView:
        """Give one port for reading."""
        table, group = self.ports, self.port_row(row)
        cage, lane = int(table.cage[row]), int(table.lane[row])
        return PortView(
            index=row,
            device=self.devices.names[table.device[row]],
            group=group.name,
            port=port_word(group, cage, lane),
            interface=interface_name(group, cage, lane, int(table.speed[row])),
            connector=group.connector,
            speed=speed_word(int(table.speed[row])),
            rail=int(table.rail[row]),
            slot=group.slot_at(cage, lane),
            face=group.face or "",
        )

    def link(self, row: int) -> LinkView:
        """Give one link for reading."""
        table = self.links
        return LinkView(
            index=row,
            a=self.port(int(table.a[row])),
            z=self.port(int(table.z[row])),
            fabric=self.fabrics[table.fabric[row]],
            tier=TIERS[table.tier[row]],
            rail=int(table.rail[row]),
            plane=int(table.plane[row]),
            cable_id=self.cables.ids[table.cable[row]],
        )

    def address(self, row: int) -> AddressView:
        """Give one address for reading."""
        table, port = self.addresses, int(self.addresses.port[row])
        return AddressView(
            device=self.devices.names[table.device[row]],
            interface="lo" if port < 0 else self.port(port).interface,
            fabric=self.fabrics[table.fabric[row]],
            address=str(IPv4Address(int(table.address[row]))),
            prefix_length=int(table.prefix_length[row]),
        )

    def medium(self, cable: int) -> str:
        """Give the medium of a cable run."""
        return MEDIA[self.cables.medium[cable]]


def port_word(group: PortGroup | Sockets, cage: int, lane: int) -> str:
    """Name a port as people do: `cage/half`, both counted from 1; `cage` alone where unsplit."""
    if isinstance(group, Sockets):
        return group.interface_at(cage)
    number = str(cage + group.first_cage)
    return number if lane < 0 else f"{number}/{lane + 1}"


def interface_name(group: PortGroup | Sockets, cage: int, lane: int, mbps: int = 0) -> str:
    """Name a port as the operating system does; cage and lane count from 0, lane -1 = unsplit.

    mbps: the port's speed, which tells how its cage is split.
    """
    return group.interface_at(cage, lane, speed_word(mbps))


def speed_word(mbps: int) -> str:
    """Write a speed as the catalogue does: 200000 → 200G; nothing for none."""
    if not mbps:
        return ""
    return f"{mbps // 1000}G" if mbps >= 1000 else f"{mbps}M"  # noqa: PLR2004 — 1 Gb/s
