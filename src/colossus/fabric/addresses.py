"""Addresses: a pure function of the plan's ranges and the ordinals that the lock keeps.

Shared networks give device n of a role `first + n × step`. Routed fabrics give each link a /31
(RFC 3021) from the block of its port's number, which is the rail where a rail has one port, indexed
by the host's ordinal: even at the switch, odd at the host; switches have a loopback each. Fabrics
by racks that route give each rack's switch a block: port p of it leads to the block's address
p + 1, the first is the switch's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.layout import Layout
from colossus.fabric.tables import TIERS, AddressTable, Index, LinkTable, PortTable
from colossus.inventory.catalog import CatalogItem, Mounted, Pdu
from colossus.inventory.fabrics import (
    FabricIntent,
    RackAddresses,
    RoutedAddresses,
    SharedAddresses,
)
from colossus.inventory.nodeset import fold_short
from colossus.inventory.site import Site

HOST_TIERS = [TIERS.index(word) for word in ("host-switch", "host-leaf")]
"""Links with a /31, or an address in the rack's block; switches meet each other unnumbered."""
LOOPBACK_LENGTH = 32
Column = NDArray[np.int32] | NDArray[np.int64]


@dataclass(slots=True)
class _Rows:
    """The address table piece by piece: device, port, fabric, address and prefix length."""

    pieces: list[list[NDArray[np.int64]]] = field(default_factory=list)

    def extend(
        self,
        device: Column,
        port: Column | int,
        fabric: int,
        address: Column,
        prefix_length: int,
    ) -> None:
        """Append many addresses."""
        columns = np.broadcast_arrays(device, port, fabric, address, prefix_length)
        self.pieces.append([np.asarray(column, dtype=np.int64) for column in columns])

    def add(self, device: int, port: int, fabric: int, address: int, prefix_length: int) -> None:
        """Append one address."""
        self.extend(np.asarray([device]), port, fabric, np.asarray([address]), prefix_length)

    def table(self) -> AddressTable:
        """Join the pieces."""
        empty = [np.zeros((5, 0), dtype=np.int64)]
        joined = np.concatenate(empty + [np.stack(piece) for piece in self.pieces], axis=1)
        device, port, fabric, _, prefix_length = joined.astype(np.int32)
        return AddressTable(device, port, fabric, joined[3].astype(np.uint32), prefix_length)


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
            case RackAddresses():
                findings += _of_racks(rows, wires, code, name, intent)
            case None:
                pass
    return rows.table(), tuple(findings)


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
    """Give each host link a /31 of its port's block, each switch a loopback."""
    plan, ports, devices = intent.addresses, wires.ports, wires.layout.devices
    assert isinstance(plan, RoutedAddresses)  # noqa: S101 — the caller matched the type
    mine = np.flatnonzero((wires.links.fabric == code) & np.isin(wires.links.tier, HOST_TIERS))
    a, z = wires.links.a[mine], wires.links.z[mine]
    block = 1 << (32 - plan.rail_prefix_length)
    number = _port_numbers(wires, intent, a)
    offset = 2 * wires.numbers[code][ports.device[a]].astype(np.int64)
    even = int(plan.prefix.network_address) + number * block + offset
    fits = (offset + 1 < block) & (even < int(plan.prefix.broadcast_address))
    for end, address in ((z, even), (a, even + 1)):
        rows.extend(ports.device[end][fits], end[fits], code, address[fits], 31)
    outside = [
        (devices.names[ports.device[a[row]]], int(number[row])) for row in np.flatnonzero(~fits)
    ]
    lost = _loopbacks(rows, wires, code, intent, plan.loopbacks)
    return list(_too_small(name, plan, outside, lost))


def _port_numbers(wires: Wires, intent: FabricIntent, a: Index) -> NDArray[np.int64]:
    """Number the ports of every host on a fabric from 0, in the order that its ends name them."""
    ports, devices = wires.ports, wires.layout.devices
    found = ports.cage[a].astype(np.int64)
    role = devices.role[ports.device[a]]
    for end in intent.ends:
        mine = role == wires.layout.roles.index(end.role)
        models = devices.model[ports.device[a[mine]]]
        item = wires.catalog[wires.layout.models[models[0]]] if len(models) else None
        groups = item.ports if isinstance(item, Mounted | Pdu) else ()
        before = 0
        for name in end.ports:
            for index, group in enumerate(groups):
                if group.name == name:
                    here = mine & (ports.group[a] == index)
                    half = np.maximum(ports.lane[a[here]], 0)
                    found[here] = before + ports.cage[a[here]] * group.ports_per_cage + half
                    before += group.count
    return found


def _of_racks(
    rows: _Rows,
    wires: Wires,
    code: int,
    name: str,
    intent: FabricIntent,
) -> list[Diagnostic]:
    """Give each rack's switch the first address of its block, each port of it the one it leads to.

    The n-th switch has the n-th block, so that racks that come later change nothing.
    """
    plan, ports, devices = intent.addresses, wires.ports, wires.layout.devices
    assert isinstance(plan, RackAddresses)  # noqa: S101 — the caller matched the type
    block = 1 << (LOOPBACK_LENGTH - plan.rack_prefix_length)
    room = plan.prefix.num_addresses // block

    def first(switch: Index) -> NDArray[np.int64]:
        number = devices.ordinal[switch].astype(np.int64)
        return int(plan.prefix.network_address) + number * block + 1

    links = (wires.links.fabric == code) & np.isin(wires.links.tier, HOST_TIERS)
    a, z = wires.links.a[links], wires.links.z[links]
    switch, place = ports.device[z], ports.cage[z].astype(np.int64) + 1
    fits = (devices.ordinal[switch] < room) & (place < block - 2)
    address = first(switch) + place
    rows.extend(ports.device[a][fits], a[fits], code, address[fits], plan.rack_prefix_length)
    role = wires.layout.roles.index(intent.switch_roles[0])
    access = np.flatnonzero(devices.role == role).astype(np.int32)
    inside = access[devices.ordinal[access] < room]
    rows.extend(inside, -1, code, first(inside), plan.rack_prefix_length)
    lost = _loopbacks(rows, wires, code, intent, plan.loopbacks)
    return list(_blocks_too_small(name, plan, [devices.names[n] for n in switch[~fits]], lost))


def _loopbacks(
    rows: _Rows,
    wires: Wires,
    code: int,
    intent: FabricIntent,
    loopbacks: IPv4Network,
) -> list[str]:
    """Give every switch a loopback; each tier counts in a quarter of its own."""
    devices, roles = wires.layout.devices, wires.layout.roles
    room = loopbacks.num_addresses
    quarter = room // 4 if len(intent.switch_roles) > 1 else room
    lost: list[str] = []
    for tier, role in enumerate(intent.switch_roles):
        mine = np.flatnonzero(devices.role == roles.index(role))
        place = devices.ordinal[mine].astype(np.int64) + 1
        fits = place < quarter
        address = int(loopbacks.network_address) + tier * quarter + place
        rows.extend(mine[fits], -1, code, address[fits], LOOPBACK_LENGTH)
        lost += [devices.names[row] for row in mine[~fits]]
    return lost


def _too_small(
    name: str,
    plan: RoutedAddresses,
    outside: list[tuple[str, int]],
    lost: list[str],
) -> Iterator[Diagnostic]:
    if outside:
        host, number = outside[0]
        yield error(
            "address-outside-prefix",
            f"fabrics.{name}.addresses.prefix",
            f"fabric {name}: port {number + 1} of {host} falls outside its block, a"
            f" /{plan.rail_prefix_length} in {plan.prefix} ({counted(len(outside), 'link')})",
            "give the fabric a larger prefix; a block holds two addresses per host",
        )
    yield from _too_few_loopbacks(name, plan.loopbacks, lost)


def _blocks_too_small(
    name: str,
    plan: RackAddresses,
    outside: list[str],
    lost: list[str],
) -> Iterator[Diagnostic]:
    if outside:
        yield error(
            "address-outside-prefix",
            f"fabrics.{name}.addresses.prefix",
            f"fabric {name}: {counted(len(outside), 'port')} of {fold_short(outside)} fall outside"
            f" {plan.prefix}, cut in blocks of /{plan.rack_prefix_length}",
            "give the fabric a larger prefix; a block holds an address per port of its switch",
        )
    yield from _too_few_loopbacks(name, plan.loopbacks, lost)


def _too_few_loopbacks(name: str, loopbacks: IPv4Network, lost: list[str]) -> Iterator[Diagnostic]:
    if lost:
        yield error(
            "address-outside-prefix",
            f"fabrics.{name}.addresses.loopbacks",
            f"fabric {name}: the loopback of {lost[0]} falls outside {loopbacks}"
            f" (in all: {len(lost)})",
            "give the switches a larger loopback prefix",
        )


def rack_gateway(plan: RackAddresses, address: IPv4Address) -> IPv4Address:
    """Give the first address of the block that an address lies in: its rack's switch."""
    return IPv4Network((address, plan.rack_prefix_length), strict=False).network_address + 1


def rail_block(plan: RoutedAddresses, address: IPv4Address) -> IPv4Network:
    """Give the block that an address lies in: the links of all ports of one number."""
    return IPv4Network((address, plan.rail_prefix_length), strict=False)
