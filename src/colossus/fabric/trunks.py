"""Which switch of a Clos fabric meets which, by number: pure functions of the decided shape.

Leaves, spines and cores count through the fabric from 0; so do their ports downwards (`slot`) and
upwards (`uplink`). A fabric that grows within its shape appends to these columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
