"""How the BMCs of a site are reached: their planned addresses, and the settings under `bmc`."""

from collections.abc import Iterable
from pathlib import Path

from colossus.errors import InventoryRefused
from colossus.fabric.management import bmc_addresses
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold
from colossus.transport.redfish import BmcEndpoint


def bmc_endpoints(fabric: Fabric, hosts: Iterable[str], folder: Path) -> dict[str, BmcEndpoint]:
    """Give the endpoint of each host's BMC. folder: the inventory's, which paths count from.

    Raises:
        InventoryRefused: the site does not say how BMCs are reached, or one has no address.
    """
    access = fabric.site.bmc
    if access is None:
        raise InventoryRefused(
            "the site does not say how its BMCs are reached",
            "Add `bmc: {user: admin, password: file:secrets/bmc}` to cluster.yaml.",
        )
    addresses, wanted = bmc_addresses(fabric), list(hosts)
    lost = [name for name in wanted if fabric.device_index[name] not in addresses]
    if lost:
        raise InventoryRefused(
            f"the BMC of {fold(lost)} has no address",
            "Cable port bmc to the management fabric, and give it a range there.",
        )
    authority = folder / Path(access.authority).expanduser() if access.authority else None
    return {
        name: BmcEndpoint(
            name=name,
            url=f"{access.scheme}://{addresses[fabric.device_index[name]]}:{access.port}",
            user=access.user,
            login=access.login,
            verify=access.verify,
            authority=authority,
            timeout_seconds=access.timeout_seconds,
        )
        for name in wanted
    }
