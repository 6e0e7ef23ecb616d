"""The shape of a Clos fabric: how many leaves, spines and cores, and how many links between two.

The operator states hosts, rails, models and a few pins; the rest is the cheapest legal shape
(facts: fabric.md, rules). A spine count must divide a leaf's uplinks evenly, or links would be
stranded; the smallest such count that also fits the ports is taken, likewise for cores.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from colossus.fabric.radix import Radices, Radix
from colossus.inventory.fabrics import Clos, Pins

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


def numbers_of(decided: Mapping[str, int | str]) -> dict[str, int]:
    """Give the numbers of a shape among what was decided of a fabric."""
    return {key: value for key, value in decided.items() if isinstance(value, int)}


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
            f"a leaf has no room for {down} ports to hosts and {uplinks} uplinks"
            f"{radices.leaf.words}",
            "fewer hosts_per_unit, fewer leaf_uplinks, or a leaf with more ports"
            + (", or reserve ports of hosts' places" if radices.leaf.words else ""),
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
        return spine.down_room(0)
    return spine.down_room(spine_uplinks) * core.down_room(0)


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
        f" a spine has {spine.cages * spine.down_lanes} ports, {up} of them towards the core"
        f"{spine.words}",
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
    room = spine.down_room(up)
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
        f" {core.cages * core.down_lanes} ports{core.words}, every spine has {up} uplinks",
        f"larger pods, {JOINED}",
    )
