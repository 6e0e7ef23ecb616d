"""Cycles: plugs that sit in each other's ports. Swapped, reversed trunk, shifted, or a cycle."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product, takewhile

import numpy as np
from numpy.typing import NDArray

from colossus.wiring.components import Cycle, Replug
from colossus.wiring.matching import Matching
from colossus.wiring.report import Kind
from colossus.wiring.wording import (
    Cause,
    cable_ids,
    cause,
    move,
    places,
    verdict,
)

PAIR = 2
LEAST_REVERSED = 2
"""So many nested pairs make a reversed trunk; one alone is a swapped pair."""
LEAST_SHIFTED = 4
"""So many ports in a row make a shift; three exchanged plugs are a cycle."""


@dataclass(frozen=True, slots=True)
class Permutation:
    """Plugs that go round: one tuple of replugs per cable, a leg each where plugs are shared."""

    plugs: tuple[tuple[Replug, ...], ...]

    @property
    def replugs(self) -> list[Replug]:
        """Every leg of every plug."""
        return [replug for plug in self.plugs for replug in plug]


def permutations(matching: Matching, cycles: Iterable[Cycle]) -> Iterator[Cause]:
    """Name every closed component."""
    seating = Seating(matching)
    rest = list(cycles)
    trunks, rest = _reversed_trunks(seating, rest)
    for trunk in trunks:
        yield _cause(matching, "reversed_trunk", Permutation(tuple((r,) for r in trunk)))
    for permutation in _folded(matching, rest):
        kind: Kind = "cycle"
        shifted = seating.shifted(permutation)
        if len(permutation.plugs) == PAIR:
            kind = "swapped"
        elif shifted:
            kind = "shifted"
        yield _cause(matching, kind, shifted or permutation)


class Seating:
    """In which place of its device each planned port sits, counted within one fabric."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching
        links, ports = matching.fabric.links, matching.fabric.ports
        net = np.full(len(ports.device), -1, dtype=np.int32)
        net[links.a], net[links.z] = links.fabric, links.fabric
        order = np.lexsort((matching.texts.order, net, ports.device))
        fresh = np.flatnonzero(
            (np.diff(ports.device[order], prepend=-1) != 0) | (np.diff(net[order], prepend=-2) != 0)
        )
        sizes = np.diff(np.r_[fresh, len(order)])
        rank: NDArray[np.int64] = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - np.repeat(fresh, sizes)
        self.rank, self.net = rank, net

    def of(self, port: int) -> int:
        """Give the place of a port, counted from 0."""
        return int(self.rank[port])

    def place(self, port: int) -> tuple[int, int]:
        """Give device and fabric of a port, within which places are counted."""
        return self.matching.seats[port].device, int(self.net[port])

    def shifted(self, permutation: Permutation) -> Permutation | None:
        """Give the permutation at the end where it is a row of plugs one place too far, if any."""
        for candidate in (permutation, turned(self.matching, permutation)):
            if self._is_shift(candidate):
                return candidate if not self._is_split(candidate) else permutation
        return None

    def _is_shift(self, permutation: Permutation) -> bool:
        firsts = [plug[0] for plug in permutation.plugs]
        count = len(firsts)
        devices = {self.matching.seats[replug.to].device for replug in firsts}
        if count < LEAST_SHIFTED or len(devices) > 1:
            return False
        step = len(permutation.plugs[0])
        to = sorted(self.of(replug.to) for replug in firsts)
        if any(high - low != step for low, high in pairwise(to)):
            return False
        shifts = {(self.of(one.moved) - self.of(one.to)) // step % count for one in firsts}
        return shifts in ({1}, {count - 1})

    def _is_split(self, permutation: Permutation) -> bool:
        single = all(len(plug) == 1 for plug in permutation.plugs)
        return single and any(self.matching.seats[r.to].split for r in permutation.replugs)


def turned(matching: Matching, permutation: Permutation) -> Permutation:
    """Give the same permutation with the other ends moved."""
    planned = matching.planned
    return Permutation(
        tuple(
            tuple(Replug(one.moved, one.stays, int(planned[one.moved])) for one in plug)
            for plug in permutation.plugs
        )
    )


def _reversed_trunks(
    seating: Seating, cycles: Sequence[Cycle]
) -> tuple[list[list[Replug]], list[Cycle]]:
    """Find swapped pairs that lie inside each other on one device: first with last, and so on.

    A pair may lie so on the devices of both its ends; the longest row of pairs explains most.
    """
    nests: dict[tuple[int, int, int], dict[int, Cycle]] = defaultdict(dict)
    for cycle in cycles:
        if len(cycle.replugs) == PAIR:
            for low, high in _on_one_device(seating.matching, cycle):
                place = seating.place(low)
                seats = sorted((seating.of(low), seating.of(high)))
                if place == seating.place(high):
                    nests[*place, sum(seats)].setdefault(seats[0], cycle)
    runs = [list(_from_inside(total, nest)) for (_, _, total), nest in nests.items()]
    used: set[int] = set()
    trunks = []
    for run in sorted(runs, key=len, reverse=True):
        left = list(takewhile(lambda cycle: id(cycle) not in used, run))
        if len(left) >= LEAST_REVERSED:
            used.update(map(id, left))
            trunks.append([replug for cycle in reversed(left) for replug in cycle.replugs])
    return trunks, [cycle for cycle in cycles if id(cycle) not in used]


def _on_one_device(matching: Matching, cycle: Cycle) -> Iterator[tuple[int, int]]:
    """Give ports of the two planned links of a pair that are on one device."""
    one, other = ((replug.to, replug.stays) for replug in cycle.replugs)
    for port, peer in product(one, other):
        if matching.seats[port].device == matching.seats[peer].device:
            yield port, peer


def _from_inside(total: int, nest: Mapping[int, Cycle]) -> Iterator[Cycle]:
    """Give the pairs around one middle, from the inmost on, as long as none is missing."""
    inner = (total - 1) // 2
    while inner in nest:
        yield nest[inner]
        inner -= 1


def _folded(matching: Matching, cycles: Iterable[Cycle]) -> Iterator[Permutation]:
    """Fold cycles that are the legs of the same splitters, moved together at the shared plug."""
    groups: dict[frozenset[int], list[Cycle]] = defaultdict(list)
    table, legs = matching.fabric.links.cable, matching.fabric.cables.legs
    for cycle in cycles:
        cables = frozenset(int(table[matching.link[one.stays]]) for one in cycle.replugs)
        groups[cables].append(cycle)
    for cables, group in groups.items():
        whole = len(group) > 1 and all(int(legs[cable]) == len(group) for cable in cables)
        folded = _fold(matching, group) if whole else None
        if folded:
            yield folded
            continue
        for cycle in group:
            yield Permutation(tuple((replug,) for replug in cycle.replugs))


def _fold(matching: Matching, group: Sequence[Cycle]) -> Permutation | None:
    """Join parallel cycles whose legs keep their lane and go from one cage to one cage."""
    ports = matching.fabric.ports
    plugs: dict[int, list[Replug]] = defaultdict(list)
    ways: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for cycle in group:
        single = Permutation(tuple((replug,) for replug in cycle.replugs))
        if not all(matching.seats[one.to].split for one in single.replugs):
            single = turned(matching, single)
        for replug in single.replugs:
            if ports.lane[replug.moved] != ports.lane[replug.to] or ports.lane[replug.to] < 0:
                return None
            cable = int(matching.fabric.links.cable[matching.link[replug.to]])
            plugs[cable].append(replug)
            ways[cable].add((int(ports.device[replug.moved]), int(ports.cage[replug.moved])))
    if any(len(cages) > 1 for cages in ways.values()):
        return None
    return Permutation(tuple(tuple(legs) for legs in plugs.values()))


def _cause(matching: Matching, kind: Kind, permutation: Permutation) -> Cause:
    replugs = permutation.replugs
    ports = [*(one.moved for one in replugs), *(one.stays for one in replugs)]
    links = [int(matching.link[one.to]) for one in replugs]
    words = _words(matching, kind, permutation, cable_ids(matching, links))
    moves = [move(matching, replug) for replug in replugs]
    return cause(matching, [verdict(matching, kind, ports, links, words)], ports, moves)


def _words(
    matching: Matching, kind: Kind, permutation: Permutation, cables: tuple[str, ...]
) -> str:
    """Say it as a foreman would: which plugs, where."""
    plugs = [plug[0].moved for plug in permutation.plugs]
    where = places(matching, plugs)
    if kind == "swapped" and len(cables) == 1:
        return f"two legs of splitter {cables[0]} are swapped: exchange the plugs at {where}"
    if kind == "swapped":
        return f"cables {cables[0]} and {cables[1]} are swapped: exchange the plugs at {where}"
    if kind == "reversed_trunk":
        return f"{len(plugs)} plugs are in reverse order: {where}"
    if kind == "shifted":
        return f"{len(plugs)} plugs are each one port too far: {where}"
    return f"{len(plugs)} cables sit in each other's ports: {where}"
