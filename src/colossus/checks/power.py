"""Invariants of power: racks, feeds, loss of a feed, inlets, outlets, the hall's supply.

Fault-tolerant supplies throttle: when a feed is lost, a rack passes if its *nominal* power fits
on what remains; a warning if its maximum does not (facts: systems.md 5.13).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from colossus.checks.space import groups_alike, racks_named, worst_alike
from colossus.diagnostics import Diagnostic, error, warning
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Mounted, Pdu, Power
from colossus.inventory.nodeset import expand
from colossus.inventory.sockets import ON_PDUS


@dataclass(frozen=True, slots=True)
class RackPower:
    """What a rack draws and what each of its feeds can give, in watts."""

    rack: int
    nominal_watts: int
    max_watts: int
    feeds: dict[str, int]


def rack_powers(fabric: Fabric) -> list[RackPower]:
    """Add up every rack's draw and its PDUs' capacity per feed."""
    return _powers(fabric, [True] * len(fabric.models))


def pdu_powers(fabric: Fabric) -> list[RackPower]:
    """Add up what hangs on the PDUs of every rack: nothing on a busbar or a supply of its own."""
    items = (fabric.catalog[model] for model in fabric.models)
    return _powers(fabric, [isinstance(item, Mounted) and _on_pdus(item) for item in items])


def _powers(fabric: Fabric, counted: list[bool]) -> list[RackPower]:
    powers = []
    nominal = _per_rack(fabric, counted, lambda power: power.nominal_watts)
    most = _per_rack(fabric, counted, lambda power: power.max_watts)
    for rack in range(len(fabric.racks.names)):
        group = fabric.site.racks[fabric.racks.group[rack]]
        feeds: dict[str, int] = {}
        if group.pdus:
            pdu = fabric.catalog[group.pdus.model]
            for feed in group.pdus.feeds:
                usable = pdu.usable_watts if isinstance(pdu, Pdu) else 0
                feeds[feed] = feeds.get(feed, 0) + usable
        powers.append(RackPower(rack, nominal[rack], most[rack], feeds))
    return powers


def _per_rack(fabric: Fabric, counted: list[bool], watts: Callable[[Power], int]) -> list[int]:
    """Add up one figure over the devices of counted models that each rack holds at this stage."""
    items = [fabric.catalog[model] for model in fabric.models]
    each = np.asarray(
        [
            watts(item.power) if chosen and isinstance(item, Mounted) else 0
            for item, chosen in zip(items, counted, strict=True)
        ],
        dtype=np.int64,
    )
    devices = fabric.devices
    draw = np.where(devices.present, each[devices.model], 0)
    sums = np.bincount(devices.rack, weights=draw, minlength=len(fabric.racks.names))
    return [int(total) for total in sums]


def _on_pdus(item: Mounted) -> bool:
    supplies = item.power.supplies
    return supplies is None or supplies.inlet in ON_PDUS


def _most(power: RackPower) -> int:
    return power.max_watts


def rack_power(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack draws more than all its PDUs together can give."""
    wrong = [p for p in pdu_powers(fabric) if p.feeds and p.max_watts > sum(p.feeds.values())]
    for group, names, worst in worst_alike(fabric, wrong, _most):
        yield error(
            "rack-power",
            f"racks[{group}].pdus",
            f"the devices in {names} draw up to {worst.max_watts:,} W per rack, its PDUs give"
            f" {sum(worst.feeds.values()):,} W",
            "add PDUs, choose larger ones, or place fewer devices in the rack",
        )


def feed_loss(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack does not survive the loss of one of its two feeds."""
    powers = [p for p in pdu_powers(fabric) if len(p.feeds) > 1]
    powers = [p for p in powers if p.max_watts <= sum(p.feeds.values())]
    dark = [p for p in powers if p.nominal_watts > min(p.feeds.values())]
    for group, names, worst in worst_alike(fabric, dark, _most):
        yield error(
            "feed-loss",
            f"racks[{group}].pdus",
            f"the devices in {names} draw {worst.nominal_watts:,} W per rack nominally, but one"
            f" feed alone gives {min(worst.feeds.values()):,} W",
            "add a PDU per feed, or place fewer devices in the rack",
        )
    alike = groups_alike(fabric)
    done = {int(alike[fabric.racks.group[p.rack]]) for p in dark}
    powers = [p for p in powers if int(alike[fabric.racks.group[p.rack]]) not in done]
    throttled = [p for p in powers if p.max_watts > min(p.feeds.values())]
    for group, names, worst in worst_alike(fabric, throttled, _most):
        yield warning(
            "feed-loss",
            f"racks[{group}].pdus",
            f"the devices in {names} throttle when a feed is lost: they draw up to"
            f" {worst.max_watts:,} W per rack, one feed alone gives"
            f" {min(worst.feeds.values()):,} W",
            "accept it, or add a PDU per feed",
        )


def hall_feed_power(fabric: Fabric) -> Iterator[Diagnostic]:
    """A hall draws more than one of its feeds can carry when the other is lost."""
    powers = pdu_powers(fabric)
    for place, hall in enumerate(fabric.site.halls):
        here = [p for p in powers if fabric.racks.hall[p.rack] == place]
        loads: dict[tuple[int, int, int], list[str]] = {}
        for feed, supply in hall.feeds.items():
            fed = [p for p in here if feed in p.feeds]
            load = sum(p.nominal_watts for p in fed), sum(p.max_watts for p in fed)
            loads.setdefault((*load, supply.max_watts), []).append(feed)
        for (nominal, most, carried), feeds in loads.items():
            one = len(feeds) == 1
            words = f"hall {hall.name}: the racks on feed {' and on feed '.join(feeds)} draw"
            limit = f"{'the feed' if one else 'each'} carries {carried:,} W"
            path = f"halls[{place}].feeds.{feeds[0]}" if one else f"halls[{place}].feeds"
            if nominal > carried:
                hint = "a larger feed, or fewer racks on it"
                yield error("hall-feed-power", path, f"{words} {nominal:,} W, {limit}", hint)
            elif most > carried:
                hint = "accept throttling, or provide a larger feed"
                summary = f"{words} up to {most:,} W, {limit}"
                yield warning("hall-feed-power", path, summary, hint)


def rack_without_feed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A rack's PDU hangs on a feed that its hall does not have."""
    halls = {hall.name: hall for hall in fabric.site.halls}
    for index, group in enumerate(fabric.site.racks):
        wanted = dict.fromkeys(group.pdus.feeds if group.pdus else ())
        for name, feed in product(group.hall_names, wanted):
            feeds = halls[name].feeds
            if feeds and feed not in feeds:
                yield error(
                    "rack-without-feed",
                    f"racks[{index}].pdus.feeds",
                    f"the PDUs in {racks_named(expand(group.names))} want feed {feed}, which hall"
                    f" {name} does not have",
                    f"the hall has: {', '.join(sorted(feeds))}",
                )


def inlet_overload(fabric: Fabric) -> Iterator[Diagnostic]:
    """A power supply draws more than its inlet passes."""
    for name in fabric.models:
        item = fabric.catalog[name]
        supplies = item.power.supplies if isinstance(item, Mounted) else None
        if supplies and not supplies.fits_inlet:
            role = next(key for key, role in fabric.site.roles.items() if role.model == name)
            yield error(
                "inlet-overload",
                f"roles.{role}.model",
                f"{name}: a {supplies.watts:,} W supply on a {supplies.inlet} inlet of"
                f" {supplies.inlet_amps:g} A ({supplies.inlet_watts:,.0f} W at {supplies.volts} V)",
                "correct the catalogue entry: watts, inlet or inlet_amps",
            )
