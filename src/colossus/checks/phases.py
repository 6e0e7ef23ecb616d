"""Invariants of the banks of three-phase PDUs: each phase carries its share, also with one feed.

Outlets cycle L1-L2, L2-L3, L3-L1; a bank passes a third of what its PDU gives. Fault-tolerant
supplies throttle: when a feed is lost, nominal power must fit (facts: systems.md 5.13).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from colossus.checks.space import groups_alike, racks_named
from colossus.diagnostics import Diagnostic, Severity, error
from colossus.fabric.model import Fabric
from colossus.fabric.supply import FEEDS, PHASES
from colossus.inventory.catalog import Mounted, Pdu

PHASE_NAMES = ("L1-L2", "L2-L3", "L3-L1")
TOLERANCE_WATTS = 1.0
Watts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Banks:
    """Load of every bank in watts, row = PDU device row × 3 + phase; and what a bank passes.

    lost: the feed that is gone, -1 for none.
    """

    lost: int
    nominal: Watts
    most: Watts
    passes: Watts


def banks(fabric: Fabric) -> list[Banks]:
    """Load the banks with both feeds, then with each feed lost where a rack has two."""
    usable = np.zeros(len(fabric.models))
    for code, model in enumerate(fabric.models):
        item = fabric.catalog[model]
        if isinstance(item, Pdu) and item.phases == PHASES:
            usable[code] = item.usable_watts / PHASES
    passes = np.repeat(usable[fabric.devices.model], PHASES)
    return [_loaded(fabric, lost, passes) for lost in (-1, *range(len(FEEDS)))]


def _loaded(fabric: Fabric, lost: int, passes: Watts) -> Banks:
    cords, devices = fabric.supply.cords, fabric.devices
    count = len(devices.names)
    feeds = np.zeros((len(fabric.racks.names), len(FEEDS)), dtype=np.bool_)
    feeds[cords.rack, cords.feed] = True
    both = np.asarray(feeds.all(axis=1), dtype=np.bool_)
    # A rack on one feed goes dark when it is lost, and what is dark overloads nothing.
    live = devices.present[cords.device] & (cords.source >= 0) & (cords.source < count)
    live &= (cords.feed != lost) & ((lost < 0) | both[cords.rack])
    device, source, phase = cords.device[live], cords.source[live], cords.phase[live]
    share = 1 / np.maximum(np.bincount(device, minlength=count), 1)[device]
    three = phase < 0
    # A three-phase cord loads all banks alike.
    bank = source.astype(np.int64) * PHASES + np.where(three, 0, phase)
    spread = (source[three].astype(np.int64) * PHASES)[:, None] + np.arange(PHASES)
    loads: list[Watts] = []
    for field in ("nominal_watts", "max_watts"):
        each = [
            getattr(item.power, field) if isinstance(item, Mounted) else 0
            for item in (fabric.catalog[model] for model in fabric.models)
        ]
        watts = np.asarray(each, dtype=np.float64)[devices.model[device]] * share
        where = np.concatenate([bank[~three], spread.ravel()])
        parts = np.concatenate([watts[~three], np.repeat(watts[three] / PHASES, PHASES)])
        loads.append(np.bincount(where, parts, minlength=count * PHASES).astype(np.float64))
    return Banks(lost, loads[0], loads[1], passes)


def phase_overload(fabric: Fabric) -> Iterator[Diagnostic]:
    """A phase of a PDU carries more than its third, with both feeds or with one of them lost."""
    told: set[int] = set()
    for state in banks(fabric):
        limit = state.passes + TOLERANCE_WATTS
        there = state.passes > 0
        must = state.most if state.lost < 0 else state.nominal
        yield from _overloads(fabric, state, (there & (must > limit), must), told)
    for state in banks(fabric)[1:]:
        limit = state.passes + TOLERANCE_WATTS
        throttled = (state.passes > 0) & (state.most > limit) & (state.nominal <= limit)
        yield from _overloads(fabric, state, (throttled, state.most), told, hard=False)


def _overloads(
    fabric: Fabric,
    state: Banks,
    found: tuple[NDArray[np.bool_], Watts],
    told: set[int],
    *,
    hard: bool = True,
) -> Iterator[Diagnostic]:
    """Report each rack group once: the worst bank of its racks. told: groups done."""
    over, load = np.flatnonzero(found[0]), found[1]
    rack = fabric.devices.rack[over // PHASES]
    groups = groups_alike(fabric)[fabric.racks.group[rack]]
    for group in dict.fromkeys(groups.tolist()):
        if group in told:
            continue
        told.add(group)
        mine = over[groups == group]
        worst = int(mine[np.argmax(load[mine])])
        racks = np.unique(rack[groups == group]).tolist()
        names = racks_named([fabric.racks.names[row] for row in racks])
        pdu, phase = divmod(worst, PHASES)
        lost = "" if state.lost < 0 else f" when feed {FEEDS[state.lost]} is lost"
        finding = error(
            "phase-overload",
            f"racks[{group}].pdus",
            f"{names}: phase {PHASE_NAMES[phase]} of"
            f" {fabric.devices.names[pdu]} carries {'' if hard else 'up to '}{load[worst]:,.0f} W"
            f"{lost}, it passes {state.passes[worst]:,.0f} W",
            "spread the devices over more outlets or PDUs, or choose a larger PDU",
        )
        yield finding if hard else replace(finding, severity=Severity.WARNING)
