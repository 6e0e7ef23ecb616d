"""Dragonfly fabrics: groups all to all, equal links between any two; growth moves nothing."""

from collections import Counter
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.fabric.design import Design, design
from colossus.fabric.graph import component_count, group_count
from colossus.fabric.summary import summarise
from colossus.fabric.tables import TIERS
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import Lock
from colossus.inventory.nodeset import fold
from colossus.load.site import load_site
from colossus.wiring.report import Report
from colossus.wiring.verdicts import compare
from tests.unit.fabric.sites import decisions
from tests.unit.sites import ROOT, edited
from tests.unit.wiring.fabrics import planned, sightings

SIZE = 32


@cache
def catalog() -> dict[str, CatalogItem]:
    return load_site(ROOT / "examples" / "frontier").catalog


@cache
def small(groups: int, pair: int = 4) -> Design:
    return made(groups, pair)


def made(groups: int, pair: int = 4, lock: Lock | None = None, **changes: object) -> Design:
    def edit(document: dict[str, Any]) -> None:
        document["racks"][0]["names"] = f"c[01-{groups:02d}]"
        document["fabrics"]["compute"]["dragonfly"]["links_per_group_pair"] = pair
        document["racks"][0] |= changes

    return design(edited("frontier", edit), catalog(), lock)


def ends(design_: Design, tier: str) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Device rows of both ends of a tier's links."""
    fabric = design_.fabric
    rows = np.flatnonzero(fabric.links.tier == TIERS.index(tier))
    rows = rows[fabric.links.fabric[rows] == fabric.fabrics.index("compute")]
    sides = (fabric.links.a[rows], fabric.links.z[rows])
    return np.stack([fabric.ports.device[side] for side in sides], axis=1)


@pytest.mark.parametrize(("groups", "pair"), [(1, 4), (2, 4), (5, 4), (4, 3), (3, 1)])
def test_every_port_is_used_once(groups: int, pair: int) -> None:
    fabric = small(groups, pair).fabric
    ports = fabric.ports
    key = np.stack([ports.device, ports.group, ports.cage, ports.lane], axis=1)
    assert len(np.unique(key, axis=0)) == len(key)
    assert component_count(fabric, fabric.fabrics.index("compute")) == 1
    assert ports.cage[fabric.links.z].max() < SIZE


@pytest.mark.parametrize("groups", [1, 3])
def test_a_group_is_all_to_all(groups: int) -> None:
    fabric = small(groups).fabric
    pairs = Counter(map(tuple, ends(small(groups), "local").tolist()))
    assert len(pairs) == groups * SIZE * (SIZE - 1) // 2
    assert set(pairs.values()) == {1}
    racks = fabric.devices.rack
    assert all(racks[a] == racks[z] for a, z in pairs)
    assert group_count(fabric, np.flatnonzero(fabric.links.fabric == 0)) == groups


@pytest.mark.parametrize("pair", [1, 3, 4])
def test_any_two_groups_have_as_many_links(pair: int) -> None:
    racks = small(4, pair).fabric.devices.rack[ends(small(4, pair), "global")]
    found = Counter(tuple(sorted(each)) for each in racks.tolist())
    assert found == dict.fromkeys(combinations(range(4), 2), pair)


def test_global_links_are_spread_over_the_switches() -> None:
    used = Counter(ends(small(34, 4), "global").ravel().tolist())
    assert len(used) == 34 * SIZE
    assert set(used.values()) <= {4, 6}


def test_a_node_has_its_cables_on_switches_of_its_own_chassis() -> None:
    fabric = small(2).fabric
    by_host: dict[int, set[int]] = {}
    for host, switch in ends(small(2), "host-switch").tolist():
        by_host.setdefault(host, set()).add(switch)
    assert {len(switches) for switches in by_host.values()} == {2}
    chassis = (fabric.devices.rack, fabric.devices.u)
    for host, switches in by_host.items():
        assert {tuple(c[s] for c in chassis) for s in switches} == {tuple(c[host] for c in chassis)}


def test_two_links_to_a_cable_but_one_inside_a_group() -> None:
    fabric = small(5).fabric
    legs = {
        tier: set(
            fabric.cables.legs[fabric.links.cable[fabric.links.tier == TIERS.index(tier)]].tolist()
        )
        for tier in ("local", "global")
    }
    assert legs == {"local": {1}, "global": {2}}
    compute = np.flatnonzero(fabric.cables.fabric == fabric.fabrics.index("compute"))
    hosts, local, between = 5 * 128 * 4, 5 * 496, 10 * 4
    assert len(compute) == hosts // 2 + local + between // 2
    assert len(set(fabric.cables.ids)) == len(fabric.cables.ids)


def test_injection_to_what_leaves_a_group() -> None:
    summary: Any = summarise(small(5).fabric)
    assert summary["fabrics"]["compute"]["oversubscription"] == {"global": 512 / 16}
    assert summary["fabrics"]["compute"]["tiers"] == {"group": 5, "switch": 160}
    alone: Any = summarise(small(1).fabric)
    assert alone["fabrics"]["compute"]["oversubscription"] == {}


@pytest.mark.parametrize("racks", ["c[01-03],c10,c[04-06]", "c[01-09]", fold(["a01", "c01"])])
def test_growth_moves_nothing(racks: str) -> None:
    """Cabinets appended, or inserted into the row, leave every name and every cable alone."""
    before = small(6) if "a" not in racks else small(1)
    after = made(0, 4, before.lock, names=racks)
    assert not [finding for finding in after.findings if "lock" in finding.code]
    old, new = decisions(before.fabric), decisions(after.fabric)
    assert {key: new.get(key) for key in old} == old
    assert len(new) > len(old)


CABINETS = st.sets(st.sampled_from(["c01", "c02", "c03", "c04"]), min_size=1)


@settings(max_examples=4, deadline=None)
@given(st.lists(CABINETS, min_size=2, max_size=4))
def test_groups_come_and_go_and_nothing_ever_moves(plans: list[set[str]]) -> None:
    """A group that is away leaves its ports and its numbers free until it is back."""
    lock, ever = None, dict[object, object]()
    for cabinets in plans:
        after = made(0, 4, lock, names=fold(cabinets))
        assert not [finding for finding in after.findings if "lock" in finding.code]
        now = decisions(after.fabric)
        both = ever.keys() & now.keys()
        assert {key: now[key] for key in both} == {key: ever[key] for key in both}
        ever.update(now)
        lock = after.lock


def meant_to_grow(groups: int, grow_to: int) -> Design:
    def edit(document: dict[str, Any]) -> None:
        document["racks"][0]["names"] = f"c[01-{groups:02d}]"
        document["fabrics"]["compute"]["dragonfly"]["grow_to"] = grow_to

    return design(edited("frontier", edit), catalog())


def test_groups_that_are_planned_for_are_refused_before_the_first_is_built() -> None:
    """8 of 32 cages are left for other groups, 512 links of a group at 4 to each: 128 others."""
    assert decisions(meant_to_grow(2, 129).fabric) == decisions(small(2).fabric)
    (finding,) = meant_to_grow(2, 130).findings
    assert finding.code == "dragonfly-impossible"
    assert "129 other groups" in finding.summary


def test_another_shape_would_move_cables() -> None:
    found = [f for f in made(3, 2, small(3).lock).findings if f.code == "lock-shape-changed"]
    assert [finding.summary for finding in found] == [
        "fabric compute: links_per_group_pair 4 → 2 would move up to 3,030 installed cables"
    ]


def exchanged(tier: str) -> Report:
    """Exchange the far plugs of two cables of a tier, and compare what is seen then."""
    fabric = small(3).fabric
    links = [fabric.link(row) for row in range(len(fabric.links.a))]
    mine = [link for link in links if link.tier == tier]
    legs = int(fabric.cables.legs[fabric.links.cable[mine[0].index]])
    one, other = mine[:legs], mine[2 * legs : 3 * legs]
    seen = planned(fabric)
    for first, second in zip(one, other, strict=True):
        for a, z in ((first.a, second.z), (second.a, first.z)):
            near, far = (a.device, a.interface), (z.device, z.interface)
            seen[near], seen[far] = far, near
    return compare(fabric, sightings(seen))


@pytest.mark.parametrize("tier", ["host-switch", "local", "global"])
def test_exchanged_cables_are_one_verdict_however_many_links_they_carry(tier: str) -> None:
    (verdict,) = exchanged(tier).verdicts
    assert verdict.kind == "swapped"
    assert len(verdict.cables) == 2
