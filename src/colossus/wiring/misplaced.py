"""Chains: plugs in free ports or in those of others, strangers, and surplus cables."""

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from colossus.wiring.components import Chain, Replug
from colossus.wiring.matching import Matching
from colossus.wiring.report import Kind, Verdict
from colossus.wiring.wording import (
    Cause,
    cable_ids,
    cause,
    move,
    place,
    unplug,
    verdict,
)


class Misplaced:
    """Names the faults of open components."""

    def __init__(self, matching: Matching) -> None:
        self.matching = matching

    def causes(self, chains: Iterable[Chain]) -> Iterator[Cause]:
        """Name every chain that holds a wrong plug or a surplus cable."""
        for chain in chains:
            if chain.replugs or chain.surplus:
                yield self._cause(chain)

    def _cause(self, chain: Chain) -> Cause:
        matching, replugs = self.matching, chain.replugs
        ports = [port for replug in replugs for port in (replug.moved, replug.to)]
        moves = [move(matching, replug) for replug in replugs]
        verdicts = [self._verdict(replugs)] if replugs else []
        if chain.surplus:
            ports += chain.surplus
            verdicts.append(self._extra(chain.surplus))
            moves = unplug(matching, chain.surplus) + moves
        return cause(matching, verdicts, ports, moves)

    def _extra(self, surplus: tuple[int, int]) -> Verdict:
        ends = " with ".join(place(self.matching, port) for port in surplus)
        words = f"a cable that is not in the plan connects {ends}: take it out"
        return verdict(self.matching, "extra", surplus, (), words)

    def _verdict(self, replugs: tuple[Replug, ...]) -> Verdict:
        """Name the plugs of a chain, which are one row of plugs or a single one."""
        matching = self.matching
        kinds = [self._kind(replug) for replug in replugs]
        kind: Kind = "shifted"
        if "unknown_neighbour" in kinds:
            kind = "unknown_neighbour"
        elif set(kinds) != {"shifted"}:
            kind = next(word for word in kinds if word != "shifted")
        ports = [*(r.moved for r in replugs), *(r.to for r in replugs), *(r.stays for r in replugs)]
        links = [int(matching.link[replug.stays]) for replug in replugs]
        words = "; ".join(self._words(replug) for replug in replugs[:3])
        if len(replugs) > 1:
            words = f"{len(replugs)} cables in a row are misplaced: {words}"
        return verdict(matching, kind, ports, links, words)

    def _words(self, replug: Replug) -> str:
        matching = self.matching
        wrong, right = place(matching, replug.moved), place(matching, replug.to)
        cable = cable_ids(matching, [int(matching.link[replug.stays])])[0]
        if matching.seats[replug.moved].device < 0:
            return (
                f"{place(matching, replug.stays)} sees {wrong} instead of {right} (cable {cable})"
            )
        return f"cable {cable} is in {wrong} instead of {right}"

    def _kind(self, replug: Replug) -> Kind:
        """Say what a misplaced plug got wrong: the port, the plane, the rail, the switch."""
        matching = self.matching
        wrong, right = matching.seats[replug.moved].device, matching.seats[replug.to].device
        if wrong < 0:
            return "unknown_neighbour"
        if wrong == right:
            return "shifted"
        links, link = matching.fabric.links, matching.link[replug.to]
        planes, rails = self._carried.get((wrong, int(links.fabric[link])), (set(), set()))
        if planes and int(links.plane[link]) not in planes:
            return "wrong_plane"
        if rails and int(links.rail[link]) not in rails:
            return "wrong_rail"
        return "wrong_switch"

    @cached_property
    def _carried(self) -> dict[tuple[int, int], tuple[set[int], set[int]]]:
        """Planes and rails of the planned links of each (device, fabric)."""
        links, ports = self.matching.fabric.links, self.matching.fabric.ports
        carried: dict[tuple[int, int], tuple[set[int], set[int]]] = {}
        for ends in (links.a, links.z):
            columns = (ports.device[ends], links.fabric, links.plane, links.rail)
            rows = np.unique(np.stack(columns, axis=1), axis=0)
            for device, net, plane, rail in rows.tolist():
                planes, rails = carried.setdefault((device, net), (set(), set()))
                planes.add(plane)
                rails.add(rail)
        return carried
