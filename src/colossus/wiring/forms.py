"""What a cable is as an object: plain, a splitter, or one that carries several links as a whole."""

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.tables import BUILT_IN, MEDIA


def forms(fabric: Fabric) -> NDArray[np.int64]:
    """Give the form of every cable: n > 1 for a splitter 1:n, -n for n links in one, else 1.

    The legs of a splitter end at whole ports; a cable of several links has halves at both ends.
    """
    links, cables = fabric.links, fabric.cables
    halves = np.zeros(len(cables.ids), dtype=np.bool_)
    halves[links.cable] = fabric.ports.lane[links.a] >= 0
    legs = cables.legs.astype(np.int64)
    found = np.where(halves & (legs > 1), -legs, legs)
    found[cables.medium == MEDIA.index(BUILT_IN)] = 1
    return found


def form_words(medium: str, form: int) -> str:
    """Write medium and form: `DAC`, `DAC splitter 1:2`, `DAC of 2 links`."""
    if form > 1:
        return f"{medium} splitter 1:{form}"
    return f"{medium} of {-form} links" if form < 0 else medium
