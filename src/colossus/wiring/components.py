"""Connected faults: where planned and seen links disagree, in cycles and chains.

Each port has at most one planned and one seen partner, so the union of both falls apart into
chains and closed cycles in which planned and seen links alternate. A pair of exchanged plugs is a
cycle of two cables; a plug in a free port is a chain. Disjoint faults are disjoint components.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.wiring.matching import NONE, UNSEEN, Matching


@dataclass(frozen=True, slots=True)
class Replug:
    """One seen link, explained: its cable belongs to the port that stays, the other end moves.

    to is where the moved plug belongs.
    """

    stays: int
    moved: int
    to: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """As many seen as planned links, closed: every cable is there, some ends are permuted."""

    replugs: tuple[Replug, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """An open component. replugs are in the order in which they can be done.

    surplus: a seen link that no planned one is left for. missing: a planned link (its two ports)
    that no seen one is left for.
    """

    replugs: tuple[Replug, ...]
    surplus: tuple[int, int] | None = None
    missing: tuple[int, int] | None = None


Component = Cycle | Chain


def components(matching: Matching) -> Iterator[Component]:
    """Give every component in which something differs, lowest port first."""
    planned, seen = matching.planned.tolist(), matching.seen.tolist()
    visited: set[int] = set()
    for start in differing(matching).tolist():
        if start in visited:
            continue
        walk, closed = _walk(start, planned, seen)
        visited.update(walk)
        yield _cycle(matching, walk) if closed else _chain(matching, walk)


def differing(matching: Matching) -> NDArray[np.intp]:
    """Find the ports whose seen partner is known and is not the planned one.

    A cable to a device that is not there yet may hang loose at this end.
    """
    known = matching.seen != UNSEEN
    different: NDArray[np.bool_] = known & (matching.seen != matching.planned)
    loose = (matching.link >= 0) & (matching.seen == NONE)
    awaited = loose & matching.awaiting[np.maximum(matching.link, 0)] if loose.any() else loose
    one_way = np.zeros_like(different)
    one_way[list(matching.one_way)] = True
    return np.flatnonzero((different & ~awaited) | one_way)


def _walk(start: int, planned: list[int], seen: list[int]) -> tuple[list[int], bool]:
    """List the ports of a component in order; a cycle begins with a seen link."""
    forward = _follow(start, seen, planned)
    if len(forward) > 1 and planned[forward[-1]] == start and len(forward) % 2 == 0:
        return forward, True
    backward = _follow(start, planned, seen)
    return backward[:0:-1] + forward, False


def _follow(start: int, first: list[int], second: list[int]) -> list[int]:
    """Follow the two kinds of links in turn until one is missing or the start is reached."""
    walk, kinds = [start], (first, second)
    while True:
        partner = kinds[(len(walk) - 1) % 2][walk[-1]]
        if partner < 0 or partner == start:
            return walk
        walk.append(partner)


def _cycle(matching: Matching, walk: list[int]) -> Component:
    pairs = list(zip(walk[::2], walk[1::2], strict=True))
    return Cycle(
        _cheapest(matching, [_replugs(matching, pairs), _replugs(matching, _turned(pairs))])
    )


def _chain(matching: Matching, walk: list[int]) -> Chain:
    """Explain an open walk; where both directions do, the cheaper one."""
    begins_planned = matching.seen[walk[0]] < 0
    ends_planned = matching.seen[walk[-1]] < 0
    if begins_planned and ends_planned:
        return _with_missing(matching, walk)
    if begins_planned:
        walk.reverse()
    # Now it begins with a seen link at a port the plan does not use.
    pairs = [(walk[i], walk[i + 1]) for i in range(0, len(walk) - 1, 2)]
    if ends_planned or begins_planned:
        return Chain(_in_order(_replugs(matching, _turned(pairs))))
    candidates = [
        _in_order(_replugs(matching, _turned(pairs[:-1]))),
        _in_order(_replugs(matching, pairs[1:])),
    ]
    chosen = _cheapest(matching, candidates)
    return Chain(chosen, surplus=pairs[-1] if chosen is candidates[0] else pairs[0])


def _with_missing(matching: Matching, walk: list[int]) -> Chain:
    """Explain a chain with one planned link too many: that cable is dead, or was not seen.

    The cables move towards the end that is known to be free.
    """
    pairs = [(walk[i], walk[i + 1]) for i in range(1, len(walk) - 1, 2)]
    if not pairs:
        return Chain((), missing=(walk[0], walk[-1]))
    onward = _in_order(_replugs(matching, pairs)), (walk[-2], walk[-1])
    back = _in_order(_replugs(matching, _turned(pairs))), (walk[1], walk[0])
    free = matching.seen[walk[0]] == NONE, matching.seen[walk[-1]] == NONE
    if free[0] != free[1]:
        replugs, missing = onward if free[0] else back
    else:
        replugs = _cheapest(matching, [onward[0], back[0]])
        missing = onward[1] if replugs is onward[0] else back[1]
    unknown = matching.seen[missing[1]] == UNSEEN
    return Chain(replugs, missing=None if unknown else missing)


def _turned(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(other, one) for one, other in pairs]


def _replugs(matching: Matching, pairs: list[tuple[int, int]]) -> tuple[Replug, ...]:
    """Explain seen links (stays, moved) one by one."""
    planned = matching.planned
    return tuple(Replug(stays, moved, int(planned[stays])) for stays, moved in pairs)


def _in_order(replugs: tuple[Replug, ...]) -> tuple[Replug, ...]:
    """Order replugs so that each target is free when its turn comes."""
    occupied = {replug.moved for replug in replugs}
    return replugs[::-1] if replugs and replugs[0].to in occupied else replugs


def _cheapest(matching: Matching, choices: list[tuple[Replug, ...]]) -> tuple[Replug, ...]:
    """Choose the explanation that is least work on the floor; the first of equals."""
    return min(choices, key=lambda replugs: _work(matching, replugs))


def _work(matching: Matching, replugs: tuple[Replug, ...]) -> tuple[int, int, int, int]:
    """Rate moves: a leg of a splitter has no plug of its own; near ports before far ones.

    Of equals, the end away from the host is moved, because one box is easier to reach than many.
    """
    seats = matching.seats
    split, racks, devices, near = 0, set(), set(), 0
    for replug in replugs:
        for port in (replug.moved, replug.to):
            seat = seats[port]
            split += seat.split
            racks.add(seat.rack)
            devices.add(seat.device)
        near += seats[replug.to].near
    return split, len(racks), len(devices), near
