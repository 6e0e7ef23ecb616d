"""Routing between switches: a command and a pure parser, compared with the planned links.

Session state alone is not enough: with two uplinks crossed between spines every session was
Established and hosts could not reach each other (facts: twin-namespaces.md 3). So a neighbour must
also send prefixes, and leaves must answer each other from loopback to loopback.
"""

import json
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.addresses import LOOPBACK_LENGTH
from colossus.fabric.graph import spread
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS, Index
from colossus.inventory.fabrics import RackAddresses, RoutedAddresses

SHOW = ("vtysh", "-c", "show bgp summary json")
_BETWEEN = [TIERS.index(word) for word in ("leaf-spine", "spine-core")]


def expected_sessions(fabric: Fabric, nodes: Collection[str]) -> dict[str, set[str]]:
    """Give the interfaces of each switch that must have a session: links between switches."""
    wanted: dict[str, set[str]] = {}
    for row in _links_between(fabric, nodes):
        for end in (fabric.port(int(side[row])) for side in (fabric.links.a, fabric.links.z)):
            wanted.setdefault(end.device, set()).add(end.interface)
    return wanted


def _links_between(fabric: Fabric, nodes: Collection[str]) -> NDArray[np.int64]:
    """Give the links of routed fabrics that join two switches, both among these nodes."""
    routed = [
        code
        for code, name in enumerate(fabric.fabrics)
        if isinstance(fabric.site.fabrics[name].addresses, RoutedAddresses | RackAddresses)
    ]
    links, there = fabric.links, np.zeros(len(fabric.devices.names), dtype=np.bool_)
    there[[fabric.device_index[name] for name in nodes if name in fabric.device_index]] = True
    wanted = np.isin(links.tier, _BETWEEN) & np.isin(links.fabric, routed)
    ends = fabric.ports.device[links.a], fabric.ports.device[links.z]
    return np.flatnonzero(wanted & there[ends[0]] & there[ends[1]])


def parse_sessions(text: str) -> dict[str, tuple[str, int]]:
    """Read the summary: interface → (state, prefixes received); empty when it is no JSON."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    family = document.get("ipv4Unicast", {}) if isinstance(document, dict) else {}
    peers = family.get("peers", {}) if isinstance(family, dict) else {}
    return {
        str(name): (str(peer.get("state", "")), int(peer.get("pfxRcd", 0) or 0))
        for name, peer in peers.items()
        if isinstance(peer, dict)
    }


def session_faults(wanted: Mapping[str, set[str]], seen: Mapping[str, str]) -> list[str]:
    """Name every planned session that is not up, or brings nothing. seen: switch → its summary."""
    faults = []
    for switch, interfaces in sorted(wanted.items()):
        sessions = parse_sessions(seen.get(switch, ""))
        for interface in sorted(interfaces):
            state, prefixes = sessions.get(interface, ("absent", 0))
            if state != "Established":
                faults.append(f"{switch} {interface}: session {state}")
            elif not prefixes:
                faults.append(f"{switch} {interface}: established, but no prefix comes in")
    return faults


def loopback_rings(fabric: Fabric, nodes: Collection[str]) -> list[dict[str, str]]:
    """Give the loopbacks of the switches that have sessions, one ring for each network they form.

    Fabrics, and the planes of one, have no way to each other.
    """
    links = _links_between(fabric, nodes)
    a, z = (fabric.ports.device[side[links]].astype(np.int64) for side in _sides(fabric))
    labels = spread(a, z)
    ring_of = dict(zip([*a.tolist(), *z.tolist()], np.tile(labels, 2).tolist(), strict=True))
    table, rings = fabric.addresses, dict[int, dict[str, str]]()
    own = (table.port < 0) & (table.prefix_length == LOOPBACK_LENGTH)
    for row in np.flatnonzero(own & np.isin(table.device, list(ring_of))):
        view = fabric.address(int(row))
        rings.setdefault(ring_of[int(table.device[row])], {})[view.device] = view.address
    return list(rings.values())


def _sides(fabric: Fabric) -> tuple[Index, Index]:
    return fabric.links.a, fabric.links.z
