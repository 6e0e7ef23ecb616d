"""Routing between switches: a command and a pure parser, compared with the planned links.

Session state alone is not enough: with two uplinks crossed between spines every session was
Established and hosts could not reach each other (facts: twin-namespaces.md 3). So a neighbour must
also send prefixes, and leaves must answer each other from loopback to loopback.
"""

import json
from collections.abc import Collection, Mapping

import numpy as np

from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS

SHOW = ("vtysh", "-c", "show bgp summary json")
_BETWEEN = [TIERS.index(word) for word in ("leaf-spine", "spine-core")]


def expected_sessions(fabric: Fabric, nodes: Collection[str]) -> dict[str, set[str]]:
    """Give the interfaces of each switch that must have a session: links between switches."""
    wanted: dict[str, set[str]] = {}
    there = set(nodes)
    for row in np.flatnonzero(np.isin(fabric.links.tier, _BETWEEN)):
        ends = [fabric.port(int(side[row])) for side in (fabric.links.a, fabric.links.z)]
        if all(end.device in there for end in ends):
            for end in ends:
                wanted.setdefault(end.device, set()).add(end.interface)
    return wanted


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


def loopbacks(fabric: Fabric, nodes: Collection[str]) -> dict[str, str]:
    """Give the loopback of each switch that has sessions with others."""
    switches = expected_sessions(fabric, nodes)
    views = (fabric.address(int(row)) for row in np.flatnonzero(fabric.addresses.port < 0))
    return {view.device: view.address for view in views if view.device in switches}
