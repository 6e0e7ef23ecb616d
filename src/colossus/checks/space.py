"""Invariants of space: one device per U, inside the rack, no deeper or heavier than it bears."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import DeviceView, Fabric
from colossus.inventory.catalog import Chassis, Mounted, Server, Switch
from colossus.inventory.nodeset import fold_short

MAX_UNITS = 1 << 10
"""More than any rack has; so rack and U fit in one number."""


class _InRack(Protocol):
    """What is found of one rack."""

    @property
    def rack(self) -> int: ...


OfRack = TypeVar("OfRack", bound=_InRack)


class _Load(NamedTuple):
    """What the devices of a rack weigh, and what it bears."""

    rack: int
    carried_kg: float
    bears_kg: float


@dataclass(frozen=True, slots=True)
class _Stack:
    """The devices that take rack units, rack by rack from the bottom up; top is their highest U."""

    row: NDArray[np.int64]
    rack: NDArray[np.int64]
    u: NDArray[np.int64]
    top: NDArray[np.int64]


def _stack(fabric: Fabric) -> _Stack:
    devices = fabric.devices
    heights = [getattr(fabric.catalog[model], "height_u", 0) for model in fabric.models]
    height = np.asarray(heights, dtype=np.int64)[devices.model]
    row = np.flatnonzero((devices.u > 0) & (height > 0))
    row = row[np.lexsort((row, devices.u[row], devices.rack[row]))]
    u = devices.u[row].astype(np.int64)
    return _Stack(row, devices.rack[row].astype(np.int64), u, u + height[row] - 1)


def u_overlap(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two devices take the same rack unit."""
    stack = _stack(fabric)
    clashes: dict[tuple[str, str], list[tuple[DeviceView, DeviceView]]] = {}
    for below, above in _overlaps(stack):
        lower, upper = (fabric.device(int(stack.row[each])) for each in (below, above))
        clashes.setdefault((lower.origin, upper.origin), []).append((lower, upper))
    first: dict[str, str] = {}
    for origins, pairs in clashes.items():
        lower, upper = pairs[0]
        top = lower.u + lower.height_u - 1
        levels = f"U{lower.u}-U{top}" if top > lower.u else f"U{top}"
        # One rule that clashes with several others is one fault.
        path = f"{origins[1]}.u"
        cause = next((first[origin] for origin in origins if origin in first), "")
        for origin in origins:
            first.setdefault(origin, cause or f"u-overlap at {path}")
        finding = error(
            "u-overlap",
            path,
            f"{upper.name} ({upper.role}, U{upper.u}) overlaps {lower.name} ({lower.role},"
            f" {levels}) in {_overlapping(pairs)}",
            f"move {upper.role} to U{top + 1} or higher, or to free units of the rack",
        )
        yield replace(finding, caused_by=cause)


def _overlaps(stack: _Stack) -> list[tuple[int, int]]:
    """Give each device that begins where one below it, the tallest so far, has not ended."""
    if not len(stack.row):
        return []
    # Racks ascend, so a rack's first device is above all that went before.
    reach = stack.rack * MAX_UNITS + stack.top
    highest = np.maximum.accumulate(reach)
    rising = np.append(True, reach[1:] > highest[:-1])
    tallest = np.maximum.accumulate(np.where(rising, np.arange(len(reach)), 0))
    above = np.flatnonzero(highest[:-1] >= stack.rack[1:] * MAX_UNITS + stack.u[1:]) + 1
    return list(zip(tallest[above - 1].tolist(), above.tolist(), strict=True))


def _overlapping(pairs: list[tuple[DeviceView, DeviceView]]) -> str:
    names = dict.fromkeys(pair[0].rack for pair in pairs)
    more = f", {len(pairs)} overlaps in all" if len(pairs) > len(names) else ""
    return f"{racks_named(names)}{more}"


def groups_alike(fabric: Fabric) -> NDArray[np.int64]:
    """Give each rack group the first one that holds the same roles in the same rack with its PDUs.

    What is wrong with one of them is wrong with all: one finding, and one cure.
    """
    first: dict[object, int] = {}
    found = []
    for place, group in enumerate(fabric.site.racks):
        roles = frozenset(rule.role for rule in group.devices)
        found.append(first.setdefault((group.model, group.pdus, roles), place))
    return np.asarray(found, dtype=np.int64)


def worst_alike(
    fabric: Fabric, wrong: Iterable[OfRack], by: Callable[[OfRack], float]
) -> Iterator[tuple[int, str, OfRack]]:
    """Fold what is wrong with racks of equal groups: rack group, racks in words, the worst."""
    groups: dict[int, list[OfRack]] = {}
    alike = groups_alike(fabric)
    for each in wrong:
        groups.setdefault(int(alike[fabric.racks.group[each.rack]]), []).append(each)
    for group, found in groups.items():
        names = racks_named([fabric.racks.names[each.rack] for each in found])
        yield group, names, max(found, key=by)


def racks_named(names: Collection[str]) -> str:
    """Write `rack a01` or `racks a[01-02]`."""
    return f"rack{'s' if len(names) > 1 else ''} {fold_short(names)}"


def slots_exhausted(fabric: Fabric) -> Iterator[Diagnostic]:
    """More blades sit at a chassis' position than it has slots, or there is no chassis."""
    devices = fabric.devices
    items = [fabric.catalog[model] for model in fabric.models]
    key = devices.rack.astype(np.int64) << 6 | devices.u
    offered: dict[tuple[str, type], dict[int, int]] = {}
    for model, item in enumerate(items):
        if isinstance(item, Chassis):
            places, count = np.unique(key[devices.model == model], return_counts=True)
            for kind, slots in ((Server, item.slots), (Switch, item.switch_slots)):
                rooms = zip(places.tolist(), (count * slots).tolist(), strict=True)
                offered[f"{item.vendor}/{item.model}", kind] = dict(rooms)
    for model, item in enumerate(items):
        if not isinstance(item, Server | Switch) or item.slot_of is None:
            continue
        room = offered.get((item.slot_of, type(item)), {})
        mine = np.flatnonzero(devices.model == model)
        places, first, count = np.unique(key[mine], return_index=True, return_counts=True)
        needed = -(-count // item.per_slot)
        have = np.asarray([room.get(place, 0) for place in places.tolist()], dtype=np.int64)
        over = np.flatnonzero(needed > have)
        if len(over):
            worst = int(over[0])
            view = fabric.device(int(mine[first[worst]]))
            yield error(
                "slots-exhausted",
                f"{view.origin}.u",
                f"{needed[worst]} slots of a {item.slot_of} are wanted at U{view.u} of rack"
                f" {view.rack} for role {view.role}, {have[worst]} are there"
                f" ({counted(len(over), 'place')})",
                "place a chassis at the U of its blades, and no more of them abreast than it holds",
            )


def u_outside_rack(fabric: Fabric) -> Iterator[Diagnostic]:
    """A device reaches above the top of its rack."""
    stack, found = _stack(fabric), dict[tuple[str, int], list[DeviceView]]()
    units = np.asarray([fabric.rack_model(rack).units for rack in range(len(fabric.racks.names))])
    for place in np.flatnonzero(stack.top > units[stack.rack]) if len(units) else ():
        device = fabric.device(int(stack.row[place]))
        found.setdefault((device.origin, int(units[stack.rack[place]])), []).append(device)
    for (origin, top), devices in found.items():
        first = devices[0]
        yield error(
            "u-outside-rack",
            f"{origin}.u",
            f"{first.name} at U{first.u} is {first.height_u}U high and ends above U{top},"
            f" the top of rack {first.rack} ({counted(len(devices), 'device')})",
            f"place it at U{top - first.height_u + 1} or lower",
        )


def depth_exceeds_rack(fabric: Fabric) -> Iterator[Diagnostic]:
    """A device is deeper than its rack's usable depth."""
    stack, found = _stack(fabric), dict[tuple[str, int, int], list[DeviceView]]()
    items = [fabric.catalog[model] for model in fabric.models]
    depths = [item.depth_mm if isinstance(item, Mounted) else 0 for item in items]
    racks = range(len(fabric.racks.names))
    usable = np.asarray([fabric.rack_model(rack).usable_depth_mm for rack in racks])
    depth = np.asarray(depths, dtype=np.int64)[fabric.devices.model[stack.row]]
    for place in np.flatnonzero(depth > usable[stack.rack]) if len(usable) else ():
        device = fabric.device(int(stack.row[place]))
        bears = int(usable[stack.rack[place]])
        found.setdefault((device.model, int(depth[place]), bears), []).append(device)
    for (model, deep, bears), devices in found.items():
        names = [device.name for device in devices]
        yield error(
            "depth-exceeds-rack",
            f"{devices[0].origin}.role",
            f"{model} is {deep} mm deep, the rack's usable depth is {bears} mm"
            f" ({fold_short(names)})",
            "choose a deeper rack model",
        )


def rack_weight(fabric: Fabric) -> Iterator[Diagnostic]:
    """The devices of a rack weigh more than it may carry."""
    weights = np.asarray([fabric.catalog[model].weight_kg for model in fabric.models])
    devices = fabric.devices
    per_rack = np.bincount(
        devices.rack, weights=weights[devices.model], minlength=len(fabric.racks.names)
    )
    loads = (
        _Load(rack, float(carried), fabric.rack_model(rack).load_kg)
        for rack, carried in enumerate(per_rack)
    )
    heavy = (load for load in loads if load.carried_kg > load.bears_kg)
    for group, names, worst in worst_alike(fabric, heavy, lambda load: load.carried_kg):
        yield error(
            "rack-weight",
            f"racks[{group}].model",
            f"up to {worst.carried_kg:.0f} kg stand in {names},"
            f" where a rack carries {worst.bears_kg:.0f} kg",
            "choose a rack with a higher load, or fewer devices per rack",
        )


def rack_outside_row(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack stands past the end of its row."""
    found: dict[tuple[int, int], list[int]] = {}
    for rack, position in enumerate(fabric.racks.position):
        hall = fabric.site.halls[fabric.racks.hall[rack]]
        if position > hall.racks_per_row:
            key = (int(fabric.racks.group[rack]), hall.racks_per_row)
            found.setdefault(key, []).append(rack)
    for (group, places), racks in found.items():
        last = max(int(fabric.racks.position[rack]) for rack in racks)
        yield error(
            "rack-outside-row",
            f"racks[{group}].names",
            f"{racks_named([fabric.racks.names[rack] for rack in racks])} would stand at position"
            f" {last} of a row of {places}",
            "spread the group over several rows, or set racks_per_row of the hall",
        )
