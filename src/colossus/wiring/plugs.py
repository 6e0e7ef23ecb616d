"""Which links share a plug: the legs of a splitter at the cage that it splits."""

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.wiring.ports import CAGE_SHIFT, port_order


def shared_plugs(fabric: Fabric) -> NDArray[np.bool_]:
    """Say of each port whether another link of its cable goes through the same plug.

    Halves of one cage with a cable each (twin-port optics) share nothing.
    """
    ports, links = fabric.ports, fabric.links
    ends = np.concatenate([links.a, links.z])
    cage = port_order(ports.group, ports.cage, ports.lane)[ends] >> CAGE_SHIFT
    cable = np.concatenate([links.cable, links.cable])
    plugs = np.stack([cable, ports.device[ends], cage], axis=1).astype(np.int64)
    order = np.lexsort(plugs.T)
    same = np.all(plugs[order][1:] == plugs[order][:-1], axis=1)
    several = np.zeros(len(ends), dtype=np.bool_)
    several[order[1:][same]] = True
    several[order[:-1][same]] = True
    shared = np.zeros(len(ports.device), dtype=np.bool_)
    shared[ends] = several
    return shared
