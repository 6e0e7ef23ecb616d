"""Invariants of the levels between halls and racks: no place too many, none left half full."""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error, note
from colossus.fabric.hierarchy import place_numbers
from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold_short


def level_overfull(fabric: Fabric) -> Iterator[Diagnostic]:
    """Racks would need more places of the outermost level than their hall has."""
    outer = fabric.site.levels[:1]
    most = outer[0].each if outer else None
    if most is None:
        return
    numbers, racks = place_numbers(fabric.site, fabric.racks, 0), fabric.racks
    for group in np.unique(racks.group[numbers >= most]).tolist():
        over = np.flatnonzero((numbers >= most) & (racks.group == group))
        names = fold_short(racks.names[rack] for rack in over.tolist())
        needed = int(numbers[over].max()) + 1
        halls = dict.fromkeys(fabric.halls[hall] for hall in racks.hall[over].tolist())
        yield error(
            "level-overfull",
            f"racks[{group}].within",
            f"{counted(len(over), 'rack')} ({names}) would need"
            f" {outer[0].name} {needed} of hall {fold_short(halls)}, which has {most}",
            "correct `racks` of `within`, or `each` of the levels",
        )


def level_uneven(fabric: Fabric) -> Iterator[Diagnostic]:
    """The last place that a group of racks fills in a hall holds fewer of them than the others."""
    racks = fabric.racks
    for place, group in enumerate(fabric.site.racks):
        if group.within is None:
            continue
        each = group.within.racks
        counts = np.bincount(racks.hall[racks.group == place], minlength=len(fabric.halls))
        short = [hall for hall, count in enumerate(counts.tolist()) if count % each]
        if short:
            count = int(counts[short[0]])
            yield note(
                "level-uneven",
                f"racks[{place}].within.racks",
                f"{counted(count, 'rack')} of hall {fold_short(fabric.halls[h] for h in short)}"
                f" fill {group.within.level}s of {each}: the last has {count % each}",
                "nothing to do if the last one is meant to be smaller",
            )
