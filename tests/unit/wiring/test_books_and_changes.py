"""Which racks make a book; what differs between two plans, as a technician would say it."""

from dataclasses import replace

import numpy as np
import pytest

from colossus.fabric.model import Fabric
from colossus.wiring.books import books
from colossus.wiring.changes import changes, value
from tests.unit.sites import fabric_of, third_rack


@pytest.mark.parametrize(
    "example", ["grok1-node", "stanford-nlp", "superpod-h100-4su", "atlas900-4k", "oci-16k"]
)
def test_every_rack_is_in_one_book(example: str) -> None:
    fabric = fabric_of(example=example)
    racks = sorted(rack for book in books(fabric) for rack in book.racks)
    assert racks == list(range(len(fabric.racks.names)))
    names = [book.name for book in books(fabric)]
    assert len(set(names)) == len(names)


def test_a_superpod_has_a_book_per_scalable_unit() -> None:
    fabric = fabric_of(example="superpod-h100-4su")
    names = [book.name for book in books(fabric)]
    assert names == ["unit-1", "unit-2", "unit-3", "unit-4", "hall-main"]


def test_a_site_of_one_unit_is_one_book() -> None:
    assert [book.name for book in books(fabric_of())] == ["hall-main"]


def test_the_same_plan_has_no_changes() -> None:
    difference = changes(fabric_of(), fabric_of())
    assert difference.marks == {}
    assert difference.counts == {
        **dict.fromkeys(("added", "removed", "moved", "replaced", "relabelled"), 0),
        "unchanged": 55,
    }


def test_a_third_rack_adds_cables_and_touches_none() -> None:
    old, new = fabric_of(), fabric_of(third_rack)
    difference = changes(old, new)
    counts = difference.counts
    assert counts["unchanged"] == 55
    assert counts["added"] == len(new.cables.ids) - 55
    assert set(difference.marks.values()) == {"NEW"}
    assert changes(new, old).counts["removed"] == counts["added"]


def moved_host(fabric: Fabric) -> Fabric:
    """The first host stands one U higher: its labels change, its cables do not."""
    u = fabric.devices.u.copy()
    u[fabric.device_index["gpu-0004"]] += 1
    return replace(fabric, devices=replace(fabric.devices, u=u))


def test_a_host_that_moves_in_its_rack_is_relabelled() -> None:
    old = fabric_of()
    difference = changes(old, moved_host(old))
    touched = {value(new[0], "a_device") for _, new in difference.relabelled}
    assert touched == {"gpu-0004"}
    assert difference.counts["relabelled"] == len(difference.marks) == 6


def test_another_length_is_another_cable() -> None:
    old = fabric_of()
    order = old.cables.order_m.copy()
    order[0] += 1
    difference = changes(old, replace(old, cables=replace(old.cables, order_m=order)))
    assert difference.marks == {old.cables.ids[0]: "REPLACE"}


def test_a_cable_whose_one_end_goes_elsewhere_is_moved() -> None:
    old = fabric_of()
    oob = old.fabrics.index("oob")
    row = int(np.flatnonzero(old.links.fabric == oob)[0])
    cage = old.ports.cage.copy()
    cage[old.links.z[row]] = 40
    ids = list(old.cables.ids)
    former = ids[old.links.cable[row]]
    ids[old.links.cable[row]] = "XXXX-XXXX"
    new = replace(
        old,
        ports=replace(old.ports, cage=cage),
        cables=replace(old.cables, ids=tuple(ids)),
    )
    difference = changes(old, new)
    assert difference.marks == {"XXXX-XXXX": f"MOVED, was {former}"}
    (move,) = difference.moved
    assert move.end == "z"
    assert value(move.new[0], "z_port") == "41"
    assert difference.counts["unchanged"] == 54
