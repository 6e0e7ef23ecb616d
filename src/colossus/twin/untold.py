"""Ports that machines are not told of, because nothing is plugged in there in the slice.

A leaf of 128 ports with two cables here costs as much to configure as the real one, and under
emulation that is most of a rehearsal. So the first switch of each model that a playbook configures
is told of all its ports, as in production, and its like only of those with a cable. Hosts keep all
theirs, and so do the switches by whose bridge the others are reached.
"""

from colossus.fabric.model import Fabric
from colossus.twin.base import End, TierName
from colossus.twin.of_site import management_switches, manages
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
    whole = set(management_switches(fabric, part))
    seen: set[tuple[str | None, str]] = set()
    for name in part.nodes:
        device = fabric.device(fabric.device_index[name])
        role = fabric.site.roles[device.role]
        like = role.playbook, device.model
        if role.kind != "switch" or like not in seen:
            whole.add(name)
        seen.add(like)
    return whole
