"""The texts of every port in use: device, interface, printed port, connector, slot, label.

Ports of equal models repeat: the texts are made once per (model, group, cage, lane) and then taken
by index, so that 740,000 ports cost a few vector operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric, PortView
from colossus.fabric.tables import Index
from colossus.inventory.sockets import Sockets

Texts = NDArray[np.object_]
# Bits of one port kind; a catalogue group has at most 1,024 cages of at most 8 lanes.
_LANE_BITS, _CAGE_BITS, _GROUP_BITS = 4, 11, 8
CAGE_SHIFT = _LANE_BITS
"""Bits to drop from a port order to be left with group and cage."""


def texts(values: Sequence[str]) -> Texts:
    """Make a column of texts that can be taken by index."""
    column = np.empty(len(values), dtype=np.object_)
    column[:] = values
    return column


@dataclass(frozen=True)
class PortTexts:
    """One text per row of `Fabric.ports`, and where each port stands in its device.

    label: the port as the label prints it (see `label_of`). order: sorts the ports of one device as
    they sit: by group, cage and lane.
    """

    device: Texts
    interface: Texts
    port: Texts
    connector: Texts
    slot: Texts
    face: Texts
    label: Texts
    order: NDArray[np.int64]

    @cached_property
    def full(self) -> list[str]:
        """`device:interface` of every port."""
        pairs = zip(self.device.tolist(), self.interface.tolist(), strict=True)
        return [f"{device}:{interface}" for device, interface in pairs]


def port_texts(fabric: Fabric) -> PortTexts:
    """Name every port of a fabric."""
    ports = fabric.ports
    firsts, kind = port_kinds(fabric)
    views = [fabric.port(int(row)) for row in firsts]
    labels = [label_of(fabric, int(row), view) for row, view in zip(firsts, views, strict=True)]
    return PortTexts(
        device=texts(fabric.devices.names)[ports.device],
        interface=texts([view.interface for view in views])[kind],
        port=texts([view.port for view in views])[kind],
        connector=texts([view.connector for view in views])[kind],
        slot=texts([view.slot for view in views])[kind],
        face=texts([view.face for view in views])[kind],
        label=texts(labels)[kind],
        order=port_order(ports.group, ports.cage, ports.lane),
    )


def port_kinds(fabric: Fabric) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Sort ports into kinds of equal (model, group, cage, lane).

    Gives a port row for each kind, and the kind of each port.
    """
    ports = fabric.ports
    model = fabric.devices.model[ports.device].astype(np.int64)
    order = port_order(ports.group, ports.cage, ports.lane)
    kinds = (model << (_GROUP_BITS + _CAGE_BITS + _LANE_BITS)) | order
    _, firsts, kind = np.unique(kinds, return_index=True, return_inverse=True)
    return firsts, kind


def port_order(group: Index, cage: Index, lane: Index) -> NDArray[np.int64]:
    """Number ports so that sorting by it gives the order in which they sit in their device."""
    wide = group.astype(np.int64) << (_CAGE_BITS + _LANE_BITS)
    return wide | (cage.astype(np.int64) << _LANE_BITS) | (lane.astype(np.int64) + 1)


def label_of(fabric: Fabric, port: int, view: PortView) -> str:
    """Write a port as a label does: the number alone where it can only mean one port.

    `/` separates the two ends on a label, so a half is written `7.2`. A single port is known by
    the name printed on the box (`bmc`, `mgmt`); numbers that several groups share carry the name.
    """
    groups = fabric.equipment(int(fabric.ports.device[port])).ports
    own = fabric.port_row(port)
    if isinstance(own, Sockets):
        return view.interface
    number = view.port.replace("/", ".")
    if own.count == 1 and len(groups) > 1 and "." not in number:
        return own.name
    shared = any(
        group is not own
        and group.count > 1
        and group.first_cage < own.first_cage + own.count
        and own.first_cage < group.first_cage + group.count
        for group in groups
    )
    return f"{own.name}-{number}" if shared else number
