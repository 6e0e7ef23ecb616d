"""What a slice stands for, and what it cannot show: sentences for the report.

Parts of a fabric with as many devices of each role are equal: they are wired, addressed and
rendered by the same rules, so what holds in one of them holds in all by symmetry.
"""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import counted
from colossus.fabric.model import Fabric
from colossus.fabric.numbered import Numbered, numbered, words_of
from colossus.fabric.paths import Mask
from colossus.fabric.scheduler import rows_of
from colossus.fabric.tables import TIERS
from colossus.twin.slice_words import largest_fabric
from colossus.twin.slices import Slice

UPLINKS = {
    "leaf-spine": "leaf",
    "spine-core": "spine",
    "local": "group's switch",
    "global": "group's switch",
}
NO_SPEED = "bandwidth, congestion, oversubscription: cables of a twin have no speed of their own"


def stands_for(fabric: Fabric, part: Slice) -> tuple[str, ...]:
    """Say for how many equal parts of its largest fabric the slice stands."""
    return tuple(
        f"{name}: {counted(here, parts.word)} of {parts.count} {'is' if here == 1 else 'are'} here;"
        f" by symmetry {'it stands' if here == 1 else 'they stand'} for {equal} of them"
        for name, parts, here, equal in _parts(fabric, part)
        if here < parts.count
    )


def cannot_show(fabric: Fabric, part: Slice) -> tuple[str, ...]:
    """Say what a rehearsal of this slice proves nothing about."""
    found = [
        f"{name}: {counted(parts.count - equal, parts.word)} of another size"
        for name, parts, _, equal in _parts(fabric, part)
        if equal < parts.count
    ]
    joined = _station(fabric, part)
    return (*found, *_thin_uplinks(fabric, part), *joined, *_slurm(fabric, part), NO_SPEED)


def _parts(fabric: Fabric, part: Slice) -> Iterator[tuple[str, Numbered, int, int]]:
    """Give fabric, kind of part, how many are here, and how many are equal to one that is."""
    code = largest_fabric(fabric)
    hosts = np.flatnonzero(_chosen(fabric, part) & _hosts(fabric))
    for word in words_of(fabric, code):
        parts = numbered(fabric, code, word)
        here = {int(number) for number in parts.of[hosts] if number}
        if here:
            equal = set[int]().union(*(parts.equal_to(number, fabric) for number in here))
            yield fabric.fabrics[code], parts, len(here), len(equal)


def _hosts(fabric: Fabric) -> Mask:
    roles = (fabric.site.roles.get(role) for role in fabric.roles)
    compute = [role is not None and role.kind == "compute" for role in roles]
    return np.asarray(np.asarray(compute)[fabric.devices.role], dtype=np.bool_)


def _chosen(fabric: Fabric, part: Slice) -> Mask:
    chosen = np.zeros(len(fabric.devices.names), dtype=np.bool_)
    chosen[[fabric.device_index[name] for name in part.nodes]] = True
    return chosen


def _thin_uplinks(fabric: Fabric, part: Slice) -> Iterator[str]:
    """Name the tiers whose switches have fewer uplinks here than in the site."""
    chosen, device, links = _chosen(fabric, part), fabric.ports.device, fabric.links
    here = np.zeros(len(links.a), dtype=np.bool_)
    here[list(part.links)] = True
    for code, name in enumerate(fabric.fabrics):
        for tier, word in UPLINKS.items():
            mine = (links.fabric == code) & (links.tier == TIERS.index(tier))
            below = mine & chosen[device[links.a]]
            if not below.any():
                continue
            count = len(chosen)
            planned = np.bincount(device[links.a[below]], minlength=count)
            wired = np.bincount(device[links.a[below & here]], minlength=count)
            row = int(np.argmax(planned - wired))
            if wired[row] < planned[row]:
                yield (
                    f"{name}: a {word} has {wired[row]} of its {planned[row]} links upwards here,"
                    " so spreading over all of them, and the loss of one, are not shown"
                )


def _station(fabric: Fabric, part: Slice) -> Iterator[str]:
    """Say how many nodes the twin's own network joins in place of their management switch."""
    code = fabric.fabrics.index(fabric.site.access.fabric)
    chosen, device, links = _chosen(fabric, part), fabric.ports.device, fabric.links
    mine = links.fabric == code
    alone = mine & chosen[device[links.a]] & ~chosen[device[links.z]]
    with_switch = mine & chosen[device[links.a]] & chosen[device[links.z]]
    nodes = np.setdiff1d(device[links.a[alone]], device[links.a[with_switch]])
    if len(nodes):
        yield (
            f"{fabric.fabrics[code]}: {counted(len(nodes), 'node')} hang on switches that are not"
            " here; the twin's own network joins them"
        )


def _slurm(fabric: Fabric, part: Slice) -> Iterator[str]:
    """Say how many of Slurm's hosts are not here."""
    slurm = fabric.site.slurm
    rows = [row for each in slurm.nodes for row in rows_of(fabric, each.role)] if slurm else []
    absent = int((fabric.devices.present & ~_chosen(fabric, part))[rows].sum())
    if absent:
        yield (
            f"Slurm: {counted(absent, 'host')} not here {'is' if absent == 1 else 'are'}"
            " State=FUTURE to it, so that it does not wait for them"
        )
