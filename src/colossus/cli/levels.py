"""Rows for `show`: the levels of a site, equal places folded, and how switches are spread. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.hierarchy import LevelPlaces
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold

Row = dict[str, Any]


def level_rows(fabric: Fabric) -> list[Row]:
    """Give one row per level and set of equal places: how many, their racks and hosts each."""
    kinds = [known.kind if (known := fabric.site.roles.get(r)) else "" for r in fabric.roles]
    compute = np.asarray([kind == "compute" for kind in kinds], dtype=np.bool_)
    rack_of_hosts = fabric.devices.rack[compute[fabric.devices.role]]
    every_rack = np.arange(len(fabric.racks.names))
    rows = []
    for level in fabric.levels:
        racks, hosts = _in_places(level, every_rack), _in_places(level, rack_of_hosts)
        alike: dict[tuple[int, int], list[str]] = {}
        for name, *each in zip(level.names, racks.tolist(), hosts.tolist(), strict=True):
            alike.setdefault((each[0], each[1]), []).append(name)
        rows += [
            {
                "level": level.level,
                "places": fold(names),
                "count": len(names),
                "racks": rack_count,
                "hosts": host_count,
            }
            for (rack_count, host_count), names in alike.items()
        ]
    return rows


def held_by(fabric: Fabric, devices: NDArray[np.int64]) -> str:
    """Say how many of these devices each place of the innermost level holds: `8 per array`.

    Empty where they are spread unevenly, or the site has one hall and nothing in it.
    """
    racks = fabric.devices.rack[devices]
    for level in reversed(fabric.levels):
        if level.count > 1 and len(racks) and (level.of[racks] >= 0).all():
            counts = _in_places(level, racks)
            each = int(counts.max())
            if (counts == each).all():
                return f"{each} per {level.level}"
    return ""


def _in_places(level: LevelPlaces, racks: NDArray[Any]) -> NDArray[np.int64]:
    """Count these racks (rows, one for each thing in them) by the place they lie in."""
    places = level.of[racks]
    return np.bincount(places[places >= 0], minlength=level.count)
