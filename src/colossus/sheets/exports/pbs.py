"""Where the nodes of PBS stand: what qmgr reads, `tier0` the rack and `tier1` the chassis.

The two resources are those by which Aurora's jobs are placed (facts: systems.md 5.4).
"""

from collections.abc import Iterator

from colossus.errors import UsageError
from colossus.fabric.location import locator
from colossus.fabric.model import Fabric

TIERS = ("tier0", "tier1")


def pbs_nodes(fabric: Fabric) -> dict[str, bytes]:
    """Write a line for each host of kind compute, in the order of the floor, for `qmgr < FILE`.

    Raises:
        UsageError: the site does not say that PBS schedules it.
    """
    intent = fabric.site.scheduler
    if intent is None or intent.kind != "pbs":
        raise UsageError(
            f"{fabric.site.cluster} does not say that PBS schedules it",
            "give the site `scheduler: {kind: pbs}`",
        )
    head = [f"create resource {tier} type = string, flag = h" for tier in TIERS]
    return {"": "".join(f"{line}\n" for line in (*head, *_nodes(fabric))).encode()}


def _nodes(fabric: Fabric) -> Iterator[str]:
    """Say for each node in which rack it stands, and in which chassis if it is a blade."""
    known, locate, devices = fabric.site.roles, locator(fabric), fabric.devices
    for row, role in enumerate(devices.role.tolist()):
        kind = known.get(fabric.roles[role])
        if kind is None or kind.kind != "compute":
            continue
        places = (fabric.racks.names[devices.rack[row]], locate(row).get("chassis"))
        said = [
            f"resources_available.{tier} = {place}"
            for tier, place in zip(TIERS, places, strict=True)
            if place
        ]
        yield f"set node {devices.names[row]} {', '.join(said)}"
