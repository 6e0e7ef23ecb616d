"""Invariants of optics: one on the list fits each port that wants one, and the two ends mate."""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import Fabric
from colossus.fabric.optics import NONE, seated


def optic_unfit(fabric: Fabric) -> Iterator[Diagnostic]:
    """No optic of the parts list fits a port, or the optics at both ends take different fibre."""
    parts, links = fabric.parts, fabric.links
    seats, sides = seated(fabric)
    chosen = np.asarray([*(seat.chosen(parts) for seat in seats), NONE], dtype=np.int32)
    for code, seat in enumerate(seats):
        if chosen[code] != NONE or not seat.known(parts):
            continue
        rows = np.flatnonzero((sides[0] == code) | (sides[1] == code))
        link = fabric.link(int(rows[0]))
        yield error(
            "optic-unfit",
            f"fabrics.{link.fabric}",
            f"no optic on the list takes {seat.speed} from {seat.plug} over {seat.metres:g} m of"
            f" {seat.medium}: {counted(len(rows), 'link')}, first {link.a} to {link.z}",
            "place the two ends nearer to each other, or add the optic to parts.yaml",
        )
    fibres = sorted({optic.fibre for optic in parts.optics})
    kinds = np.asarray([*(fibres.index(o.fibre) for o in parts.optics), NONE], dtype=np.int32)
    near, far = (kinds[chosen[side]] for side in sides)
    apart = np.flatnonzero((near != far) & (near != NONE) & (far != NONE))
    for net in np.unique(links.fabric[apart]).tolist():
        mine = apart[links.fabric[apart] == net]
        link = fabric.link(int(mine[0]))
        yield error(
            "optic-unfit",
            f"fabrics.{link.fabric}",
            f"{link.a} takes {fibres[near[mine[0]]]} and {link.z} takes {fibres[far[mine[0]]]}"
            f" ({counted(len(mine), 'link')})",
            "list optics of one kind of fibre for both in parts.yaml",
        )
