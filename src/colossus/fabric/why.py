"""Why an object is as it is: the rule that decided it and the authored path it stands at."""

from dataclasses import dataclass
from ipaddress import IPv4Address

import numpy as np

from colossus.diagnostics import counted
from colossus.fabric.hierarchy import rack_places
from colossus.fabric.model import PDU_ROLE, Fabric
from colossus.fabric.overridden import override_of
from colossus.inventory.fabrics import RackAddresses, SharedAddresses


@dataclass(frozen=True, slots=True)
class Reason:
    """One decision: what was decided, by which rule, and the authored path behind it."""

    what: str
    rule: str
    path: str


def why(fabric: Fabric, word: str) -> list[Reason]:
    """Explain a rack, device, `device:port`, cable id or address; empty when unknown."""
    if word in fabric.rack_index:
        return _rack(fabric, fabric.rack_index[word])
    if word in fabric.device_index:
        return _device(fabric, fabric.device_index[word])
    if ":" in word and word in fabric.port_index:
        return _port(fabric, fabric.port_index[word])
    if word.upper() in fabric.cables.ids:
        return _cable(fabric, fabric.cables.ids.index(word.upper()))
    return _address(fabric, word)


def _rack(fabric: Fabric, row: int) -> list[Reason]:
    group = int(fabric.racks.group[row])
    name = fabric.racks.names[row]
    position = int(fabric.racks.position[row])
    row_name, hall = fabric.rows[fabric.racks.row[row]], fabric.halls[fabric.racks.hall[row]]
    intent = fabric.site.racks[group]
    return [
        Reason(
            f"rack {name} stands at position {position} of row {row_name}, hall {hall}",
            f"racks {intent.names} stand one after the other from {intent.first_position}",
            f"racks[{group}].names",
        ),
        *_place(fabric, row),
        Reason(f"it is a {intent.model}", "the group's model", f"racks[{group}].model"),
    ]


def _place(fabric: Fabric, row: int) -> list[Reason]:
    """Say in which place of the site's levels a rack lies, if in any."""
    group = int(fabric.racks.group[row])
    within = fabric.site.racks[group].within
    if within is None:
        return []
    name = rack_places(fabric.levels, row)[within.level]
    rule = f"{counted(within.racks, 'rack')} of the group to each; cluster.lock keeps their order"
    return [Reason(f"it lies in {within.level} {name}", rule, f"racks[{group}].within")]


def _device(fabric: Fabric, row: int) -> list[Reason]:
    view = fabric.device(row)
    if view.role == PDU_ROLE:
        return [
            Reason(
                f"{view.name} feeds rack {view.rack}", "one PDU per feed of the rack", view.origin
            ),
        ]
    role = f"roles.{view.role}"
    return [
        Reason(
            f"{view.name} is in rack {view.rack} at U{view.u}",
            f"the rule places role {view.role} there",
            f"{view.origin}.u",
        ),
        Reason(
            f"it is named {view.name}: number {view.ordinal + 1} of role {view.role}",
            "ordinals run rack by rack from the bottom; cluster.lock keeps them",
            f"{role}.name",
        ),
        Reason(f"it is a {view.model}", "the role's model", f"{role}.model"),
        *[
            _address_reason(fabric, int(address))
            for address in np.flatnonzero(fabric.addresses.device == row)
        ],
    ]


def _address_reason(fabric: Fabric, row: int) -> Reason:
    view = fabric.address(row)
    plan = fabric.site.fabrics[view.fabric].addresses
    path = f"fabrics.{view.fabric}.addresses"
    rule = "its rail's block and its ordinal: even at the switch, odd at the host"
    if view.interface == "lo":
        rule = "loopbacks count the switches by ordinal"
    if isinstance(plan, RackAddresses) and view.prefix_length == plan.rack_prefix_length:
        rule = "the block of its rack's switch, and the port it is plugged into there"
    if isinstance(plan, SharedAddresses):
        rule = "the range's first address plus the device's ordinal"
        role = fabric.device(int(fabric.addresses.device[row])).role
        for place, item in enumerate(plan.ranges):
            first = int(item.first)
            ordinal = int(fabric.devices.ordinal[fabric.addresses.device[row]])
            if item.role == role and first + ordinal * item.step == fabric.addresses.address[row]:
                path = f"{path}.ranges[{place}].first"
    return Reason(f"{view.device} has {view.cidr} on {view.interface}", rule, path)


def _port(fabric: Fabric, row: int) -> list[Reason]:
    view = fabric.port(row)
    found = np.flatnonzero((fabric.links.a == row) | (fabric.links.z == row))
    reasons = [_link(fabric, int(link)) for link in found]
    addresses = np.flatnonzero(fabric.addresses.port == row)
    role = fabric.device(fabric.device_index[view.device]).role
    model = fabric.models[fabric.devices.model[fabric.device_index[view.device]]]
    place = f"roles.{role}.model" if role != PDU_ROLE else "racks"
    return [
        Reason(
            f"port {view.port} ({view.interface}) of {view.device} is a {view.speed}"
            f" {view.connector}",
            f"port group {view.group!r} of {model}",
            place,
        ),
        *reasons,
        *[_address_reason(fabric, int(address)) for address in addresses],
    ]


def _link(fabric: Fabric, row: int) -> Reason:
    link = fabric.link(row)
    place = override_of(fabric, row)
    if place is not None:
        reason = fabric.site.cable_overrides[place].reason
        told = f"{link.a} meets {link.z} by cable {link.cable_id}"
        return Reason(told, f"an override says so: {reason}", f"cable_overrides[{place}]")
    return Reason(
        f"{link.a} meets {link.z} by cable {link.cable_id}",
        f"ends of fabric {link.fabric} take switch ports in order; cluster.lock keeps them",
        f"fabrics.{link.fabric}.ends",
    )


def _cable(fabric: Fabric, row: int) -> list[Reason]:
    cables = fabric.cables
    name = fabric.fabrics[cables.fabric[row]]
    return [
        *[_link(fabric, int(link)) for link in np.flatnonzero(fabric.links.cable == row)],
        Reason(
            f"it is {cables.order_m[row]:g} m of {fabric.medium(row)}"
            f" (route {cables.route_m[row]:.2f} m)",
            "route over the trays plus slack; the cheapest medium that reaches, next stock length",
            f"fabrics.{name}",
        ),
    ]


def _address(fabric: Fabric, word: str) -> list[Reason]:
    try:
        address = int(IPv4Address(word.partition("/")[0]))
    except ValueError:
        return []
    rows = np.flatnonzero(fabric.addresses.address == address)
    return [_address_reason(fabric, int(row)) for row in rows]
