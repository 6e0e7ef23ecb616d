"""Racks and devices: rules and counts → rows in the tables, with ordinals and names.

Ordinals of a role run rack by rack in authored order, in each rack by U from the bottom, unless
the lock knows better (see ordinals).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import PDU_ROLE
from colossus.fabric.ordinals import Slot, fold_ordinals, number, unfold
from colossus.fabric.tables import ABSENT, STATUSES, DeviceTable, RackTable, index_array
from colossus.inventory.locks import Lock, OrdinalRun
from colossus.inventory.nodeset import expand, fold
from colossus.inventory.site import DeviceRule, Site

ABREAST = 100
"""How far the lock's levels of devices at one U are apart."""


_Counted = str | tuple[int, str, int]
"""What is counted off: the devices of a role that fills, or of one rule in one hall."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Racks and devices with the name tables they index, and the ordinals that were decided."""

    racks: RackTable
    devices: DeviceTable
    halls: tuple[str, ...]
    rows: tuple[str, ...]
    stages: tuple[str, ...]
    roles: tuple[str, ...]
    models: tuple[str, ...]
    origins: tuple[str, ...]
    ordinals: dict[str, tuple[OrdinalRun, ...]]
    levels: dict[str, tuple[OrdinalRun, ...]]
    findings: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _Rack:
    """One rack before the table: its authored group, its hall and its place in the row."""

    name: str
    group: int
    hall: str
    stage: str | None
    position: int
    row: str
    rank: int = -1


@dataclass(slots=True)
class _Device:
    """One device before the table; `path` is the authored place of its rule."""

    role: str
    model: str
    rack: int
    u: int
    status: str
    path: str
    name: str = ""
    place: int = 0
    ordinal: int = 0

    @property
    def level(self) -> int:
        """What tells it from others of its role in the rack: its U, or its place among PDUs.

        Those that sit abreast have the U and, in hundreds, their place at it.
        """
        return self.u + self.place * ABREAST if self.u else self.place


def lay_out(
    site: Site,
    lock: Lock | None,
    stage: str | None,
    needs: Mapping[str, int] | None = None,
) -> Layout:
    """Place every rack and device of the site; `stage` decides what is present already.

    needs: how many switches of a role the fabrics want, for rules that `fill`.
    """
    racks = _racks(site)
    levels = _rank(site, racks, lock.levels if lock else {})
    placed, findings = _apart(list(_rule_devices(site, racks, needs or {})), racks)
    devices = [*placed, *_pdu_devices(site, racks)]
    ordinals = _name(site, devices, racks, lock)
    _override(site, devices)
    halls = tuple(hall.name for hall in site.halls)
    rows = tuple(dict.fromkeys(row for hall in site.halls for row in hall.rows))
    stages = tuple(item.name for item in site.stages)
    roles = tuple(dict.fromkeys([*site.roles, PDU_ROLE]))
    models = tuple(dict.fromkeys(device.model for device in devices))
    origins = tuple(dict.fromkeys(device.path for device in devices))
    rack_table = _rack_table(site, racks, (halls, rows, stages))
    return Layout(
        racks=rack_table,
        devices=_device_table(devices, (roles, models, origins), rack_table, stages, stage),
        halls=halls,
        rows=rows,
        stages=stages,
        roles=roles,
        models=models,
        origins=origins,
        ordinals=ordinals,
        levels=levels,
        findings=(*_given_twice(lock), *findings),
    )


def _racks(site: Site) -> list[_Rack]:
    per_row = {hall.name: hall.racks_per_row for hall in site.halls}
    racks = []
    for index, group in enumerate(site.racks):
        names = expand(group.names)
        each = len(names) // len(group.hall_names)
        for nth, name in enumerate(names):
            part, there = divmod(nth, each)
            hall, place = group.hall_names[part], there + group.first_position - 1
            row, position = divmod(place, per_row[hall]) if group.rows else (0, place)
            # Racks that no row has room for stay in the last one, where a check finds them.
            extra = max(row - len(group.row_names) + 1, 0)
            row -= extra
            position += extra * per_row[hall]
            stage = group.stage_names[part]
            racks.append(_Rack(name, index, hall, stage, position + 1, group.row_names[row]))
    return racks


def _rank(
    site: Site, racks: list[_Rack], known: Mapping[str, tuple[OrdinalRun, ...]]
) -> dict[str, tuple[OrdinalRun, ...]]:
    """Give racks their turn in the places of their level; what the lock knows keeps its own."""
    series: dict[tuple[str, int, str], list[_Rack]] = {}
    for rack in racks:
        if within := site.racks[rack.group].within:
            series.setdefault((within.level, rack.group, rack.hall), []).append(rack)
    decided: dict[str, tuple[OrdinalRun, ...]] = {}
    for (level, _, _), members in series.items():
        kept = unfold(known.get(level, ()))
        slots = [(rack.name, 0) for rack in members]
        ranks = number(slots, {slot: kept[slot] for slot in slots if slot in kept})
        for rack, slot in zip(members, slots, strict=True):
            rack.rank = ranks[slot]
        decided[level] = (*decided.get(level, ()), *fold_ordinals(ranks))
    standing = {(rack.name, 0) for rack in racks}
    for level, runs in known.items():
        gone = {slot: rank for slot, rank in unfold(runs).items() if slot not in standing}
        decided[level] = (*decided.get(level, ()), *fold_ordinals(gone))
    return decided


def _rule_devices(site: Site, racks: list[_Rack], needs: Mapping[str, int]) -> Iterator[_Device]:
    only = cache(lambda folded: frozenset(expand(folded)))
    room: dict[_Counted, int] = {}
    room.update(needs)
    for row, rack in enumerate(racks):
        group = site.racks[rack.group]
        here: list[_Device] = []
        for place, rule in enumerate(group.devices):
            if rule.only is not None and rack.name not in only(rule.only):
                continue
            levels = _within(rule, (rack.group, rack.hall, place), room)
            here += [
                _Device(
                    role=rule.role,
                    model=site.roles[rule.role].model,
                    rack=row,
                    u=u,
                    status=(rule.status or group.status).value,
                    path=f"racks[{rack.group}].devices[{place}]",
                    place=beside,
                )
                for u in levels
                for beside in range(rule.abreast)
            ]
        yield from sorted(here, key=lambda device: device.u)


def _within(
    rule: DeviceRule,
    key: tuple[int, str, int],
    room: dict[_Counted, int],
) -> tuple[int, ...]:
    """Give the U positions that are still wanted of a rule, and count them off."""
    levels = rule.levels
    if rule.at_most is not None:
        left = room.setdefault(key, rule.at_most)
        levels = levels[:left]
        room[key] = left - len(levels)
    if rule.fill:
        left = room.setdefault(rule.role, 0)
        levels = levels[:left]
        room[rule.role] = left - len(levels)
    return levels


def _apart(
    devices: list[_Device],
    racks: list[_Rack],
) -> tuple[list[_Device], tuple[Diagnostic, ...]]:
    """Leave out what a role places twice at one U of one rack: it could have no name of its own."""
    kept: dict[tuple[str, str, int, int], _Device] = {}
    doubled: dict[tuple[str, str, int], list[str]] = {}
    for device in devices:
        rack = racks[device.rack].name
        if kept.setdefault((device.role, rack, device.u, device.place), device) is not device:
            doubled.setdefault((device.path, device.role, device.u), []).append(rack)
    return list(kept.values()), tuple(
        error(
            "u-overlap",
            f"{path}.u",
            f"U{u} of {'rack' if len(names) == 1 else 'racks'} {fold(names)} is given to role"
            f" {role} twice",
            "give every device a U position of its own",
        )
        for (path, role, u), names in doubled.items()
    )


def _pdu_devices(site: Site, racks: list[_Rack]) -> Iterator[_Device]:
    """One PDU per feed listed; a feed listed twice counts on: pdu-a01-a1, pdu-a01-a2."""
    for row, rack in enumerate(racks):
        group = site.racks[rack.group]
        if group.pdus is None:
            continue
        for place, feed in enumerate(group.pdus.feeds):
            nth = group.pdus.feeds[: place + 1].count(feed)
            yield _Device(
                role=PDU_ROLE,
                model=group.pdus.model,
                rack=row,
                u=0,
                status=group.status.value,
                path=f"racks[{rack.group}].pdus",
                name=f"pdu-{rack.name}-{feed.lower()}{nth}",
                place=2 * nth + "AB".index(feed),
            )


def _name(
    site: Site,
    devices: list[_Device],
    racks: list[_Rack],
    lock: Lock | None,
) -> dict[str, tuple[OrdinalRun, ...]]:
    """Number the devices of each role and name them by the role's pattern."""
    decided = dict(lock.roles) if lock else {}
    for role in (*site.roles, PDU_ROLE):
        mine = [device for device in devices if device.role == role]
        slots = [(racks[device.rack].name, device.level) for device in mine]
        ordinals = number(slots, unfold(decided.get(role, ())))
        decided[role] = fold_ordinals(ordinals)
        for device, slot in zip(mine, slots, strict=True):
            device.ordinal = ordinals[slot]
            if role in site.roles:
                device.name = site.roles[role].name.format(n=device.ordinal + 1)
    return decided


def _given_twice(lock: Lock | None) -> Iterator[Diagnostic]:
    """Find ordinals that the lock gives to two places, as a careless merge leaves them."""
    for role, runs in lock.roles.items() if lock else ():
        owners: dict[int, list[Slot]] = {}
        for slot, ordinal in unfold(runs).items():
            owners.setdefault(ordinal, []).append(slot)
        doubled = [slots for slots in owners.values() if len(slots) > 1]
        if doubled:
            places = " and ".join(f"{rack} U{u}" for rack, u in doubled[0])
            yield error(
                "lock-given-twice",
                f"lock.roles.{role}",
                f"cluster.lock gives number {unfold(runs)[doubled[0][0]] + 1} of role {role} to"
                f" {places} ({counted(len(doubled), 'number')})",
                "keep the older entry, remove the other, and run `colossus lock` again",
            )


def _override(site: Site, devices: list[_Device]) -> None:
    statuses = {
        name: item.status.value
        for item in site.overrides
        if item.status
        for name in expand(item.devices)
    }
    for device in devices:
        device.status = statuses.get(device.name, device.status)


def _rack_table(
    site: Site,
    racks: list[_Rack],
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
) -> RackTable:
    halls, rows, stages = names
    groups = [site.racks[rack.group] for rack in racks]
    return RackTable(
        names=tuple(rack.name for rack in racks),
        group=index_array([rack.group for rack in racks]),
        hall=index_array([halls.index(rack.hall) for rack in racks]),
        row=index_array([rows.index(rack.row) for rack in racks]),
        position=index_array([rack.position for rack in racks]),
        status=index_array([STATUSES.index(group.status) for group in groups]),
        stage=index_array([stages.index(rack.stage) if rack.stage else -1 for rack in racks]),
        rank=index_array([rack.rank for rack in racks]),
    )


def _device_table(
    devices: list[_Device],
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    racks: RackTable,
    stages: tuple[str, ...],
    stage: str | None,
) -> DeviceTable:
    roles, models, origins = (_numbered(table) for table in names)

    def column(value: Callable[[_Device], int]) -> list[int]:
        return [value(device) for device in devices]

    rack = index_array(column(lambda device: device.rack))
    status = index_array(column(lambda device: STATUSES.index(device.status)))
    arrives = racks.stage[rack] if len(rack) else rack
    reached = stages.index(stage) if stage else len(stages)
    absent = [STATUSES.index(word) for word in ABSENT]
    return DeviceTable(
        names=tuple(device.name for device in devices),
        role=index_array(column(lambda device: roles[device.role])),
        model=index_array(column(lambda device: models[device.model])),
        rack=rack,
        u=index_array(column(lambda device: device.u)),
        level=index_array(column(lambda device: device.level)),
        ordinal=index_array(column(lambda device: device.ordinal)),
        status=status,
        stage=arrives,
        origin=index_array(column(lambda device: origins[device.path])),
        present=np.asarray((arrives <= reached) & ~np.isin(status, absent), dtype=np.bool_),
    )


def _numbered(table: tuple[str, ...]) -> dict[str, int]:
    return {name: row for row, name in enumerate(table)}
