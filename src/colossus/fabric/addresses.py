"""Addresses: a pure function of the plan's ranges and the ordinals that the lock keeps.

Shared networks give device n of a role `first + n × step`. Routed fabrics give each link a /31
(RFC 3021) from its rail's block, indexed by the host's ordinal: even at the switch, odd at the
host; switches have a loopback each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.layout import Layout
from colossus.fabric.tables import TIERS, AddressTable, Index, LinkTable, PortTable, index_array
from colossus.inventory.catalog import CatalogItem, Mounted, Pdu
from colossus.inventory.fabrics import FabricIntent, RoutedAddresses, SharedAddresses
from colossus.inventory.site import Site

HOST_TIERS = [TIERS.index(word) for word in ("host-switch", "host-leaf")]
"""Links with a /31; switches meet each other unnumbered."""
Column = NDArray[np.int32] | NDArray[np.int64]


@dataclass(slots=True)
class _Rows:
    """Columns of the address table while they grow."""

    device: list[int] = field(default_factory=list)
    port: list[int] = field(default_factory=list)
    fabric: list[int] = field(default_factory=list)
    address: list[int] = field(default_factory=list)
    prefix_length: list[int] = field(default_factory=list)

    def extend(
        self,
        device: Column,
        port: Column | int,
        fabric: int,
        address: Column,
        prefix_length: int,
    ) -> None:
        """Append many addresses."""
        self.device += device.tolist()
        self.port += np.broadcast_to(port, device.shape).tolist()
        self.fabric += [fabric] * len(device)
        self.address += address.tolist()
        self.prefix_length += [prefix_length] * len(device)

    def add(self, device: int, port: int, fabric: int, address: int, prefix_length: int) -> None:
        """Append one address."""
        self.device.append(device)
        self.port.append(port)
        self.fabric.append(fabric)
        self.address.append(address)
        self.prefix_length.append(prefix_length)


@dataclass(frozen=True, slots=True)
class Wires:
    """What addressing needs of the wired fabrics.

    numbers: per routed fabric, what each device counts as: its ordinal, or its place in a unit.
    """

    layout: Layout
    ports: PortTable
    links: LinkTable
    catalog: dict[str, CatalogItem]
    numbers: dict[int, Index]


def assign(site: Site, wires: Wires) -> tuple[AddressTable, tuple[Diagnostic, ...]]:
    """Give every addressed port its address; what falls outside its block is a finding."""
    rows, findings = _Rows(), []
    for code, (name, intent) in enumerate(site.fabrics.items()):
        match intent.addresses:
            case SharedAddresses():
                findings += _shared(rows, wires, code, name, intent.addresses)
            case RoutedAddresses():
                findings += _routed(rows, wires, code, name, intent)
            case None:
                pass
    table = AddressTable(
        device=index_array(rows.device),
        port=index_array(rows.port),
        fabric=index_array(rows.fabric),
        address=np.asarray(rows.address, dtype=np.uint32),
        prefix_length=index_array(rows.prefix_length),
    )
    return table, tuple(findings)


def _shared(
    rows: _Rows,
    wires: Wires,
    code: int,
    name: str,
    plan: SharedAddresses,
) -> list[Diagnostic]:
    """Number the end ports of one subnet by their role's ranges."""
    ranges = {(item.role, item.port): (place, item) for place, item in enumerate(plan.ranges)}
    layout, ports = wires.layout, wires.ports
    outside: dict[int, list[str]] = {}
    seen: set[tuple[int, int]] = set()
    for port in wires.links.a[wires.links.fabric == code]:
        device, group = int(ports.device[port]), int(ports.group[port])
        item = wires.catalog[layout.models[layout.devices.model[device]]]
        if not isinstance(item, Mounted | Pdu):
            continue
        key = (layout.roles[layout.devices.role[device]], item.ports[group].name)
        if key not in ranges or (device, group) in seen:
            continue
        seen.add((device, group))
        place, found = ranges[key]
        address = int(found.first) + int(layout.devices.ordinal[device]) * found.step
        if not _inside(address, plan.prefix):
            outside.setdefault(place, []).append(layout.devices.names[device])
            continue
        rows.add(device, int(port), code, address, plan.prefix.prefixlen)
    for place, device, address in _bridges(wires, code, plan):
        if _inside(address, plan.prefix):
            rows.add(device, -1, code, address, plan.prefix.prefixlen)
        else:
            outside.setdefault(place, []).append(layout.devices.names[device])
    return [
        error(
            "address-outside-prefix",
            f"fabrics.{name}.addresses.ranges[{place}].first",
            f"fabric {name}: the range of role {plan.ranges[place].role} leaves {plan.prefix}"
            f" at {devices[0]} ({counted(len(devices), 'device')})",
            "start the range lower, or give the fabric a larger prefix",
        )
        for place, devices in outside.items()
    ]


def _inside(address: int, prefix: IPv4Network) -> bool:
    return int(prefix.network_address) <= address <= int(prefix.broadcast_address)


def _bridges(wires: Wires, code: int, plan: SharedAddresses) -> Iterator[tuple[int, int, int]]:
    """Give the switches' own addresses, where a range names them: (range, device, address)."""
    layout = wires.layout
    z_devices = np.unique(wires.ports.device[wires.links.z[wires.links.fabric == code]])
    for device in (int(row) for row in z_devices):
        role = layout.roles[layout.devices.role[device]]
        for place, found in enumerate(plan.ranges):
            if found.role == role and found.port == "bridge":
                ordinal = int(layout.devices.ordinal[device])
                yield place, device, int(found.first) + ordinal * found.step


def _routed(
    rows: _Rows,
    wires: Wires,
    code: int,
    name: str,
    intent: FabricIntent,
) -> list[Diagnostic]:
    """Give each host link a /31 of its rail's block, each switch a loopback."""
    plan, ports, devices = intent.addresses, wires.ports, wires.layout.devices
    assert isinstance(plan, RoutedAddresses)  # noqa: S101 — the caller matched the type
    mine = np.flatnonzero((wires.links.fabric == code) & np.isin(wires.links.tier, HOST_TIERS))
    a, z = wires.links.a[mine], wires.links.z[mine]
    block = 1 << (32 - plan.rail_prefix_length)
    rail = np.maximum(ports.rail[a], 0).astype(np.int64)
    offset = 2 * wires.numbers[code][ports.device[a]].astype(np.int64)
    even = int(plan.prefix.network_address) + rail * block + offset
    fits = (offset + 1 < block) & (even < int(plan.prefix.broadcast_address))
    for end, address in ((z, even), (a, even + 1)):
        rows.extend(ports.device[end][fits], end[fits], code, address[fits], 31)
    outside = [
        (devices.names[ports.device[a[row]]], int(rail[row])) for row in np.flatnonzero(~fits)
    ]
    lost = _loopbacks(rows, wires, code, intent, plan)
    return list(_too_small(name, plan, outside, lost))


def _loopbacks(
    rows: _Rows,
    wires: Wires,
    code: int,
    intent: FabricIntent,
    plan: RoutedAddresses,
) -> list[str]:
    """Give every switch a loopback; each tier counts in a quarter of its own."""
    devices, roles = wires.layout.devices, wires.layout.roles
    room = plan.loopbacks.num_addresses
    quarter = room // 4 if len(intent.switch_roles) > 1 else room
    lost: list[str] = []
    for tier, role in enumerate(intent.switch_roles):
        mine = np.flatnonzero(devices.role == roles.index(role))
        place = devices.ordinal[mine].astype(np.int64) + 1
        fits = place < quarter
        address = int(plan.loopbacks.network_address) + tier * quarter + place
        rows.extend(mine[fits], -1, code, address[fits], 32)
        lost += [devices.names[row] for row in mine[~fits]]
    return lost


def _too_small(
    name: str,
    plan: RoutedAddresses,
    outside: list[tuple[str, int]],
    lost: list[str],
) -> Iterator[Diagnostic]:
    if outside:
        host, rail = outside[0]
        yield error(
            "address-outside-prefix",
            f"fabrics.{name}.addresses.prefix",
            f"fabric {name}: rail {rail} of {host} falls outside the block of its rail, a"
            f" /{plan.rail_prefix_length} in {plan.prefix} ({counted(len(outside), 'link')})",
            "give the fabric a larger prefix; a rail's block holds two addresses per host",
        )
    if lost:
        yield error(
            "address-outside-prefix",
            f"fabrics.{name}.addresses.loopbacks",
            f"fabric {name}: the loopback of {lost[0]} falls outside {plan.loopbacks}"
            f" (in all: {len(lost)})",
            "give the switches a larger loopback prefix",
        )


def rail_block(plan: RoutedAddresses, rail: int) -> IPv4Network:
    """Give the block that one rail's /31 links come from."""
    block = 1 << (32 - plan.rail_prefix_length)
    start = plan.prefix.network_address + max(rail, 0) * block
    return IPv4Network((start, plan.rail_prefix_length))
