"""Wiring at the size of 100,000 accelerators: 370,000 links, measured and never asserted."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, process_time

import pytest

from colossus.fabric.model import Fabric
from colossus.sheets.tables import cables_csv, csv_sheets
from colossus.wiring.observed import Sighting
from colossus.wiring.ports import port_texts
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import units

pytestmark = pytest.mark.bench

UNITS = 1928
SWAPS = 50


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return units(UNITS)


@contextmanager
def told(what: str) -> Iterator[None]:
    started, worked = perf_counter(), process_time()
    yield
    wall, core = perf_counter() - started, process_time() - worked
    sys.stdout.write(f"\nbench: {what}: {wall:.2f} s ({core:.2f} s of a core)\n")


def sightings(fabric: Fabric, far: Callable[[int], int]) -> list[Sighting]:
    """Both ends of every link; far gives the link whose switch port a host's port sees."""
    texts, links = port_texts(fabric), len(fabric.links.a)
    ports = list(zip(texts.device.tolist(), texts.interface.tolist(), strict=True))
    pairs = [(ports[link], ports[far(link) + links]) for link in range(links)]
    return [Sighting(*a, *z) for a, z in pairs] + [Sighting(*z, *a) for a, z in pairs]


def test_comparing_a_sound_site(fabric: Fabric) -> None:
    seen = sightings(fabric, lambda link: link)
    with told(f"verdict on {len(fabric.links.a):,} sound links"):
        assert compare(fabric, seen).as_planned


def test_comparing_a_site_with_swaps(fabric: Fabric) -> None:
    wrong = {link * 7000: link * 7000 + 3000 for link in range(SWAPS)}
    wrong |= {other: link for link, other in wrong.items()}
    seen = sightings(fabric, lambda link: wrong.get(link, link))
    with told(f"verdict on {len(fabric.links.a):,} links, {SWAPS} pairs swapped"):
        assert compare(fabric, seen).counts == {"swapped": SWAPS}


def test_cable_list(fabric: Fabric) -> None:
    with told(f"cable list of {len(fabric.links.a):,} rows"):
        assert cables_csv(fabric).count("\n") == len(fabric.links.a) + 1


def test_csv_sheets(fabric: Fabric) -> None:
    with told(f"CSV sheets of {len(fabric.racks.names):,} racks"):
        assert sum(1 for _ in csv_sheets(fabric)) == len(fabric.racks.names) + 1
