"""Compare built cables with planned ones: what is wrong, in causes and not in red lines.

Planned and seen links are two matchings over the same ports; where they differ they form cycles
and chains (see `components`). A pair of exchanged plugs is one verdict, a row of plugs one port too
far is one verdict, a switch that is off is one verdict.
"""

from collections.abc import Sequence

import numpy as np

from colossus.fabric.model import Fabric
from colossus.wiring.components import Chain, components
from colossus.wiring.matching import UNSEEN, Matching, observe
from colossus.wiring.misplaced import Misplaced
from colossus.wiring.observed import Sighting
from colossus.wiring.permutations import permutations
from colossus.wiring.report import Report
from colossus.wiring.silence import silence
from colossus.wiring.wording import Cause


def compare(fabric: Fabric, sightings: Sequence[Sighting]) -> Report:
    """Compare what was seen with the plan; the order of the sightings does not matter.

    A port nobody reported was not seen: counted, never a verdict. A cable to a device that a later
    stage brings is awaited, never dead.
    """
    return judge(observe(fabric, sightings))


def judge(matching: Matching) -> Report:
    """Name every difference of a matching, in floor order."""
    cycles = []
    dead: list[tuple[int, int]] = []
    chains: list[Chain] = []
    for component in components(matching):
        if isinstance(component, Chain):
            chains.append(component)
        elif len(component.replugs) > 1:
            cycles.append(component)
        else:
            dead.append((component.replugs[0].stays, component.replugs[0].moved))
    dead += [chain.missing for chain in chains if chain.missing]
    causes = [
        *permutations(matching, cycles),
        *Misplaced(matching).causes(chains),
        *silence(matching, dead),
    ]
    return _report(matching, sorted(causes, key=lambda cause: cause.position))


def _report(matching: Matching, causes: list[Cause]) -> Report:
    links, expected = matching.fabric.links, ~matching.awaiting
    told = (matching.seen[links.a] != UNSEEN) | (matching.seen[links.z] != UNSEEN)
    return Report(
        seen=int(np.count_nonzero(told & expected)),
        expected=int(np.count_nonzero(expected)),
        awaiting=int(np.count_nonzero(matching.awaiting)),
        verdicts=tuple(verdict for cause in causes for verdict in cause.verdicts),
        moves=tuple(move for cause in causes for move in cause.moves),
        unclear=tuple(sorted(f"{one.device}:{one.port}" for one in matching.unclear)),
        contradicted=tuple((port, tuple(far)) for port, far in matching.contradicted.items()),
    )
