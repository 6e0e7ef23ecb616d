"""From a slice of the designed cluster to the twin's parts list: which nodes, which cables.

Nodes are wired by exactly the links between them. BMCs, PDUs and what has no playbook stay out; the
report says how many cables that leaves unrehearsed.
"""

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address

import numpy as np

from colossus.errors import RehearsalFailed
from colossus.fabric.addresses import rack_gateway
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric, LinkView, PortView
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import Server, Switch
from colossus.inventory.fabrics import RackAddresses, SharedAddresses
from colossus.plan.resource import Desired, Target
from colossus.twin.base import End, TwinCable, TwinNode, TwinSpec
from colossus.twin.slices import Slice


def spec_of(
    fabric: Fabric, desired: Desired, part: Slice, name: str, untold: Collection[End] = ()
) -> TwinSpec:
    """List the parts of the twin; raises RehearsalFailed where it could not reach its nodes.

    untold: open ports that its nodes are not told of, and so do not have.
    """
    addresses = management_addresses(fabric)
    management = _management_network(fabric)
    nodes = tuple(
        _node(fabric, desired.targets[node], addresses, management.prefix.prefixlen)
        for node in part.nodes
    )
    cables = tuple(_cable(fabric, fabric.link(row)) for row in part.links)
    loose = [fabric.port(port) for port in part.open_ports]
    open_ports = [_end(port) for port in loose if not manages(fabric, port)]
    gone = frozenset(untold)
    switches = management_switches(fabric, part)
    routes = isinstance(management, RackAddresses)
    managed = [addresses[fabric.device_index[node]] for node in part.nodes]
    return TwinSpec(
        name=name,
        nodes=nodes,
        cables=cables,
        management_switches=switches,
        operator_address=_operator_address(management, set(addresses.values())),
        open_ports=tuple(end for end in open_ports if end not in gone),
        joined=tuple(_end(port) for port in loose if manages(fabric, port)),
        unbridged=tuple(_uplinks(fabric, switches)) if routes else (),
        rack_gateways=_gateways(management, managed),
        untold=tuple(sorted(gone)),
    )


def _management_network(fabric: Fabric) -> SharedAddresses | RackAddresses:
    plan = fabric.site.fabrics[fabric.site.access.fabric].addresses
    if not isinstance(plan, SharedAddresses | RackAddresses):
        raise RehearsalFailed(
            f"fabric {fabric.site.access.fabric} is no management network, so a twin cannot reach"
            " its nodes through it",
            "give it addresses of kind shared or by-rack",
        )
    return plan


def management_switches(fabric: Fabric, part: Slice) -> tuple[str, ...]:
    """Name the switches with a bridge: all of a shared network, the racks' where racks route."""
    intent = fabric.site.fabrics[fabric.site.access.fabric]
    bridging = intent.switch_roles
    if isinstance(intent.addresses, RackAddresses):
        bridging = bridging[:1]
    codes = [fabric.roles.index(role) for role in bridging if role in fabric.roles]
    return tuple(
        name for name in part.nodes if fabric.devices.role[fabric.device_index[name]] in codes
    )


def _uplinks(fabric: Fabric, switches: tuple[str, ...]) -> Iterator[End]:
    """Give the ports of racks' switches that lead up: routed, never in the bridge."""
    links = fabric.links
    mine = links.fabric == fabric.fabrics.index(fabric.site.access.fabric)
    rows = np.flatnonzero(mine & (links.tier == TIERS.index("leaf-spine")))
    own = [fabric.device_index[name] for name in switches]
    for row in rows[np.isin(fabric.ports.device[links.a[rows]], own)]:
        yield _end(fabric.port(int(links.a[row])))


def _gateways(
    plan: SharedAddresses | RackAddresses,
    nodes: list[IPv4Address],
) -> tuple[str, ...]:
    """Give the gateways of these nodes, with the length of their racks' blocks."""
    if not isinstance(plan, RackAddresses):
        return ()
    wanted = sorted({rack_gateway(plan, address) for address in nodes})
    return tuple(f"{address}/{plan.rack_prefix_length}" for address in wanted)


def manages(fabric: Fabric, port: PortView) -> bool:
    """Whether a device is reached at this port: the station stands in for its switch."""
    server = fabric.equipment(fabric.device_index[port.device])
    return port.group == fabric.site.access.management_port and isinstance(server, Server | Switch)


def _operator_address(
    management: SharedAddresses | RackAddresses,
    given: set[IPv4Address],
) -> str:
    """Give the highest address of the network that nobody has."""
    address = management.prefix.broadcast_address - 1
    while address in given or address == getattr(management, "gateway", None):
        address -= 1
    return f"{address}/{management.prefix.prefixlen}"


def _node(
    fabric: Fabric,
    target: Target,
    addresses: dict[int, IPv4Address],
    prefix_length: int,
) -> TwinNode:
    row = fabric.device_index[target.name]
    item = fabric.equipment(row)
    kernel = [
        str(resource.body["key"])
        for resource in target.resources
        if resource.kind == "sysctl" and not str(resource.body["key"]).startswith("net.")
    ]
    ports = getattr(item, "ports", ())
    wanted = fabric.site.access.management_port
    interface = next((g.interfaces[0] for g in ports if g.name == wanted and g.interfaces), "eth0")
    gpus = item.accelerators if isinstance(item, Server) else None
    return TwinNode(
        name=target.name,
        kind="host" if isinstance(item, Server) else "switch",
        mgmt_interface=interface,
        mgmt_address=f"{addresses[row]}/{prefix_length}" if row in addresses else None,
        accelerators=gpus.count if gpus else 0,
        kernel_settings=tuple(kernel),
        shared=_shared_state(fabric, target),
    )


def _shared_state(fabric: Fabric, target: Target) -> str:
    """Give the folder that a Slurm controller shares with its standby; empty for all others."""
    slurm = fabric.site.slurm
    shares = slurm is not None and slurm.shared_state and target.role == slurm.controller_role
    return slurm.state_save_location if slurm and shares else ""


def _end(port: PortView) -> End:
    return End(port.device, port.interface)


def _cable(fabric: Fabric, link: LinkView) -> TwinCable:
    return TwinCable(
        cable_id=link.cable_id,
        a_node=link.a.device,
        a_interface=link.a.interface,
        z_node=link.z.device,
        z_interface=link.z.interface,
        mtu=fabric.site.fabrics[link.fabric].mtu,
    )
