"""Ports that machines are not told of, because nothing is plugged in there in the slice.

A leaf of 128 ports with two cables here costs as much to configure as the real one, and under
emulation that is most of a rehearsal. So the first switch of each role is told of all its ports, as
in production, and its like only of those with a cable. Hosts keep all theirs, and so do switches of
the management network, by whose bridge the others are reached.
"""

from colossus.fabric.model import Fabric, PortView
from colossus.inventory.catalog import Server, Switch
from colossus.twin.base import End, TierName
from colossus.twin.slices import Slice


def untold_ports(fabric: Fabric, part: Slice, tier: TierName) -> tuple[End, ...]:
    """Give the open ports that the nodes of a tier are not told of; namespaces know all."""
    if tier == "ns":
        return ()
    whole = _told_of_all(fabric, part)
    ports = (fabric.port(row) for row in part.open_ports)
    return tuple(
        End(port.device, port.interface)
        for port in ports
        if port.device not in whole and not manages(fabric, port)
    )


def _told_of_all(fabric: Fabric, part: Slice) -> set[str]:
    managing = fabric.site.fabrics[fabric.site.access.fabric].switch_roles
    seen: set[str] = set()
    whole = set()
    for name in part.nodes:
        role = fabric.device(fabric.device_index[name]).role
        switch = fabric.site.roles[role].kind == "switch"
        if not switch or role in managing or role not in seen:
            whole.add(name)
        seen.add(role)
    return whole


def manages(fabric: Fabric, port: PortView) -> bool:
    """Whether a device is reached at this port: the station stands in for its switch."""
    server = fabric.equipment(fabric.device_index[port.device])
    return port.group == fabric.site.access.management_port and isinstance(server, Server | Switch)
