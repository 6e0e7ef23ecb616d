"""Ports and links while fabrics are wired: whole columns at a time, joined at the end."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.tables import Index, PortTable

Values = Index | NDArray[np.int64] | int


class Ports(NamedTuple):
    """Columns of equally many ports; a number stands for all of them."""

    device: Values
    group: Values
    cage: Values
    lane: Values
    speed: Values
    rail: Values


@dataclass(slots=True)
class Columns:
    """The columns of the port and link tables, piece by piece."""

    _ports: list[list[NDArray[np.int32]]] = field(default_factory=list)
    _links: list[list[NDArray[np.int32]]] = field(default_factory=list)
    _count: int = 0

    def ports(self, ports: Ports) -> Index:
        """Append ports; gives their rows."""
        columns = [np.asarray(c, dtype=np.int32) for c in np.broadcast_arrays(*ports)]
        self._ports.append(columns)
        first = self._count
        self._count += len(columns[0])
        return np.arange(first, self._count, dtype=np.int32)

    def links(self, a: Index, z: Index, fabric: int, tier: int, plane: Values = 0) -> None:
        """Append links between port rows."""
        parts = np.broadcast_arrays(a, z, fabric, tier, plane)
        self._links.append([np.asarray(column, dtype=np.int32) for column in parts])

    def port_table(self) -> PortTable:
        """Give all ports."""
        device, group, cage, lane, speed, rail = _joined(self._ports, 6)
        return PortTable(device, group, cage, lane, speed, rail)

    def link_columns(self) -> tuple[Index, Index, Index, Index, Index]:
        """Give a, z, fabric, tier and plane of all links."""
        a, z, fabric, tier, plane = _joined(self._links, 5)
        return a, z, fabric, tier, plane


def _joined(pieces: list[list[NDArray[np.int32]]], width: int) -> list[Index]:
    if not pieces:
        return [np.zeros(0, dtype=np.int32) for _ in range(width)]
    return [np.concatenate(column) for column in zip(*pieces, strict=True)]
