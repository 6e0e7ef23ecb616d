"""Where a device stands, from the site down to the board: what people follow to find it.

Above the rack lie the levels of the site; below it blades sit in slots of a chassis, several boards
to a slot, as the catalogue says.
"""

from collections.abc import Callable, Sequence

import numpy as np

from colossus.fabric.hierarchy import rack_places, racks_in
from colossus.fabric.layout import ABREAST
from colossus.fabric.model import Fabric
from colossus.fabric.paths import Mask
from colossus.inventory.catalog import Chassis, Mounted, Switch


def locator(fabric: Fabric) -> Callable[[int], dict[str, str]]:
    """Give what tells a device's place: level → name, the site first; computed once for all.

    `{site: frontier, hall: main, cabinet: c01, chassis: chassis-003, slot: 5, board: 2}`.
    """
    devices = fabric.devices
    around = _chassis(fabric)

    def inside(row: int) -> dict[str, str]:
        item = fabric.equipment(row)
        holders = around.get((int(devices.rack[row]), int(devices.u[row])), ())
        if not isinstance(item, Mounted) or item.slot_of is None:
            return {"u": str(devices.u[row])} if devices.u[row] else {}
        fitting = [one for one in holders if fabric.models[devices.model[one]] == item.slot_of]
        place = int(devices.level[row]) // ABREAST
        return _seat(fabric, item, fitting, place) if fitting else {"u": str(devices.u[row])}

    def locate(row: int) -> dict[str, str]:
        rack = int(devices.rack[row])
        return {
            "site": fabric.site.cluster,
            **rack_places(fabric.levels, rack),
            fabric.rack_model(rack).called: fabric.racks.names[rack],
            **inside(row),
        }

    return locate


def standing_in(fabric: Fabric, word: str, name: str) -> Mask | None:
    """Say which devices stand in a place: `hall=h1`, `array=h1-p3-a2`, `row=r01`, `chassis=...`.

    None where there is no such place.
    """
    racks, devices = fabric.racks, fabric.devices
    if word in [each.level for each in fabric.levels]:
        found = racks_in([each for each in fabric.levels if each.level == word], name)
        return np.isin(devices.rack, found) if len(found) else None
    if word == "row" and name in fabric.rows:
        return np.asarray(racks.row[devices.rack] == fabric.rows.index(name), dtype=np.bool_)
    rack = fabric.rack_index.get(name, -1)
    if rack >= 0 and word in ("rack", fabric.rack_model(rack).called):
        return np.asarray(devices.rack == rack, dtype=np.bool_)
    around = fabric.device_index.get(name, -1)
    if around >= 0 and word == "chassis" and isinstance(fabric.equipment(around), Chassis):
        beside = (devices.rack == devices.rack[around]) & (devices.u == devices.u[around])
        return np.asarray(beside, dtype=np.bool_)
    return None


def machines_in(fabric: Fabric, word: str, name: str) -> list[str]:
    """Name the devices that stand in a place and have a playbook; none where there is no place."""
    there = standing_in(fabric, word, name)
    if there is None:
        return []
    known = [fabric.site.roles.get(role) for role in fabric.roles]
    configured = np.asarray([bool(role and role.playbook) for role in known], dtype=np.bool_)
    rows = np.flatnonzero(there & configured[fabric.devices.role] & fabric.devices.present)
    return [fabric.devices.names[row] for row in rows.tolist()]


def seats(fabric: Fabric) -> list[str]:
    """Write the seat of every blade for sheets: `chassis-003.5.2`; empty for what sits in no slot.

    Chassis, slot and, where several share a slot, board; `chassis-003.s4` in a slot for switches.
    Nothing at all for a site without chassis.
    """
    if not _chassis(fabric):
        return []
    locate = locator(fabric)
    return [_short(locate(row)) for row in range(len(fabric.devices.names))]


def _short(location: dict[str, str]) -> str:
    """Leave of a location what lies in a chassis."""
    switch = location.get("switch-slot")
    steps = (location.get("chassis"), location.get("slot"), switch and f"s{switch}")
    return ".".join(step for step in (*steps, location.get("board")) if step)


def _chassis(fabric: Fabric) -> dict[tuple[int, int], list[int]]:
    """Find the chassis at each U of each rack."""
    devices = fabric.devices
    kinds = [isinstance(fabric.catalog[model], Chassis) for model in fabric.models]
    found: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(np.asarray(kinds, dtype=np.bool_)[devices.model]).tolist():
        found.setdefault((int(devices.rack[row]), int(devices.u[row])), []).append(row)
    return found


def _seat(fabric: Fabric, item: Mounted, holders: Sequence[int], place: int) -> dict[str, str]:
    """Say where a blade sits: chassis after chassis, slot by slot, board by board, all from 1."""
    chassis = fabric.equipment(holders[0])
    assert isinstance(chassis, Chassis)  # noqa: S101 — that is how the holders were found
    switch = isinstance(item, Switch)
    slots = chassis.switch_slots if switch else chassis.slots
    slot, board = divmod(place, item.per_slot)
    nth, slot = divmod(slot, max(slots, 1))
    seat = {
        "chassis": fabric.devices.names[holders[min(nth, len(holders) - 1)]],
        "switch-slot" if switch else "slot": str(slot + 1),
    }
    return seat | ({"board": str(board + 1)} if item.per_slot > 1 else {})
