"""Invariants of tile meshes: every cable joins two tiles that lie beside each other.

Counts of links and networks stay right when two tile cables are exchanged; only the places of the
tiles tell. Where a tile lies follows from its number (see the Mesh model).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from colossus.checks.seats import Column, authored_at
from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS
from colossus.inventory.topologies import EDGES, Mesh

OPPOSITE = 2
"""Edges count n, e, s, w from 0, so opposite ones differ by this bit."""
NORTH, EAST, WEST = 0, 1, 3


def tile_misplaced(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cable joins edges of tiles that do not lie beside each other."""
    for code, name in enumerate(fabric.fabrics):
        mesh = fabric.site.fabrics[name].mesh
        if mesh is None:
            continue
        tier = fabric.links.tier == TIERS.index("tile-tile")
        mine = np.flatnonzero((fabric.links.fabric == code) & tier)
        wrong = mine[~_beside(fabric, mesh, mine)]
        if len(wrong):
            view = fabric.link(int(wrong[0]))
            yield error(
                "tile-misplaced",
                authored_at(fabric, code, wrong),
                f"fabric {name}: {counted(len(wrong), 'cable')} between tiles that do not lie"
                f" beside each other; {view.a} meets {view.z}",
                "exchange the two ends that were mixed up",
            )


def _beside(fabric: Fabric, mesh: Mesh, links: Column) -> NDArray[np.bool_]:
    """Whether the two ends of each link are neighbouring edges."""
    one, other = (_edges(fabric, side[links]) for side in (fabric.links.a, fabric.links.z))
    # The end that looks east or south comes first.
    turn = np.isin(one[2], (NORTH, WEST))
    first = [np.where(turn, z, a) for a, z in zip(one, other, strict=True)]
    second = [np.where(turn, a, z) for a, z in zip(one, other, strict=True)]
    row, column = np.divmod(first[1], mesh.columns)
    next_row, next_column = np.divmod(second[1], mesh.columns)
    facing = (first[2] ^ second[2]) == OPPOSITE
    same = first[0] == second[0]
    across = second[0] == first[0] + mesh.trays_per_cabinet
    east = (row == next_row) & (
        (same & (next_column == column + 1))
        | (across & (column == mesh.columns - 1) & (next_column == 0))
    )
    south = same & (column == next_column) & (next_row == row + 1)
    return np.asarray(facing & np.where(first[2] == EAST, east, south), dtype=np.bool_)


def _edges(fabric: Fabric, ports: NDArray[np.int32]) -> tuple[Column, Column, Column]:
    """Give tray, tile and edge of each port."""
    tray = fabric.devices.ordinal[fabric.ports.device[ports]].astype(np.int64)
    tile, edge = np.divmod(fabric.ports.cage[ports].astype(np.int64), EDGES)
    return tray, tile, edge
