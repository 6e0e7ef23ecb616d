"""Fabrics for the wiring tests: the shipped example, and rail-optimised units built by hand."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from colossus.fabric.design import design
from colossus.fabric.model import Fabric
from colossus.fabric.tables import (
    AddressTable,
    CableTable,
    DeviceTable,
    Index,
    LinkTable,
    PortTable,
    RackTable,
    index_array,
)
from colossus.load.site import load_site
from colossus.wiring.observed import Sighting
from colossus.wiring.report import Move

ROOT = Path(__file__).resolve().parents[3]
RAILS = 8
LEAF_PORTS = 24

Port = tuple[str, str]
Seen = dict[Port, Port | None]


@cache
def example(name: str = "stanford-nlp") -> Fabric:
    """The shipped example, designed."""
    loaded = load_site(ROOT / "examples" / name)
    return design(loaded.accepted(), loaded.catalog, loaded.lock, digest="d" * 64).fabric


@cache
def units(count: int, absent_hosts: int = 0) -> Fabric:
    """Units of 24 hosts, a leaf per rail with 24 of its 32 cages used, two planes in turn.

    Hosts lie four to a rack, leaves in a rack of their own per unit. The last hosts may be absent.
    """
    base = example()
    hosts, leaves = count * LEAF_PORTS, count * RAILS
    host_racks, leaf_racks = hosts // 4, count
    names = tuple(
        [f"r{rack:05d}" for rack in range(host_racks)] + [f"n{rack:05d}" for rack in range(count)]
    )
    host, leaf = np.arange(hosts), np.arange(leaves)
    present = np.ones(hosts + leaves, dtype=np.bool_)
    present[hosts - absent_hosts : hosts] = False
    devices = DeviceTable(
        names=tuple(
            [f"h{number:05d}" for number in range(hosts)]
            + [f"l{number // RAILS:04d}-{number % RAILS}" for number in range(leaves)]
        ),
        role=_column([0] * hosts + [2] * leaves),
        model=_column(
            [base.models.index("nvidia/dgx-a100")] * hosts
            + [base.models.index("nvidia/sn4700")] * leaves
        ),
        rack=_column([*(host // 4), *(host_racks + leaf // RAILS)]),
        u=_column([*(1 + 6 * (host % 4)), *(20 + leaf % RAILS)]),
        level=_column([*(1 + 6 * (host % 4)), *(20 + leaf % RAILS)]),
        ordinal=_column([*host, *leaf]),
        status=_column([2] * (hosts + leaves)),
        stage=_column([-1] * (hosts + leaves)),
        origin=_column([0] * (hosts + leaves)),
        present=present,
    )
    ports, links, cables = _wired(hosts)
    none = np.zeros(0, dtype=np.int32)
    return replace(
        base,
        racks=_racks(names, host_racks + leaf_racks),
        devices=devices,
        ports=ports,
        links=links,
        cables=cables,
        addresses=AddressTable(none, none, none, none.astype(np.uint32), none),
    )


def _column(values: Sequence[int]) -> Index:
    return index_array([int(value) for value in values])


def _racks(names: tuple[str, ...], count: int) -> RackTable:
    zeros = _column([0] * count)
    positions = _column(list(range(1, count + 1)))
    return RackTable(names, zeros, zeros, zeros, positions, zeros, zeros, zeros - 1)


def _wired(hosts: int) -> tuple[PortTable, LinkTable, CableTable]:
    links = hosts * RAILS
    link = np.arange(links, dtype=np.int32)
    host, rail = link // RAILS, link % RAILS
    unit = host // LEAF_PORTS
    leaf = hosts + unit * RAILS + rail
    ones = np.full(2 * links, -1, dtype=np.int32)
    ports = PortTable(
        device=np.concatenate([host, leaf]).astype(np.int32),
        group=np.zeros(2 * links, dtype=np.int32),
        cage=np.concatenate([rail, host % LEAF_PORTS]).astype(np.int32),
        lane=ones,
        speed=np.full(2 * links, 200_000, dtype=np.int32),
        rail=np.concatenate([rail, ones[:links]]).astype(np.int32),
    )
    zeros = np.zeros(links, dtype=np.int32)
    table = LinkTable(
        a=link, z=link + links, fabric=zeros, tier=zeros, rail=rail, plane=unit % 2, cable=link
    )
    lengths = np.full(links, 7.5, dtype=np.float32)
    cables = CableTable(
        ids=tuple(f"C{number:07d}" for number in range(links)),
        fabric=zeros,
        medium=zeros + 3,
        legs=zeros + 1,
        status=zeros + 2,
        route_m=lengths - 1,
        order_m=lengths,
    )
    return ports, table, cables


@cache
def planned_units(count: int) -> Seen:
    """The planned links of `units`; a copy is for changing."""
    return planned(units(count))


def planned(fabric: Fabric) -> Seen:
    """Every planned link as seen from both ends."""
    seen: Seen = {}
    for row in range(len(fabric.links.a)):
        link = fabric.link(row)
        a, z = (link.a.device, link.a.interface), (link.z.device, link.z.interface)
        seen[a], seen[z] = z, a
    return seen


def connect(seen: Seen, one: Port, other: Port) -> None:
    """Plug a cable in; what was there before hangs loose."""
    for port in (one, other):
        former = seen.get(port)
        if former:
            seen[former] = None
    seen[one], seen[other] = other, one


def sightings(seen: Seen) -> list[Sighting]:
    """What the machine would report."""
    return [Sighting(*port, *(far or (None, None))) for port, far in seen.items()]


def repaired(seen: Seen, moves: Sequence[Move]) -> Seen:
    """Do the moves: all plugs out first, then in where they go."""
    result = dict(seen)
    ends = {_port(move.origin): _port(move.to) if move.to else None for move in moves}
    cables = {frozenset((port, far)) for port in ends if (far := seen[port])}
    for port in {port for cable in cables for port in cable}:
        result[port] = None
    for cable in sorted(cables, key=sorted):
        one, other = (ends.get(port, port) for port in sorted(cable))
        if one and other:
            assert not result.get(one)
            assert not result.get(other)
            result[one], result[other] = other, one
    return result


def _port(text: str) -> Port:
    device, _, interface = text.partition(":")
    return device, interface
