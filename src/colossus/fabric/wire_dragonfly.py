"""Links of dragonfly fabrics: hosts to the switches of their group, all to all in it, groups apart.

From its first cage on, a switch has its hosts, then the other switches of its group in order, then
what leaves the group. Cage j of host p of a group goes to switch (p div h) × k + j, cage p mod h: k
cages a host, h cages of a switch for hosts. Link bundle b of a group, counted through its other
groups in order, leaves at switch b mod s. So growth appends groups and moves nothing.
Source: facts, systems.md 5.3 and 5.4 (32 switches a group; cables of two links).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import EndPort, Wiring, end_ports
from colossus.fabric.places import places_in_rack
from colossus.fabric.slots import fold_slots, slots_given_twice, unfold_slots
from colossus.fabric.tables import TIERS
from colossus.fabric.units import assign_units, misplaced
from colossus.inventory.locks import FabricLock
from colossus.inventory.nodeset import fold_short
from colossus.inventory.topologies import Dragonfly
from colossus.inventory.words import SPEEDS_MBPS

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups as they stand: row of each switch (-1 where none), and of each the port group.

    cages of a switch, lanes of a cage; host_cages: how many of them are for hosts; bundle: links
    of one cable between groups, bundles: such cables between two groups; planned: groups that
    there must be ports for.
    """

    rows: Column
    index: Column
    mbps: Column
    cages: int
    lanes: int
    host_cages: int
    bundle: int
    bundles: int
    planned: int

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def size(self) -> int:
        return int(self.rows.shape[1])

    @property
    def global_cage(self) -> int:
        """The first cage of a switch whose links leave the group."""
        return self.host_cages + -(-(self.size - 1) // self.lanes)

    @property
    def cages_used(self) -> int:
        """The most cages that any switch needs, once all planned groups are there."""
        most = -(-(self.planned - 1) * self.bundles // self.size) * self.bundle
        return self.global_cage + -(-most // self.lanes)

    def ports(self, group: Column, switch: Column, port: Column, first: int) -> Ports:
        """Give ports of switches: port q behind cage `first` in cage q div lanes, half q mod."""
        cage, half = np.divmod(port, self.lanes)
        lane = half if self.lanes > 1 else np.full_like(half, -1)
        at = group, switch
        return Ports(self.rows[at], self.index[at], first + cage, lane, self.mbps[at], -1)


def wire_dragonfly(
    wiring: Wiring,
    code: int,
    columns: Columns,
) -> tuple[FabricLock, list[Diagnostic]]:
    """Wire all groups; an impossible shape, or a host without a group, is a finding."""
    dragonfly = wiring.intent.dragonfly
    assert dragonfly is not None  # noqa: S101 — the model demands it for this topology
    names = wiring.layout.devices.names
    listed = [
        (names[row], kind)
        for kind, switch in enumerate(dragonfly.switches)
        for row in wiring.devices(switch.role)
    ]
    known, size = wiring.known, dragonfly.switches_per_group
    kept = known and not (wiring.recable and known.shape.get("switches_per_group") != size)
    taken = unfold_slots(known.slots if known and kept else ())
    before = {name: first for name, (first, _) in taken.items()}
    positions = assign_units(listed, dragonfly.switches_per_group, before)
    decisions: dict[str, int | str] = {
        "topology": wiring.intent.topology,
        "switches_per_group": dragonfly.switches_per_group,
        "hosts_per_group": dragonfly.hosts_per_group,
        "links_per_group_pair": dragonfly.links_per_group_pair,
    }
    slots = fold_slots({name: (position, 1) for name, position in positions.items()})
    lock = FabricLock(shape=decisions, slots=slots)
    hosts = [row for end in wiring.intent.ends for row in wiring.devices(end.role)]
    ports = [end_ports(wiring, row) for row in hosts]
    groups = _groups(wiring, dragonfly, positions, max(map(len, ports), default=0))
    findings = [*_missing(wiring, dragonfly, groups)]
    if doubled := slots_given_twice(taken):
        findings.append(misplaced(wiring.name, doubled))
    if impossible := [*_impossible(wiring, groups, {len(each) for each in ports})]:
        return lock, [*findings, *impossible]
    findings += _hosts(wiring, groups, (hosts, ports), code, columns)
    _local(groups, code, columns)
    _global(groups, code, columns)
    return lock, findings


def _groups(
    wiring: Wiring,
    dragonfly: Dragonfly,
    positions: dict[str, int],
    ports_per_host: int,
) -> _Groups:
    """Lay the switches out by group and place in it."""
    size = dragonfly.switches_per_group
    count = -(-(max(positions.values(), default=-1) + 1) // size)
    rows, index, mbps = (np.full(count * size, fill, dtype=np.int64) for fill in (-1, 0, 0))
    names = wiring.layout.devices.names
    shapes = []
    for switch in dragonfly.switches:
        model = wiring.site.roles[switch.role].model
        number, group = wiring.groups(model, (switch.ports,))[0]
        lanes = switch.split.lanes if switch.split else 1
        shapes.append((group.count, lanes))
        own = wiring.devices(switch.role)
        at = [positions[names[row]] for row in own]
        rows[at], index[at] = own, number
        mbps[at] = SPEEDS_MBPS[switch.split.speed if switch.split else group.speed]
    cages, lanes = min(shapes)
    links = dragonfly.links_per_group_pair
    bundle = 1 if links % lanes else lanes
    blocks = max(size // max(-(-ports_per_host // lanes), 1), 1)
    return _Groups(
        rows=rows.reshape(count, size),
        index=index.reshape(count, size),
        mbps=mbps.reshape(count, size),
        cages=cages,
        lanes=lanes,
        host_cages=-(-dragonfly.hosts_per_group // blocks),
        bundle=bundle,
        bundles=links // bundle,
        planned=max(count, dragonfly.grow_to or 0),
    )


def _hosts(
    wiring: Wiring,
    groups: _Groups,
    hosts: tuple[list[int], list[list[EndPort]]],
    code: int,
    columns: Columns,
) -> Iterator[Diagnostic]:
    """Link every host to the switches of the group that stands in its rack."""
    layout, each = wiring.layout, len(hosts[1][0]) if hosts[1] else 0
    owner = np.asarray(hosts[0], dtype=np.int64)
    rack_group = np.full(len(layout.racks.names), -1, dtype=np.int64)
    group, place = np.nonzero(groups.rows >= 0)
    rack_group[layout.devices.rack[groups.rows[group, place]][::-1]] = group[::-1]
    mine = rack_group[layout.devices.rack[owner]]
    joined = {
        rack: int(own) for rack, own in zip(layout.racks.names, rack_group, strict=True) if own >= 0
    }
    position = np.concatenate(
        [
            places_in_rack(layout, end.role, wiring.devices(end.role), joined)
            for end in wiring.intent.ends
        ]
    )
    wide = -(-each // groups.lanes)
    block, cage = np.divmod(position, max(groups.host_cages, 1))
    lost = (mine < 0) | ((block + 1) * wide > groups.size)
    yield from _lost(wiring, owner[lost], groups)
    kept = np.flatnonzero(~lost)
    if not len(kept):
        return
    table = np.asarray([hosts[1][row] for row in kept], dtype=np.int64).reshape(-1, 5)
    number = np.tile(np.arange(each), len(kept))
    host = np.repeat(kept, each)
    near = Ports(owner[host], *table.T)
    wire, half = np.divmod(number, groups.lanes)
    switch = block[host] * wide + wire
    far = groups.ports(mine[host], switch, cage[host] * groups.lanes + half, 0)
    _connect(columns, code, "host-switch", near, far)


def _local(groups: _Groups, code: int, columns: Columns) -> None:
    """Link any two switches of a group: port i of a switch goes to its i-th other switch."""
    low, high = np.triu_indices(groups.size, 1)
    group = np.repeat(np.arange(groups.count), len(low))
    one, other = np.tile(low, groups.count), np.tile(high, groups.count)
    near = groups.ports(group, one, other - 1, groups.host_cages)
    far = groups.ports(group, other, one, groups.host_cages)
    _connect(columns, code, "local", near, far)


def _global(groups: _Groups, code: int, columns: Columns) -> None:
    """Link any two groups: bundle b of a group leaves at switch b mod s, there as b div s-th."""
    low, high = np.triu_indices(groups.count, 1)
    links = groups.bundles * groups.bundle
    one, other = np.repeat(low, links), np.repeat(high, links)
    bundle, lane = np.divmod(np.tile(np.arange(links), len(low)), groups.bundle)

    def side(group: Column, towards: Column) -> Ports:
        number, switch = np.divmod(towards * groups.bundles + bundle, groups.size)
        return groups.ports(group, switch, number * groups.bundle + lane, groups.global_cage)

    _connect(columns, code, "global", side(one, other - 1), side(other, one))


def _connect(columns: Columns, code: int, tier: str, near: Ports, far: Ports) -> None:
    """Append the links whose two devices exist."""
    a, z = (np.broadcast_arrays(*ports) for ports in (near, far))
    there = (a[0] >= 0) & (z[0] >= 0)
    if there.any():
        rows = [columns.ports(Ports(*(column[there] for column in side))) for side in (a, z)]
        columns.links(rows[0], rows[1], code, TIERS.index(tier))


def _impossible(
    wiring: Wiring,
    groups: _Groups,
    ports: set[int],
) -> Iterator[Diagnostic]:
    """Say why no dragonfly can have this shape."""
    path, name = f"{wiring.path}.dragonfly", wiring.name
    wide = -(-max(ports, default=0) // groups.lanes)
    if len(ports) > 1:
        yield error(
            "dragonfly-impossible",
            path,
            f"fabric {name}: its hosts have {' and '.join(map(str, sorted(ports)))} ports, but"
            " every place of a group has as many",
            "give each kind of host a fabric of its own",
        )
    elif wide > groups.size:
        yield error(
            "dragonfly-impossible",
            path,
            f"fabric {name}: a host has {wide} cables, each to a switch of its own, but a group"
            f" holds {groups.size}",
            "raise switches_per_group",
        )
    elif groups.cages_used > groups.cages:
        yield error(
            "dragonfly-impossible",
            path,
            f"fabric {name}: a switch would need {groups.cages_used} cages, it has {groups.cages}:"
            f" {groups.host_cages} for hosts, {groups.global_cage - groups.host_cages} for its"
            f" group and {groups.cages_used - groups.global_cage} for {groups.planned - 1} other"
            " groups",
            "fewer links_per_group_pair, fewer hosts_per_group, more switches_per_group, fewer"
            " groups, or a switch with more ports",
        )


def _lost(wiring: Wiring, rows: Column, groups: _Groups) -> Iterator[Diagnostic]:
    """Say which hosts stand in no group, or find it full."""
    if len(rows):
        names = wiring.layout.devices.names
        yield error(
            "dragonfly-impossible",
            f"{wiring.path}.dragonfly",
            f"fabric {wiring.name}: no place in a group for"
            f" {fold_short(names[row] for row in rows)}; a host belongs to the group whose switches"
            f" stand in its rack, with {counted(groups.host_cages, 'cage')} for hosts on each",
            "place the group's switches in that rack, or raise hosts_per_group",
        )


def _missing(wiring: Wiring, dragonfly: Dragonfly, groups: _Groups) -> Iterator[Diagnostic]:
    """Say which groups are not whole."""
    short = np.flatnonzero((groups.rows < 0).any(axis=1))
    if len(short):
        lacking = int(np.count_nonzero(groups.rows[short] < 0))
        roles = " or ".join(switch.role for switch in dragonfly.switches)
        yield error(
            "fabric-switches-missing",
            wiring.path,
            f"fabric {wiring.name} needs {groups.rows.size} devices of role {roles}, the racks hold"
            f" {groups.rows.size - lacking}",
            f"place {lacking} more, so that every group has {groups.size}",
        )
