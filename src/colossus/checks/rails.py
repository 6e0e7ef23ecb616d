"""Invariants of host cables: one rail a leaf, one unit a host, the ports of a NIC apart."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from colossus.checks.seats import Column, Seats, authored_at, clos_seats, odd_ones
from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import Fabric


def _host_links(fabric: Fabric, seats: Seats) -> tuple[Column, Column, Column]:
    """Give the links that end at a leaf as they should, their hosts and their leaves."""
    mine = seats.of(fabric, "host-leaf")
    leaf = fabric.ports.device[fabric.links.z[mine]].astype(np.int64)
    mine, leaf = mine[seats.unit[leaf] >= 0], leaf[seats.unit[leaf] >= 0]
    return mine, fabric.ports.device[fabric.links.a[mine]].astype(np.int64), leaf


def rail_mixed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A leaf of a rail-optimised fabric takes ports of more than one rail."""
    for seats in clos_seats(fabric):
        mine, _, leaf = _host_links(fabric, seats)
        rail = fabric.ports.rail[fabric.links.a[mine]].astype(np.int64)
        known = rail >= 0
        odd, usual = odd_ones(leaf[known], rail[known])
        if seats.clos.rail_optimised and len(odd):
            wrong = mine[known][odd]
            view = fabric.link(int(wrong[0]))
            yield error(
                "rail-mixed",
                authored_at(fabric, seats.code, wrong),
                f"fabric {fabric.fabrics[seats.code]}: {counted(len(wrong), 'link')} at a leaf of"
                f" another rail; {view.a} is rail {rail[known][odd[0]]}, {view.z.device} takes rail"
                f" {usual[0]}",
                "exchange the two ends, or correct the order of interfaces in the catalogue",
            )


def unit_crossed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A host's ports end at leaves of more than one unit."""
    for seats in clos_seats(fabric):
        mine, host, leaf = _host_links(fabric, seats)
        odd, usual = odd_ones(host, seats.unit[leaf])
        if len(odd):
            view = fabric.link(int(mine[odd[0]]))
            yield error(
                "unit-crossed",
                authored_at(fabric, seats.code, mine[odd]),
                f"fabric {fabric.fabrics[seats.code]}: {counted(len(odd), 'link')} at a leaf of"
                f" another unit; {view.a} meets {view.z}, the other ports of {view.a.device} go to"
                f" unit {usual[0] + 1}",
                "exchange the two ends that were mixed up",
            )


def nic_ports_together(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two ports of one NIC end at the same leaf, or in the same plane, that should not."""
    for seats in clos_seats(fabric):
        name = fabric.fabrics[seats.code]
        apart = fabric.site.fabrics[name].nic_ports_apart
        if apart is None:
            continue
        mine, _, leaf = _host_links(fabric, seats)
        shared = seats.plane[leaf] if apart == "plane" else leaf
        nics = np.stack([_nics(fabric, fabric.links.a[mine]), shared], axis=1)
        _, inverse, count = np.unique(nics, axis=0, return_inverse=True, return_counts=True)
        doubled = np.flatnonzero(count[inverse.ravel()] > 1)
        if len(doubled):
            nic = inverse.ravel()[doubled[0]]
            one, other, *_ = (fabric.link(int(row)) for row in mine[inverse.ravel() == nic])
            leaves = dict.fromkeys((one.z.device, other.z.device))
            yield error(
                "nic-ports-together",
                authored_at(fabric, seats.code, mine[doubled]),
                f"fabric {name}: {counted(len(np.unique(inverse[doubled])), 'NIC')} with two ports"
                f" at one {apart}; {one.a} and {other.a.interface} both go to"
                f" {' and '.join(leaves)}"
                + (f", plane {one.plane + 1}" if len(leaves) > 1 else ""),
                f"send each port of a NIC to a {apart} of its own, or drop nic_ports_apart",
            )


def _nics(fabric: Fabric, ports: NDArray[np.int32]) -> Column:
    """Number the NIC that each port belongs to."""
    table = fabric.ports
    kind = fabric.devices.model[table.device[ports]].astype(np.int64) << 8 | table.group[ports]
    _, first, which = np.unique(kind, return_index=True, return_inverse=True)
    groups = [fabric.port_group(int(ports[row])) for row in first]
    shared = np.asarray([group.ports_per_cage for group in groups])[which.ravel()]
    each = np.asarray([group.ports_per_nic for group in groups])[which.ravel()]
    port = table.cage[ports].astype(np.int64) * shared + np.maximum(table.lane[ports], 0)
    device = table.device[ports].astype(np.int64)
    found: Column = (device << 8 | table.group[ports]) << 16 | port // each
    return found
