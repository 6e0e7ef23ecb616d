"""Meshes of tiles: neighbours in a tray, the next cabinet's tray, interface cards at edges."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.fabric.design import Design, design
from colossus.fabric.graph import component_count
from colossus.fabric.model import LinkView
from colossus.fabric.summary import summarise
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import Lock
from colossus.inventory.nodeset import fold
from colossus.load.site import load_site
from tests.unit.fabric.sites import decisions
from tests.unit.sites import ROOT, edited

TRAY = {"t0e-t1w", "t1e-t2w", "t3e-t4w", "t4e-t5w", "t0s-t3n", "t1s-t4n", "t2s-t5n"}


@cache
def catalog() -> dict[str, CatalogItem]:
    return load_site(ROOT / "examples" / "dojo-exapod").catalog


@cache
def pod(cabinets: int = 10) -> Design:
    return made(f"c[01-{cabinets:02d}]")


def made(racks: str, lock: Lock | None = None, **mesh: object) -> Design:
    def edit(document: dict[str, Any]) -> None:
        document["racks"][0]["names"] = racks
        document["fabrics"]["tile"]["mesh"] |= mesh

    return design(edited("dojo-exapod", edit), catalog(), lock)


def links(design_: Design, tier: str) -> list[LinkView]:
    fabric = design_.fabric
    views = [fabric.link(row) for row in range(len(fabric.links.a))]
    return [view for view in views if view.tier == tier]


def parts(design_: Design) -> int:
    fabric = design_.fabric
    return component_count(fabric, fabric.fabrics.index("tile"))


def test_every_port_is_used_once() -> None:
    ports = pod().fabric.ports
    key = np.stack([ports.device, ports.group, ports.cage, ports.lane], axis=1)
    assert len(np.unique(key, axis=0)) == len(key)


@pytest.mark.parametrize("tray", ["tray-001", "tray-013", "tray-020"])
def test_tiles_of_a_tray_meet_their_neighbours(tray: str) -> None:
    inside = [link for link in links(pod(), "tile-tile") if link.a.device == link.z.device == tray]
    found = {f"{link.a.interface}-{link.z.interface}" for link in inside}
    assert found == TRAY
    assert len({link.cable_id for link in inside}) == 1


def test_trays_at_one_level_of_neighbouring_cabinets_meet_by_two_edges() -> None:
    between = [link for link in links(pod(), "tile-tile") if link.a.device != link.z.device]
    assert Counter((link.a.device, link.z.device) for link in between) == {
        (f"tray-{n:03d}", f"tray-{n + 2:03d}"): 2 for n in range(1, 19)
    }
    assert {(link.a.interface, link.z.interface) for link in between} == {
        ("t2e", "t0w"),
        ("t5e", "t3w"),
    }


def test_every_interface_host_has_one_edge() -> None:
    cards = links(pod(), "dip-tile")
    assert len(cards) == 400
    served = {(link.a.device, link.z.device, link.z.interface[:3]) for link in cards}
    assert len(served) == 80
    assert {edge for _, tray, edge in served if tray == "tray-002"} == {"t0n", "t2n", "t3s", "t5s"}
    mine = [link for link in cards if link.a.device == "ih-006"]
    assert [(link.a.interface, link.z.device, link.z.interface) for link in mine] == [
        (f"dip{card}", "tray-002", f"t2n.{card}") for card in range(5)
    ]


@pytest.mark.parametrize(("cabinets", "found"), [(10, 2), (5, 4), (1, 20)])
def test_a_mesh_ends_after_its_cabinets(cabinets: int, found: int) -> None:
    assert parts(made("c[01-10]", cabinets=cabinets)) == found


def test_tiles_are_counted_and_boards_are_not_pulled() -> None:
    summary: Any = summarise(pod(3).fabric)
    assert summary["fabrics"]["tile"]["tiers"] == {"tile": 36}
    assert summary["fabrics"]["tile"]["links"] == {"tile-tile": 42 + 8, "dip-tile": 120}
    assert summary["cables"]["BUILT-IN"] == 6
    assert summary["cables"]["TILE"] == 8 + 120


@pytest.mark.parametrize("racks", ["c[01-06]", "c[01-02],c09,c[03-04]"])
def test_growth_moves_nothing(racks: str) -> None:
    before = pod(4)
    after = made(racks, before.lock)
    old, new = decisions(before.fabric), decisions(after.fabric)
    assert {key: new.get(key) for key in old} == old
    assert len(new) > len(old)


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from(["c01", "c02", "c03", "c04"]), min_size=1), min_size=2),
)
def test_cabinets_come_and_go_and_nothing_ever_moves(plans: list[set[str]]) -> None:
    lock, ever = None, dict[object, object]()
    for cabinets in plans[:4]:
        after = made(fold(cabinets), lock)
        assert not [finding for finding in after.findings if "lock" in finding.code]
        now = decisions(after.fabric)
        both = ever.keys() & now.keys()
        assert {key: now[key] for key in both} == {key: ever[key] for key in both}
        ever.update(now)
        lock = after.lock


def test_another_mesh_would_move_cables() -> None:
    found = made("c[01-04]", pod(4).lock, cabinets=2).findings
    assert [(finding.code, finding.summary) for finding in found] == [
        ("lock-shape-changed", "fabric tile: cabinets 10 → 2 would move up to 224 installed cables")
    ]
