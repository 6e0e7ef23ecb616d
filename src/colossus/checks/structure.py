"""Invariants of the graph as it is cabled: tiers, planes, pods, links between two switches.

Counts of ports and capacities do not see two exchanged cables; these rules do (facts: fabric.md).
What a switch is follows from its number (see seats), so a cable that an override moved stands out.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from colossus.checks.seats import Column, Seats, authored_at, clos_seats
from colossus.diagnostics import Diagnostic, counted, error
from colossus.fabric.model import Fabric
from colossus.fabric.slots import unfold_slots
from colossus.fabric.tables import TIERS
from colossus.inventory.fabrics import FabricIntent

Roles = tuple[frozenset[str], frozenset[str]]


def tier_skipped(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cable joins devices of tiers that have nothing to do with each other."""
    device, role = fabric.ports.device, fabric.devices.role
    for code, name in enumerate(fabric.fabrics):
        links = np.flatnonzero(fabric.links.fabric == code)
        for tier, sides in _joined(fabric.site.fabrics[name]).items():
            mine = links[fabric.links.tier[links] == TIERS.index(tier)]
            right = np.ones(len(mine), dtype=np.bool_)
            for ports, allowed in zip((fabric.links.a, fabric.links.z), sides, strict=True):
                fits = np.asarray([word in allowed for word in fabric.roles], dtype=np.bool_)
                right &= fits[role[device[ports[mine]]]]
            if len(wrong := mine[~right]):
                view = fabric.link(int(wrong[0]))
                ends = [fabric.roles[role[device[end.index]]] for end in (view.a, view.z)]
                wanted = " to ".join(" or ".join(sorted(side)) for side in sides)
                yield error(
                    "tier-skipped",
                    authored_at(fabric, code, wrong),
                    f"fabric {name}: {counted(len(wrong), 'link')} of tier {tier} should go from"
                    f" {wanted}; {view.a} ({ends[0]}) meets {view.z} ({ends[1]})",
                    "plug it into a switch of the right tier",
                )


def _joined(intent: FabricIntent) -> Mapping[str, Roles]:
    """Which roles the links of each tier join."""
    ends = frozenset(end.role for end in intent.ends)
    switches = [frozenset({role}) for role in intent.switch_roles]
    if intent.clos:
        leaf, spine, *core = switches
        services = frozenset(end.role for end in intent.services)
        found = {"host-leaf": (ends, leaf), "service-leaf": (services, leaf)}
        found["leaf-spine"] = leaf, spine
        return found | ({"spine-core": (spine, core[0])} if core else {})
    if intent.dragonfly:
        both = frozenset(intent.switch_roles)
        return {"host-switch": (ends, both), "local": (both, both), "global": (both, both)}
    if intent.by_rack and intent.by_rack.aggregation:
        return {"host-leaf": (ends, switches[0]), "leaf-spine": (switches[0], switches[1])}
    return {"host-switch": (ends, switches[0])} if switches else {}


def plane_crossed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cable joins switches of two planes, or a spine with another group of cores than its own."""
    for seats in clos_seats(fabric):
        for tier, mine, near, far in _trunks(fabric, seats):
            crossing = seats.plane[near] != seats.plane[far]
            if tier == "spine-core":
                crossing |= seats.group[near] != seats.group[far]
            if len(wrong := mine[crossing]):
                by_plane = bool((seats.plane[near] != seats.plane[far])[crossing][0])
                of, word = (seats.plane, "plane") if by_plane else (seats.group, "core group")
                yield _crossed(fabric, seats, ("plane-crossed", tier, word, of), wrong)


def pod_crossed(fabric: Fabric) -> Iterator[Diagnostic]:
    """A cable joins a leaf with a spine of another pod."""
    for seats in clos_seats(fabric):
        for tier, mine, near, far in _trunks(fabric, seats):
            if tier == "leaf-spine" and len(wrong := mine[seats.pod[near] != seats.pod[far]]):
                yield _crossed(fabric, seats, ("pod-crossed", tier, "pod", seats.pod), wrong)


def _crossed(
    fabric: Fabric, seats: Seats, what: tuple[str, str, str, Column], wrong: Column
) -> Diagnostic:
    code, tier, word, of = what
    view = fabric.link(int(wrong[0]))
    # Sheets count planes from 0, people count pods and groups of cores from 1.
    first = 0 if word == "plane" else 1
    near, far = (int(of[fabric.ports.device[end.index]]) + first for end in (view.a, view.z))
    return error(
        code,
        authored_at(fabric, seats.code, wrong),
        f"fabric {fabric.fabrics[seats.code]}: {counted(len(wrong), tier + ' link')} between one"
        f" {word} and another; {view.a} belongs to {word} {near}, {view.z} to {far}",
        "exchange the two ends that were mixed up",
    )


def _trunks(fabric: Fabric, seats: Seats) -> Iterator[tuple[str, Column, Column, Column]]:
    """Give tier, links, near and far switches of all links that join switches of the right tier."""
    device = fabric.ports.device
    leaf, core = seats.unit >= 0, (seats.pod < 0) & (seats.group >= 0)
    spine = (seats.pod >= 0) & ~leaf
    for tier, below, above in (("leaf-spine", leaf, spine), ("spine-core", spine, core)):
        mine = seats.of(fabric, tier)
        near, far = (device[side[mine]].astype(np.int64) for side in _sides(fabric))
        right = below[near] & above[far]
        yield tier, mine[right], near[right], far[right]


def _sides(fabric: Fabric) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return fabric.links.a, fabric.links.z


def links_uneven(fabric: Fabric) -> Iterator[Diagnostic]:
    """Two switches of neighbouring tiers have more or fewer links than any other such pair."""
    for seats in clos_seats(fabric):
        for tier, mine, near, far in _trunks(fabric, seats):
            wanted = seats.leaf_links if tier == "leaf-spine" else seats.core_links
            yield from _uneven(fabric, (seats.code, tier, wanted), mine, (near, far))
    for code, name in enumerate(fabric.fabrics):
        dragonfly = fabric.site.fabrics[name].dragonfly
        if dragonfly and name in fabric.decided:
            slots = fabric.decided[name].slots
            group = np.full(len(fabric.devices.names), -1, dtype=np.int64)
            for device, (position, _) in unfold_slots(slots).items():
                if device in fabric.device_index:
                    of = position // dragonfly.switches_per_group
                    group[fabric.device_index[device]] = of
            yield from _dragonfly_pairs(fabric, code, group, dragonfly.links_per_group_pair)


def _dragonfly_pairs(
    fabric: Fabric, code: int, group: Column, between: int
) -> Iterator[Diagnostic]:
    """Any two groups have as many links as declared, any two switches of a group have one."""
    mine = np.flatnonzero(fabric.links.fabric == code)
    for tier, wanted in (("local", 1), ("global", between)):
        links = mine[fabric.links.tier[mine] == TIERS.index(tier)]
        near, far = (fabric.ports.device[side[links]].astype(np.int64) for side in _sides(fabric))
        inside = group[near] == group[far]
        if tier == "global":
            yield from _uneven(fabric, (code, tier, wanted), links, (group[near], group[far]))
        elif len(wrong := links[~inside]):
            view = fabric.link(int(wrong[0]))
            yield error(
                "links-uneven",
                authored_at(fabric, code, wrong),
                f"fabric {fabric.fabrics[code]}: {counted(len(wrong), 'local link')} leave their"
                f" group; {view.a} meets {view.z}",
                "exchange the two ends that were mixed up",
            )
        else:
            yield from _uneven(fabric, (code, tier, wanted), links, (near, far))


def _uneven(
    fabric: Fabric,
    what: tuple[int, str, int],
    links: Column,
    pair: tuple[Column, Column],
) -> Iterator[Diagnostic]:
    """Find the pairs that have another number of links than they should."""
    code, tier, wanted = what
    low, high = np.minimum(*pair), np.maximum(*pair)
    key = low << np.int64(32) | high
    _, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    if len(wrong := np.flatnonzero(count != wanted)):
        touched = np.flatnonzero(np.isin(inverse, wrong))
        more = touched[np.argmax(count[inverse[touched]])]
        view = fabric.link(int(links[more]))
        groups = "the groups of " if tier == "global" else ""
        yield error(
            "links-uneven",
            authored_at(fabric, code, links[touched]),
            f"fabric {fabric.fabrics[code]}: {counted(len(wrong), 'pair')} without the"
            f" {counted(wanted, tier + ' link')} of any other; {groups}{view.a.device} and"
            f" {view.z.device} have {count[inverse[more]]}",
            "exchange the ends that were mixed up, so that every pair has the same number",
        )
