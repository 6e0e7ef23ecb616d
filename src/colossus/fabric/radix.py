"""What the switches of a Clos fabric offer: cages, how they are split, which stay free.

Ports down count from the first cage on, ports up from the middle of the switch. A port that is
reserved is left out: the last free one of the same switch stands in for it, so that no other cable
goes elsewhere, and none moves when the fabric grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from colossus.fabric.reserved import Held, Reserved, reserved_ports, slots_held
from colossus.inventory.catalog import Breakout, CatalogItem, PortGroup
from colossus.inventory.fabrics import FabricIntent, Tier
from colossus.inventory.site import Site
from colossus.inventory.words import SPEEDS_MBPS

NO_PORT = -1
NOTHING = Reserved()


@dataclass(frozen=True, slots=True)
class Radix:
    """The cages of one switch model and how they are split downwards and upwards.

    places: ports down are places of hosts, for which nothing stands in: hosts skip them.
    """

    cages: int
    down_lanes: int
    up_lanes: int
    down_mbps: int
    up_mbps: int
    reserved: Reserved = NOTHING
    places: bool = False

    def fits(self, down: int, up: int) -> bool:
        """Whether so many ports down and up go into the cages that are not reserved."""
        if self._cages(down, self.down_lanes) + self._cages(up, self.up_lanes) > self.cages:
            return False
        plugged = (self.ports(down, up, held) for held in self.reserved.kinds())
        return all(NO_PORT not in (*below, *above) for below, above in plugged)

    def ports(self, down: int, up: int, held: Held = frozenset()) -> tuple[list[int], list[int]]:
        """Give the ports down and up of a switch, each counted by its split; NO_PORT = none left.

        held: what this switch keeps free.
        """
        first = self.first_up_cage(down, up) * self.up_lanes
        below, above = list(range(down)), list(range(first, first + up))
        if held and not self.places:
            below = self._stood_in(below, self.down_lanes, (above, self.up_lanes), held)
        if held:
            above = self._stood_in(above, self.up_lanes, (below, self.down_lanes), held)
        return below, above

    def _stood_in(
        self, slots: list[int], lanes: int, others: tuple[list[int], int], held: Held
    ) -> list[int]:
        """Put free ports in the place of reserved ones; others: ports the other way, their split.

        The last free port comes first: what is appended in growth comes from below.
        """
        kept, taken = slots_held(held, lanes), set(slots)
        cages = {slot // others[1] for slot in others[0]}
        spare = (
            slot
            for slot in reversed(range(self.cages * lanes))
            if slot not in kept and slot not in taken and slot // lanes not in cages
        )
        return [next(spare, NO_PORT) if slot in kept else slot for slot in slots]

    def first_up_cage(self, down: int, up: int) -> int:
        """Cage (from 0) at which uplinks begin: the middle, or above the last port down.

        Below the middle where they would not fit above it.
        """
        middle = min(self.cages // 2, self.cages - self._cages(up, self.up_lanes))
        return max(middle, self._cages(down, self.down_lanes))

    def down_room(self, up: int) -> int:
        """Ports down that every switch has beside so many up, at most."""
        kept = (len(slots_held(held, self.down_lanes)) for held in self.reserved.kinds())
        open_cages = self.cages - self._cages(up, self.up_lanes)
        return open_cages * self.down_lanes - max(kept, default=0)

    @property
    def words(self) -> str:
        """Say that ports are reserved, where some are."""
        return " beside the reserved ones" if self.reserved.kinds() else ""

    @staticmethod
    def _cages(ports: int, lanes: int) -> int:
        return -(-ports // lanes)


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


def radices_of(
    site: Site,
    items: Mapping[str, CatalogItem],
    intent: FabricIntent,
    reserved: tuple[str, ...] | None = None,
) -> Radices:
    """Give the radices of a Clos fabric's switches. reserved: other words than the intent has."""
    clos, ratios = intent.clos, intent.oversubscription
    assert clos is not None  # noqa: S101 — the model demands it for this topology
    words = intent.reserved if reserved is None else reserved

    def radix(tier: Tier) -> Radix:
        role = site.roles[tier.role]
        ports = getattr(items[role.model], "ports", ())
        group = next(group for group in ports if group.name == tier.ports)
        return radix_of(group, tier, reserved_ports(words, tier.role, role.name, group))

    return Radices(
        replace(radix(clos.tiers.leaf), places=True),
        radix(clos.tiers.spine),
        radix(clos.tiers.core) if clos.tiers.core else None,
        ratios.get("leaf", 1.0),
        ratios.get("spine", 1.0),
    )


def radix_of(group: PortGroup, tier: Tier, reserved: Reserved) -> Radix:
    """Give the radix of a tier's switches."""

    def split(breakout: Breakout | None) -> tuple[int, int]:
        speed = SPEEDS_MBPS[breakout.speed if breakout else group.speed]
        return (breakout.lanes if breakout else 1), speed

    down, up = split(tier.down), split(tier.up or tier.down)
    return Radix(group.count, down[0], up[0], down[1], up[1], reserved)
