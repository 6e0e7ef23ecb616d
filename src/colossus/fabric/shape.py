"""The shape of a Clos fabric: how many leaves, spines and cores, and how many links between two.

The operator states hosts, rails, models and a few pins; the rest is the cheapest legal shape
(facts: fabric.md, rules). A spine count must divide a leaf's uplinks evenly, or links would be
stranded; the smallest such count that also fits the ports is taken, likewise for cores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from colossus.inventory.catalog import Breakout, PortGroup
from colossus.inventory.fabrics import Clos, Pins, Tier
from colossus.inventory.words import SPEEDS_MBPS

APART = "separate rail planes joined inside the hosts, or switches with more ports"
JOINED = f"fewer spine_uplinks (a declared oversubscription), {APART}"


class ShapeImpossible(ValueError):
    """No legal shape exists; the message says why, `ways` how to get out."""

    code = "clos-impossible"

    def __init__(self, summary: str, ways: str) -> None:
        super().__init__(summary)
        self.summary = summary
        self.ways = ways


class ShapeUneven(ShapeImpossible):
    """A number that was pinned or declared does not divide another one that it must."""

    code = "clos-uneven"


@dataclass(frozen=True, slots=True)
class Radix:
    """The cages of one switch model and how they are split downwards and upwards."""

    cages: int
    down_lanes: int
    up_lanes: int
    down_mbps: int
    up_mbps: int

    def fits(self, down: int, up: int) -> bool:
        """Whether so many ports down and up go into the cages."""
        return -(-down // self.down_lanes) + -(-up // self.up_lanes) <= self.cages

    def first_up_cage(self, down: int) -> int:
        """Cage (from 0) at which uplinks begin: the middle, or above the last port down."""
        return max(self.cages // 2, -(-down // self.down_lanes))


@dataclass(frozen=True, slots=True)
class Shape:
    """A decided shape. Spines and cores count per plane; links count between one pair.

    leaf_down is the number of ports of a leaf that hosts may take.
    """

    planes: int
    units: int
    hosts_per_unit: int
    leaves_per_unit: int
    leaf_down: int
    leaf_uplinks: int
    units_per_pod: int
    spines_per_pod: int
    leaf_spine_links: int
    spine_uplinks: int
    core_groups: int
    cores_per_group: int
    spine_core_links: int

    @property
    def pods(self) -> int:
        """Pods that exist, the last one perhaps in part."""
        return -(-self.units // self.units_per_pod)

    @property
    def leaves(self) -> int:
        """Leaves of all planes."""
        return self.units * self.leaves_per_unit

    @property
    def leaves_per_pod(self) -> int:
        """Leaves of one plane in a full pod."""
        return self.units_per_pod * self.leaves_per_unit // self.planes

    @property
    def spines(self) -> int:
        """Spines of all planes."""
        return self.pods * self.spines_per_pod * self.planes

    @property
    def cores(self) -> int:
        """Cores of all planes."""
        return self.core_groups * self.cores_per_group * self.planes

    def decisions(self) -> dict[str, int | str]:
        """Give what the lock fixes: a change of it would move installed cables."""
        return {
            "planes": self.planes,
            "hosts_per_unit": self.hosts_per_unit,
            "leaves_per_unit": self.leaves_per_unit,
            "leaf_uplinks": self.leaf_uplinks,
            "units_per_pod": self.units_per_pod if self.cores_per_group else 0,
            "spines_per_pod": self.spines_per_pod,
            "spine_uplinks": self.spine_uplinks,
            "core_groups": self.core_groups,
            "cores_per_group": self.cores_per_group,
        }


@dataclass(frozen=True, slots=True)
class Radices:
    """The radix of each tier; core None where there are two tiers.

    leaf_ratio, spine_ratio: how many times what it passes on a switch may take in, as declared.
    """

    leaf: Radix
    spine: Radix
    core: Radix | None
    leaf_ratio: float = 1.0
    spine_ratio: float = 1.0

    def leaf_uplinks(self, down: int) -> int:
        """Give the uplinks of a leaf with so many ports down: half of its own, or by the ratio."""
        if self.leaf_ratio <= 1:
            return self.leaf.cages * self.leaf.up_lanes // 2
        return ceil(down * self.leaf.down_mbps / self.leaf.up_mbps / self.leaf_ratio)

    def spine_uplinks(self) -> int:
        """Give the uplinks of a spine: half of its cages, or the share that the ratio leaves."""
        share = 1 + max(self.spine_ratio, 1.0)
        return ceil(self.spine.cages / share) * self.spine.up_lanes


def radix_of(group: PortGroup, tier: Tier) -> Radix:
    """Give the radix of a tier's switches."""

    def split(breakout: Breakout | None) -> tuple[int, int]:
        speed = SPEEDS_MBPS[breakout.speed if breakout else group.speed]
        return (breakout.lanes if breakout else 1), speed

    down, up = split(tier.down), split(tier.up or tier.down)
    return Radix(group.count, down[0], up[0], down[1], up[1])


def decide(clos: Clos, planes: int, units: int, ports_per_host: int, radices: Radices) -> Shape:
    """Decide the shape for so many units of hosts with so many ports each.

    Raises ShapeImpossible.
    """
    leaves_per_unit = ports_per_host if clos.rail_optimised else 1
    if leaves_per_unit % planes:
        raise ShapeUneven(
            f"{leaves_per_unit} leaves per unit cannot be dealt to {planes} planes",
            f"declare {_near(leaves_per_unit, planes)} planes",
        )
    down = clos.hosts_per_unit * (1 if clos.rail_optimised else ports_per_host)
    uplinks = clos.pins.leaf_uplinks or radices.leaf_uplinks(down)
    if not radices.leaf.fits(down, uplinks):
        raise ShapeImpossible(
            f"a leaf has no room for {down} ports to hosts and {uplinks} uplinks",
            "fewer hosts_per_unit, fewer leaf_uplinks, or a leaf with more ports",
        )
    leaf = _Leaf(units, leaves_per_unit // planes, uplinks)
    spine_up = clos.pins.spine_uplinks or radices.spine_uplinks()
    most = _most_leaves(radices, spine_up)
    # Pods of two tiers are networks of their own: nothing joins them.
    joined = units if radices.core else clos.pins.units_per_pod or units
    if joined * leaf.per_unit > most:
        tiers = "three tiers" if radices.core else "two tiers"
        ratio = " at the declared ratio" if max(radices.leaf_ratio, radices.spine_ratio) > 1 else ""
        raise ShapeImpossible(
            f"{units * leaves_per_unit * down:,} ports to hosts are wanted, {tiers} of these"
            f" switches join {most * planes * down:,} at most{ratio or ' without blocking'}",
            JOINED if radices.core else f"a third tier, {APART}",
        )
    if radices.core is None:
        spread = clos.pins.units_per_pod or units
        spines, links = _spines(leaf, spread, 0, radices.spine, clos.pins)
        core = (0, 0, 0, 0)
    else:
        spread, spines, links, core = _three_tiers(leaf, radices, radices.core, clos.pins)
    return Shape(
        planes=planes,
        units=units,
        hosts_per_unit=clos.hosts_per_unit,
        leaves_per_unit=leaves_per_unit,
        leaf_down=down,
        leaf_uplinks=uplinks,
        units_per_pod=spread,
        spines_per_pod=spines,
        leaf_spine_links=links,
        spine_uplinks=core[0],
        core_groups=core[1],
        cores_per_group=core[2],
        spine_core_links=core[3],
    )


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What the tiers above must carry, per plane: units, leaves of a unit, uplinks of a leaf."""

    units: int
    per_unit: int
    uplinks: int


def _most_leaves(radices: Radices, spine_uplinks: int) -> int:
    """Give how many leaves of a plane the tiers above join, with so many uplinks of a spine.

    With r ports everywhere and half of them up: r in two tiers, r²/2 in three (facts: fabric.md).
    """
    spine, core = radices.spine, radices.core
    if core is None:
        return spine.cages * spine.down_lanes
    down = (spine.cages - -(-spine_uplinks // spine.up_lanes)) * spine.down_lanes
    return down * core.cages * core.down_lanes


def _divisors(number: int, pinned: int | None, what: str) -> Iterator[int]:
    """Give what divides a switch's uplinks, smallest first, or what is pinned; raises ShapeUneven.

    what: the switches above, in words.
    """
    if pinned is not None and number % pinned:
        raise ShapeUneven(
            f"{pinned} {what} do not divide {number} uplinks evenly: some pairs would have more"
            " links than others",
            f"pin {_near(number, pinned)} of them",
        )
    yield from (pinned,) if pinned is not None else _all_divisors(number)


def _all_divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]


def _near(number: int, wanted: int) -> str:
    """Name the divisors of a number next to one that is none."""
    divisors = _all_divisors(number)
    below = [each for each in divisors if each < wanted][-1:]
    return " or ".join(map(str, [*below, *[each for each in divisors if each > wanted][:1]]))


def _spines(leaf: _Leaf, spread: int, up: int, spine: Radix, pins: Pins) -> tuple[int, int]:
    """Give the spines of a pod and the links of each leaf to each of them."""
    leaves = spread * leaf.per_unit
    for count in _divisors(leaf.uplinks, pins.spines_per_pod, "spines of a pod"):
        links = leaf.uplinks // count
        if spine.fits(leaves * links, up):
            return count, links
    raise ShapeImpossible(
        f"no number of spines takes {leaves} leaves with {leaf.uplinks} uplinks each:"
        f" a spine has {spine.cages * spine.down_lanes} ports, {up} of them towards the core",
        f"fewer units_per_pod, {APART}" if up else f"a third tier, {APART}",
    )


def _three_tiers(
    leaf: _Leaf,
    radices: Radices,
    core: Radix,
    pins: Pins,
) -> tuple[int, int, int, tuple[int, int, int, int]]:
    """Give units per pod, spines per pod, links per pair, and (uplinks, groups, cores, links)."""
    spine = radices.spine
    up = pins.spine_uplinks or radices.spine_uplinks()
    room = (spine.cages - -(-up // spine.up_lanes)) * spine.down_lanes
    spread = min(pins.units_per_pod or max(room // leaf.per_unit, 1), max(leaf.units, 1))
    spines, links = _spines(leaf, spread, up, spine, pins)
    pods = -(-leaf.units // spread)
    groups = pins.core_groups or spines
    if spines % groups:
        raise ShapeUneven(
            f"{spines} spines of a pod cannot be dealt to {groups} groups of cores",
            f"pin core_groups to {_near(spines, groups)}",
        )
    for count in _divisors(up, pins.cores_per_group, "cores of a group"):
        if core.fits(pods * (spines // groups) * (up // count), 0):
            return spread, spines, links, (up, groups, count, up // count)
    raise ShapeImpossible(
        f"three tiers cannot join {pods} pods: each core has"
        f" {core.cages * core.down_lanes} ports, every spine has {up} uplinks",
        f"larger pods, {JOINED}",
    )
