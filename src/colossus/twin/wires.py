"""Cables as `ip -batch` text: veth pairs, management bridges, the operator's plugs (pure).

A pair is made directly in its two net namespaces, named by process, so no name ever clashes on the
machine. It cannot be made "up" there ("Transport endpoint is not connected"): ends come up after.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Interface

from colossus.twin.base import DEFAULT_MTU, MANAGEMENT_BRIDGE, End, TwinNode, TwinSpec, mac_of

# The kernel's limit (IFNAMSIZ less the final zero).
LONGEST_INTERFACE = 15
# The operator's plug in the management switch, and at the station. Not names of any vendor.
OPERATOR_PORT = "twin-operator"
STATION_INTERFACE = "station0"
# Where a switch keeps the addresses of those it stands in for, and the metric of its last resort.
GATEWAYS = "twin-gateways"
LAST_RESORT = 4096
# Not a node's name: the station's key where nodes are listed by name.
STATION = ""


def plug_line(one: End, other: End, mtu: int, pids: Mapping[str, int]) -> str:
    """Return the command that makes one cable; ports have the addresses they always have.

    Two ends of a pair must not have the same number in their namespaces: the kernel takes such a
    pair for a device of its own, whose carrier it looks at seconds later where there are thousands.
    """
    mac_one, mac_other = (f"address {mac_of(end)}" for end in (one, other))
    return (
        f"link add {one.interface} index {_index(one, other)} mtu {mtu} {mac_one}"
        f" netns {pids[one.node]} type veth "
        f"peer name {other.interface} mtu {mtu} {mac_other} netns {pids[other.node]}"
    )


def _index(end: End, other: End) -> int:
    """Number an interface far above what the kernel numbers the other ends with.

    Another plug gives another number: lldpd takes a port that is made anew with the old number for
    the old one, and stays deaf on it.
    """
    return 1 << 30 | int(hashlib.sha256(f"{end} {other}".encode()).hexdigest()[:7], 16)


def station_plugs(spec: TwinSpec) -> list[End]:
    """Return the ports that the operator's station is plugged into, and so joins to one network.

    One port of each island of management switches, and what has no management switch here.
    """
    heads = islands(spec)
    return [*(End(name, OPERATOR_PORT) for name in dict.fromkeys(heads.values())), *spec.joined]


def islands(spec: TwinSpec) -> dict[str, str]:
    """Return the first management switch that each one has a way to over management switches."""
    head = {name: name for name in spec.management_switches}
    for cable in spec.cables:
        if cable.a_node in head and cable.z_node in head:
            kept, gone = head[cable.a_node], head[cable.z_node]
            head = {name: kept if each == gone else each for name, each in head.items()}
    return head


def operator_lines(
    spec: TwinSpec, mtu: int, pids: Mapping[str, int], only: str | None = None
) -> list[str]:
    """Return the commands that plug the station in; only: into the ports of one node."""
    return [
        plug_line(end, _at_station(end, "plug"), mtu, pids)
        for end in station_plugs(spec)
        if only in (None, end.node)
    ]


def loose(end: End) -> End:
    """Return where the far end of a cut cable is: unplugged, at the operator's station."""
    return _at_station(end, "loose")


def _at_station(end: End, word: str) -> End:
    return End(STATION, f"{word}-{hashlib.sha256(str(end).encode()).hexdigest()[:8]}")


def management_mtu(spec: TwinSpec) -> int:
    """Return the MTU in bytes of the out-of-band network: the smallest of its cables'."""
    switches = set(spec.management_switches)
    own = [c.mtu for c in spec.cables if switches & {c.a_node, c.z_node}]
    return min(own, default=DEFAULT_MTU)


def ends_of(spec: TwinSpec, node: str) -> list[str]:
    """Return the interfaces of a node that the plan cables, in plan order."""
    cabled = (end for cable in spec.cables for end in (cable.a, cable.z))
    ends = [*cabled, *spec.open_ports, *spec.joined]
    return [end.interface for end in ends if end.node == node]


def bootstrap_lines(spec: TwinSpec, node: TwinNode, bridge_mtu: int) -> list[str]:
    """Return what an installer leaves: management reachable, every other interface bare but up."""
    lines = []
    own = node.name in spec.management_switches
    if own:
        apart = [end.interface for end in spec.unbridged if end.node == node.name]
        ports = [port for port in ends_of(spec, node.name) if port not in apart]
        ports += [end.interface for end in station_plugs(spec) if end.node == node.name]
        lines.append(_bridge(End(node.name, MANAGEMENT_BRIDGE), bridge_mtu))
        lines += [f"link set {port} master {MANAGEMENT_BRIDGE} up" for port in ports]
        lines += [f"link set {port} up" for port in apart]
        lines.append(f"link set {MANAGEMENT_BRIDGE} up")
    else:
        lines += [f"link set {interface} up" for interface in ends_of(spec, node.name)]
    if node.mgmt_address:
        device = MANAGEMENT_BRIDGE if own else node.mgmt_interface
        lines.append(f"addr add {node.mgmt_address} dev {device}")
    return [*lines, *_routing_lines(spec, node.name)]


def _bridge(bridge: End, mtu: int) -> str:
    """Return the command that makes a bridge with an address of its own, as a switch has.

    Left to itself it takes the lowest of its ports' and another one when a plug is put in or
    pulled: who had spoken to it would not reach it until their neighbour entry failed, for 11 s.
    """
    return f"link add {bridge.interface} mtu {mtu} address {mac_of(bridge)} type bridge"


def _routing_lines(spec: TwinSpec, node: str) -> Iterator[str]:
    """Let a switch that routes find the racks whose own switch is not here, and answer for it.

    Only the racks in the twin: Slurm asks for thousands of hosts that are not, and each would fill
    a place in the kernel's one table of neighbours.
    """
    if not spec.rack_gateways or node not in spec.management_switches:
        return
    racks = [IPv4Interface(gateway) for gateway in spec.rack_gateways]
    here = {IPv4Interface(each.mgmt_address).ip for each in spec.nodes if each.mgmt_address}
    own = IPv4Interface(spec.node(node).mgmt_address or "0.0.0.0/0").ip
    apart = [str(each.network) for each in racks if each.ip != own]
    # The plan's own routes come first: these are for what is joined at the station.
    for network in [*apart, str(IPv4Interface(spec.operator_address).ip)]:
        yield f"route add {network} dev {MANAGEMENT_BRIDGE} metric {LAST_RESORT}"
    absent = [each.ip for each in racks if each.ip not in here]
    if node == spec.management_switches[0] and absent:
        yield f"link add {GATEWAYS} type bridge"
        yield f"link set {GATEWAYS} up"
        yield from (f"addr add {gateway}/32 dev {GATEWAYS}" for gateway in absent)


def station_lines(spec: TwinSpec) -> list[str]:
    """Return the operator's own bridge over its plugs: one address in the management network."""
    return [
        _bridge(End(STATION, STATION_INTERFACE), management_mtu(spec)),
        *joining_lines(spec),
        f"addr add {spec.operator_address} dev {STATION_INTERFACE}",
        f"link set {STATION_INTERFACE} up",
    ]


def joining_lines(spec: TwinSpec, only: str | None = None) -> list[str]:
    """Return the commands at the station that join its plugs; only: those into one node."""
    return [
        f"link set {_at_station(end, 'plug').interface} master {STATION_INTERFACE} up"
        for end in station_plugs(spec)
        if only in (None, end.node)
    ]


def faults_of(spec: TwinSpec) -> list[str]:
    """Return why a spec cannot be built, one line each; empty if it can."""
    names = [node.name for node in spec.nodes]
    cabled = (end for cable in spec.cables for end in (cable.a, cable.z))
    ends = [*cabled, *spec.open_ports, *spec.joined]
    found = [f"node {name} is listed twice" for name in _doubles(names)]
    found += [f"port {end} has two cables" for end in _doubles(map(str, ends))]
    found += [f"cable to unknown node {end}" for end in ends if end.node not in names]
    found += [
        f"interface name {end} is not one Linux accepts (no / or spaces, at most 15 characters)"
        for end in ends
        if not re.fullmatch(rf"[^\s/:]{{1,{LONGEST_INTERFACE}}}", end.interface)
    ]
    return found + [
        f"the management switch {name} is not among the nodes"
        for name in spec.management_switches
        if name not in names
    ]


def _doubles(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
