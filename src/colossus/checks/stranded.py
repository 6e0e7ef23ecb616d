"""Ports of a Clos fabric that no even shape can use: reported, nothing to cure."""

from collections.abc import Iterator
from dataclasses import dataclass

from colossus.diagnostics import Diagnostic, counted, note
from colossus.fabric.model import Fabric
from colossus.fabric.shape import Radix, radix_of
from colossus.inventory.fabrics import Clos, Tier


@dataclass(frozen=True, slots=True)
class _Tier:
    """Switches of one pod or group, how many such sets, what is below one set and what it takes."""

    name: str
    switches: int
    sets: int
    uplinks_below: int
    ports: int

    @property
    def enough(self) -> int:
        """How many switches would do by number of ports alone."""
        return -(-self.uplinks_below // self.ports)


def ports_stranded(fabric: Fabric) -> Iterator[Diagnostic]:
    """Fewer switches would have ports enough, but would not divide the uplinks evenly."""
    for name, intent in fabric.site.fabrics.items():
        shape = fabric.decided[name].shape if name in fabric.decided else {}
        if intent.clos is None or "leaf_uplinks" not in shape:
            continue
        of = {key: int(value) for key, value in shape.items() if key != "topology"}
        for tier in _tiers(fabric, intent.clos, of):
            if tier.enough < tier.switches:
                left = (tier.switches * tier.ports - tier.uplinks_below) * tier.sets
                yield note(
                    "ports-stranded",
                    f"fabrics.{name}.clos",
                    f"fabric {name}: {counted(left, 'port')} of its"
                    f" {tier.switches * tier.sets:,} {tier.name} switches stay unused;"
                    f" {tier.enough * tier.sets:,} would have enough ports, but do not divide the"
                    " uplinks below them evenly",
                    "other units, pods or uplinks may divide better; else keep the ports for"
                    " growth",
                )


def _tiers(fabric: Fabric, clos: Clos, of: dict[str, int]) -> Iterator[_Tier]:
    """Give spines and cores as they stand when the last pod is full."""
    role = fabric.roles.index(clos.tiers.leaf.role)
    leaves = fabric.devices.ordinal[fabric.devices.role == role]
    built = int(leaves.max(initial=-1)) // of["leaves_per_unit"] + 1
    units = max(built, -(-(clos.grow_to or 0) // clos.hosts_per_unit), 1)
    per_pod = of["units_per_pod"] or clos.pins.units_per_pod or units
    pods, planes = -(-units // per_pod), of["planes"]
    spine = _radix(fabric, clos.tiers.spine)
    room = (spine.cages - -(-of["spine_uplinks"] // spine.up_lanes)) * spine.down_lanes
    below = per_pod * of["leaves_per_unit"] // planes * of["leaf_uplinks"]
    yield _Tier("spine", of["spines_per_pod"], pods * planes, below, room)
    if clos.tiers.core:
        core, groups = _radix(fabric, clos.tiers.core), of["core_groups"]
        below = pods * (of["spines_per_pod"] // groups) * of["spine_uplinks"]
        ports = core.cages * core.down_lanes
        yield _Tier("core", of["cores_per_group"], groups * planes, below, ports)


def _radix(fabric: Fabric, tier: Tier) -> Radix:
    groups = getattr(fabric.catalog[fabric.site.roles[tier.role].model], "ports", ())
    return radix_of(next(group for group in groups if group.name == tier.ports), tier)
