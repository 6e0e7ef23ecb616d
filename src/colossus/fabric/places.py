"""Places of devices within their rack: a pure function of the ordinals that the lock keeps.

What once stood in a rack keeps its place there, so that a device taken out moves no other one's
ports, and a device added takes the next place.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.layout import Layout
from colossus.fabric.ordinals import unfold


def places_in_rack(layout: Layout, role: str, rows: list[int]) -> NDArray[np.int64]:
    """Give the place of each of a role's devices (rows) among those of its rack, from 0."""
    held: dict[str, list[int]] = {}
    for (rack, _), ordinal in unfold(layout.ordinals.get(role, ())).items():
        held.setdefault(rack, []).append(ordinal)
    for ordinals in held.values():
        ordinals.sort()
    devices, racks = layout.devices, layout.racks.names
    return np.asarray(
        [bisect_left(held[racks[devices.rack[row]]], devices.ordinal[row]) for row in rows],
        dtype=np.int64,
    )
