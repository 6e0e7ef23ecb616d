"""How many installed cables a change of a Clos fabric's shape would plug elsewhere, or take out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from colossus.fabric.radix import Radices
from colossus.fabric.shape import Shape, numbers_of
from colossus.fabric.trunks import Column, leaf_spine, spine_core, trunk_ports

Built = tuple[Shape, Radices]
"""A shape, and what its switches offer beside their reserved ports."""


def locked_shape(
    decided: Mapping[str, int | str],
    like: Shape,
    places: Sequence[int],
    ports_per_host: int,
) -> Shape:
    """Give the shape that a lock's decisions mean; `like` has what an older lock does not keep.

    places: those of all hosts that the lock knows.
    """
    of = numbers_of(decided)
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


def moved_cables(before: Built, after: Built, places: Sequence[int], ports_per_host: int) -> int:
    """Count the cables that change an end, or go, when `before` becomes `after`.

    places: those of the hosts that are installed, each with so many ports. Cables of fabric
    managers and the like are not counted.
    """
    old, new = (
        (_hosts(shape, places, ports_per_host), *_trunks(shape, radices))
        for shape, radices in (before, after)
    )
    gone = (~np.isin(*ends) for ends in zip(old, new, strict=True))
    return sum(int(np.count_nonzero(each)) for each in gone)


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


def _trunks(shape: Shape, radices: Radices) -> tuple[Column, Column]:
    """Pack what each uplink of each leaf and of each spine meets; two tiers have no cores."""
    ports, of = trunk_ports(shape, radices), leaf_spine(shape)
    up, down = ports.leaf_up[of.near, of.uplink], ports.spine_down[of.far, of.slot]
    leaves = _packed(of.near, up, of.far, down)
    if not shape.cores:
        return leaves, np.zeros(0, dtype=np.int64)
    of = spine_core(shape)
    up, down = ports.spine_up[of.near, of.uplink], ports.core_down[of.far, of.slot]
    return leaves, _packed(of.near, up, of.far, down)


def _packed(*columns: Column) -> Column:
    """Write four small numbers as one; a fabric has fewer than 65,536 switches and ports each."""
    packed = np.zeros_like(columns[0])
    for column in columns:
        packed = packed << 16 | column
    return packed
