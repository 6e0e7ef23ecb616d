"""Links of fabrics that go by racks: each device to the switch of its own rack.

A port is a pure function of the authored rule: the ends keep `per_rack` places each, one after the
other; a device's place is that of its U position in its rule. Where a rack has several switches,
its ports are those of the first, then those of the next. The lock keeps these lists, to which
growth may only append, and not a line per rack.
"""

import re
from collections.abc import Callable, Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.columns import Columns, Ports
from colossus.fabric.intent import Wiring, end_ports
from colossus.fabric.model import PDU_ROLE
from colossus.fabric.tables import TIERS
from colossus.inventory.fabrics import Aggregation, ByRack, Joint
from colossus.inventory.nodeset import fold_short
from colossus.inventory.site import RackGroup
from colossus.inventory.words import SPEEDS_MBPS

_RULE = re.compile(r"racks\[(\d+)\]\.devices\[(\d+)\]")
PAIR = 2


def wire_racks(
    wiring: Wiring,
    by_rack: ByRack,
    code: int,
    columns: Columns,
) -> Iterator[Diagnostic]:
    """Wire a fabric by racks; what finds no switch or no port in its rack is a finding."""
    layout, access, place_of = wiring.layout, by_rack.access, _places(wiring)
    index, group = wiring.groups(wiring.site.roles[access.role].model, (access.ports,))[0]
    switches = _by_rack(wiring, access.role)
    made: list[tuple[int, ...]] = []
    lost: list[int] = []
    beyond: list[int] = []
    firsts = [_firsts(wiring, each) for each in wiring.site.racks]
    for nth, end in enumerate(wiring.intent.ends):
        for row in wiring.devices(end.role):
            rack = int(layout.devices.rack[row])
            ports = end_ports(wiring, row, end.ports)
            here, place = switches.get(rack, []), place_of(row)
            slot = firsts[layout.racks.group[rack]][nth] + place * len(ports)
            if not here:
                lost.append(row)
            elif place >= (end.per_rack or 0) or slot + len(ports) > group.count * len(here):
                beyond.append(row)
            else:
                for n, port in enumerate(ports, slot):
                    made.append((row, *port, here[n // group.count], n % group.count))
    if made:
        row_, end_group, cage, lane, speed, rail, switch_, slot_ = np.asarray(made).T
        a = columns.ports(Ports(row_, end_group, cage, lane, speed, rail))
        z = columns.ports(Ports(switch_, index, slot_, -1, SPEEDS_MBPS[group.speed], -1))
        tier = "host-leaf" if by_rack.aggregation else "host-switch"
        columns.links(a, z, code, TIERS.index(tier))
    if by_rack.aggregation:
        yield from _uplinks(wiring, by_rack, by_rack.aggregation, code, columns)
    most = max(map(len, switches.values()), default=1)
    yield from _findings(wiring, access.role, lost, beyond, group.count * most)


def _by_rack(wiring: Wiring, role: str) -> dict[int, list[int]]:
    """Give the devices of a role in each rack, by ordinal: a later one comes last."""
    found: dict[int, list[int]] = {}
    for row in wiring.devices(role):
        found.setdefault(int(wiring.layout.devices.rack[row]), []).append(row)
    return found


def _firsts(wiring: Wiring, group: RackGroup) -> dict[int, int]:
    """Give the first port of each end in the racks of a group; only roles found there count."""
    roles = {rule.role for rule in group.devices} | ({PDU_ROLE} if group.pdus else set())
    found, following = {}, 0
    for nth, end in enumerate(wiring.intent.ends):
        if end.role not in roles:
            continue
        pdu = group.pdus.model if group.pdus else ""
        model = pdu if end.role == PDU_ROLE else wiring.site.roles[end.role].model
        ports = sum(each.count for _, each in wiring.groups(model, end.ports))
        found[nth] = following
        following += ports * (end.per_rack or 0)
    return found


def _places(wiring: Wiring) -> Callable[[int], int]:
    """Give what tells a device's place among those of its rule in its rack, from 0."""
    layout, racks = wiring.layout, wiring.site.racks
    levels = {
        code: racks[int(match[1])].devices[int(match[2])].levels
        for code, origin in enumerate(layout.origins)
        if (match := _RULE.fullmatch(origin))
    }
    devices = layout.devices

    def place(row: int) -> int:
        if layout.roles[devices.role[row]] == PDU_ROLE:
            name = devices.names[row]
            return (int(name[-1]) - 1) * PAIR + "ab".index(name[-2])
        return levels[int(devices.origin[row])].index(int(devices.u[row]))

    return place


def rack_decisions(wiring: Wiring) -> dict[str, int | str]:
    """Give what the lock keeps: the places of each role, which may only be appended to.

    A role whose ports are dealt apart has a list for each of its ends.
    """
    found: dict[str, int | str] = {"topology": wiring.intent.topology}
    for nth, end in enumerate(wiring.intent.ends):
        again = sum(other.role == end.role for other in wiring.intent.ends[:nth])
        name = f"{end.role} {again + 1}" if again else end.role
        levels = dict.fromkeys(
            ",".join(map(str, rule.levels))
            for group in wiring.site.racks
            for rule in group.devices
            if rule.role == end.role
        )
        found[f"{name} per rack"] = end.per_rack or 0
        found[f"{name} at"] = ";".join(levels)
    return found


def rack_changes(wiring: Wiring) -> str:
    """Say in words what of the places of each role is not only appended to; empty when all is."""
    before = wiring.known.shape if wiring.known else {}
    after = rack_decisions(wiring)
    changed = [key for key, value in before.items() if not _appended(value, after.get(key))]
    return ", ".join(f"{key} {before[key]} → {after.get(key)}" for key in changed)


def _appended(before: int | str, after: int | str | None) -> bool:
    """Whether what was decided still stands, perhaps with more after it."""
    if isinstance(before, str) and isinstance(after, str) and before:
        return after == before or after.startswith((f"{before},", f"{before};"))
    return before in ("", after)


def _uplinks(
    wiring: Wiring,
    by_rack: ByRack,
    above: Aggregation,
    code: int,
    columns: Columns,
) -> Iterator[Diagnostic]:
    """Link every rack's switch to both switches of its pair, in the order of its ordinal."""
    devices, roles = wiring.layout.devices, wiring.site.roles
    names = (by_rack.access.uplink_ports or "",)
    up_index, up_group = wiring.groups(roles[by_rack.access.role].model, names)[0]
    down_index, down_group = wiring.groups(roles[above.role].model, (above.ports,))[0]
    lanes = above.down.lanes if above.down else 1
    speed = SPEEDS_MBPS[above.down.speed if above.down else down_group.speed]
    room = (down_group.count - (PAIR if by_rack.core else 0)) * lanes
    upper = {int(devices.ordinal[row]): row for row in wiring.devices(above.role)}
    access = np.asarray(wiring.devices(by_rack.access.role), dtype=np.int64)
    ordinal = devices.ordinal[access]
    needed = PAIR * (-(-(int(ordinal.max(initial=-1)) + 1) // room))
    if missing := [number for number in range(needed) if number not in upper]:
        yield _switches_missing(wiring, above.role, needed, len(missing))
        return
    for side in range(PAIR):
        above_rows = np.asarray([upper[PAIR * int(n // room) + side] for n in ordinal])
        slot = ordinal % room
        lane = slot % lanes if lanes > 1 else -1
        up_speed = SPEEDS_MBPS[up_group.speed]
        a = columns.ports(Ports(access, up_index, side, -1, up_speed, -1))
        z = columns.ports(Ports(above_rows, down_index, slot // lanes, lane, speed, -1))
        columns.links(a, z, code, TIERS.index("leaf-spine"))
    if by_rack.core:
        yield from _joined(wiring, above, by_rack.core, code, columns)


def _joined(
    wiring: Wiring,
    above: Aggregation,
    core: Joint,
    code: int,
    columns: Columns,
) -> Iterator[Diagnostic]:
    """Link every aggregation switch's last two cages to the pair that joins them all."""
    devices, roles = wiring.layout.devices, wiring.site.roles
    up_index, up_group = wiring.groups(roles[above.role].model, (above.ports,))[0]
    index, group = wiring.groups(roles[core.role].model, (core.ports,))[0]
    joints = {int(devices.ordinal[row]): row for row in wiring.devices(core.role)}
    if missing := [number for number in range(PAIR) if number not in joints]:
        yield _switches_missing(wiring, core.role, PAIR, len(missing))
        return
    lower = np.asarray(wiring.devices(above.role), dtype=np.int64)
    slot = devices.ordinal[lower]
    if beyond := int(np.count_nonzero(slot >= group.count)):
        yield error(
            "fabric-ports-exhausted",
            wiring.path,
            f"fabric {wiring.name}: a {core.role} has {group.count} ports, {beyond} of the"
            f" {len(lower)} devices of role {above.role} find none",
            "choose a core switch with more ports, or aggregation switches with more",
        )
    lower, slot = lower[slot < group.count], slot[slot < group.count]
    for side in range(PAIR):
        cage, speed = up_group.count - PAIR + side, SPEEDS_MBPS[up_group.speed]
        a = columns.ports(Ports(lower, up_index, cage, -1, speed, -1))
        z = columns.ports(Ports(joints[side], index, slot, -1, SPEEDS_MBPS[group.speed], -1))
        columns.links(a, z, code, TIERS.index("spine-core"))


def _switches_missing(wiring: Wiring, role: str, needed: int, lacking: int) -> Diagnostic:
    return error(
        "fabric-switches-missing",
        wiring.path,
        f"fabric {wiring.name} needs {needed} devices of role {role}, the racks hold"
        f" {needed - lacking}",
        f"place {lacking} more",
    )


def _findings(
    wiring: Wiring,
    access: str,
    lost: list[int],
    beyond: list[int],
    ports: int,
) -> Iterator[Diagnostic]:
    devices, racks = wiring.layout.devices, wiring.layout.racks
    if lost:
        empty = fold_short(racks.names[rack] for rack in np.unique(devices.rack[lost]))
        yield error(
            "rack-without-switch",
            wiring.path,
            f"fabric {wiring.name}: no device of role {access} in racks {empty}, where"
            f" {counted(len(lost), 'device')} want one",
            "place one in each of these racks",
        )
    if beyond:
        names = fold_short(devices.names[row] for row in beyond)
        yield error(
            "rack-ports-exhausted",
            wiring.path,
            f"fabric {wiring.name}: no place among the {ports} ports of its rack, as per_rack deals"
            f" them, for {names}",
            "raise per_rack of their role, or choose a switch with more ports",
        )
