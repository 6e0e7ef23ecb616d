"""Graph questions about a fabric that need no graph library: which parts hang together.

Components are counted over NIC ports and switches, never over hosts: a host would join separate
rail planes into one (facts: fabric.md, rules).
"""

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import Switch


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
    switches = np.asarray(
        [isinstance(fabric.equipment(row), Switch) for row in range(len(fabric.devices.names))],
        dtype=np.bool_,
    )
    count = len(fabric.devices.names)

    def vertices(ports: NDArray[np.int32]) -> NDArray[np.int64]:
        device = fabric.ports.device[ports]
        return np.where(switches[device], device, count + ports).astype(np.int64)

    a, z = vertices(fabric.links.a[links]), vertices(fabric.links.z[links])
    labels = np.arange(count + len(fabric.ports.device), dtype=np.int64)
    while True:
        low = np.minimum(labels[a], labels[z])
        before = labels.copy()
        np.minimum.at(labels, a, low)
        np.minimum.at(labels, z, low)
        if np.array_equal(before, labels):
            return labels[a]


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
    return found
