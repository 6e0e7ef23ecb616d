"""What choosing a slice costs on the largest systems; prints, and asserts nothing about time."""

import sys
import time
from pathlib import Path

import pytest

from colossus.cli.opening import opened
from colossus.fabric.model import Fabric
from colossus.twin.slices import Room, slice_of
from colossus.twin.stands_for import cannot_show, stands_for

pytestmark = pytest.mark.bench
ROOM = Room(2000, 20_000)


@pytest.fixture(scope="module")
def fabric(checkout: Path) -> Fabric:
    return opened(checkout / "examples" / "colossus-100k").designed.fabric


@pytest.mark.parametrize(
    "expression", ["auto", "unit=1", "pod=1", "pod=1,thin=2", "hall=h1,thin=1"]
)
def test_seconds_to_choose(fabric: Fabric, expression: str) -> None:
    """A hundred thousand accelerators: the whole choice, and the sentences about it."""
    begun = time.perf_counter()
    part = slice_of(fabric, expression, ROOM)
    chosen = time.perf_counter()
    told = (*stands_for(fabric, part), *cannot_show(fabric, part))
    sys.stdout.write(
        f"\n{expression}: {len(part.nodes)} nodes, {len(part.links)} links of"
        f" {len(fabric.links.a):,} in {chosen - begun:.2f} s,"
        f" {len(told)} sentences in {time.perf_counter() - chosen:.2f} s\n"
    )
    assert part.nodes
