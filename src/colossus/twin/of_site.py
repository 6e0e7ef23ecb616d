"""From the designed cluster to the twin's parts list: which nodes, which cables, what is left out.

A twin holds every device that the plan configures, wired by exactly the links between them. BMCs,
PDUs and what has no playbook stay out; the report says how many cables that leaves unrehearsed.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address

from colossus.errors import RehearsalFailed
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric, LinkView, PortView
from colossus.inventory.catalog import BMC_PORTS, Server, Switch
from colossus.inventory.fabrics import SharedAddresses
from colossus.inventory.nodeset import NodeSetError, expand
from colossus.plan.resource import Desired, Target
from colossus.twin.base import End, TwinCable, TwinNode, TwinSpec

NODES_AT_MOST = 300
CABLES_AT_MOST = 1000
"""What two cores carried when measured (facts: twin-namespaces.md 3 to 5)."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of the site that a twin stands for.

    links are rows of the fabric's link table that become cables; left_out counts the links that
    exist in the site but not here (BMCs, PDUs, hosts outside the slice), open_ports are the ports
    at which such links end here.
    """

    nodes: tuple[str, ...]
    links: tuple[int, ...]
    open_ports: tuple[int, ...]
    left_out: int

    @property
    def share_of_links(self) -> float:
        """Share of the site's links that are cabled here."""
        total = len(self.links) + self.left_out
        return round(len(self.links) / total, 4) if total else 1.0


def slice_of(fabric: Fabric, desired: Desired, expression: str = "") -> Slice:
    """Choose the nodes: all targets, or the hosts named, with every switch and controller.

    expression: a folded set of host or rack names. Raises RehearsalFailed when it names nothing.
    """
    nodes = set(desired.targets)
    if expression:
        nodes = _restricted(fabric, desired, expression)
    links, open_ports = [], []
    for row in range(len(fabric.links.a)):
        ends = (int(fabric.links.a[row]), int(fabric.links.z[row]))
        here = [port for port in ends if _in_twin(fabric, port, nodes)]
        if len(here) == len(ends):
            links.append(row)
        else:
            open_ports += here
    ordered = tuple(name for name in fabric.devices.names if name in nodes)
    return Slice(ordered, tuple(links), tuple(open_ports), len(fabric.links.a) - len(links))


def _restricted(fabric: Fabric, desired: Desired, expression: str) -> set[str]:
    try:
        words = set(expand(expression))
    except NodeSetError as fault:
        raise RehearsalFailed(f"--slice: {fault}", "write it like gpu-[0001-0004] or a01") from None
    hosts = {
        target.name
        for target in desired.targets.values()
        if target.name in words or target.rack in words
    }
    unknown = words - set(desired.targets) - set(fabric.rack_index)
    if unknown or not hosts:
        some = ", ".join(sorted(unknown)) or expression
        raise RehearsalFailed(f"--slice: no host or rack is named {some}")
    kinds = fabric.site.roles
    return hosts | {t.name for t in desired.targets.values() if kinds[t.role].kind != "compute"}


def _in_twin(fabric: Fabric, port: int, nodes: set[str]) -> bool:
    device = fabric.devices.names[fabric.ports.device[port]]
    return device in nodes and fabric.port_group(port).name != BMC_PORTS


def spec_of(fabric: Fabric, desired: Desired, part: Slice, name: str) -> TwinSpec:
    """List the parts of the twin; raises RehearsalFailed when the site does not fit a twin."""
    if len(part.nodes) > NODES_AT_MOST or len(part.links) > CABLES_AT_MOST:
        raise RehearsalFailed(
            f"{len(part.nodes)} nodes and {len(part.links)} cables are more than this tier carries"
            f" ({NODES_AT_MOST} and {CABLES_AT_MOST})",
            "choose a part of the site with --slice",
        )
    addresses = management_addresses(fabric)
    management = _management_network(fabric)
    nodes = tuple(
        _node(fabric, desired.targets[node], addresses, management.prefix.prefixlen)
        for node in part.nodes
    )
    cables = tuple(_cable(fabric, fabric.link(row)) for row in part.links)
    loose = [fabric.port(port) for port in part.open_ports]
    return TwinSpec(
        name=name,
        nodes=nodes,
        cables=cables,
        management_switches=_management_switches(fabric, part),
        operator_address=_operator_address(management, set(addresses.values())),
        open_ports=tuple(_end(port) for port in loose if not _manages(fabric, port)),
        joined=tuple(_end(port) for port in loose if _manages(fabric, port)),
    )


def _management_network(fabric: Fabric) -> SharedAddresses:
    plan = fabric.site.fabrics[fabric.site.access.fabric].addresses
    if not isinstance(plan, SharedAddresses):
        raise RehearsalFailed(
            f"fabric {fabric.site.access.fabric} is no shared network, so a twin cannot reach"
            " its nodes through it",
            "give it addresses of kind shared",
        )
    return plan


def _management_switches(fabric: Fabric, part: Slice) -> tuple[str, ...]:
    roles = fabric.site.fabrics[fabric.site.access.fabric].switch_roles
    codes = [fabric.roles.index(role) for role in roles if role in fabric.roles]
    return tuple(
        name for name in part.nodes if fabric.devices.role[fabric.device_index[name]] in codes
    )


def _manages(fabric: Fabric, port: PortView) -> bool:
    """Whether a device is reached at this port: the station stands in for its switch."""
    server = fabric.equipment(fabric.device_index[port.device])
    return port.group == fabric.site.access.management_port and isinstance(server, Server | Switch)


def _operator_address(management: SharedAddresses, given: set[IPv4Address]) -> str:
    """Give the highest address of the network that nobody has."""
    address = management.prefix.broadcast_address - 1
    while address in given or address == management.gateway:
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
    )


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
