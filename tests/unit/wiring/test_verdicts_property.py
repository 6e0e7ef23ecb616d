"""Whatever is done wrong on disjoint ports is named exactly, and the moves put it right.

On three systems: rail-optimised units in two planes, a SuperPOD of two units (InfiniBand in halves
of cages, storage, management), and an Atlas 900 of 4,096 (RoCE, 5,800 links).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.fabric.model import Fabric
from colossus.wiring.report import Report
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import Seen, example, planned, repaired, sightings, units
from tests.unit.wiring.faults import FAULTS, STRANGER, Floor, Named, layout

SYSTEMS: dict[str, Callable[[], Fabric]] = {
    "units": partial(units, 3),
    "superpod-h100-2su": partial(example, "superpod-h100-2su"),
    "atlas900-4k": partial(example, "atlas900-4k"),
}
KINDS = {
    *("swapped", "cycle", "shifted", "reversed_trunk", "dead", "extra", "unknown_neighbour"),
    *("wrong_rail", "wrong_plane", "wrong_switch"),
}
Fault = Callable[[Floor], None]
systems = pytest.mark.parametrize("system", SYSTEMS)
EACH = settings(max_examples=25, deadline=None)


def named(report: Report) -> list[Named]:
    return sorted(
        ((verdict.kind, frozenset(verdict.cables)) for verdict in report.verdicts),
        key=lambda one: (one[0], sorted(one[1])),
    )


def reported(seen: Seen) -> Seen:
    """Strangers report to somebody else."""
    return {port: far for port, far in seen.items() if port[0] != STRANGER}


def links(seen: Seen) -> set[frozenset[tuple[str, str]]]:
    return {frozenset((port, far)) for port, far in seen.items() if far}


def on_the_floor(system: str, faults: Sequence[Fault], seed: int) -> Floor:
    fabric, plan = layout(system, SYSTEMS[system])
    floor = Floor(fabric, plan, Random(seed))  # noqa: S311 — seeded, for a test
    for fault in faults:
        fault(floor)
    return floor


@systems
@EACH
@given(faults=st.lists(st.sampled_from(FAULTS), max_size=50), seed=st.integers(0, 2**32))
def test_disjoint_faults_are_named_as_made_and_repaired(
    system: str, faults: list[Fault], seed: int
) -> None:
    floor = on_the_floor(system, faults, seed)
    report = compare(floor.fabric, sightings(reported(floor.seen)))
    wanted = sorted(floor.named, key=lambda one: (one[0], sorted(one[1])))
    assert named(report) == wanted
    lost = {cable for kind, cables in floor.named if kind == "dead" for cable in cables}
    cables = floor.plan.cables
    sound = {link for link in links(floor.plan.sound) if not {cables.get(p) for p in link} & lost}
    assert links(repaired(floor.seen, report.moves)) == sound


@systems
def test_fifty_faults_at_once_of_every_kind(system: str) -> None:
    """That the property above is about something: many faults fit, and every class is made."""
    made: Counter[str] = Counter()
    most = 0
    for seed in range(12):
        floor = on_the_floor(system, list(FAULTS) * 8, seed)
        made.update(kind for kind, _ in floor.named)
        most = max(most, len(floor.named))
        report = compare(floor.fabric, sightings(reported(floor.seen)))
        assert named(report) == sorted(floor.named, key=lambda one: (one[0], sorted(one[1])))
    assert most >= 50
    planes = any(len(planes) > 1 for planes in _planes(system))
    assert made.keys() >= KINDS - (set() if planes else {"wrong_plane"})


def _planes(system: str) -> list[set[int]]:
    _, plan = layout(system, SYSTEMS[system])
    found: dict[int, set[int]] = {}
    for (_, net), (planes, _) in plan.carried.items():
        found.setdefault(net, set()).update(planes)
    return list(found.values())


@systems
@EACH
@given(
    faults=st.lists(st.sampled_from(FAULTS), max_size=9),
    seed=st.integers(0, 2**32),
    order=st.integers(0, 2**32),
)
def test_the_order_of_the_reports_does_not_matter(
    system: str, faults: list[Fault], seed: int, order: int
) -> None:
    floor = on_the_floor(system, faults, seed)
    seen = sightings(reported(floor.seen))
    first = compare(floor.fabric, seen)
    Random(order).shuffle(seen)  # noqa: S311 — seeded, for a test
    again = compare(floor.fabric, seen)
    assert again.document() == first.document()


@systems
@EACH
@given(seed=st.integers(0, 2**32))
def test_no_more_moves_than_were_made(system: str, seed: int) -> None:
    """Overlapping faults: any permutation of plugs is undone with at most as many moves."""
    floor = on_the_floor(system, [], seed)
    sound = floor.plan.sound
    far = [sound[port] for port, *_ in floor.plan.near]
    ports = [port for port in far if port]
    moved = floor.random.sample(ports, floor.random.randrange(2, 40))
    order = list(range(len(moved)))
    floor.random.shuffle(order)
    floor.permute(moved, order)
    report = compare(floor.fabric, sightings(floor.seen))
    assert len(report.moves) == sum(place != index for place, index in enumerate(order))
    assert links(repaired(floor.seen, report.moves)) == links(sound)


@systems
@EACH
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60))
def test_plugs_moved_again_and_again_cost_no_more_moves(system: str, seed: int, count: int) -> None:
    """Overlapping faults on few ports: exchanges, moves into free ports, moves back."""
    floor = on_the_floor(system, [], seed)
    random, seen = floor.random, dict(floor.plan.sound)
    few = [far for port, *_ in random.sample(floor.plan.near, 6) if (far := seen[port])]
    free = [floor.free(port[0]) for port in few[:2]]
    for _ in range(count):
        one, other = random.sample([*few, *free], 2)
        far, there = seen.get(one), seen.get(other)
        seen[one] = seen[other] = None
        for port, plug in ((one, there), (other, far)):
            if plug:
                seen[port], seen[plug] = plug, port
    report = compare(floor.fabric, sightings(seen))
    touched = sum(seen.get(port) != floor.plan.sound.get(port) for port in [*few, *free])
    assert len(report.moves) <= min(2 * count, touched)
    assert links(repaired(seen, report.moves)) == links(floor.plan.sound)


@EACH
@given(st.integers(0, 2**32))
def test_splitters_any_permutation_of_legs_is_undone(seed: int) -> None:
    """Legs, whole plugs and management cables of the example, exchanged at random."""
    fabric, random = example(), Random(seed)  # noqa: S311 — seeded, for a test
    sound = planned(fabric)
    switch = random.choice(["leaf-01", "oob-01"])
    ports = [port for port in sound if port[0] == switch and port[1] != "eth0"]
    moved = random.sample(ports, random.randrange(2, 20))
    order = random.sample(moved, len(moved))
    seen = dict(sound)
    for port, former in zip(moved, order, strict=True):
        far = sound[former]
        assert far
        seen[port], seen[far] = far, port
    report = compare(fabric, sightings(seen))
    assert len(report.moves) == sum(
        port != former for port, former in zip(moved, order, strict=True)
    )
    assert repaired(seen, report.moves) == sound
