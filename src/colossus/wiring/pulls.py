"""In which bundles cables lie, which way they run, and in which order they are pulled.

A bundle holds the cables of one fabric between the same two racks. Bundles that leave the rack are
pulled first, the longest first, because they lie at the bottom of the tray; what stays inside a
rack is dressed last.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.supply import FEEDS
from colossus.fabric.tables import POWER, TIERS, Index
from colossus.wiring.ports import Texts, port_order, texts


@dataclass(frozen=True)
class Pulls:
    """Per link: the way through the trays, the bundle, the place in it, the place in the job.

    bundle_seq and pull_seq count physical cables from 1; the legs of a splitter share theirs.
    """

    path: Texts
    bundle: Texts
    bundle_seq: Index
    pull_seq: Index


def pulls(fabric: Fabric) -> Pulls:
    """Put every cable of a fabric into a bundle and an order."""
    links, racks = fabric.links, fabric.racks
    if not len(links.a):
        nothing = np.zeros(0, dtype=np.int32)
        return Pulls(texts([]), texts([]), nothing, nothing)
    ends = np.stack(
        [fabric.devices.rack[fabric.ports.device[end]] for end in (links.a, links.z)], axis=1
    )
    low, high = ends.min(axis=1).astype(np.int64), ends.max(axis=1).astype(np.int64)
    # Cords of two feeds never share a bundle, so a feed counts as a fabric here.
    kinds = [*fabric.fabrics, *(f"{POWER}-{feed.lower()}" for feed in FEEDS)]
    feed = links.plane + len(fabric.fabrics)
    kind = np.where(links.tier == TIERS.index("feed"), feed, links.fabric)
    keys = (low * len(racks.names) + high) * len(kinds) + kind
    distinct, first, bundle = np.unique(keys, return_index=True, return_inverse=True)
    pairs = [(int(low[row]), int(high[row]), kinds[kind[row]]) for row in first]
    names = [bundle_name(fabric, *pair) for pair in pairs]
    paths = [tray_path(fabric, one, other) for one, other, _ in pairs]

    cable, leg = np.unique(links.cable, return_index=True)
    order = _pull_order(fabric, leg, bundle, len(distinct))
    pull_seq = np.zeros(int(cable.max()) + 1, dtype=np.int32)
    pull_seq[cable[order]] = np.arange(1, len(cable) + 1)
    bundle_seq = np.zeros_like(pull_seq)
    bundle_seq[cable[order]] = _count_within(bundle[leg[order]])
    return Pulls(
        texts(paths)[bundle],
        texts(names)[bundle],
        bundle_seq[links.cable],
        pull_seq[links.cable],
    )


def bundle_name(fabric: Fabric, one: int, other: int, kind: str) -> str:
    """Name the bundle of a fabric, or feed, between two racks; a function of the three names."""
    names = sorted({fabric.racks.names[one], fabric.racks.names[other]})
    return "-".join([*names, kind])


def tray_path(fabric: Fabric, one: int, other: int) -> str:
    """Give the tray segments between two racks: along a row, across at the row end, along a row.

    Trays run above each row and across at the row ends (facts/systems.md 5.13).
    """
    racks = fabric.racks
    if one == other:
        return f"in-rack {racks.names[one]}"
    trays = [
        f"{fabric.halls[racks.hall[rack]]}/{fabric.rows[racks.row[rack]]}" for rack in (one, other)
    ]
    return f"tray {trays[0]}" if trays[0] == trays[1] else f"tray {trays[0]} > cross > {trays[1]}"


def _pull_order(
    fabric: Fabric, leg: NDArray[np.intp], bundle: NDArray[np.intp], bundles: int
) -> NDArray[np.intp]:
    """Sort cables, by their first leg: out of the rack first, long before short, as seated."""
    links, ports = fabric.links, fabric.ports
    racks = [fabric.devices.rack[ports.device[end[leg]]] for end in (links.a, links.z)]
    inside = racks[0] == racks[1]
    length = np.nan_to_num(fabric.cables.order_m[links.cable[leg]])
    longest = np.zeros(bundles, dtype=np.float32)
    np.maximum.at(longest, bundle[leg], length)
    device = ports.device[links.a[leg]]
    near = links.a[leg]
    seat = port_order(ports.group[near], ports.cage[near], ports.lane[near])
    return np.lexsort(
        (seat, device, -fabric.devices.u[device], bundle[leg], -longest[bundle[leg]], inside)
    )


def _count_within(groups: NDArray[np.intp]) -> NDArray[np.int32]:
    """Number the members of each run of equal values from 1; equal values are adjacent."""
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    lengths = np.diff(np.r_[starts, len(groups)])
    return (np.arange(len(groups)) - np.repeat(starts, lengths) + 1).astype(np.int32)
