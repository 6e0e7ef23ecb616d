"""Management addresses: where SSH finds each target."""

from ipaddress import IPv4Address

import numpy as np

from colossus.fabric.addresses import LOOPBACK_LENGTH
from colossus.fabric.model import Fabric
from colossus.inventory.ports import BMC_PORTS


def management_addresses(fabric: Fabric) -> dict[int, IPv4Address]:
    """Give each device's management address (fabric and port named under `access`).

    A switch of that fabric has the one of its bridge, or its loopback where it has no other.
    """
    table = fabric.addresses
    rows = np.flatnonzero(table.fabric == fabric.fabrics.index(fabric.site.access.fabric))
    port = table.port[rows]
    # Ports of the management group, by the group's place in the device's model.
    wanted = np.asarray(
        [_group(fabric, model, fabric.site.access.management_port) for model in fabric.models],
        dtype=np.int32,
    )[fabric.devices.model[table.device[rows]]]
    rows = rows[(port < 0) | (fabric.ports.group[port] == wanted)]
    # Loopbacks first: whatever else a device has replaces them.
    rows = rows[np.argsort(table.prefix_length[rows] != LOOPBACK_LENGTH, kind="stable")]
    return {
        device: IPv4Address(address)
        for device, address in zip(
            table.device[rows].tolist(), table.address[rows].tolist(), strict=True
        )
    }


def bmc_addresses(fabric: Fabric) -> dict[int, IPv4Address]:
    """Give the address of each device's BMC, by device row."""
    return {
        int(fabric.addresses.device[row]): IPv4Address(int(fabric.addresses.address[row]))
        for row, port in enumerate(fabric.addresses.port.tolist())
        if port >= 0 and fabric.port_group(port).name == BMC_PORTS
    }


def _group(fabric: Fabric, model: str, name: str) -> int:
    """Give the place of a port group in a model; -2, which no port has, where it has none."""
    names = [group.name for group in getattr(fabric.catalog[model], "ports", ())]
    return names.index(name) if name in names else -2
