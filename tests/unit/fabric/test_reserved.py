"""Reserved ports of Clos fabrics: no cable gets them, and none that is installed moves unsaid."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from colossus.diagnostics import counted
from colossus.fabric.design import Design, design
from colossus.fabric.reserved import ordinal_of, reserved_ports
from colossus.fabric.why_shape import why_shape
from colossus.inventory.site import Site
from tests.unit.fabric.sites import cabling
from tests.unit.fabric.test_clos import (
    CATALOG,
    SMALL,
    Small,
    built,
    links_per_pair_are_equal,
    planes_are_apart,
    rails_are_pure,
)

WORDS = st.lists(
    st.builds(
        "{}:{}".format,
        st.sampled_from(["leaf", "spine", "core", *(f"leaf-{n:03d}" for n in range(1, 10))])
        | st.sampled_from([f"{role}-{n:03d}" for role in ("spine", "core") for n in (1, 2, 3)]),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=6,
    unique=True,
).map(tuple)
FITTING = {"reserved-unknown"}
"""Words are drawn for more switches than a small fabric may have."""


def codes(made: Design) -> set[str]:
    return {finding.code for finding in made.findings}


def ends(made: Design) -> dict[str, str]:
    return {end: far for end, (far, _) in cabling(made.fabric).items()}


def taken(made: Design) -> set[str]:
    """Switch ports in use, as `switch:cage`."""
    fabric = made.fabric
    links = [fabric.link(row) for row in range(len(fabric.links.a))]
    return {f"{end.device}:{end.port}" for view in links for end in (view.a, view.z)}


def kept_free(made: Design, words: tuple[str, ...]) -> bool:
    """Whether no cable ends at a reserved port, also where a role names all its switches."""
    used = taken(made)
    wide = {f"{port.partition('-')[0]}:{port.partition(':')[2]}" for port in used}
    return used.isdisjoint(words) and wide.isdisjoint(words)


@settings(max_examples=40)
@given(SMALL, WORDS)
def test_no_cable_ends_at_a_reserved_port(small: Small, words: tuple[str, ...]) -> None:
    """Whatever is reserved, wherever: it stays free, and the fabric is as regular as ever."""
    assume(built(small).findings == ())
    made = built(replace(small, reserved=words))
    assume(codes(made) <= FITTING)
    assert kept_free(made, words)
    assert max(Counter(end for link in ends(made).items() for end in link).values()) == 1
    links_per_pair_are_equal(made.fabric)
    rails_are_pure(made.fabric)
    planes_are_apart(made.fabric, small)


@settings(max_examples=40)
@given(SMALL, WORDS)
def test_reserving_later_moves_nothing_or_says_how_much(
    small: Small, words: tuple[str, ...]
) -> None:
    """Installed trunks that move are told by number; hosts stay, and those in the way are named."""
    before = built(small)
    assume(before.findings == ())
    after = built(replace(small, reserved=words), before.lock)
    assert codes(after) <= {"lock-shape-changed", "reserved-taken", "clos-impossible", *FITTING}
    assume("clos-impossible" not in codes(after))
    old, new = ends(before), ends(after)
    moved = sum(new.get(end) != far for end, far in old.items())
    told = [finding for finding in after.findings if finding.code == "lock-shape-changed"]
    assert bool(moved) == bool(told)
    assert all(
        finding.summary.endswith(f"would move {counted(moved, 'installed cable')}")
        for finding in told
    )
    hosts = {end for end in old if "gpu-" in end}
    assert {end: new[end] for end in hosts} == {end: old[end] for end in hosts}
    assert kept_free(after, words) == ("reserved-taken" not in codes(after))


@settings(max_examples=40)
@given(SMALL, WORDS)
def test_recabling_frees_every_reserved_port(small: Small, words: tuple[str, ...]) -> None:
    before = built(small)
    assume(before.findings == ())
    site = Site.model_validate(replace(small, reserved=words).document())
    after = design(site, CATALOG, before.lock, recable=True)
    assume("clos-impossible" not in codes(after))
    assert {finding.code for finding in after.findings if finding.severity == "error"} <= FITTING
    assert kept_free(after, words)
    again = design(site, CATALOG, after.lock)
    assert ends(again) == ends(after)
    assert codes(again) <= FITTING


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(0, 30), WORDS, st.sampled_from([2, 3]))
def test_growth_beside_reserved_ports_moves_nothing(
    hosts: int, more: int, words: tuple[str, ...], tiers: int
) -> None:
    """Hosts are added up to what was planned; then the ports are released: hosts stay again."""
    size = Small(hosts, 16, 1, tiers, grow_to=80, uplinks=8, spine_uplinks=8, reserved=words)
    before = built(size)
    assume(codes(before) <= FITTING)
    after = built(replace(size, hosts=hosts + more), before.lock)
    assert codes(after) <= FITTING
    old, new = ends(before), ends(after)
    assert old.items() <= new.items()
    released = built(replace(size, hosts=hosts + more, reserved=()), after.lock)
    assert codes(released) <= {"lock-shape-changed"}
    free = ends(released)
    moved = sum(free.get(end) != far for end, far in new.items())
    assert bool(moved) == bool(codes(released))
    assert all(free[end] == far for end, far in new.items() if "gpu-" in end)


def test_hosts_skip_the_place_of_a_reserved_port() -> None:
    """Port 2 of one leaf: place 2 of its unit stays empty at all of them, the next unit is full."""
    made = ends(built(Small(8, 4, reserved=("leaf-003:2",))))
    assert made["compute gpu-0001:ib0"] == "leaf-001:IB1/1"
    assert made["compute gpu-0002:ib0"] == "leaf-001:IB1/3"
    assert made["compute gpu-0004:ib0"] == "leaf-009:IB1/1"
    assert made["compute gpu-0007:ib0"] == "leaf-009:IB1/4"
    assert made["compute gpu-0008:ib0"] == "leaf-017:IB1/1"


def test_a_role_reserves_a_port_of_each_of_its_switches() -> None:
    """Units of four hosts hold three, so nine hosts are three units, also as planned growth."""
    made = built(Small(9, 4, reserved=("leaf:4",)))
    assert made.findings == ()
    leaves = {far.partition(":")[0] for end, far in ends(made).items() if "gpu-" in end}
    assert len(leaves) == 3 * 8
    planned = built(Small(1, 4, tiers=2, grow_to=9, reserved=("leaf:4",)))
    assert planned.lock.fabrics["compute"].shape["spines_per_pod"] == 4


def test_the_last_free_port_stands_in_for_a_trunk() -> None:
    """Only the cable whose port is reserved goes elsewhere, at every tier and either way."""
    before = ends(built(Small(8, 4)))
    words = ("leaf-001:21", "spine-001:1", "spine-001:34", "core-001:1")
    after = ends(built(Small(8, 4, reserved=words)))
    moved = {end: (far, after.get(end)) for end, far in before.items() if after.get(end) != far}
    assert len(before) == len(after)
    assert len(moved) == len(words) - 1
    assert after["compute leaf-001:IB1/40"] == "spine-001:IB1/40"
    assert "core-001:IB1/40" in after.values()
    assert any(end.startswith("compute spine-001:IB1/39") for end in after)


@pytest.mark.parametrize(
    ("small", "summary"),
    [
        (
            Small(8, 20, uplinks=20, reserved=("leaf:40",)),
            "a leaf has no room for 20 ports to hosts and 20 uplinks beside the reserved ones",
        ),
        (
            Small(40, 1, tiers=2, reserved=("spine-001:40",)),
            "320 ports to hosts are wanted, two tiers of these switches join 39 at most"
            " at the declared ratio",
        ),
        (
            Small(8, 2, reserved=("leaf:1", "leaf:2")),
            "fabric compute: every place of a unit has a reserved port",
        ),
    ],
)
def test_what_has_no_room_is_refused(small: Small, summary: str) -> None:
    (finding,) = [each for each in built(small).findings if each.code == "clos-impossible"]
    assert finding.summary == summary
    assert finding.hint


def test_why_says_what_is_reserved() -> None:
    made = built(Small(8, 4, reserved=("leaf:4", "core-001:1")))
    reason = why_shape(made.fabric, "compute", made.lock.fabrics["compute"].shape)[-1]
    assert reason.what == "2 reserved ports: core-001:1 leaf:4"
    assert reason.path == "fabrics.compute.reserved"


def test_reserving_what_is_installed_is_refused_with_the_number_of_cables() -> None:
    before = built(Small(8, 4))
    words = ("leaf-003:2", "spine-001:1")
    after = built(Small(8, 4, reserved=words), before.lock)
    assert [(each.code, each.summary) for each in after.findings] == [
        (
            "lock-shape-changed",
            "fabric compute: reserving leaf-003:2, reserving spine-001:1 would move 1 installed"
            " cable",
        ),
        (
            "reserved-taken",
            "port leaf-003:2 of fabric compute is reserved, but cluster.lock gives it to gpu-0002:"
            " 8 installed cables would move",
        ),
    ]


def test_a_host_that_is_gone_has_no_claim_to_a_reserved_port() -> None:
    before = built(Small(8, 4))
    after = built(Small(7, 4, reserved=("leaf-016:4",)), before.lock)
    assert after.findings == ()
    back = built(Small(8, 4, reserved=("leaf-016:4",)), after.lock)
    assert back.findings == ()
    assert ends(back)["compute gpu-0008:ib0"] == "leaf-017:IB1/1"


@pytest.mark.parametrize("word", ["leaf-099:1", "leaf-001:41", "leaf-001:0", "leaf-001:1/2", "x:1"])
def test_a_port_that_no_switch_has_is_unknown(word: str) -> None:
    (finding,) = built(Small(8, 4, reserved=(word,))).findings
    assert (finding.code, finding.where.path) == ("reserved-unknown", "fabrics.compute.reserved[0]")
    assert finding.summary == f"fabric compute has no switch port {word}"
    assert "cages 1 to 40" in finding.hint


@given(st.integers(0, 9999), st.sampled_from(["leaf-{n:03d}", "h2-sw{n}", "{n}x"]))
def test_a_name_gives_its_ordinal_back(ordinal: int, pattern: str) -> None:
    assert ordinal_of(pattern.format(n=ordinal + 1), pattern) == ordinal
    assert ordinal_of(pattern.format(n=ordinal + 1), "other-{n}") is None


def test_a_role_of_one_switch_is_that_switch() -> None:
    group = CATALOG["nvidia/qm8700"].ports[0]  # type: ignore[union-attr] # a switch has ports
    assert reserved_ports(["oob:3"], "oob", "oob", group).of(0) == {(2, 0)}


def test_a_fabric_that_skips_no_port_cannot_reserve_one() -> None:
    """Out of band a device's port follows from its place in its rack."""
    document = Small(8, 4).document()
    by_rack = {"access": {"role": "leaf", "ports": "data"}}
    ends = [{"role": "compute", "ports": ["compute"], "per_rack": 4}]
    document["fabrics"]["compute"] = {
        "topology": "single",
        "by_rack": by_rack,
        "ends": ends,
        "reserved": ["leaf-001:1"],
    }
    with pytest.raises(ValidationError, match="single or with a clos block can have reserved"):
        Site.model_validate(document)
