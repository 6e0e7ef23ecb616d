"""Port groups for the catalogue from rows of ports: names, breakouts, management ports."""

import re
from collections.abc import Sequence
from typing import Literal

from colossus.fabric.model import speed_word
from colossus.inventory.ports import BMC_PORTS
from colossus.inventory.words import SPEEDS_MBPS
from colossus.load.netbox_ports import Row
from colossus.load.netbox_types import INTERFACE_TYPES, NetboxInterface, NetboxRecord

Value = str | int | float | bool | list["Value"] | dict[str, "Value"]
_BMC = re.compile(r"bmc|ipmi|i?drac|ilo|xcc|ipmi|redfish", re.IGNORECASE)
_STRANGE = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 15  # characters of an interface name that the kernel takes


def port_groups(
    record: NetboxRecord,
    rows: Sequence[Row],
    kind: Literal["server", "switch"],
) -> list[Value]:
    """Give the port groups: rows of data ports first, then management, then the BMC."""
    names = group_names(rows, kind)
    groups = [_of_row(row, name, kind) for row, name in zip(rows, names, strict=True)]
    first = {each.name: each for each in reversed(record.interfaces) if each.mgmt_only}
    ports = [each for each in reversed(first.values()) if each.type in INTERFACE_TYPES]
    controllers = [each for each in ports if kind == "server" and _BMC.search(each.name)]
    others = [each for each in ports if each not in controllers]
    for name, members in (("mgmt", others), (BMC_PORTS, controllers)):
        if members:
            groups.append(_management(name, members))
    return [*groups]


def group_names(rows: Sequence[Row], kind: str) -> list[str]:
    """Name the rows by what they are for: the largest carries data (or access, on copper)."""
    largest = max(rows, key=lambda row: row.listed, default=None)
    taken: dict[str, int] = {}
    names = []
    for row in rows:
        name = _use(row, largest, kind)
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names


def _use(row: Row, largest: Row | None, kind: str) -> str:
    copper = row.plug.connector == "RJ45"
    if kind == "server":
        return "lom" if copper else "nic"
    if largest is None or row is largest:
        return "access" if copper else "data"
    faster = SPEEDS_MBPS[row.plug.speed] > SPEEDS_MBPS[largest.plug.speed]
    return "uplink" if faster else "service"


def _of_row(row: Row, name: str, kind: str) -> Value:
    speed, lanes = row.plug.speed, len(row.halves)
    group: dict[str, Value] = {"name": name, "count": row.cages, "connector": row.plug.connector}
    if lanes:
        group["speed"] = speed_word(SPEEDS_MBPS[speed] * lanes)
        group["breakouts"] = [{"lanes": lanes, "speed": speed}]
    else:
        group["speed"] = speed
    group |= _naming(row)
    if kind == "server" and row.cages > 1:
        group["rail_order"] = "none"
    return group


def _naming(row: Row) -> dict[str, Value]:
    """Give the name patterns; a row that counts in steps is named by index."""
    if row.step == 1 and row.first == 1:
        naming: dict[str, Value] = {}
    elif row.step == 1:
        naming = {"first_cage": row.first}
    else:
        naming = {"index_first": row.first, "index_step": row.step}
    pattern = row.plain_pattern
    if row.step > 1:
        pattern = pattern.replace("{cage}", "{index}")
    whole = re.sub(r"[^A-Za-z0-9}]*[ps]?\{half\}", "", pattern) if row.halves else pattern
    naming["interface"] = whole
    if row.halves:
        naming["split_interface"] = pattern.replace("{half}", _half_word(row))
    return naming


def _half_word(row: Row) -> str:
    if row.lettered:
        return "{letter}"
    return "{lane}" if row.halves[0] == 0 else "{half}"


def _management(name: str, members: Sequence[NetboxInterface]) -> Value:
    plug = INTERFACE_TYPES[members[0].type]
    # Nobody's operating system sees a BMC's port: it is called what it is.
    names = [BMC_PORTS] if name == BMC_PORTS and len(members) == 1 else [m.name for m in members]
    listed: list[Value] = [_STRANGE.sub("-", each)[:_LONGEST].strip("-") for each in names]
    return {
        "name": name,
        "count": len(members),
        "connector": plug.connector,
        "speed": plug.speed,
        "interfaces": listed,
        "management": True,
    }
