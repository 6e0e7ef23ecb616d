"""Fabrics that go by racks: ports follow the rule, and growth may only append."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from colossus.fabric.design import Design, design
from colossus.load.site import load_site
from tests.unit.checks.broken import build

OOB: dict[str, Any] = {
    "topology": "single",
    "by_rack": {"access": {"role": "oob-switch", "ports": "access"}},
    "components": 2,
    "ends": [
        {"role": "compute", "ports": ["mgmt", "bmc"], "per_rack": 6},
        {"role": "pdu", "ports": ["mgmt"], "per_rack": 2},
    ],
    "addresses": {
        "kind": "shared",
        "prefix": "10.20.0.0/22",
        "ranges": [{"role": "compute", "port": "mgmt", "first": "10.20.1.1"}],
    },
}
EDITS: dict[str, Any] = {
    "fabrics.oob": OOB,
    "racks[0].devices[3].only": "a[01-02]",
    "racks[0].devices[0].u": [7, 13],
}


def made(folder: Path, levels: list[int], before: Design | None = None) -> Design:
    """Design the example with servers at these U positions, on top of what was locked before."""
    folder.mkdir()
    case = {"set": {**EDITS, "racks[0].devices[0].u": levels}}
    loaded = load_site(build(case, folder))
    return design(loaded.accepted(), loaded.catalog, before.lock if before else None)


def cables(designed: Design) -> dict[str, str]:
    """Ends of every out-of-band cable by id."""
    fabric = designed.fabric
    links = [fabric.link(row) for row in range(len(fabric.links.a))]
    return {link.cable_id: f"{link.a} {link.z}" for link in links if link.fabric == "oob"}


def test_each_device_plugs_into_its_own_rack(tmp_path: Path) -> None:
    fabric = made(tmp_path / "site", [7, 13]).fabric
    for row in range(len(fabric.links.a)):
        link = fabric.link(row)
        if link.fabric == "oob":
            ends = [fabric.device(fabric.device_index[end.device]) for end in (link.a, link.z)]
            assert ends[0].rack == ends[1].rack


def test_appending_moves_nothing(tmp_path: Path) -> None:
    before = made(tmp_path / "before", [7, 13])
    after = made(tmp_path / "after", [7, 13, 1], before)
    assert not [f for f in after.findings if f.code == "lock-shape-changed"]
    assert cables(before).items() <= cables(after).items()


@pytest.mark.parametrize("levels", [[1, 7, 13], [13, 7], [7]])
def test_anything_but_appending_is_refused(tmp_path: Path, levels: list[int]) -> None:
    before = made(tmp_path / "before", [7, 13])
    after = made(tmp_path / "after", levels, before)
    assert [f.code for f in after.findings].count("lock-shape-changed") == 1


def test_the_lock_stays_small(tmp_path: Path) -> None:
    lock = made(tmp_path / "site", [7, 13]).lock
    assert lock.fabrics["oob"].slots == ()
    assert yaml.safe_dump(lock.fabrics["oob"].model_dump(mode="json")).count("\n") < 10


def test_the_ports_of_a_second_switch_follow_those_of_the_first(tmp_path: Path) -> None:
    """24 places of two ports fill the first switch; the PDUs find the second one."""
    ends = [{**OOB["ends"][0], "per_rack": 24}, OOB["ends"][1]]
    edits = {**EDITS, "fabrics.oob": {**OOB, "ends": ends}}
    case = {"set": {**edits, "racks[0].devices[3].u": [40, 42], "racks[0].devices[2].u": [38]}}
    loaded = load_site(build(case, tmp_path))
    designed = design(loaded.accepted(), loaded.catalog)
    assert not [f for f in designed.findings if f.code == "rack-ports-exhausted"]
    switches = {
        words.split()[0].partition(":")[0]: words.split()[1] for words in cables(designed).values()
    }
    assert switches["gpu-0002"].startswith("oob-01:")
    assert switches["pdu-a01-a1"] == "oob-02:swp1"
    assert switches["pdu-a02-b1"] == "oob-04:swp2"
