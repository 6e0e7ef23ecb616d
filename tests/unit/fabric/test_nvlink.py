"""NVLink domains: link l of every accelerator at chip l, nothing to pull, one domain a rack."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from colossus.fabric.design import Design, design
from colossus.fabric.graph import component_count
from colossus.fabric.summary import summarise
from colossus.load.site import load_site
from colossus.wiring.rows import cable_rows
from tests.unit.sites import ROOT, edited

TRAYS, CHIPS = 18, 18


@cache
def rack() -> Design:
    read = load_site(ROOT / "examples" / "nvl72-rack")
    return design(read.accepted(), read.catalog)


def links(made: Design) -> list[tuple[str, int, str, int]]:
    fabric = made.fabric
    rows = np.flatnonzero(fabric.links.fabric == fabric.fabrics.index("nvlink"))
    near, far = fabric.links.a[rows], fabric.links.z[rows]
    names, ports = fabric.devices.names, fabric.ports
    return [
        (names[ports.device[a]], int(ports.cage[a]), names[ports.device[z]], int(ports.cage[z]))
        for a, z in zip(near, far, strict=True)
    ]


def test_every_port_is_used_once() -> None:
    made = links(rack())
    assert len(made) == 1296
    ends = [(name, port) for one in made for name, port in (one[:2], one[2:])]
    assert max(Counter(ends).values()) == 1
    assert len({end for end in ends if end[0].startswith("nvsw")}) == 9 * 144


@pytest.mark.parametrize("gpu", [0, 3, 4, 71])
def test_each_accelerator_has_its_port_on_every_chip(gpu: int) -> None:
    tray, first = f"tray-{gpu // 4 + 1:02d}", gpu % 4 * CHIPS
    mine = [one for one in links(rack()) if one[0] == tray and first <= one[1] < first + CHIPS]
    assert [(one[2], one[3]) for one in sorted(mine)] == [
        (f"nvsw-{chip // 2 + 1:02d}", chip % 2 * 72 + gpu) for chip in range(CHIPS)
    ]


def test_accelerators_and_chips_hang_together_but_no_tray_joins_them() -> None:
    """Two accelerators of one tray that share no chip and no switch tray are apart."""
    fabric = rack().fabric
    code = fabric.fabrics.index("nvlink")
    assert component_count(fabric, code) == 1
    one = np.zeros(len(fabric.links.a), dtype=np.bool_)
    one[np.flatnonzero(fabric.links.fabric == code)[:36]] = True
    chip = fabric.ports.cage[fabric.links.a] % CHIPS
    gpu = fabric.ports.cage[fabric.links.a] // CHIPS
    few = one & (chip // 2 == gpu)
    assert np.count_nonzero(few) == 4
    assert component_count(fabric, code, few) == 2


def test_the_cartridge_is_one_object_that_nobody_pulls() -> None:
    fabric = rack().fabric
    assert summarise(fabric)["cables"] == {
        "CAT6A": 88,
        "DAC": 14,
        "ACC": 8,
        "BUILT-IN": 1,
        "CORD": 22,
        "HOSE": 2,
    }
    rows = cable_rows(fabric)
    assert set(rows.columns["fabric"].tolist()) == {"oob", "frontend"}
    assert len(rows) == 128


def test_a_tray_taken_out_moves_no_other() -> None:
    made, read = rack(), load_site(ROOT / "examples" / "nvl72-rack")

    def without(document: dict[str, list[dict[str, list[dict[str, object]]]]]) -> None:
        document["racks"][0]["devices"][2]["u"] = [9, *range(11, 17), *range(26, 36)]

    less = design(edited("nvl72-rack", without), read.catalog, made.lock)
    assert set(links(less)) == {one for one in links(made) if one[0] != "tray-02"}
