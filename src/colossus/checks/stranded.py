"""Ports of a Clos fabric that no even shape can use: reported, nothing to cure."""

from collections.abc import Iterator
from dataclasses import dataclass

from colossus.diagnostics import Diagnostic, counted, note
from colossus.fabric.model import Fabric
from colossus.fabric.radix import radices_of
from colossus.fabric.shape import numbers_of
from colossus.inventory.fabrics import FabricIntent


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
        for tier in _tiers(fabric, intent, numbers_of(shape)):
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


def _tiers(fabric: Fabric, intent: FabricIntent, of: dict[str, int]) -> Iterator[_Tier]:
    """Give spines and cores as they stand when the last pod is full; reserved ports take no one."""
    radices, clos = radices_of(fabric.site, fabric.catalog, intent), intent.clos
    assert clos is not None  # noqa: S101 — the caller asked
    role = fabric.roles.index(clos.tiers.leaf.role)
    leaves = fabric.devices.ordinal[fabric.devices.role == role]
    built = int(leaves.max(initial=-1)) // of["leaves_per_unit"] + 1
    units = max(built, -(-(clos.grow_to or 0) // clos.hosts_per_unit), 1)
    per_pod = of["units_per_pod"] or clos.pins.units_per_pod or units
    pods, planes = -(-units // per_pod), of["planes"]
    room = radices.spine.down_room(of["spine_uplinks"])
    below = per_pod * of["leaves_per_unit"] // planes * of["leaf_uplinks"]
    yield _Tier("spine", of["spines_per_pod"], pods * planes, below, room)
    if radices.core:
        groups = of["core_groups"]
        below = pods * (of["spines_per_pod"] // groups) * of["spine_uplinks"]
        ports = radices.core.down_room(0)
        yield _Tier("core", of["cores_per_group"], groups * planes, below, ports)
