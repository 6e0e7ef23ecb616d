"""Graph questions about a fabric that need no graph library: which parts hang together.

Components are counted over NIC ports and switches, never over hosts: a host would join separate
rail planes into one (facts: fabric.md, rules). Accelerators and tiles are vertices of their own.
"""

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import Switch
from colossus.inventory.topologies import EDGES, Mesh


def component_labels(
    fabric: Fabric,
    code: int,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Label the links of one fabric (`among` some) by component; equal label = one network.

    Labels spread along links until none changes; Clos and dragonfly fabrics need fewer than ten
    rounds, so this beats importing a graph library.
    """
    mine = fabric.links.fabric == code
    links = np.flatnonzero(mine if among is None else mine & among)
    ends = _vertices(fabric, code, np.stack([fabric.links.a[links], fabric.links.z[links]]))
    return spread(ends[0], ends[1])


def spread(a: NDArray[np.int64], z: NDArray[np.int64]) -> NDArray[np.int64]:
    """Label edges between vertices a and z by component, with its lowest vertex."""
    labels = np.arange(max(int(a.max(initial=-1)), int(z.max(initial=-1))) + 1, dtype=np.int64)
    while True:
        low = np.minimum(labels[a], labels[z])
        before = labels.copy()
        np.minimum.at(labels, a, low)
        np.minimum.at(labels, z, low)
        if np.array_equal(before, labels):
            return labels[a]


def _vertices(fabric: Fabric, code: int, ports: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give the vertex that each port belongs to: a switch, an accelerator, a tile, or itself."""
    devices, count = fabric.ports.device[ports], len(fabric.devices.names)
    models = [isinstance(fabric.catalog[model], Switch) for model in fabric.models]
    switch = np.asarray(models, dtype=np.bool_)[fabric.devices.model[devices]]
    alone = np.where(switch, devices, count + ports).astype(np.int64)
    intent = fabric.site.fabrics[fabric.fabrics[code]]
    if intent.topology == "nvlink":
        part = fabric.ports.cage[ports] // _ports_per_nic(fabric, ports)
    elif intent.mesh:
        part = _tiles(fabric, intent.mesh, ports)
    else:
        return alone
    inner = count + len(fabric.ports.device) + (devices.astype(np.int64) << 10 | part)
    vertices = np.where(switch | (part < 0), alone, inner)
    _, packed = np.unique(vertices, return_inverse=True)
    return packed.reshape(ports.shape).astype(np.int64)


def _ports_per_nic(fabric: Fabric, ports: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give how many ports an accelerator, or a chip, has at each of these ports."""
    kind = fabric.devices.model[fabric.ports.device[ports]].astype(np.int64) << 8
    kind |= fabric.ports.group[ports]
    _, first, which = np.unique(kind, return_index=True, return_inverse=True)
    each = [fabric.port_group(int(ports.flat[row])).ports_per_nic for row in first]
    return np.asarray(each, dtype=np.int32)[which].reshape(ports.shape)


def _tiles(fabric: Fabric, mesh: Mesh, ports: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give the tile of each port of a tray; -1 for the ports of other devices."""
    groups = getattr(fabric.catalog[fabric.site.roles[mesh.role].model], "ports", ())
    names = [group.name for group in groups]
    cards = names.index(mesh.cards)
    edges = np.asarray([int(edge[:-1]) for edge in mesh.card_edges], dtype=np.int64)
    share = groups[cards].count // len(edges)
    group, cage = fabric.ports.group[ports], fabric.ports.cage[ports]
    beside = edges[np.minimum(cage // max(share, 1), len(edges) - 1)]
    tile = np.where(group == cards, beside, cage // EDGES)
    role = fabric.devices.role[fabric.ports.device[ports]]
    return np.where(role == fabric.roles.index(mesh.role), tile, -1).astype(np.int64)


def component_count(fabric: Fabric, code: int, among: NDArray[np.bool_] | None = None) -> int:
    """Count the separate networks of one fabric (`among` some of its links)."""
    return len(np.unique(component_labels(fabric, code, among)))


def oversubscription(fabric: Fabric, code: int) -> dict[str, float]:
    """Give the ratio of capacity down to capacity up, per tier that has both; the worst switch.

    Capacity is the sum of port speeds. Source: contract, summary.
    """
    mine = fabric.links.fabric == code
    speed, device = fabric.ports.speed, fabric.ports.device
    found: dict[str, float] = {}
    for tier, below, above in (
        ("leaf", ("host-leaf", "service-leaf"), "leaf-spine"),
        ("spine", ("leaf-spine",), "spine-core"),
    ):
        down = mine & np.isin(fabric.links.tier, [TIERS.index(word) for word in below])
        up = mine & (fabric.links.tier == TIERS.index(above))
        if not up.any():
            continue
        count = len(fabric.devices.names)
        ends_down, ends_up = fabric.links.z[down], fabric.links.a[up]
        taken = np.bincount(device[ends_down], speed[ends_down], minlength=count)
        passed = np.bincount(device[ends_up], speed[ends_up], minlength=count)
        there = passed > 0
        found[tier] = round(float((taken[there] / passed[there]).max()), 3)
    if fabric.site.fabrics[fabric.fabrics[code]].dragonfly:
        found |= _global_ratio(fabric, np.flatnonzero(mine))
    return found


def _global_ratio(fabric: Fabric, links: NDArray[np.int64]) -> dict[str, float]:
    """Give what the hosts of a dragonfly's group inject to what leaves it; the worst group."""
    group, table, device = _groups(fabric, links), fabric.links, fabric.ports.device
    sums = np.zeros((2, len(group)))
    for row, tier, sides in ((0, "host-switch", (table.z,)), (1, "global", (table.a, table.z))):
        chosen = links[table.tier[links] == TIERS.index(tier)]
        for side in sides:
            ports = side[chosen]
            sums[row] += np.bincount(
                group[device[ports]], fabric.ports.speed[ports], minlength=len(group)
            )
    there = sums[1] > 0
    ratios = sums[0][there] / sums[1][there]
    return {"global": round(float(ratios.max()), 3)} if len(ratios) else {}


def _groups(fabric: Fabric, links: NDArray[np.int64]) -> NDArray[np.int64]:
    """Label each device by its group: switches that local links join; others are alone."""
    local = links[fabric.links.tier[links] == TIERS.index("local")]
    a, z = (fabric.ports.device[side[local]] for side in (fabric.links.a, fabric.links.z))
    labels = np.arange(len(fabric.devices.names), dtype=np.int64)
    labels[a] = labels[z] = spread(a.astype(np.int64), z.astype(np.int64))
    return labels


def group_count(fabric: Fabric, links: NDArray[np.int64]) -> int:
    """Count the groups of a dragonfly, of which these are the links."""
    table = fabric.links
    between = links[table.tier[links] != TIERS.index("host-switch")]
    switches = fabric.ports.device[np.concatenate([table.z[links], table.a[between]])]
    return len(np.unique(_groups(fabric, links)[switches]))
