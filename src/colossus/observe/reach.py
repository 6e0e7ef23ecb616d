"""Whether addresses answer across the fabric: which to ask from where, how to ask, what came back.

Each host asks the next host's address on every rail, so every fabric link carries an echo request
and a reply. Sessions and link state alone are not enough (facts: twin-namespaces.md 3).
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address

import numpy as np

from colossus.fabric.addresses import rail_block
from colossus.fabric.graph import component_labels
from colossus.fabric.model import Fabric
from colossus.inventory.fabrics import RoutedAddresses

_ASK = (
    'source=$1; shift; for address in "$@"; do'
    ' ping ${source:+-I "$source"} -c 1 -W 1 -q "$address" >/dev/null 2>&1 && echo "$address" &'
    " done; wait"
)


def questions(fabric: Fabric, hosts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Choose what each host asks: the next host's address in the same block of every routed fabric.

    Hosts of one network in a ring; a single host asks its switch's end instead, so that no link
    stays untested.
    """
    asked: dict[str, list[str]] = {host: [] for host in hosts}
    for ring in _rings(fabric, hosts).values():
        order = [host for host in hosts if host in ring]
        for place, host in enumerate(order):
            following = order[(place + 1) % len(order)]
            own, peer = ring[following] if len(order) > 1 else ring[host]
            asked[host].append(own if len(order) > 1 else peer)
    return {host: tuple(addresses) for host, addresses in asked.items()}


def _rings(
    fabric: Fabric,
    hosts: Sequence[str],
) -> dict[tuple[int, int, int], dict[str, tuple[str, str]]]:
    """Collect (fabric, network, block) → host → its own address and the switch's end of the link.

    A fabric that is several networks by design has a ring in each: nothing joins them.
    """
    wanted = set(hosts)
    by_port = {
        int(port): fabric.address(row).address
        for row, port in enumerate(fabric.addresses.port)
        if port >= 0
    }
    found: dict[tuple[int, int, int], dict[str, tuple[str, str]]] = {}
    for code, name in enumerate(fabric.fabrics):
        plan = fabric.site.fabrics[name].addresses
        if not isinstance(plan, RoutedAddresses):
            continue
        links = np.flatnonzero(fabric.links.fabric == code)
        for row, network in zip(links, component_labels(fabric, code), strict=True):
            a, z = int(fabric.links.a[row]), int(fabric.links.z[row])
            host = fabric.devices.names[fabric.ports.device[a]]
            if host in wanted and a in by_port and z in by_port:
                block = rail_block(plan, IPv4Address(by_port[a]))
                ring = (code, int(network), int(block.network_address))
                found.setdefault(ring, {})[host] = (by_port[a], by_port[z])
    return found


def ask(addresses: Sequence[str], source: str = "") -> list[str]:
    """Give the command that asks all addresses at once and prints those that answered.

    source: the address to ask from; none = the one that the route says.
    """
    return ["sh", "-c", _ASK, "sh", source, *addresses]


def silent(asked: Mapping[str, Sequence[str]], answered: Mapping[str, str]) -> list[str]:
    """Name what did not answer, one sentence each."""
    return [
        f"{host} gets no answer from {address}"
        for host, addresses in asked.items()
        for address in addresses
        if address not in answered.get(host, "").split()
    ]
