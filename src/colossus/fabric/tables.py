"""The bulk layer: racks, devices, ports, links, cable runs and addresses as arrays.

Struct-of-arrays: one numpy array per column, one row per object, names in tables beside them, so
that 400,000 links are a few megabytes and every rule is a few vector operations. Rows refer to
rows of other tables by index; -1 means none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colossus.inventory.references import BUILT_IN_FABRICS

Index = NDArray[np.int32]
STATUSES = ("planned", "staged", "active", "failed", "offline", "decommissioning")
ABSENT = ("planned", "decommissioning")
ABSENT_FIRST = ("planned", "staged", "active", "decommissioning", "offline", "failed")
"""From the least advanced on; what is there but broken counts as there for its cables."""
TIERS = (
    *("host-switch", "host-leaf", "leaf-spine", "spine-core", "service-leaf"),
    *("local", "global", "gpu-nvswitch", "tile-tile", "dip-tile"),
    *("feed", "loop"),
)
BUILT_IN = "BUILT-IN"
MEDIA = ("CAT6A", "DAC", "ACC", "MMF", "SMF-DR", "SMF-FR", "TILE", BUILT_IN, "CORD", "HOSE")
"""TILE joins edges of tiles; what is built in came with its rack or tray: a cartridge, a board."""
POWER, COOLANT = BUILT_IN_FABRICS
"""What stands as fabric of cords and of hoses."""


@dataclass(frozen=True, slots=True)
class RackTable:
    """Racks in floor order. hall and row index `Fabric.halls` and `Fabric.rows`.

    position counts from 1 along the row; group is the index of the authored rack group. rank
    counts from 0 the racks of a group that fill the places of a level in one hall; -1 for none.
    """

    names: tuple[str, ...]
    group: Index
    hall: Index
    row: Index
    position: Index
    status: Index
    stage: Index
    rank: Index


@dataclass(frozen=True, slots=True)
class DeviceTable:
    """Servers, switches and PDUs. u is the lowest U taken, 1 = bottom, 0 for zero-U.

    ordinal counts from 0 within the role; level is what the lock knows a device of a rack by (see
    `locks.OrdinalRun`); origin indexes `Fabric.origins`;
    present is false for what a later stage brings.
    """

    names: tuple[str, ...]
    role: Index
    model: Index
    rack: Index
    u: Index
    level: Index
    ordinal: Index
    status: Index
    stage: Index
    origin: Index
    present: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PortTable:
    """Ports that a link uses. cage counts from 0 in its group; lane from 0, -1 when unsplit.

    group indexes the port groups of the device's catalogue model; speed is in Mb/s.
    """

    device: Index
    group: Index
    cage: Index
    lane: Index
    speed: Index
    rail: Index


@dataclass(frozen=True, slots=True)
class LinkTable:
    """Logical adjacencies; the end nearer the host is `a`. cable indexes the cable runs."""

    a: Index
    z: Index
    fabric: Index
    tier: Index
    rail: Index
    plane: Index
    cable: Index


@dataclass(frozen=True, slots=True)
class CableTable:
    """Bought objects; a splitter is one. Lengths in metres: as routed, and as ordered."""

    ids: tuple[str, ...]
    fabric: Index
    medium: Index
    legs: Index
    status: Index
    route_m: NDArray[np.float32]
    order_m: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AddressTable:
    """IPv4 addresses. port is -1 for a loopback, which belongs to the device as a whole."""

    device: Index
    port: Index
    fabric: Index
    address: NDArray[np.uint32]
    prefix_length: Index


def joint_status(one: Index, other: Index) -> Index:
    """Give how far cables are: as the less advanced of their two devices; active needs both."""
    rank = np.asarray([ABSENT_FIRST.index(word) for word in STATUSES])
    lowest = np.minimum(rank[one], rank[other])
    codes = np.asarray([STATUSES.index(word) for word in ABSENT_FIRST], dtype=np.int32)
    found: Index = codes[np.minimum(lowest, ABSENT_FIRST.index("active"))]
    return found


def index_array(values: list[int]) -> Index:
    """Make an index column."""
    return np.asarray(values, dtype=np.int32)


def rows_by(
    labels: NDArray[np.integer[Any]], rows: NDArray[np.integer[Any]]
) -> dict[int, NDArray[np.integer[Any]]]:
    """Give the rows of each label, in the order they came in; labels ascend."""
    order = np.argsort(labels, kind="stable")
    values, starts = np.unique(labels[order], return_index=True)
    # Of no row at all, split makes one empty piece.
    return dict(zip(values.tolist(), np.split(rows[order], starts[1:]), strict=False))
