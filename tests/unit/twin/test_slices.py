"""The choice of a slice, on whole systems: all shown once, each rail connected, few nodes."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.cli.opening import opened
from colossus.errors import RehearsalFailed
from colossus.fabric.changed import changed_devices
from colossus.fabric.graph import spread
from colossus.fabric.model import Fabric
from colossus.fabric.numbered import numbered
from colossus.fabric.paths import Mask, Rows
from colossus.inventory.site import Role
from colossus.twin.slice_words import largest_fabric
from colossus.twin.slices import Room, Slice, slice_of
from colossus.twin.stands_for import cannot_show, stands_for

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ROOM = Room(100, 1000)
SYSTEMS = {
    # How many nodes the smallest slice has at most.
    "stanford-nlp": 5,
    "superpod-h100-2su": 36,
    "colossus-100k": 32,
    "frontier": 11,
    "openai-25k": 56,
    "dojo-exapod": 9,
}
KINDS = ("compute", "controller", "service", "switch")


def with_playbook(role: Role) -> Role:
    """Pretend that a role has one: the choice asks for no more."""
    return role.model_copy(update={"playbook": "any"}) if role.kind in KINDS else role


@cache
def fabric_of(example: str) -> Fabric:
    """The example with a playbook for every role of machines."""
    fabric = opened(EXAMPLES / example).designed.fabric
    roles = {name: with_playbook(role) for name, role in fabric.site.roles.items()}
    return replace(fabric, site=fabric.site.model_copy(update={"roles": roles}))


def rows_of(fabric: Fabric, part: Slice) -> list[int]:
    return [fabric.device_index[name] for name in part.nodes]


def roles_of(fabric: Fabric, part: Slice) -> Counter[str]:
    return Counter(fabric.roles[fabric.devices.role[row]] for row in rows_of(fabric, part))


def rails_apart(fabric: Fabric, part: Slice) -> list[tuple[str, int, int]]:
    """Name fabric, rail and plane whose host links are not one network, though the site's are."""
    known = [fabric.site.roles.get(role) for role in fabric.roles]
    switch = np.asarray([role is not None and role.kind == "switch" for role in known])
    links, device = fabric.links, fabric.ports.device
    apart = []
    for code, name in enumerate(fabric.fabrics):
        if name == fabric.site.access.fabric:
            continue
        here = np.asarray([row for row in part.links if links.fabric[row] == code], dtype=np.int64)
        whole = np.flatnonzero(links.fabric == code)
        label = {
            "here": labels(fabric, here, switch),
            "whole": labels(fabric, whole, switch),
        }
        ends = [row for row in here if not switch[fabric.devices.role[device[links.a[row]]]]]
        for rail, plane in {(int(links.rail[row]), int(links.plane[row])) for row in ends}:
            leaves = {
                int(device[links.z[row]])
                for row in ends
                if (links.rail[row], links.plane[row]) == (rail, plane)
            }
            parts = {label["here"][leaf] for leaf in leaves}
            if len(parts) > len({label["whole"][leaf] for leaf in leaves}):
                apart.append((name, rail, plane))
    return apart


def labels(fabric: Fabric, links: Rows, switch: Mask) -> dict[int, int]:
    """Label the switches of these links by what hangs together without hosts."""
    device = fabric.ports.device
    a, z = device[fabric.links.a[links]].astype(np.int64), device[fabric.links.z[links]]
    both = switch[fabric.devices.role[a]]
    joined = spread(a[both], z[both].astype(np.int64))
    found = {int(row): int(row) for row in z}
    for one, other, label in zip(a[both], z[both], joined, strict=True):
        found[int(one)] = found[int(other)] = int(label)
    return found


@pytest.mark.parametrize("example", SYSTEMS)
def test_the_smallest_slice_shows_every_role_tier_rail_and_plane(example: str) -> None:
    fabric = fabric_of(example)
    part = slice_of(fabric, "auto", ROOM)
    machines = {name for name, role in fabric.site.roles.items() if role.playbook}
    there = {fabric.roles[code] for code in np.unique(fabric.devices.role)}
    assert set(roles_of(fabric, part)) == machines & there
    assert len(part.nodes) <= SYSTEMS[example]
    links, chosen = fabric.links, list(part.links)
    main = links.fabric == largest_fabric(fabric)
    for column in (links.tier, links.rail, links.plane):
        assert set(column[main].tolist()) <= set(column[chosen].tolist())


@pytest.mark.parametrize("example", SYSTEMS)
def test_each_rail_of_the_smallest_slice_is_connected(example: str) -> None:
    fabric = fabric_of(example)
    assert rails_apart(fabric, slice_of(fabric, "auto", ROOM)) == []


def test_a_hundred_thousand_gpus_are_stood_for_by_some_thirty_machines() -> None:
    """Both vendors, three tiers, eight rails, the standby, the way out of band."""
    fabric = fabric_of("colossus-100k")
    part = slice_of(fabric)
    assert 23 <= len(part.nodes) <= 32
    found = roles_of(fabric, part)
    assert (found["compute-smc"], found["compute-dell"]) == (1, 1)
    assert (found["leaf"], found["spine"], found["core"]) == (16, 2, 1)
    assert found["slurm-controller"] == 2
    told = stands_for(fabric, part)
    assert told[0].startswith("compute: 2 units of 196 are here")
    assert any("1 of its 64 links upwards" in line for line in cannot_show(fabric, part))


def test_a_site_that_fits_is_taken_whole() -> None:
    fabric = fabric_of("stanford-nlp")
    part = slice_of(fabric)
    assert (len(part.nodes), part.outside) == (11, 0)
    assert stands_for(fabric, part) == ()


@given(st.sets(st.integers(0, 7), min_size=1, max_size=8))
@settings(deadline=None)
def test_a_slice_by_name_has_exactly_those_hosts_connected(numbers: set[int]) -> None:
    fabric = fabric_of("superpod-h100-2su")
    hosts = [name for name in fabric.devices.names if name.startswith("dgx")][::8]
    named = [hosts[number] for number in numbers]
    part = slice_of(fabric, ",".join(named))
    there = {fabric.devices.names[row] for row in rows_of(fabric, part)}
    computes = {n for n in there if fabric.device(fabric.device_index[n]).role == "compute"}
    assert computes == set(named)
    assert rails_apart(fabric, part) == []


def test_units_and_pods_are_named_by_number_and_thinned() -> None:
    fabric = fabric_of("colossus-100k")
    unit = slice_of(fabric, "unit=1")
    assert roles_of(fabric, unit)["compute-smc"] == 64
    assert roles_of(fabric, unit)["leaf"] == 8
    pod = slice_of(fabric, "pod=1,thin=2")
    assert roles_of(fabric, pod)["compute-smc"] == 14
    assert roles_of(fabric, pod)["leaf"] == 56
    assert rails_apart(fabric, pod) == []


def test_halls_rows_stages_groups_and_switches_are_words_too() -> None:
    fabric = fabric_of("colossus-100k")
    first = slice_of(fabric, "hall=h1,thin=1,spine-[0002-0004]", Room(600, 3000))
    assert roles_of(fabric, first)["compute-smc"] == 49
    assert {"spine-0002", "spine-0003", "spine-0004"} <= set(first.nodes)
    nlp = fabric_of("stanford-nlp")
    assert len(slice_of(nlp, "row=a").nodes) == 11
    assert len(slice_of(nlp, "stage=first").nodes) == 11
    frontier = fabric_of("frontier")
    group = numbered(frontier, frontier.fabrics.index("compute"), "group")
    assert group.count == 74
    assert set(roles_of(frontier, slice_of(frontier, "group=1,thin=1"))) >= {"compute", "switch"}


def test_places_of_the_sites_own_levels_are_words_beside_numbered_parts() -> None:
    fabric = fabric_of("colossus-100k")
    by_place, by_number = (slice_of(fabric, f"{part},thin=2") for part in ("pod=h1-p1", "pod=1"))
    assert by_place.nodes == by_number.nodes
    assert roles_of(fabric, slice_of(fabric, "array=h2-p3-a2"))["compute-smc"] == 64
    frontier = fabric_of("frontier")
    assert roles_of(frontier, slice_of(frontier, "chassis=chassis-003"))["compute"] == 16
    assert roles_of(frontier, slice_of(frontier, "cabinet=c02,thin=3"))["compute"] == 3
    with pytest.raises(RehearsalFailed, match="array=h1-p3-a9"):
        slice_of(fabric, "array=h1-p3-a9")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("leaf-0001", "names no host"),
        ("unit=1,thin=x", "wants one number"),
        ("pod=1", "448"),
    ],
)
def test_what_cannot_be_sliced_is_refused_with_a_way_out(expression: str, words: str) -> None:
    with pytest.raises(RehearsalFailed) as raised:
        slice_of(fabric_of("colossus-100k"), expression)
    told = f"{raised.value.summary} {raised.value.hint}"
    assert words in told or ("nodes" in told and words == "448")
    assert "pod=1,thin=2" in told


@pytest.mark.parametrize("word", ["unit=197", "unit-197", "hall=h9", "pod=h1-p9", "h1-p9", "x"])
def test_an_unknown_word_is_answered_with_what_there_is(word: str) -> None:
    with pytest.raises(RehearsalFailed) as raised:
        slice_of(fabric_of("colossus-100k"), f"unit=1,{word}")
    assert raised.value.summary == f"--slice: the site has no {word}"
    for there in ("unit=1 to unit=196", "pod=1 to pod=28", "hall=h[1-4]", "stage=hall-[1-4]"):
        assert there in raised.value.hint
    assert "pod=h1-p[1-7]" in raised.value.hint


def test_the_words_of_sheets_are_words_of_slices() -> None:
    """A book's name, and a place of any level without saying which."""
    fabric = fabric_of("colossus-100k")
    assert slice_of(fabric, "unit-003,thin=2") == slice_of(fabric, "unit=3,thin=2")
    assert slice_of(fabric, "h1-p1,thin=2") == slice_of(fabric, "pod=h1-p1,thin=2")
    dojo = fabric_of("dojo-8-exapod")
    assert slice_of(dojo, "main-exapod-2,thin=2") == slice_of(dojo, "exapod=main-exapod-2,thin=2")
    assert roles_of(dojo, slice_of(dojo, "cabinet=c02"))["tray"] > 0


def test_a_part_without_playbooks_cannot_be_rehearsed() -> None:
    bare = opened(EXAMPLES / "frontier").designed.fabric
    with pytest.raises(RehearsalFailed, match="no role in group=1 has a playbook"):
        slice_of(bare, "group=1")


def test_a_slice_without_room_says_how_large_it_is() -> None:
    with pytest.raises(RehearsalFailed, match=r"has 31 nodes and 65 cables, more than .*\(20 and"):
        slice_of(fabric_of("colossus-100k"), "auto", Room(20, 1000))


def test_what_changes_is_in_with_its_neighbours() -> None:
    fabric = fabric_of("colossus-100k")
    part = slice_of(fabric, changed=frozenset({"dell-03000", "no-longer-there"}))
    assert "dell-03000" in part.nodes
    table, row = fabric.links, fabric.device_index["dell-03000"]
    leaves = {
        fabric.devices.names[fabric.ports.device[table.z[link]]]
        for link in np.flatnonzero(fabric.ports.device[table.a] == row)
        if fabric.link(int(link)).a.group != "bmc"
    }
    assert leaves <= set(part.nodes)
    assert rails_apart(fabric, part) == []


def test_changed_devices_are_new_moved_or_cabled_anew() -> None:
    small, large = (opened(EXAMPLES / f"superpod-h100-{n}su").designed.fabric for n in (1, 2))
    assert changed_devices(large, large) == frozenset()
    grown = changed_devices(small, large)
    new = set(large.devices.names) - set(small.devices.names)
    assert new <= grown
    assert changed_devices(large, small) <= set(small.devices.names)
