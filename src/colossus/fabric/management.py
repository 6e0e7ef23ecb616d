"""Management addresses: where SSH finds each target."""

from ipaddress import IPv4Address

import numpy as np

from colossus.fabric.model import Fabric


def management_addresses(fabric: Fabric) -> dict[int, IPv4Address]:
    """Give each device's management address (fabric and port named under `access`)."""
    code = fabric.fabrics.index(fabric.site.access.fabric)
    port_name, found = fabric.site.access.management_port, {}
    for row in np.flatnonzero(fabric.addresses.fabric == code):
        device, port = int(fabric.addresses.device[row]), int(fabric.addresses.port[row])
        if port < 0 or fabric.port_group(port).name == port_name:
            found[device] = IPv4Address(int(fabric.addresses.address[row]))
    return found
