"""Measures inside a rack, in metres (facts: systems.md 5.13)."""

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.tables import Index

U_METRES = 0.04445
PLINTH_METRES = 0.1
LATERAL_METRES = 0.4
PDU_HEIGHT_METRES = 1.0
IN_RACK_SLACK_METRES = 0.3


def height_of(u: Index) -> NDArray[np.float64]:
    """Give the height above the floor of what sits at these U; 0 = beside the rails."""
    return np.where(u > 0, PLINTH_METRES + u * U_METRES, PDU_HEIGHT_METRES)
