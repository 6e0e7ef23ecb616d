"""Which switch of a Clos fabric meets which, by number: pure functions of the decided shape.

Leaves, spines and cores count through the fabric from 0; so do their ports downwards (`slot`) and
upwards (`uplink`). A fabric that grows within its shape appends to these columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.radix import Radices, Radix
from colossus.fabric.shape import Shape

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trunks:
    """Links between two tiers: port `uplink` of switch `near` meets port `slot` of switch `far`.

    rail is that of the leaf in its unit.
    """

    near: Column
    uplink: Column
    far: Column
    slot: Column
    plane: Column
    rail: Column


def leaf_spine(shape: Shape) -> Trunks:
    """Every uplink of every leaf, to the spines of its pod and plane."""
    links = shape.leaf_spine_links
    near = np.repeat(np.arange(shape.leaves), shape.leaf_uplinks)
    uplink = np.tile(np.arange(shape.leaf_uplinks), shape.leaves)
    unit, rail = np.divmod(near, shape.leaves_per_unit)
    per_plane = shape.leaves_per_unit // shape.planes
    plane, in_unit = np.divmod(rail, per_plane)
    pod, in_pod = np.divmod(unit, shape.units_per_pod)
    far = (pod * shape.planes + plane) * shape.spines_per_pod + uplink // links
    slot = (in_pod * per_plane + in_unit) * links + uplink % links
    return Trunks(near, uplink, far, slot, plane, rail)


def spine_core(shape: Shape) -> Trunks:
    """Every uplink of every spine, to the group of cores that its number in the pod names."""
    links = shape.spine_core_links
    near = np.repeat(np.arange(shape.spines), shape.spine_uplinks)
    uplink = np.tile(np.arange(shape.spine_uplinks), shape.spines)
    block, number = np.divmod(near, shape.spines_per_pod)
    pod, plane = np.divmod(block, shape.planes)
    in_group, group = np.divmod(number, shape.core_groups)
    far = (plane * shape.core_groups + group) * shape.cores_per_group + uplink // links
    per_group = shape.spines_per_pod // shape.core_groups
    slot = (pod * per_group + in_group) * links + uplink % links
    return Trunks(near, uplink, far, slot, plane, np.full_like(near, -1))


@dataclass(frozen=True, slots=True)
class TrunkPorts:
    """Which port of its switch each trunk takes, counted by the split of its direction.

    Rows are the switches of a tier, columns `uplink` or `slot` of the trunks; -1 = none left.
    """

    leaf_up: Column
    spine_down: Column
    spine_up: Column
    core_down: Column


def trunk_ports(shape: Shape, radices: Radices) -> TrunkPorts:
    """Give the ports of all trunks; another one stands in for a port that is reserved."""
    spines = shape.spines_per_pod // shape.core_groups if shape.core_groups else 0
    down = shape.leaves_per_pod * shape.leaf_spine_links
    leaf = _ports(radices.leaf, shape.leaves, shape.leaf_down, shape.leaf_uplinks)
    spine = _ports(radices.spine, shape.spines, down, shape.spine_uplinks)
    below = shape.pods * spines * shape.spine_core_links
    core = _ports(radices.core or radices.spine, shape.cores, below, 0)
    return TrunkPorts(leaf[1], spine[0], spine[1], core[0])


def _ports(radix: Radix, switches: int, down: int, up: int) -> tuple[Column, Column]:
    below, above = (
        np.broadcast_to(np.asarray(ports, dtype=np.int64), (switches, len(ports)))
        for ports in radix.ports(down, up)
    )
    if not radix.reserved.kinds():
        return below, above
    below, above = below.copy(), above.copy()
    for row in range(switches):
        if held := radix.reserved.of(row):
            below[row], above[row] = radix.ports(down, up, held)
    return below, above
