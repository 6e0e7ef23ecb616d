"""Invariants of racks whose shelves of rectifiers feed a busbar: all shelves, and half of them.

Shelves hang half on each feed, so the loss of a feed takes half of their output (N+N; facts:
systems.md 5.9).
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from colossus.checks.space import groups_alike, racks_named
from colossus.diagnostics import Diagnostic, Severity, error
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Mounted, PowerShelf

Watts = NDArray[np.float64]


def _loads(fabric: Fabric) -> tuple[Watts, Watts, Watts]:
    """Give nominal and maximum load of each rack's busbar, and what its shelves put out."""
    count = len(fabric.racks.names)
    nominal, most, output = (np.zeros(count) for _ in range(3))
    for code, name in enumerate(fabric.models):
        item = fabric.catalog[name]
        mine = fabric.devices.present & (fabric.devices.model == code)
        here = np.bincount(fabric.devices.rack[mine], minlength=count)
        if isinstance(item, PowerShelf):
            output += here * item.output_watts
        supplies = item.power.supplies if isinstance(item, Mounted) else None
        if isinstance(item, Mounted) and supplies and supplies.inlet == "busbar":
            nominal += here * item.power.nominal_watts
            most += here * item.power.max_watts
    return nominal, most, output


def busbar_overload(fabric: Fabric) -> Iterator[Diagnostic]:
    """The devices on a busbar draw more than its shelves put out, or than half of them do."""
    nominal, most, output = _loads(fabric)
    fed = output > 0
    states = (
        (fed & (most > output), most, output, "its shelves put out", Severity.ERROR),
        (fed & (nominal > output / 2), nominal, output / 2, _HALF, Severity.ERROR),
        (fed & (most > output / 2), most, output / 2, _HALF, Severity.WARNING),
    )
    told: set[int] = set()
    group_of = groups_alike(fabric)[fabric.racks.group]
    for wrong, load, limit, words, severity in states:
        for group in np.unique(group_of[wrong]).tolist():
            mine = np.flatnonzero(wrong & (group_of == group))
            if group not in told:
                told.add(group)
                worst = int(mine[np.argmax(load[mine])])
                names = racks_named([fabric.racks.names[rack] for rack in mine.tolist()])
                finding = error(
                    "busbar-overload",
                    f"racks[{group}].devices",
                    f"the devices on the busbar of {names} draw"
                    f" {'' if load is nominal else 'up to '}{load[worst]:,.0f} W, {words}"
                    f" {limit[worst]:,.0f} W",
                    "add shelves, or place fewer devices in the rack",
                )
                yield replace(finding, severity=severity)


_HALF = "with a feed lost half of its shelves put out"
