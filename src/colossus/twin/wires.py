"""Cables as `ip -batch` text: veth pairs, the management bridge, the operator's plug (pure).

A pair is made directly in its two net namespaces, named by process, so no name ever clashes on the
machine. It cannot be made "up" there ("Transport endpoint is not connected"): ends come up after.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from colossus.twin.base import DEFAULT_MTU, MANAGEMENT_BRIDGE, End, TwinNode, TwinSpec

# The kernel's limit (IFNAMSIZ less the final zero).
LONGEST_INTERFACE = 15
# The operator's plug in the management switch, and at the station. Not names of any vendor.
OPERATOR_PORT = "twin-operator"
STATION_INTERFACE = "station0"
# Not a node's name: the station's key where nodes are listed by name.
STATION = ""


def plug_line(
    one: End, other: End, mtu: int, pids: Mapping[str, int], macs: Mapping[End, str] | None = None
) -> str:
    """Return the command that makes one cable; macs: addresses to keep."""
    known = macs or {}
    mac_one, mac_other = (f"address {known[end]}" if known.get(end) else "" for end in (one, other))
    return (
        f"link add {one.interface} mtu {mtu} {mac_one} netns {pids[one.node]} type veth "
        f"peer name {other.interface} mtu {mtu} {mac_other} netns {pids[other.node]}"
    )


def operator_line(spec: TwinSpec, mtu: int, pids: Mapping[str, int]) -> str:
    """Return the command that plugs the operator's station into the management switch."""
    port = End(spec.management_switch, OPERATOR_PORT)
    return plug_line(port, End(STATION, STATION_INTERFACE), mtu, pids)


def loose(end: End) -> End:
    """Return where the far end of a cut cable is: unplugged, at the operator's station."""
    return End(STATION, f"loose-{hashlib.sha256(str(end).encode()).hexdigest()[:8]}")


def management_mtu(spec: TwinSpec) -> int:
    """Return the MTU in bytes of the out-of-band network: the smallest of its cables'."""
    own = [c.mtu for c in spec.cables if spec.management_switch in (c.a_node, c.z_node)]
    return min(own, default=DEFAULT_MTU)


def ends_of(spec: TwinSpec, node: str) -> list[str]:
    """Return the interfaces of a node that the plan cables, in plan order."""
    ends = [*(end for cable in spec.cables for end in (cable.a, cable.z)), *spec.open_ports]
    return [end.interface for end in ends if end.node == node]


def bootstrap_lines(spec: TwinSpec, node: TwinNode, bridge_mtu: int) -> list[str]:
    """Return what an installer leaves: management reachable, every other interface bare but up."""
    lines = []
    if node.name == spec.management_switch:
        ports = [*ends_of(spec, node.name), OPERATOR_PORT]
        lines.append(f"link add {MANAGEMENT_BRIDGE} mtu {bridge_mtu} type bridge")
        lines += [f"link set {port} master {MANAGEMENT_BRIDGE} up" for port in ports]
        lines.append(f"link set {MANAGEMENT_BRIDGE} up")
    else:
        lines += [f"link set {interface} up" for interface in ends_of(spec, node.name)]
    if node.mgmt_address:
        own = node.name == spec.management_switch
        device = MANAGEMENT_BRIDGE if own else node.mgmt_interface
        lines.append(f"addr add {node.mgmt_address} dev {device}")
    return lines


def station_lines(spec: TwinSpec) -> list[str]:
    """Return the operator's own interface: one address in the management network."""
    return [
        f"addr add {spec.operator_address} dev {STATION_INTERFACE}",
        f"link set {STATION_INTERFACE} up",
    ]


def faults_of(spec: TwinSpec) -> list[str]:
    """Return why a spec cannot be built, one line each; empty if it can."""
    names = [node.name for node in spec.nodes]
    ends = [*(end for cable in spec.cables for end in (cable.a, cable.z)), *spec.open_ports]
    found = [f"node {name} is listed twice" for name in _doubles(names)]
    found += [f"port {end} has two cables" for end in _doubles(map(str, ends))]
    found += [f"cable to unknown node {end}" for end in ends if end.node not in names]
    found += [
        f"interface name {end} is not one Linux accepts (no / or spaces, at most 15 characters)"
        for end in ends
        if not re.fullmatch(rf"[^\s/:]{{1,{LONGEST_INTERFACE}}}", end.interface)
    ]
    if spec.management_switch not in names:
        found.append(f"the management switch {spec.management_switch} is not among the nodes")
    return found


def _doubles(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
