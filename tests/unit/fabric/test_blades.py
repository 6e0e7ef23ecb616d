"""Blades abreast in a chassis, storage at the host ports of a dragonfly, what PDUs carry."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from colossus.checks.power import pdu_powers, rack_powers
from colossus.fabric.design import design
from colossus.inventory.site import DeviceRule
from colossus.load.site import load_site
from colossus.wiring.rows import cable_rows
from tests.unit.sites import ROOT, edited, fabric_of


def three_racks(document: dict[str, Any]) -> None:
    """Leave two cabinets, one rack of storage and one of service of Aurora."""
    for group, names in enumerate(("c[001-002]", "st[01-08]", "sv[01-08]")):
        document["racks"][group]["names"] = names


def test_blades_of_a_chassis_have_names_and_ordinals_of_their_own() -> None:
    fabric = fabric_of(three_racks, example="aurora")
    rows = np.flatnonzero(fabric.devices.role == fabric.roles.index("compute"))
    views = [fabric.device(int(row)) for row in rows]
    assert [view.name for view in views] == [f"node-{n:05d}" for n in range(1, 129)]
    assert [(view.rack, view.u) for view in views[6:10]] == [
        ("c001", 1),
        ("c001", 1),
        ("c001", 7),
        ("c001", 7),
    ]


def test_the_lock_keeps_every_blade() -> None:
    read, site = load_site(ROOT / "examples" / "aurora"), edited("aurora", three_racks)
    lock = design(site, read.catalog).lock
    assert lock.roles["compute"][0].u[:10] == (1, 101, 201, 301, 401, 501, 601, 701, 7, 107)
    again = design(site, read.catalog, lock)
    assert again.lock == lock
    assert again.findings == ()


def test_labels_name_blades_because_they_share_a_position() -> None:
    columns = cable_rows(fabric_of(three_racks, example="aurora")).columns
    labels = columns["label_a"].tolist()
    assert len(set(labels)) == len(labels)
    assert "main.c001-node-00001:1.1/main.c001-rosetta-0001:1.1" in labels


def test_storage_takes_only_its_part_of_each_switch() -> None:
    fabric = fabric_of(three_racks, example="aurora")
    mine = np.flatnonzero(fabric.links.fabric == fabric.fabrics.index("storage"))
    ends = fabric.links.z[mine]
    assert len(mine) == 256
    assert np.bincount(fabric.ports.device[ends]).max() == 8
    assert set(fabric.ports.cage[ends].tolist()) == {0, 1, 2, 3}
    racks = fabric.devices.rack[fabric.ports.device]
    assert np.array_equal(racks[fabric.links.a[mine]], racks[ends])


def test_what_hangs_on_a_busbar_is_no_load_of_the_pdus() -> None:
    fabric = fabric_of(example="nvl72-rack")
    assert [(p.nominal_watts, p.max_watts) for p in rack_powers(fabric)] == [(121_060, 130_200)]
    # CDU, four management switches, the front end's and a controller
    assert [(p.nominal_watts, p.max_watts) for p in pdu_powers(fabric)] == [(2_660, 4_100)]


@pytest.mark.parametrize("other", [{"fill": True}, {"at_most": 3}])
def test_a_chassis_is_filled_as_a_whole(other: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="abreast goes with neither"):
        DeviceRule.model_validate({"role": "compute", "u": [1], "abreast": 2} | other)
