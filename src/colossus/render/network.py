"""Network values for templates: interfaces, routes, bridge, BGP of one device."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from colossus.fabric.addresses import LOOPBACK_LENGTH, rack_gateway, rail_block
from colossus.fabric.model import Fabric, interface_name
from colossus.inventory.fabrics import RackAddresses, RoutedAddresses, SharedAddresses
from colossus.inventory.words import SPEEDS_MBPS
from colossus.render.lookup import Lookup, Plug

Routed = RoutedAddresses | RackAddresses
HOST_TIERS = ("host-switch", "host-leaf")
SWITCH_TIERS = ("leaf-spine", "spine-core")
BRIDGE = "br_default"
"""Name of the one bridge of a management switch, as Cumulus Linux and ifupdown2 call it."""


@dataclass(frozen=True, slots=True)
class Route:
    """A static route; via is empty for none."""

    destination: str
    via: str


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of the system; cidr is empty where it has no address.

    alias says in words what is at the far end. managed: the target is reached here; only there
    gateway may be set.
    """

    name: str
    alias: str
    mtu: int
    cidr: str = ""
    gateway: str = ""
    routes: tuple[Route, ...] = ()
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Bridge:
    """The bridge of a management switch over its cabled ports, in port order.

    It has no MTU of its own: ifupdown2 lets it inherit that of its ports.
    """

    name: str
    ports: str
    cidr: str
    gateway: str


@dataclass(frozen=True, slots=True)
class Bgp:
    """BGP of a switch: eBGP unnumbered on the interfaces towards other switches.

    Addresses in prefix and loopbacks are announced, and no others. prefix is empty for a switch
    that has no end of the fabric below it: only its loopback is its own to announce.
    """

    asn: int
    router_id: str
    loopback: str
    prefix: str
    loopbacks: str
    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cage:
    """A cage that is split into lanes; name is that of its unsplit port."""

    name: str
    lanes: int


def split_cages_of(fabric: Fabric, plugs: Iterable[Plug]) -> tuple[Cage, ...]:
    """Give the cages behind these ports of a switch that are split, in the order of its ports."""
    table = fabric.ports
    found: dict[str, Cage] = {}
    for plug in plugs:
        row, group = plug.port.index, fabric.port_group(plug.port.index)
        speed = int(table.speed[row])
        lanes = [each.lanes for each in group.breakouts if SPEEDS_MBPS[each.speed] == speed]
        # Two ports of a NIC in one cage have lanes too, but nothing that could be split.
        if table.lane[row] >= 0 and lanes:
            name = interface_name(group, int(table.cage[row]), -1)
            found[name] = Cage(name, lanes[0])
    return tuple(found.values())


def interfaces_of(lookup: Lookup, device: int) -> tuple[Interface, ...]:
    """Give the cabled interfaces of a device, in the order of its ports."""
    return tuple(_interface(lookup, device, plug) for plug in lookup.plugs(device))


def bridge_of(lookup: Lookup, device: int) -> Bridge | None:
    """Give the bridge of a switch that carries a shared network, if it does."""
    plugs = [plug for plug in lookup.plugs(device) if _bridged(lookup, plug)]
    if not plugs:
        return None
    names = {plug.link.fabric for plug in plugs}
    own = [
        each
        for each in lookup.own_addresses(device)
        if each.fabric in names and each.prefix_length != LOOPBACK_LENGTH
    ]
    gateway = _gateway(lookup, own[0].fabric, own[0].address) if own else ""
    return Bridge(
        name=BRIDGE,
        ports=" ".join(plug.port.interface for plug in plugs),
        cidr=own[0].cidr if own else "",
        gateway=gateway,
    )


def bgp_of(lookup: Lookup, device: int) -> Bgp | None:
    """Give what BGP of a routed switch needs; None where the device carries no routed fabric."""
    fabric = lookup.fabric
    for address in lookup.own_addresses(device):
        plan = fabric.site.fabrics[address.fabric].addresses
        if isinstance(plan, Routed) and address.prefix_length == LOOPBACK_LENGTH:
            plugs = lookup.plugs(device)
            above = isinstance(plan, RackAddresses) and bridge_of(lookup, device) is None
            return Bgp(
                asn=_asn(plan, address.address),
                router_id=address.address,
                loopback=address.cidr,
                prefix="" if above else str(plan.prefix),
                loopbacks=str(plan.loopbacks),
                peers=tuple(plug.port.interface for plug in plugs if _to_switch(lookup, plug)),
            )
    return None


def _asn(plan: Routed, loopback: str) -> int:
    """Number a switch's AS as its loopback is numbered, so that no two switches share one."""
    first = int(plan.loopbacks.network_address) + 1
    return plan.asn_first + int(IPv4Address(loopback)) - first


def _interface(lookup: Lookup, device: int, plug: Plug) -> Interface:
    intent = lookup.fabric.site.fabrics[plug.link.fabric]
    address = lookup.port_address(plug.port.index)
    host = not plug.near_switch
    managed = address is not None and address.address == lookup.management.get(device)
    return Interface(
        name=plug.port.interface,
        alias=_alias(plug),
        mtu=intent.mtu,
        cidr=address.cidr if address else "",
        gateway=_gateway(lookup, plug.link.fabric, address.address) if managed and address else "",
        routes=_routes(lookup, plug) if host else (),
        managed=managed,
    )


def _alias(plug: Plug) -> str:
    rail = f" rail {plug.link.rail}" if plug.link.rail >= 0 else ""
    far = f"{plug.far.device} {plug.far.interface}"
    return f"to {far}, {plug.link.fabric}{rail}, cable {plug.link.cable_id}"


def _routes(lookup: Lookup, plug: Plug) -> tuple[Route, ...]:
    """Route the port's block to the switch end of the link, so that a rail keeps to itself."""
    plan = lookup.fabric.site.fabrics[plug.link.fabric].addresses
    via = lookup.port_address(plug.far.index)
    if not isinstance(plan, RoutedAddresses) or via is None:
        return ()
    block = rail_block(plan, IPv4Address(via.address))
    return (Route(destination=str(block), via=via.address),)


def _bridged(lookup: Lookup, plug: Plug) -> bool:
    plan = lookup.fabric.site.fabrics[plug.link.fabric].addresses
    if isinstance(plan, RackAddresses):
        return plug.near_switch and plug.link.tier in HOST_TIERS
    return plug.near_switch and isinstance(plan, SharedAddresses)


def _to_switch(lookup: Lookup, plug: Plug) -> bool:
    """Whether a plug leads to a switch that routes, and not to that switch's management port."""
    fabric = lookup.fabric
    plan = fabric.site.fabrics[plug.link.fabric].addresses
    if plug.link.tier in SWITCH_TIERS:
        return isinstance(plan, Routed)
    role = fabric.roles[fabric.devices.role[fabric.device_index[plug.far.device]]]
    known = fabric.site.roles.get(role)
    switches = known is not None and known.kind == "switch"
    return plug.near_switch and switches and isinstance(plan, RoutedAddresses)


def _gateway(lookup: Lookup, fabric: str, own: str) -> str:
    """Give the gateway of a management network, unless the device itself is the gateway."""
    plan = lookup.fabric.site.fabrics[fabric].addresses
    if isinstance(plan, RackAddresses):
        gateway = str(rack_gateway(plan, IPv4Address(own)))
        return "" if gateway == own else gateway
    if not isinstance(plan, SharedAddresses) or plan.gateway is None:
        return ""
    return "" if str(plan.gateway) == own else str(plan.gateway)
