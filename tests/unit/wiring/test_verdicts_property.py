"""Whatever is done wrong on disjoint ports is named exactly, and the moves put it right."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.wiring.report import Report
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import Seen, example, planned, repaired, sightings, units
from tests.unit.wiring.faults import FAULTS, Floor, Named

UNITS = 3


def named(report: Report) -> list[Named]:
    return sorted(
        ((verdict.kind, frozenset(verdict.cables)) for verdict in report.verdicts),
        key=lambda one: (one[0], sorted(one[1])),
    )


def reported(seen: Seen) -> Seen:
    """Strangers report to somebody else."""
    return {port: far for port, far in seen.items() if port[0] != "somebody-else"}


def links(seen: Seen) -> set[frozenset[tuple[str, str]]]:
    return {frozenset((port, far)) for port, far in seen.items() if far}


def on_the_floor(faults: list[Callable[[Floor], None]], seed: int) -> Floor:
    floor = Floor(units(UNITS), UNITS, Random(seed))  # noqa: S311 — seeded, for a test
    for fault in faults:
        fault(floor)
    return floor


@given(st.lists(st.sampled_from(FAULTS), max_size=50), st.integers(0, 2**32))
def test_disjoint_faults_are_named_as_made_and_repaired(
    faults: list[Callable[[Floor], None]], seed: int
) -> None:
    floor = on_the_floor(faults, seed)
    report = compare(floor.fabric, sightings(reported(floor.seen)))
    wanted = sorted(floor.named, key=lambda one: (one[0], sorted(one[1])))
    assert named(report) == wanted
    lost = {cable for kind, cables in floor.named if kind == "dead" for cable in cables}
    sound = {link for link in links(floor.sound) if floor.cable(next(iter(link))) not in lost}
    assert links(repaired(floor.seen, report.moves)) == sound


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_every_fault_is_made_and_named(fault: Callable[[Floor], None]) -> None:
    floor = on_the_floor([fault], 7)
    assert len(floor.named) == 1
    report = compare(floor.fabric, sightings(reported(floor.seen)))
    assert named(report) == floor.named


@given(st.lists(st.sampled_from(FAULTS), max_size=9), st.integers(0, 2**32), st.randoms())
def test_the_order_of_the_reports_does_not_matter(
    faults: list[Callable[[Floor], None]], seed: int, order: Random
) -> None:
    floor = on_the_floor(faults, seed)
    seen = sightings(reported(floor.seen))
    first = compare(floor.fabric, seen)
    order.shuffle(seen)
    again = compare(floor.fabric, seen)
    assert again.document() == first.document()


@given(st.integers(0, 2**32))
def test_no_more_moves_than_were_made(seed: int) -> None:
    """Overlapping faults: any permutation of plugs is undone with at most as many moves."""
    floor = Floor(units(UNITS), UNITS, Random(seed))  # noqa: S311 — seeded, for a test
    ports = [port for port in floor.sound if port[0].startswith("l")]
    moved = floor.random.sample(ports, floor.random.randrange(2, 40))
    order = list(range(len(moved)))
    floor.random.shuffle(order)
    floor.permute(moved, order)
    report = compare(floor.fabric, sightings(floor.seen))
    assert len(report.moves) == sum(place != index for place, index in enumerate(order))
    assert links(repaired(floor.seen, report.moves)) == links(floor.sound)


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
