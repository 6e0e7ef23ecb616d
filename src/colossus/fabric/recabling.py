"""How many installed cables a change of a Clos fabric's shape would plug elsewhere, or take out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.shape import Radices, Shape
from colossus.fabric.trunks import Trunks, leaf_spine, spine_core

Column = NDArray[np.int64]


def locked_shape(
    decided: Mapping[str, int | str],
    like: Shape,
    places: Sequence[int],
    ports_per_host: int,
) -> Shape:
    """Give the shape that a lock's decisions mean; `like` has what an older lock does not keep.

    places: those of all hosts that the lock knows.
    """
    of = {key: int(value) for key, value in decided.items() if key != "topology"}
    per_unit = of["hosts_per_unit"]
    units = max(places, default=-1) // per_unit + 1
    groups = of["cores_per_group"]
    return replace(
        like,
        planes=of.get("planes", like.planes),
        units=units,
        hosts_per_unit=per_unit,
        leaves_per_unit=of["leaves_per_unit"],
        leaf_down=per_unit * (ports_per_host // of["leaves_per_unit"]),
        leaf_uplinks=of["leaf_uplinks"],
        units_per_pod=of["units_per_pod"] or max(units, like.units_per_pod),
        spines_per_pod=of["spines_per_pod"],
        leaf_spine_links=of["leaf_uplinks"] // of["spines_per_pod"],
        spine_uplinks=of["spine_uplinks"],
        core_groups=of.get("core_groups", of["spines_per_pod"] if groups else 0),
        cores_per_group=groups,
        spine_core_links=of["spine_uplinks"] // groups if groups else 0,
    )


def moved_cables(
    before: Shape,
    after: Shape,
    radices: Radices,
    places: Sequence[int],
    ports_per_host: int,
) -> int:
    """Count the cables that change an end, or go, when `before` becomes `after`.

    places: those of the hosts that are installed, each with so many ports. Cables of fabric
    managers and the like are not counted.
    """
    leaf = [_up(leaf_spine(shape), _leaf_first(shape, radices)) for shape in (before, after)]
    pairs = [
        (_hosts(before, places, ports_per_host), _hosts(after, places, ports_per_host)),
        (leaf[0], leaf[1]),
        (_spines(before, radices), _spines(after, radices)),
    ]
    return sum(int(np.count_nonzero(~np.isin(old, new))) for old, new in pairs)


def _hosts(shape: Shape, places: Sequence[int], each: int) -> Column:
    """Pack what each port of each host meets."""
    place = np.repeat(np.asarray(places, dtype=np.int64), each)
    number = np.tile(np.arange(each), len(places))
    unit, slot = np.divmod(place, shape.hosts_per_unit)
    switch = unit * shape.leaves_per_unit
    if shape.leaves_per_unit == each:
        switch = switch + number
    else:
        slot = slot * each + number
    return _packed(place, number, switch, slot)


def _leaf_first(shape: Shape, radices: Radices) -> int:
    """Give the port at which the uplinks of a leaf begin."""
    return radices.leaf.first_up_cage(shape.leaf_down) * radices.leaf.up_lanes


def _spines(shape: Shape, radices: Radices) -> Column:
    """Pack what each uplink of each spine meets; nothing where there are two tiers."""
    if not shape.cores:
        return np.zeros(0, dtype=np.int64)
    down = shape.leaves_per_pod * shape.leaf_spine_links
    return _up(spine_core(shape), radices.spine.first_up_cage(down) * radices.spine.up_lanes)


def _up(trunks: Trunks, first: int) -> Column:
    return _packed(trunks.near, first + trunks.uplink, trunks.far, trunks.slot)


def _packed(*columns: Column) -> Column:
    """Write four small numbers as one; a fabric has fewer than 65,536 switches and ports each."""
    packed = np.zeros_like(columns[0])
    for column in columns:
        packed = packed << 16 | column
    return packed
