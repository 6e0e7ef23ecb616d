"""Invariants of cords and hoses: an outlet of its own, one that fits, two feeds, two hoses."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from colossus.checks.space import groups_alike, racks_named
from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import Fabric
from colossus.fabric.supply import FEEDS
from colossus.inventory.catalog import Mounted, Pdu
from colossus.inventory.nodeset import fold_short
from colossus.inventory.references import unknown
from colossus.inventory.sockets import (
    INLETS,
    OUTLET,
    OUTLETS,
    SIDES,
    CordEnd,
    cord_end,
    hoses_of,
    plugged,
    sockets_of,
)


def cord_override_unknown(fabric: Fabric) -> Iterator[Diagnostic]:
    """An override names an inlet or outlet that is not there."""
    for place, override in enumerate(fabric.site.cable_overrides):
        near, far = cord_end(override.port), cord_end(override.meets)
        if near is None:
            continue
        for field, end in (("port", near), ("meets", far)):
            path = f"cable_overrides[{place}].{field}"
            word = getattr(override, field)
            if end is None or end.device not in fabric.device_index:
                yield unknown(path, "cord end", word, fabric.device_index)
            elif end.number > _sockets_at(fabric, end):
                yield error(
                    "reference-unknown",
                    path,
                    f"{end.device} has no {end.kind} {end.number}, it has"
                    f" {_sockets_at(fabric, end)}",
                    "inlets are psu-1 and on, outlets outlet-1 and on",
                )


def _sockets_at(fabric: Fabric, end: CordEnd) -> int:
    item = fabric.equipment(fabric.device_index[end.device])
    return sum(row.count for row in sockets_of(item) if row.name == end.kind)


def outlets_exhausted(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack has more power cords of a kind than its PDUs have outlets."""
    cords = fabric.supply.cords
    left = np.unique(np.stack([cords.rack, cords.plug])[:, cords.source < 0], axis=1)
    found: dict[tuple[int, int, int, int], list[str]] = {}
    for rack, plug in left.T.tolist():
        needed = int(np.count_nonzero((cords.rack == rack) & (cords.plug == plug)))
        key = (int(fabric.racks.group[rack]), plug, needed, _offered(fabric, rack, plug))
        found.setdefault(key, []).append(fabric.racks.names[rack])
    for (index, plug, needed, offered), names in found.items():
        if offered:
            yield error(
                "outlets-exhausted",
                f"racks[{index}].pdus",
                f"the devices in {racks_named(names)} need {needed} {OUTLETS[plug]} outlets per"
                f" rack, its PDUs have {offered}",
                "add PDUs, or choose a model with more outlets of that kind",
            )
        else:
            yield error(
                "outlet-unfit",
                f"racks[{index}].pdus",
                f"{needed} cords of {racks_named(names)} have {INLETS[plug]} inlets and want"
                f" {OUTLETS[plug]} outlets, its PDUs have none",
                "choose PDUs with such outlets",
            )


def _offered(fabric: Fabric, rack: int, plug: int) -> int:
    """Count the outlets of a kind that the PDUs of a rack have together."""
    pdus = fabric.site.racks[fabric.racks.group[rack]].pdus
    item = fabric.catalog[pdus.model] if pdus else None
    if pdus is None or not isinstance(item, Pdu):
        return 0
    each = sum(row.count for row in item.outlets if row.connector == OUTLETS[plug])
    return each * len(pdus.feeds)


def outlet_unfit(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cord is put into an outlet that its plug does not fit."""
    for row, place in _overridden(fabric):
        cords = fabric.supply.cords
        pdu, number = int(cords.source[row]), int(cords.outlet[row])
        outlets = sockets_of(fabric.equipment(pdu))
        kinds = [o.connector for o in outlets if o.first_cage <= number < o.first_cage + o.count]
        wanted = OUTLETS[cords.plug[row]]
        if kinds and kinds[0] != wanted:
            yield error(
                "outlet-unfit",
                f"cable_overrides[{place}]",
                f"outlet {number} of {fabric.devices.names[pdu]} is a {kinds[0]}, the cord of"
                f" {fabric.devices.names[cords.device[row]]} wants a {wanted}",
                "name an outlet of that kind",
            )


def _overridden(fabric: Fabric) -> Iterator[tuple[int, int]]:
    """Give cords that an override moved, and the place of the override."""
    cords = fabric.supply.cords
    for place, override in enumerate(fabric.site.cable_overrides):
        ends = [end for word in (override.port, override.meets) if (end := cord_end(word))]
        inlets = [end for end in ends if end.kind != OUTLET and end.device in fabric.device_index]
        for end in inlets if len(ends) > 1 else ():
            mine = cords.device == fabric.device_index[end.device]
            for row in np.flatnonzero(mine & (cords.inlet == end.number - 1)).tolist():
                yield row, place


def outlet_used_twice(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two cords are put into one outlet."""
    cords = fabric.supply.cords
    key = np.where(cords.source < 0, -1, cords.source.astype(np.int64) << 16 | cords.outlet)
    keys, first, count = np.unique(key, return_index=True, return_counts=True)
    places = dict(_overridden(fabric))
    for row in first[(count > 1) & (keys >= 0)].tolist():
        users = np.flatnonzero(key == key[row]).tolist()
        words = [
            f"{fabric.devices.names[cords.device[user]]} psu-{cords.inlet[user] + 1}"
            for user in users
        ]
        place = next((places[user] for user in users if user in places), None)
        yield error(
            "outlet-used-twice",
            "racks" if place is None else f"cable_overrides[{place}]",
            f"outlet {cords.outlet[row]} of {fabric.devices.names[cords.source[row]]} is given to"
            f" {' and to '.join(words)}",
            "say with another override where the cord went that was plugged there",
        )


def feeds_unsplit(fabric: Fabric) -> Iterator[Diagnostic]:
    """A device with redundant supplies goes dark with one feed, though its rack has two."""
    cords, count = fabric.supply.cords, len(fabric.devices.names)
    lost = np.zeros((len(FEEDS), count), dtype=np.int64)
    for feed in range(len(FEEDS)):
        mine = cords.feed == feed
        lost[feed] = np.bincount(cords.device[mine], minlength=count)
    total, most = lost.sum(axis=0), lost.max(axis=0)
    alone = np.flatnonzero((total > 1) & (total - most < _needed(fabric)) & _two_feeds(fabric))
    racks = fabric.devices.rack[alone]
    groups = groups_alike(fabric)[fabric.racks.group[racks]]
    for group in np.unique(groups).tolist():
        here = alone[groups == group]
        worst = int(here[np.argmax(most[here])])
        names = fold_short(fabric.devices.names[row] for row in here.tolist())
        where = [fabric.racks.names[rack] for rack in np.unique(racks[groups == group]).tolist()]
        yield error(
            "feeds-unsplit",
            f"racks[{group}].pdus",
            f"{names} in {racks_named(where)} would go dark with one feed: it takes {most[worst]}"
            f" of {total[worst]} supplies",
            "plug the supplies of a device into both feeds, or choose stronger ones",
        )


def _needed(fabric: Fabric) -> NDArray[np.int64]:
    """Count the supplies that carry a device's nominal power; those that throttle need no more."""
    each = []
    for item in (fabric.catalog[model] for model in fabric.models):
        supplies = plugged(item)
        if isinstance(item, Mounted) and supplies and supplies.redundant:
            each.append(-(-item.power.nominal_watts // supplies.watts))
        else:
            each.append(0)
    return np.asarray(each, dtype=np.int64)[fabric.devices.model]


def _two_feeds(fabric: Fabric) -> NDArray[np.bool_]:
    """Say of each device whether its rack has PDUs on both feeds."""
    groups = [set(g.pdus.feeds) if g.pdus else set() for g in fabric.site.racks]
    both = np.asarray([len(feeds) > 1 for feeds in groups], dtype=np.bool_)
    return both[fabric.racks.group[fabric.devices.rack]]


def hose_unpaired(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cooled device has a supply hose without a return."""
    for name, role in fabric.site.roles.items():
        hoses = hoses_of(fabric.catalog[role.model])
        if hoses % len(SIDES):
            yield error(
                "hose-unpaired",
                f"roles.{name}.model",
                f"{role.model} has {counted(hoses, 'hose')}: coolant that goes in must come out",
                "correct cooling.hoses of the catalogue entry: a supply and a return each",
            )
