"""Monitoring values for templates: every reachable device as a Prometheus target, with its place.

Source: Prometheus' file_sd_config; a file that changes is read again without a restart.
"""

from collections import defaultdict
from dataclasses import dataclass

from colossus.fabric.hierarchy import rack_places
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold
from colossus.render.lookup import Lookup


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Devices of one role in one rack; addresses without a port, in the order of names.

    levels: the site's own, between hall and rack: the level as a label may be called, its place.
    """

    role: str
    kind: str
    hall: str
    row: str
    rack: str
    levels: tuple[tuple[str, str], ...]
    names: str
    addresses: tuple[str, ...]


def target_groups_of(lookup: Lookup) -> tuple[TargetGroup, ...]:
    """Group what is present and has a management address by rack and role."""
    fabric, found = lookup.fabric, defaultdict(list)
    for row in sorted(lookup.management):
        device = fabric.device(row)
        if device.present and device.role in fabric.site.roles:
            place = (device.hall, device.row, device.rack, device.role)
            found[place].append((device.name, lookup.management[row]))
    return tuple(
        TargetGroup(
            role=role,
            kind=fabric.site.roles[role].kind,
            hall=hall,
            row=row_name,
            rack=rack,
            levels=_levels(fabric, rack),
            names=fold(name for name, _ in members),
            addresses=tuple(address for _, address in members),
        )
        for (hall, row_name, rack, role), members in found.items()
    )


def _levels(fabric: Fabric, rack: str) -> tuple[tuple[str, str], ...]:
    """Give the places of a rack below its hall; `_` because Prometheus wants no dash in a label."""
    places = rack_places(fabric.levels[1:], fabric.rack_index[rack])
    return tuple((f"level_{level.replace('-', '_')}", name) for level, name in places.items())
