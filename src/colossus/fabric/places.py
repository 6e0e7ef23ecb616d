"""Places of devices within their rack: a pure function of the ordinals that the lock keeps.

What once stood in a rack keeps its place there, so that a device taken out moves no other one's
ports, and a device added takes the next place.
"""

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.layout import Layout
from colossus.fabric.ordinals import unfold


def places_in_rack(
    layout: Layout,
    role: str,
    rows: list[int],
    group: Mapping[str, int] | None = None,
) -> NDArray[np.int64]:
    """Give the place of each of a role's devices (rows) among those of its rack, from 0.

    group: rack → group, to count within groups of racks instead; racks without one stay alone.
    """
    groups = group or {}
    held: dict[str | int, list[int]] = {}
    for (rack, _), ordinal in unfold(layout.ordinals.get(role, ())).items():
        held.setdefault(groups.get(rack, rack), []).append(ordinal)
    for ordinals in held.values():
        ordinals.sort()
    devices, racks = layout.devices, layout.racks.names
    holders = [racks[devices.rack[row]] for row in rows]
    return np.asarray(
        [
            bisect_left(held[groups.get(rack, rack)], devices.ordinal[row])
            for rack, row in zip(holders, rows, strict=True)
        ],
        dtype=np.int64,
    )
