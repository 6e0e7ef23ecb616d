"""Ordinals: which number an object has in its pool, fixed by the lock, appended by growth.

An ordinal never depends on what else is there once the lock knows the object: names, addresses
and ports follow from it, so growth moves nothing (design: "what exists never moves").
"""

from collections.abc import Iterable, Mapping, Sequence

from colossus.inventory.locks import OrdinalRun
from colossus.inventory.nodeset import expand, fold_in_order

Slot = tuple[str, int]


def unfold(runs: Iterable[OrdinalRun]) -> dict[Slot, int]:
    """Read the lock: (rack, U) → ordinal."""
    known: dict[Slot, int] = {}
    for run in runs:
        ordinal = run.first
        for rack in expand(run.racks):
            for u in run.u:
                known[rack, u] = ordinal
                ordinal += 1
    return known


def number(slots: Sequence[Slot], known: Mapping[Slot, int]) -> dict[Slot, int]:
    """Give every slot its ordinal: the known one, else the next after the highest ever used."""
    following = max(known.values(), default=-1) + 1
    ordinals = dict(known)
    for slot in slots:
        if slot not in ordinals:
            ordinals[slot] = following
            following += 1
    return ordinals


def fold_ordinals(ordinals: Mapping[Slot, int]) -> tuple[OrdinalRun, ...]:
    """Write ordinals as few runs as possible: equal racks one after the other are one run."""
    per_rack: list[tuple[int, str, tuple[int, ...]]] = []
    expected = -1
    for (rack, u), ordinal in sorted(ordinals.items(), key=lambda item: item[1]):
        if per_rack and per_rack[-1][1] == rack and ordinal == expected:
            first, _, levels = per_rack[-1]
            per_rack[-1] = (first, rack, (*levels, u))
        else:
            per_rack.append((ordinal, rack, (u,)))
        expected = ordinal + 1
    runs: list[tuple[int, list[str], tuple[int, ...]]] = []
    for first, rack, levels in per_rack:
        if runs and runs[-1][2] == levels and first == runs[-1][0] + len(runs[-1][1]) * len(levels):
            runs[-1][1].append(rack)
        else:
            runs.append((first, [rack], levels))
    return tuple(
        OrdinalRun(first=first, racks=fold_in_order(racks), u=levels)
        for first, racks, levels in runs
    )
