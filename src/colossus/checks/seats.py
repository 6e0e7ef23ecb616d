"""Where each switch of a Clos fabric sits: tier, unit, pod, plane, group of cores.

A seat follows from the switch's number and the decided shape, never from its cables; so cables can
be held against it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.overridden import override_of
from colossus.fabric.shape import numbers_of
from colossus.fabric.tables import TIERS
from colossus.inventory.fabrics import Clos

Column = NDArray[np.int64]
MOST_NAMED = 64
ENDLESS = 1 << 30
"""Units of a pod where nothing limits them."""


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats of all devices of a site in one Clos fabric; -1 where a device has none of a kind.

    links: the rows of its links. leaf_links, core_links: links between each leaf and spine of a
    pod and plane, and between each spine and core of a group.
    """

    code: int
    clos: Clos
    links: Column
    unit: Column
    pod: Column
    plane: Column
    group: Column
    leaf_links: int
    core_links: int

    def of(self, fabric: Fabric, tier: str) -> Column:
        """Give the rows of the links of one tier."""
        found: Column = self.links[fabric.links.tier[self.links] == TIERS.index(tier)]
        return found


def clos_seats(fabric: Fabric) -> list[Seats]:
    """Seat the switches of every Clos fabric that could be planned."""
    return [
        _seated(fabric, code, intent.clos)
        for code, (name, intent) in enumerate(fabric.site.fabrics.items())
        if intent.clos and name in fabric.decided and "leaf_uplinks" in fabric.decided[name].shape
    ]


def _seated(fabric: Fabric, code: int, clos: Clos) -> Seats:
    shape = fabric.decided[fabric.fabrics[code]].shape
    of = numbers_of(shape)
    number = fabric.devices.ordinal.astype(np.int64)
    unit, pod, plane, group = (np.full(len(number), -1, dtype=np.int64) for _ in range(4))
    per_pod = of["units_per_pod"] or clos.pins.units_per_pod or ENDLESS
    leaf = _of_role(fabric, clos.tiers.leaf.role)
    unit[leaf], inner = np.divmod(number[leaf], of["leaves_per_unit"])
    plane[leaf] = inner * of["planes"] // of["leaves_per_unit"]
    pod[leaf] = unit[leaf] // per_pod
    spine = _of_role(fabric, clos.tiers.spine.role)
    block, within = np.divmod(number[spine], of["spines_per_pod"])
    pod[spine], plane[spine] = np.divmod(block, of["planes"])
    if clos.tiers.core:
        core = _of_role(fabric, clos.tiers.core.role)
        group[spine] = plane[spine] * of["core_groups"] + within % of["core_groups"]
        group[core] = number[core] // of["cores_per_group"]
        plane[core] = group[core] // of["core_groups"]
    return Seats(
        code,
        clos,
        np.flatnonzero(fabric.links.fabric == code),
        *(unit, pod, plane, group),
        of["leaf_uplinks"] // of["spines_per_pod"],
        of["spine_uplinks"] // of["cores_per_group"] if of["cores_per_group"] else 0,
    )


def _of_role(fabric: Fabric, role: str) -> Column:
    return np.flatnonzero(fabric.devices.role == fabric.roles.index(role))


def authored_at(fabric: Fabric, code: int, links: Column) -> str:
    """Give the place that decided links: the first cable override at an end of one, or the fabric.

    A handful is looked at: overrides are few, and what a rule decides is no override's work.
    """
    for link in links[:MOST_NAMED] if fabric.site.cable_overrides else ():
        if (place := override_of(fabric, int(link))) is not None:
            return f"cable_overrides[{place}]"
    return f"fabrics.{fabric.fabrics[code]}"


def odd_ones(owner: Column, kind: Column) -> tuple[Column, Column]:
    """Find the rows whose kind differs from the most frequent kind of their owner.

    Gives these rows, and the frequent kind of each.
    """
    pairs = owner << np.int64(32) | kind
    if not len(pairs) or len(np.unique(pairs)) == len(np.unique(owner)):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    found, inverse, count = np.unique(pairs, return_inverse=True, return_counts=True)
    order = np.lexsort((-count, found >> np.int64(32)))
    owners, first = np.unique(found[order] >> np.int64(32), return_index=True)
    usual = (found[order][first] & np.int64((1 << 32) - 1))[np.searchsorted(owners, owner)]
    odd = np.flatnonzero(found[inverse] & np.int64((1 << 32) - 1) != usual)
    return odd, usual[odd]
