"""Why a power cord or a coolant hose is where it is."""

import numpy as np

from colossus.fabric.model import Fabric
from colossus.fabric.tables import COOLANT, POWER
from colossus.fabric.why import Reason

_RULES = {
    POWER: (
        "the supplies of a device are dealt to the feeds in turn, those of a feed to its PDUs in"
        " turn, to outlets from the bottom; cluster.lock keeps the order of the devices",
        "pdus",
    ),
    COOLANT: (
        "devices take couplings of their rack's manifold in order; cluster.lock keeps it",
        "devices",
    ),
}
_FIXTURES = {
    "manifold": "hoses of a rack meet at its manifold",
    "tap": "what no PDU of a rack serves hangs on a tap of the hall's feed",
}


def why_supply(fabric: Fabric, word: str) -> list[Reason]:
    """Explain a socket, a cord or hose by its id, or a fixture; empty when it is none.

    fabric: with cords and hoses in it.
    """
    codes = [fabric.fabrics.index(name) for name in _RULES if name in fabric.fabrics]
    mine = np.isin(fabric.links.fabric, codes)
    links = fabric.links
    if word in fabric.device_index:
        return _fixture(fabric, fabric.device_index[word])
    if ":" in word and word in fabric.port_index:
        port = fabric.port_index[word]
        found = np.flatnonzero(mine & ((links.a == port) | (links.z == port)))
    elif word.upper() in fabric.cables.ids:
        found = np.flatnonzero(mine & (links.cable == fabric.cables.ids.index(word.upper())))
    else:
        return []
    return [reason for row in found.tolist() for reason in _run(fabric, row)]


def _run(fabric: Fabric, row: int) -> list[Reason]:
    link, cable = fabric.link(row), int(fabric.links.cable[row])
    rack = int(fabric.devices.rack[fabric.ports.device[fabric.links.a[row]]])
    rule, field = _RULES[link.fabric]
    path = f"racks[{int(fabric.racks.group[rack])}]"
    length = f"{fabric.cables.order_m[cable]:g} m, {link.a.connector} to {link.z.connector}"
    return [
        Reason(f"{link.a} meets {link.z} by cable {link.cable_id}", rule, f"{path}.{field}"),
        Reason(
            f"it is a {fabric.medium(cable).lower()} of {length}",
            "along the rack plus slack; the next stock length",
            f"{path}.model",
        ),
    ]


def _fixture(fabric: Fabric, row: int) -> list[Reason]:
    view = fabric.device(row)
    rule = _FIXTURES.get(view.role)
    return [Reason(f"{view.name} is at rack {view.rack}", rule, view.origin)] if rule else []
