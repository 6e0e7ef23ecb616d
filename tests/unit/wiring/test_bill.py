"""What to buy and what to pull: every cable counted once."""

import pytest

from colossus.wiring.bill import bill
from colossus.wiring.bundles import CABLES, bundle_list, pull_list
from tests.unit.sites import fabric_of, third_rack_later


@pytest.mark.parametrize("example", ["stanford-nlp", "superpod-h100-1su", "atlas900-4k"])
def test_every_cable_is_bought_once(example: str) -> None:
    fabric = fabric_of(example=example)
    lines = bill(fabric, 5.0)
    cables = [line for line in lines if line.item == "cable"]
    assert sum(line.count for line in cables) == len(fabric.cables.ids)
    assert all(line.spares == -(-line.count * 5 // 100) for line in lines)


def test_optics_are_counted_by_cage() -> None:
    optics = [line for line in bill(fabric_of(), 0.0) if line.item == "optic"]
    assert [(line.medium, line.plugs, line.count) for line in optics] == [
        ("MMF", "QSFP-DD", 16),
        ("MMF", "QSFP56", 32),
    ]


def test_a_later_stage_is_a_later_delivery() -> None:
    fabric = fabric_of(third_rack_later)
    counted = {
        delivery: sum(
            line.count
            for line in bill(fabric, 0.0)
            if line.item == "cable" and line.delivery == delivery
        )
        for delivery in ("first", "second")
    }
    assert counted["first"] == 55
    assert counted["second"] == len(fabric.cables.ids) - 55 > 0


def test_the_pull_list_has_every_cable_in_order() -> None:
    fabric = fabric_of()
    rows = pull_list(fabric)
    assert [int(row[0]) for row in rows] == list(range(1, 56))
    assert sorted(row[CABLES.index("cable_id")] for row in rows) == sorted(fabric.cables.ids)


def test_bundles_of_one_rack() -> None:
    fabric = fabric_of()
    assert [row[1] for row in bundle_list(fabric)] == [
        *("a01-a02-compute", "a01-a02-oob", "a01-compute", "a01-oob")
    ]
    names = [row[1] for row in bundle_list(fabric, {"a02"})]
    assert names == ["a01-a02-compute", "a01-a02-oob"]
    assert len(pull_list(fabric, {"a02"})) == 26
