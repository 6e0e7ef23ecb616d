"""Power cords and coolant hoses of every rack: which inlet meets which outlet, all at once.

Supplies of a device are dealt to the feeds in turn, those of one feed to its PDUs in turn, so that
the loss of a feed takes half of each device and no PDU carries more than its share. Hoses go to the
manifold of the rack, a supply and a return each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.plugging import Equipped, Places, counted_within
from colossus.fabric.tables import Index, index_array
from colossus.inventory.catalog import Pdu
from colossus.inventory.sockets import INLETS, OUTLET, OUTLETS, TAPPED, cord_end

FEEDS = ("A", "B")
PHASES = 3
"""Outlets of a three-phase PDU cycle L1-L2, L2-L3, L3-L1 (facts: systems.md 5.13)."""
_MANIFOLD = 0
_TAP = 1


@dataclass(frozen=True, slots=True)
class CordTable:
    """Power cords. inlet counts from 0 in its device; plug indexes INLETS; feed indexes FEEDS.

    source: the device row of the PDU, -1 where it has no outlet left, from the number of devices
    on a fixture (a tap). outlet: its printed number, 0 for none. phase: 0 = L1-L2, 1 = L2-L3,
    2 = L3-L1, -1 = all three. height: of the outlet, as a share of the rack.
    """

    device: Index
    inlet: Index
    plug: Index
    rack: Index
    feed: Index
    source: Index
    outlet: Index
    phase: Index
    height: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HoseTable:
    """Coolant hoses. end counts from 0 in its device; even ends are supply, odd ones return.

    source: device row of the manifold, a fixture; coupling: its number there, from 0.
    """

    device: Index
    end: Index
    rack: Index
    source: Index
    coupling: Index


@dataclass(frozen=True, slots=True)
class Fixtures:
    """What stands in no table of devices. kind: 0 a manifold, 1 + feed a tap; sorted by rack."""

    rack: Index
    kind: Index


@dataclass(frozen=True, slots=True)
class Supply:
    """Cords and hoses of a site, the fixtures they need, and the order that the lock keeps."""

    cords: CordTable
    hoses: HoseTable
    fixtures: Fixtures
    places: Places


def supply(equipped: Equipped, places: Places) -> Supply:
    """Plug in every supply and every cold plate."""
    sockets = _sockets(equipped)
    cords, hoses = _cords(equipped, places, sockets), _hoses(places)
    _plug_otherwise(equipped, cords)
    tapped = cords.plug == INLETS.index(TAPPED)
    codes = np.concatenate(
        [hoses.rack * _CODES + _MANIFOLD, cords.rack[tapped] * _CODES + _TAP + cords.feed[tapped]]
    )
    fixtures = np.unique(codes)
    count = len(equipped.devices.names)
    hoses.source[:] = count + np.searchsorted(fixtures, codes[: len(hoses.rack)])
    cords.source[tapped] = count + np.searchsorted(fixtures, codes[len(hoses.rack) :])
    return Supply(
        cords, hoses, Fixtures(fixtures // _CODES, (fixtures % _CODES).astype(np.int32)), places
    )


_CODES = 1 + len(FEEDS)


@dataclass(frozen=True, slots=True)
class _Sockets:
    """What the PDUs of each rack group offer.

    feeds: how many, and which, padded; pdus: PDUs of a feed; outlets: per inlet kind, the printed
    numbers, padded with 0; count: how many of them; row: device row of (rack, feed, nth PDU).
    """

    feed_count: Index
    feeds: Index
    pdus: Index
    outlets: Index
    count: Index
    three_phase: NDArray[np.bool_]
    row: Index


def _sockets(equipped: Equipped) -> _Sockets:
    groups = equipped.site.racks
    halls = {hall.name: hall for hall in equipped.site.halls}
    listed = [tuple(group.pdus.feeds) if group.pdus else () for group in groups]
    feeds = np.zeros((len(groups), len(FEEDS)), dtype=np.int32)
    feed_count, pdus = np.ones(len(groups), dtype=np.int32), np.zeros_like(feeds)
    items = [equipped.catalog[group.pdus.model] if group.pdus else None for group in groups]
    numbers = [_numbers(item) for item in items]
    widest = max((len(each) for group in numbers for each in group), default=0)
    outlets = np.zeros((len(groups), len(INLETS), max(widest, 1)), dtype=np.int32)
    for row, names in enumerate(listed):
        known = names or tuple(halls[groups[row].hall_names[0]].feeds) or FEEDS[:1]
        distinct = [FEEDS.index(feed) for feed in dict.fromkeys(known)]
        feed_count[row] = len(distinct)
        feeds[row, : len(distinct)] = distinct
        for feed in names:
            pdus[row, FEEDS.index(feed)] += 1
        for plug, each in enumerate(numbers[row]):
            outlets[row, plug, : len(each)] = each
    return _Sockets(
        feed_count=feed_count,
        feeds=feeds,
        pdus=pdus,
        outlets=outlets,
        count=np.count_nonzero(outlets, axis=2).astype(np.int32),
        three_phase=np.asarray(
            [isinstance(item, Pdu) and item.phases > 1 for item in items], dtype=np.bool_
        ),
        row=_pdu_rows(equipped, int(pdus.max(initial=0))),
    )


def _numbers(item: object) -> list[list[int]]:
    """Give the printed numbers of a PDU's outlets, by the inlet that they serve."""
    found: dict[str, list[int]] = {}
    first = 1
    for outlets in item.outlets if isinstance(item, Pdu) else ():
        found.setdefault(outlets.connector, []).extend(range(first, first + outlets.count))
        first += outlets.count
    return [found.get(connector, []) for connector in OUTLETS]


def _pdu_rows(equipped: Equipped, most: int) -> Index:
    """Find the PDUs by rack, feed and place; their level is 2 and 3 for the first of A and B."""
    devices = equipped.devices
    kinds = [isinstance(equipped.catalog[model], Pdu) for model in equipped.models]
    mine = np.flatnonzero(np.asarray(kinds, dtype=np.bool_)[devices.model])
    rows = np.full((len(equipped.racks.names), len(FEEDS), max(most, 1)), -1, dtype=np.int32)
    nth, feed = np.divmod(devices.level[mine], len(FEEDS))
    rows[devices.rack[mine], feed, nth - 1] = mine
    return rows


def _cords(equipped: Equipped, places: Places, offered: _Sockets) -> CordTable:
    """Deal every supply to a feed, a PDU and an outlet."""
    entry = np.repeat(np.arange(len(places.rack)), places.cords)
    inlet = counted_within(entry.astype(np.int32))
    rack, plug, group = places.rack[entry], places.plug[entry], equipped.racks.group
    group = group[rack]
    feeds = offered.feed_count[group]
    # A device whose supplies do not divide by the feeds begins with another feed than the last one.
    turn = np.where(places.cords[entry] % feeds, places.position[entry], 0)
    feed = offered.feeds[group, (inlet + turn) % feeds]
    order = np.lexsort((inlet, places.position[entry], plug, feed, rack))
    rank = np.zeros(len(entry), dtype=np.int32)
    rank[order] = counted_within(rack[order], feed[order], plug[order])
    pdus = np.maximum(offered.pdus[group, feed], 1)
    place, nth = rank // pdus, rank % pdus
    room = offered.count[group, plug]
    fits = place < room
    tapped = plug == INLETS.index(TAPPED)
    held = offered.outlets[group, plug, np.minimum(place, offered.outlets.shape[2] - 1)]
    outlet = np.where(tapped, rank + 1, np.where(fits, held, 0)).astype(np.int32)
    source = np.where(fits, offered.row[rack, feed, nth], -1)
    phase = np.where(offered.three_phase[group] & ~tapped, (outlet - 1) % PHASES, -1)
    there = places.device[entry] >= 0
    return CordTable(
        device=places.device[entry][there],
        inlet=inlet[there],
        plug=plug[there],
        rack=rack[there],
        feed=feed[there].astype(np.int32),
        source=source[there].astype(np.int32),
        outlet=outlet[there],
        phase=phase[there].astype(np.int32),
        height=((place + 0.5) / np.maximum(room, 1))[there],
    )


def _plug_otherwise(equipped: Equipped, cords: CordTable) -> None:
    """Move the cords that overrides of the site name to the outlets they meet."""
    named = [
        (one, other)
        for override in equipped.site.cable_overrides
        if (one := cord_end(override.port)) and (other := cord_end(override.meets))
    ]
    if not named:
        return
    devices = equipped.devices
    rows = {name: row for row, name in enumerate(devices.names)}
    for ends in named:
        outlet, inlet = sorted(ends, key=lambda end: end.kind != OUTLET)
        source = rows.get(outlet.device, -1)
        mine = (cords.device == rows.get(inlet.device, -1)) & (cords.inlet == inlet.number - 1)
        item = equipped.catalog[equipped.models[devices.model[source]]]
        if not mine.any() or not isinstance(item, Pdu):
            continue
        cords.source[mine], cords.outlet[mine] = source, outlet.number
        cords.feed[mine] = devices.level[source] % len(FEEDS)
        cords.phase[mine] = (outlet.number - 1) % PHASES if item.phases > 1 else -1


def _hoses(places: Places) -> HoseTable:
    """Give each hose a coupling of its rack's manifold, those of one device beside each other."""
    pairs = -(-places.hoses // 2)
    entry = np.repeat(np.arange(len(places.rack)), places.hoses)
    end = counted_within(entry.astype(np.int32))
    before = np.cumsum(pairs) - pairs
    first = np.flatnonzero(places.position == 0) if len(pairs) else index_array([])
    start = np.repeat(before[first], np.diff(np.append(first, len(pairs))))
    coupling = 2 * (before - start)[entry] + end
    there = places.device[entry] >= 0
    return HoseTable(
        device=places.device[entry][there],
        end=end[there],
        rack=places.rack[entry][there],
        source=np.zeros(int(np.count_nonzero(there)), dtype=np.int32),
        coupling=coupling[there].astype(np.int32),
    )
