"""Clos fabrics as wired: what every wiring obeys, and growth that moves nothing."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from colossus.diagnostics import counted
from colossus.fabric.design import Design, design
from colossus.fabric.graph import component_count
from colossus.fabric.model import Fabric
from colossus.fabric.tables import TIERS
from colossus.fabric.why_shape import why_shape
from colossus.inventory.catalog import CatalogItem
from colossus.inventory.locks import Lock
from colossus.inventory.site import Site
from colossus.load.catalog import Catalogue
from colossus.load.files import Sources
from colossus.load.site import load_site
from tests.unit.fabric.sites import ROOT, cabling

HOST, SWITCH, RACK = "microsoft/nd-a100-v4", "nvidia/qm8700", "generic/rack-48u-800"
EIGHT = 8
"""Switches of 40 ports, unsplit, eight ports to a host."""


@dataclass(frozen=True)
class Small:
    """A small site of one Clos fabric."""

    hosts: int
    unit: int = 4
    planes: int = 1
    tiers: int = 3
    rails: bool = True
    grow_to: int | None = None
    spread: int | None = 2
    uplinks: int | None = 4
    spine_uplinks: int | None = 4
    reserved: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        words = ("leaf", "spine", "core")[: self.tiers]
        pins = {
            "leaf_uplinks": self.uplinks,
            "units_per_pod": self.spread if self.tiers == 3 else None,
            "spine_uplinks": self.spine_uplinks if self.tiers == 3 else None,
        }
        rack = {"hall": "main", "model": "generic/rack-48u-800"}
        return {
            "cluster": "small",
            "domain": "small.example",
            "halls": [{"name": "main", "rows": "r[1-9]"}],
            "roles": {
                "compute": {"kind": "compute", "model": HOST, "name": "gpu-{n:04d}"},
                **{
                    word: {"kind": "switch", "model": SWITCH, "name": word + "-{n:03d}"}
                    for word in words
                },
            },
            "racks": [
                {
                    **rack,
                    "names": f"c[001-{-(-self.hosts // 4):03d}]",
                    "rows": "r[1-5]",
                    "kind": "compute",
                    "devices": [
                        {"role": "compute", "u": [1, 7, 13, 19], "at_most": self.hosts},
                    ],
                },
                *(
                    {
                        **rack,
                        "names": f"{word}[01-20]",
                        "row": f"r{6 + place}",
                        "kind": "network",
                        "devices": [
                            {"role": word, "u": {"first": 1, "step": 1, "count": 40}, "fill": True}
                        ],
                    }
                    for place, word in enumerate(words)
                ),
            ],
            "fabrics": {
                "compute": {
                    "topology": f"clos{self.tiers}",
                    "protocol": "infiniband",
                    "planes": self.planes,
                    "reserved": list(self.reserved),
                    "clos": {
                        "hosts_per_unit": self.unit,
                        "rail_optimised": self.rails,
                        "grow_to": self.grow_to,
                        "tiers": {word: {"role": word, "ports": "data"} for word in words},
                        "pins": pins,
                    },
                    "ends": [{"role": "compute", "ports": ["compute"]}],
                    "oversubscription": {"leaf": 100, "spine": 100},
                }
            },
            "access": {"key": "env:KEY"},
        }


def catalog() -> dict[str, CatalogItem]:
    return Catalogue(ROOT / "examples", Sources(ROOT)).read(
        {str(number): model for number, model in enumerate((HOST, SWITCH, RACK))}
    )


CATALOG = catalog()


def built(small: Small, lock: Lock | None = None) -> Design:
    return design(Site.model_validate(small.document()), CATALOG, lock)


def columns(fabric: Fabric, tier: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of links of a tier, and the devices at both their ends."""
    rows = np.flatnonzero(fabric.links.tier == TIERS.index(tier))
    device = fabric.ports.device
    return rows, device[fabric.links.a[rows]], device[fabric.links.z[rows]]


SMALL = st.builds(
    Small,
    hosts=st.integers(1, 60),
    unit=st.integers(1, 8),
    planes=st.sampled_from([1, 2, 4, 8]),
    tiers=st.sampled_from([2, 3]),
    spread=st.integers(1, 3),
    uplinks=st.sampled_from([2, 4, 8]),
    spine_uplinks=st.sampled_from([2, 4, 6]),
)


@settings(max_examples=40)
@given(SMALL)
def test_what_every_wiring_obeys(small: Small) -> None:
    result = built(small)
    assume(not any(finding.code == "clos-impossible" for finding in result.findings))
    assert result.findings == ()
    fabric = result.fabric
    used = np.concatenate([fabric.links.a, fabric.links.z])
    ports = fabric.ports
    keys = list(zip(ports.device[used], ports.group[used], ports.cage[used], strict=True))
    assert len(set(keys)) == len(keys)
    assert int(ports.cage[used].max()) < 40
    links_per_pair_are_equal(fabric)
    rails_are_pure(fabric)
    planes_are_apart(fabric, small)


def links_per_pair_are_equal(fabric: Fabric) -> None:
    for tier in ("leaf-spine", "spine-core"):
        _, a, z = columns(fabric, tier)
        assert len(set(Counter(zip(a.tolist(), z.tolist(), strict=True)).values())) <= 1


def rails_are_pure(fabric: Fabric) -> None:
    """A leaf sees one rail; hosts of a unit meet at each of its leaves."""
    rows, _, leaf = columns(fabric, "host-leaf")
    rail = fabric.links.rail[rows]
    seen = set(zip(leaf.tolist(), rail.tolist(), strict=True))
    assert len(seen) == len({leaf for leaf, _ in seen})
    assert len(rows) == len({(a, z) for _, a, z in zip(*columns(fabric, "host-leaf"), strict=True)})


def planes_are_apart(fabric: Fabric, small: Small) -> None:
    """No switch carries links of two planes, and each plane is one network."""
    plane = np.concatenate([fabric.links.plane, fabric.links.plane])
    device = fabric.ports.device[np.concatenate([fabric.links.a, fabric.links.z])]
    hosts = {row for row in set(device.tolist()) if fabric.device(row).role == "compute"}
    seen = {(d, p) for d, p in zip(device.tolist(), plane.tolist(), strict=True) if d not in hosts}
    assert len(seen) == len({d for d, _ in seen})
    assert {p for _, p in seen} == set(range(small.planes))
    assert component_count(fabric, 0) == small.planes


@settings(max_examples=15)
@given(st.integers(1, 50), st.integers(1, 4))
def test_a_leaf_per_unit_takes_all_ports_of_its_hosts(hosts: int, unit: int) -> None:
    """Not rail-optimised: port after port of host after host, on one leaf."""
    fabric = built(Small(hosts, unit, rails=False)).fabric
    _, host, leaf = columns(fabric, "host-leaf")
    pairs = set(zip(host.tolist(), leaf.tolist(), strict=True))
    assert len(pairs) == hosts
    assert len(host) == hosts * EIGHT


def test_place_and_uplink_rules() -> None:
    """Place p of a unit = port p of each leaf; uplinks from the middle of the switch on."""
    wires = cabling(built(Small(9, 4)).fabric)
    ends = {end: far for end, (far, _) in wires.items()}
    assert ends["compute gpu-0001:ib0"] == "leaf-001:IB1/1"
    assert ends["compute gpu-0004:ib7"] == "leaf-008:IB1/4"
    assert ends["compute gpu-0005:ib0"] == "leaf-009:IB1/1"
    assert ends["compute gpu-0009:ib1"] == "leaf-018:IB1/1"
    assert ends["compute leaf-001:IB1/21"].startswith("spine-001:")
    # Unit 3 is the first of the second pod.
    spines = {
        far.partition(":")[0] for end, far in ends.items() if end.startswith("compute leaf-017")
    }
    pod_two = {f"spine-{number:03d}" for number in range(len(spines) + 1, 2 * len(spines) + 1)}
    assert spines == pod_two


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(0, 30), st.sampled_from([1, 2, 8]), st.sampled_from([2, 3]))
def test_growth_that_was_planned_moves_nothing(
    hosts: int, more: int, planes: int, tiers: int
) -> None:
    """With grow_to, units are added up to it: every cable that was there is there after."""
    size = Small(hosts, 16, planes, tiers, grow_to=80, uplinks=None, spine_uplinks=8)
    before = built(size)
    assert before.findings == ()
    after = built(replace(size, hosts=hosts + more), before.lock)
    assert after.findings == ()
    known, now = cabling(before.fabric), cabling(after.fabric)
    assert {end: now.get(end) for end in known} == known


@settings(max_examples=30)
@given(SMALL, st.integers(1, 40))
def test_growth_that_was_not_planned_moves_nothing_or_is_refused(small: Small, more: int) -> None:
    """A refusal says exactly how many cables would end elsewhere, or nowhere."""
    before = built(small)
    assume(before.findings == ())
    after = built(replace(small, hosts=small.hosts + more), before.lock)
    refused = {finding.code: finding.summary for finding in after.findings}
    known, now = cabling(before.fabric), cabling(after.fabric)
    moved = sum(now.get(end, ("", ""))[0] != far for end, (far, _) in known.items())
    assert set(refused) <= {"lock-shape-changed", "clos-impossible"}
    if "clos-impossible" not in refused:
        assert bool(moved) == bool(refused)
        told = f"would move {counted(moved, 'installed cable')}"
        assert all(summary.endswith(told) for summary in refused.values())


@settings(max_examples=10)
@given(
    st.lists(st.sets(st.integers(1, 9), min_size=1), min_size=2, max_size=5),
    st.sampled_from([2, 3]),
)
def test_racks_come_and_go_and_nothing_ever_moves(plans: list[set[int]], tiers: int) -> None:
    """In any order, also in the middle; a rack that comes back finds its ports again."""
    size = Small(4, 4, 2, tiers, grow_to=40, uplinks=None, spine_uplinks=8)
    lock, ever = None, dict[str, tuple[str, str]]()
    for plan in plans:
        document = size.document() | {}
        hosts = document["racks"][0]
        document["racks"][:1] = [
            hosts
            | {"names": f"c{number}", "first_position": number, "row": "r1", "rows": None}
            | {"devices": [{"role": "compute", "u": [1, 7, 13, 19]}]}
            for number in sorted(plan)
        ]
        result = design(Site.model_validate(document), CATALOG, lock)
        assert result.findings == ()
        now = cabling(result.fabric)
        assert {end: now[end] for end in now.keys() & ever.keys()} == {
            end: ever[end] for end in now.keys() & ever.keys()
        }
        # Whatever hangs between switches stays: units are never taken apart.
        assert {end for end in ever if "leaf" in end.partition(":")[0]} <= now.keys()
        ever.update(now)
        lock = result.lock


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({"planes": 2}, 56),
        ({"unit": 2}, 48),
        ({"spread": 1}, 64),
        ({"rails": False}, 135),
    ],
)
def test_another_shape_is_refused_with_the_number_of_cables(
    change: dict[str, Any], moved: int
) -> None:
    """Eight hosts in two units: 64 cables to hosts, 64 to spines, and those to cores."""
    before = built(Small(8, 4))
    after = built(replace(Small(8, 4), **change), before.lock)
    (finding,) = [f for f in after.findings if f.code == "lock-shape-changed"]
    known, now = cabling(before.fabric), cabling(after.fabric)
    told = sum(now.get(end, ("", ""))[0] != far for end, (far, _) in known.items())
    assert finding.summary.endswith(f"would move {told} installed cables")
    assert told == moved


def test_another_shape_that_moves_nothing_is_welcome() -> None:
    """Twice the uplinks of the spines: the ports that were free take them."""
    before = built(Small(8, 4))
    after = built(Small(8, 4, spine_uplinks=8), before.lock)
    assert after.findings == ()
    assert after.lock != before.lock
    known, now = cabling(before.fabric), cabling(after.fabric)
    assert known.items() < now.items()


def test_growth_beyond_the_plan_is_refused_with_the_number_of_cables() -> None:
    before = built(Small(4, 4, tiers=2, uplinks=20))
    grown = built(Small(16, 4, tiers=2, uplinks=20), before.lock)
    (finding,) = [f for f in grown.findings if f.code == "lock-shape-changed"]
    assert "spines_per_pod 4 → 20" in finding.summary
    assert finding.summary.endswith("would move 159 installed cables")
    assert "grow_to" in finding.hint


def test_why_a_fabric_has_its_shape() -> None:
    """Every number of the shape, with its pin or the rule that gave it."""
    made = built(Small(30, 4, planes=8))
    reasons = why_shape(made.fabric, "compute", made.lock.fabrics["compute"].shape)
    assert [(each.what, each.rule, each.path.rpartition(".")[2]) for each in reasons] == [
        (
            "a unit is 4 hosts under 8 leaves",
            "each port of a host goes to a leaf of its own",
            "hosts_per_unit",
        ),
        ("a leaf has 4 uplinks", "it is pinned", "leaf_uplinks"),
        ("a pod is 2 units", "it is pinned", "units_per_pod"),
        (
            "a pod has 1 spine of each plane, with 4 links from each leaf",
            "fewer would not divide a leaf's uplinks evenly, or lack the ports",
            "tiers",
        ),
        ("a spine has 4 uplinks", "it is pinned", "spine_uplinks"),
        (
            "1 group of cores of each plane: spine k of every pod goes to group k",
            "each spine of a pod has a group of its own",
            "tiers",
        ),
        (
            "a group has 1 core, with 4 links from each of its spines",
            "fewer would not divide a spine's uplinks evenly, or lack the ports for all pods",
            "tiers",
        ),
    ]
    assert why_shape(made.fabric, "oob", {}) == []


def pods(units: int, *, grow_to: int | None, lock: Lock | None = None) -> Design:
    """Design the published reference design, under one name whatever its size."""
    loaded = load_site(ROOT / "examples" / f"superpod-h100-{units}su")
    document = loaded.accepted().model_dump(mode="json")
    document["cluster"] = "superpod"
    document["fabrics"]["compute"]["clos"]["grow_to"] = grow_to
    return design(Site.model_validate(document), loaded.catalog, lock)


def test_from_two_scalable_units_to_three_with_all_ports_planned() -> None:
    """The missing server of unit two joins unit three; whatever was cabled keeps its ports."""
    before = pods(2, grow_to=96)
    after = pods(3, grow_to=96, lock=before.lock)
    assert after.findings == ()
    known, now = cabling(before.fabric), cabling(after.fabric)
    assert known.items() <= now.items()
    assert component_count(after.fabric, 0) == 1


def test_from_two_scalable_units_to_three_unplanned_is_refused() -> None:
    """Eight spines become 16, so nearly every cable between switches would move."""
    before = pods(2, grow_to=None)
    after = pods(3, grow_to=None, lock=before.lock)
    (finding,) = after.findings
    assert finding.code == "lock-shape-changed"
    assert finding.summary.endswith("spines_per_pod 8 → 16 would move 510 installed cables")
