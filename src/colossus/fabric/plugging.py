"""In which order the devices of a rack took its outlets and couplings: the lock keeps it.

Free planning goes by U from the bottom. What the lock knows keeps its place, also where a device
was taken out; what is new, or takes other plugs than before, comes after it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.tables import DeviceTable, Index, RackTable, index_array
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import RackSupply, SuppliedRun
from colossus.inventory.nodeset import expand, fold, fold_short
from colossus.inventory.site import Site
from colossus.inventory.sockets import INLETS, TAPPED, hoses_of, plugged
from colossus.inventory.words import Feed


@dataclass(frozen=True, slots=True)
class Equipped:
    """The racks and devices of a site, what they are, and what the lock knows of their plugs."""

    site: Site
    catalog: Mapping[str, CatalogItem]
    models: tuple[str, ...]
    roles: tuple[str, ...]
    racks: RackTable
    devices: DeviceTable
    known: tuple[RackSupply, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Who takes plugs: rack, place in its order, and how many of which. device -1: taken out.

    plug indexes INLETS, -1 where a device takes no cord.
    """

    rack: Index
    position: Index
    device: Index
    role: Index
    level: Index
    cords: Index
    plug: Index
    hoses: Index


def places(equipped: Equipped) -> Places:
    """Give every device that takes cords or hoses its place in its rack."""
    devices = equipped.devices
    cords, plug, hoses = _demands(equipped)
    row = np.flatnonzero((cords > 0) | (hoses > 0))
    order = row[
        np.lexsort((devices.role[row], devices.level[row], devices.u[row], devices.rack[row]))
    ]
    found = Places(
        rack=devices.rack[order],
        position=counted_within(devices.rack[order]),
        device=order.astype(np.int32),
        role=devices.role[order],
        level=devices.level[order],
        cords=cords[order],
        plug=plug[order],
        hoses=hoses[order],
    )
    return _kept(equipped, found) if equipped.known else found


def counted_within(*groups: Index) -> Index:
    """Count the members of each run of equal values from 0; equal values are adjacent."""
    if not len(groups[0]):
        return groups[0]
    changes = np.zeros(len(groups[0]), dtype=np.bool_)
    changes[0] = True
    for column in groups:
        changes[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(changes)
    lengths = np.diff(np.append(starts, len(changes)))
    return (np.arange(len(changes)) - np.repeat(starts, lengths)).astype(np.int32)


def _demands(equipped: Equipped) -> tuple[Index, Index, Index]:
    """Count cords, by plug, and hoses of every device; a rack without PDUs gives taps only."""
    items = [equipped.catalog[model] for model in equipped.models]
    supplies = [plugged(item) for item in items]
    cords = index_array([each.count if each else 0 for each in supplies])
    plug = index_array([INLETS.index(each.inlet) if each else -1 for each in supplies])
    hoses = index_array([hoses_of(item) for item in items])
    fed = np.asarray([group.pdus is not None for group in equipped.site.racks], dtype=np.bool_)
    model, racks = equipped.devices.model, equipped.racks
    served = fed[racks.group[equipped.devices.rack]] | (plug[model] == INLETS.index(TAPPED))
    return np.where(served, cords[model], 0).astype(np.int32), plug[model], hoses[model]


def _kept(equipped: Equipped, free: Places) -> Places:
    """Put what the lock knows first, in its order, with gaps for what is gone."""
    numbers = {name: row for row, name in enumerate(equipped.racks.names)}
    roles = {name: code for code, name in enumerate(_role_names(equipped))}
    wanted = dict(zip(_keys(free), range(len(free.rack)), strict=True))
    plugs, devices = list(_plugs(free)), free.device.tolist()
    lines: dict[int, list[tuple[int, int, int, tuple[int, int, int]]]] = {}
    for run in equipped.known:
        slots = list(_unfolded(run.devices, roles))
        for rack in (numbers[name] for name in expand(run.racks) if name in numbers):
            line = lines.setdefault(rack, [])
            for role, level, demand in slots:
                row = wanted.get((rack, role, level), -1)
                same = row >= 0 and plugs[row] == demand
                device = devices[wanted.pop((rack, role, level))] if same else -1
                line.append((device, role, level, demand))
    for (rack, role, level), row in wanted.items():
        lines.setdefault(rack, []).append((devices[row], role, level, plugs[row]))
    flat = [
        (rack, place, device, role, level, *demand)
        for rack, line in sorted(lines.items())
        for place, (device, role, level, demand) in enumerate(line)
    ]
    return Places(*np.asarray(flat, dtype=np.int32).reshape(-1, 8).T)


def _role_names(equipped: Equipped) -> tuple[str, ...]:
    """Give the roles of the site, then those that only the lock still knows."""
    kept = (run.role for rack in equipped.known for run in rack.devices)
    return tuple(dict.fromkeys([*equipped.roles, *kept]))


def _keys(found: Places) -> Iterator[tuple[int, int, int]]:
    return zip(found.rack.tolist(), found.role.tolist(), found.level.tolist(), strict=True)


def _plugs(found: Places) -> Iterator[tuple[int, int, int]]:
    return zip(found.cords.tolist(), found.plug.tolist(), found.hoses.tolist(), strict=True)


def _unfolded(
    runs: Sequence[SuppliedRun], roles: Mapping[str, int]
) -> Iterator[tuple[int, int, tuple[int, int, int]]]:
    """Give role, level and plugs one by one."""
    for run in runs:
        plug = INLETS.index(run.plug) if run.plug in INLETS else -1
        for level in run.u:
            yield roles[run.role], level, (run.cords, plug, run.hoses)


def supply_runs(equipped: Equipped, found: Places) -> tuple[RackSupply, ...]:
    """Write the order for the lock: equal racks once. Racks that are gone keep their entry."""
    alike: dict[tuple[str, tuple[Feed, ...], tuple[SuppliedRun, ...]], list[str]] = {}
    roles = _role_names(equipped)
    rows = zip(_keys(found), _plugs(found), strict=True)
    for rack, members in groupby(rows, key=lambda row: row[0][0]):
        runs = tuple(
            _run(roles[role], [key[2] for key, _ in same], plugs)
            for (role, plugs), same in groupby(members, key=lambda row: (row[0][1], row[1]))
        )
        alike.setdefault((*_pdus(equipped, rack), runs), []).append(equipped.racks.names[rack])
    present = set(equipped.racks.names)
    for run in equipped.known:
        gone = [name for name in expand(run.racks) if name not in present]
        if gone:
            alike.setdefault((run.pdu, run.feeds, run.devices), []).extend(gone)
    return tuple(
        RackSupply(racks=fold(names), pdu=pdu, feeds=feeds, devices=devices)
        for (pdu, feeds, devices), names in alike.items()
    )


def _pdus(equipped: Equipped, rack: int) -> tuple[str, tuple[Feed, ...]]:
    pdus = equipped.site.racks[equipped.racks.group[rack]].pdus
    return (pdus.model, pdus.feeds) if pdus else ("", ())


def cords_moved(equipped: Equipped) -> Iterator[Diagnostic]:
    """Find racks whose PDUs are others than the lock knows: their cords would go elsewhere."""
    numbers = {name: row for row, name in enumerate(equipped.racks.names)}
    found: dict[tuple[int, str, tuple[Feed, ...]], tuple[list[str], list[int]]] = {}
    for run in equipped.known:
        each = sum(device.cords * len(device.u) for device in run.devices)
        for name in expand(run.racks):
            rack = numbers.get(name)
            if rack is not None and run.feeds and (run.pdu, run.feeds) != _pdus(equipped, rack):
                key = int(equipped.racks.group[rack]), run.pdu, run.feeds
                names, cords = found.setdefault(key, ([], []))
                names.append(name)
                cords.append(each)
    for (group, former, fed), (names, cords) in found.items():
        pdu, feeds = _pdus(equipped, numbers[names[0]])
        yield error(
            "lock-cords-changed",
            f"racks[{group}].pdus",
            f"{counted(len(names), 'rack')} ({fold_short(names)}) had {former} on"
            f" {' '.join(fed)}, now {pdu or 'nothing'} on {' '.join(feeds) or 'no feed'}: up to"
            f" {counted(sum(cords), 'installed cord')} would move",
            "keep the PDUs, or move them: --allow-recable",
        )


def _run(role: str, levels: Sequence[int], plugs: tuple[int, int, int]) -> SuppliedRun:
    cords, plug, hoses = plugs
    return SuppliedRun(
        role=role,
        u=tuple(levels),
        cords=cords,
        plug=INLETS[plug] if plug >= 0 else "",
        hoses=hoses,
    )
