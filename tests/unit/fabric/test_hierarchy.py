"""Levels between halls and racks, seats below them; both agree with the cables of real systems."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.fabric.design import Design, design
from colossus.fabric.hierarchy import LevelPlaces, rack_places, racks_in
from colossus.fabric.location import locator, seats, standing_in
from colossus.fabric.model import Fabric
from colossus.fabric.numbered import numbered
from colossus.fabric.slots import unfold_slots
from colossus.fabric.why import why
from colossus.inventory.locks import Lock
from colossus.inventory.references import resolve
from colossus.inventory.site import Site
from tests.unit.sites import Edit, edited, fabric_of, loaded

HALL = {"name": "main", "rows": "row-[1-9]", "racks_per_row": 10}


@cache
def system(example: str) -> Fabric:
    return fabric_of(example=example)


def level(fabric: Fabric, name: str) -> LevelPlaces:
    return next(each for each in fabric.levels if each.level == name)


def places(fabric: Fabric) -> dict[str, str]:
    """Rack → the innermost place it lies in."""
    return {
        name: list(rack_places(fabric.levels, rack).values())[-1]
        for rack, name in enumerate(fabric.racks.names)
    }


def of_racks(names: str, *, levels: list[dict[str, Any]] | None = None, **within: Any) -> Edit:  # noqa: ANN401 — authored values
    """Let a site have nothing but racks with one host each, in the places of a level."""

    def edit(site: dict[str, Any]) -> None:
        site["levels"] = levels or [{"name": "array", "label": "a{n}"}]
        site["halls"] = [{**site["halls"][0], **HALL}]
        (first, *_) = site["racks"]
        rules = [{"role": "compute", "u": [1]}]
        racks = {"names": names, "row": None, "rows": "row-[1-9]", "devices": rules}
        kept = {key: first[key] for key in ("hall", "model", "kind")}
        site["racks"] = [{**kept, **racks, "within": within}]

    return edit


def planned(edit: Edit, lock: Lock | None = None) -> Design:
    return design(edited("stanford-nlp", edit), loaded("stanford-nlp").catalog, lock)


# ---------------------------------------------------------------------------- real systems


def test_a_hundred_thousand_gpus_lie_in_halls_pods_and_arrays() -> None:
    fabric = system("colossus-100k")
    assert [(each.level, each.count) for each in fabric.levels] == [
        ("hall", 4),
        ("pod", 28),
        ("array", 196),
    ]
    assert places(fabric)["h3-017"] == "h3-p1-a3"
    assert places(fabric)["h2-n049"] == "h2-p7-a7"
    assert places(fabric)["h4-s05"] == "h4-p2"
    assert places(fabric)["h1-c01"] == "h1"
    racks = np.bincount(level(fabric, "array").of[level(fabric, "array").of >= 0])
    assert sorted(set(racks.tolist())) == [8, 9]


@pytest.mark.parametrize(("part", "place"), [("unit", "array"), ("pod", "pod")])
def test_what_is_cabled_together_stands_together(part: str, place: str) -> None:
    """Hosts and leaves of a unit are one array, units and spines of a pod one pod, and no other."""
    fabric = system("colossus-100k")
    by_cable = numbered(fabric, fabric.fabrics.index("compute"), part).of
    by_place = level(fabric, place).of[fabric.devices.rack]
    mine = by_cable > 0
    if part == "unit":
        mine &= np.asarray(
            [name.startswith(("smc", "dell", "leaf")) for name in fabric.devices.names]
        )
    pairs = set(zip(by_cable[mine].tolist(), by_place[mine].tolist(), strict=True))
    assert len(pairs) == level(fabric, place).count == len({one for one, _ in pairs})


def test_every_board_of_frontier_has_a_seat_of_its_own() -> None:
    fabric = system("frontier")
    locate = locator(fabric)
    nodes = [
        row for row in range(len(fabric.devices.names)) if fabric.device(row).role == "compute"
    ]
    seats = [tuple(locate(row).values()) for row in nodes]
    assert len(set(seats)) == len(seats) == 9472
    assert locate(fabric.device_index["frontier00020"]) == {
        "site": "frontier",
        "hall": "main",
        "cabinet": "c01",
        "chassis": "chassis-002",
        "slot": "2",
        "board": "2",
    }
    assert {seat[-2:] for seat in seats} == {(str(s), str(b)) for s in range(1, 9) for b in (1, 2)}
    assert locate(fabric.device_index["rosetta-0036"])["switch-slot"] == "4"
    assert locate(fabric.device_index["ctl-01"])["u"] == "30"


def test_sheets_name_the_seat_of_a_blade_in_a_word() -> None:
    fabric = system("frontier")
    found = dict(zip(fabric.devices.names, seats(fabric), strict=True))
    assert found["frontier00020"] == "chassis-002.2.2"
    assert found["rosetta-0036"] == "chassis-009.s4"
    assert found["ctl-01"] == ""
    assert seats(system("dojo-8-exapod")) == []


def test_a_blade_of_one_node_has_no_boards() -> None:
    fabric = system("aurora")
    found = locator(fabric)(fabric.device_index["node-00010"])
    assert list(found) == ["site", "hall", "cabinet", "chassis", "slot"]
    assert (found["chassis"], found["slot"]) == ("chassis-0002", "2")


def test_an_exapod_is_cabinets_trays_and_tiles() -> None:
    fabric = system("dojo-8-exapod")
    assert level(fabric, "exapod").count == 8
    tray = fabric.device_index["tray-041"]
    assert list(locator(fabric)(tray)) == ["site", "hall", "exapod", "cabinet", "u"]
    assert locator(fabric)(tray)["exapod"] == "main-exapod-3"
    slots = {fabric.port(int(port)).slot for port in np.flatnonzero(fabric.ports.device == tray)}
    assert slots == {f"tile-{tile}" for tile in range(6)}
    mesh = numbered(fabric, fabric.fabrics.index("compute"), "unit").of
    pods = level(fabric, "exapod").of[fabric.devices.rack]
    assert (pods[mesh > 0] >= 0).all()


# ---------------------------------------------------------------------------- any depth


def test_levels_are_as_deep_as_wanted() -> None:
    levels: list[dict[str, Any]] = [
        {"name": "zone", "label": "z{n}", "each": 2},
        {"name": "block", "label": "b{n}", "each": 3},
        {"name": "pod", "label": "p{n}", "each": 2},
        {"name": "array", "label": "a{n:02d}", "each": 4},
    ]
    fabric = planned(of_racks("a[01-48]", levels=levels, level="array", racks=1)).fabric
    found = places(fabric)
    assert [each.count for each in fabric.levels] == [1, 2, 6, 12, 48]
    assert found["a01"] == "main-z1-b1-p1-a01"
    assert found["a24"] == "main-z1-b3-p2-a04"
    assert found["a25"] == "main-z2-b1-p1-a01"
    assert len(set(found.values())) == 48


def test_racks_may_belong_to_an_outer_level_alone_and_begin_later() -> None:
    levels: list[dict[str, Any]] = [
        {"name": "pod", "label": "p{n}"},
        {"name": "array", "label": "a{n}", "each": 7},
    ]
    found = places(planned(of_racks("a[1-5]", levels=levels, level="pod", racks=2, first=3)).fabric)
    assert found == dict(
        zip(
            [f"a{n}" for n in range(1, 6)],
            ["main-p3"] * 2 + ["main-p4"] * 2 + ["main-p5"],
            strict=True,
        )
    )


def test_why_names_the_place() -> None:
    fabric = planned(of_racks("a[1-4]", level="array", racks=2)).fabric
    (reason,) = [each for each in why(fabric, "a3") if each.path == "racks[0].within"]
    assert reason.what == "it lies in array main-a2"


# ---------------------------------------------------------------------------- growth


def test_a_rack_put_in_between_renames_no_place() -> None:
    before = planned(of_racks("a[01-04],a[06-09]", level="array", racks=4))
    after = planned(of_racks("a[01-09]", level="array", racks=4), before.lock)
    kept = places(before.fabric)
    assert {name: places(after.fabric)[name] for name in kept} == kept
    assert places(after.fabric)["a05"] == "main-a3"
    assert planned(of_racks("a[01-09]", level="array", racks=4)).fabric.racks.rank[4] == 4


@given(st.lists(st.sets(st.integers(1, 40), min_size=1), min_size=2, max_size=5))
@settings(deadline=None, max_examples=20)
def test_racks_that_come_and_go_never_change_their_place(steps: list[set[int]]) -> None:
    lock, known = None, dict[str, str]()
    for racks in steps:
        names = ",".join(f"a{number:02d}" for number in sorted(racks))
        made = planned(of_racks(names, level="array", racks=3), lock)
        now = places(made.fabric)
        assert {name: known.get(name, place) for name, place in now.items()} == now
        known |= now
        lock = made.lock


# ---------------------------------------------------------------------------- words


def test_places_are_selected_by_word() -> None:
    fabric = system("colossus-100k")

    def count(word: str, name: str) -> int:
        found = standing_in(fabric, word, name)
        assert found is not None
        return int(found.sum())

    hosts_and_more = 8 * (8 + 1 + 1 + 4)
    assert count("array", "h1-p3-a2") == hosts_and_more + 8 + 1 + 1 + 2
    assert count("rack", "h1-001") == 14
    assert count("hall", "h1") == int((fabric.racks.hall[fabric.devices.rack] == 0).sum())
    assert standing_in(fabric, "pod", "h1-p8") is None
    assert standing_in(fabric, "array", "h1-p1") is None
    racks = [fabric.racks.names[rack] for rack in racks_in(fabric.levels, "h1-p3-a2").tolist()]
    assert racks == [*(f"h1-{number}" for number in range(121, 129)), "h1-n016"]


def test_a_chassis_and_a_cabinet_are_selected_by_word() -> None:
    fabric = system("frontier")
    chassis = standing_in(fabric, "chassis", "chassis-003")
    assert chassis is not None
    assert int(chassis.sum()) == 1 + 16 + 4
    cabinet = standing_in(fabric, "cabinet", "c02")
    assert cabinet is not None
    assert int(cabinet.sum()) == 8 * (1 + 16 + 4)
    assert standing_in(fabric, "chassis", "frontier00001") is None
    assert standing_in(fabric, "cabinet", "s01") is None
    racks = standing_in(fabric, "rack", "c02")
    assert racks is not None
    assert (racks == cabinet).all()


# ---------------------------------------------------------------------------- what is refused


def findings(edit: Edit) -> list[str]:
    found = resolve(edited("stanford-nlp", edit), loaded("stanford-nlp").catalog, ["gpu-host"])
    places = [(each.code, each.where.path) for each in found]
    return [f"{code} {path}" for code, path in places if "level" in path]


def test_a_level_that_no_one_declared_is_unknown() -> None:
    assert findings(of_racks("a[1-4]", level="arrays", racks=2)) == [
        "reference-unknown racks[0].within.level"
    ]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("hall",), ["reference-reserved levels[0].name"]),
        (("chassis",), ["reference-reserved levels[0].name"]),
        (("pod", "pod"), ["listed-twice levels[1]"]),
    ],
)
def test_levels_are_told_apart(names: tuple[str, ...], told: list[str]) -> None:
    levels = [{"name": name, "label": "x{n}", "each": 2} for name in names]
    assert findings(of_racks("a1", levels=levels, level=names[0], racks=1)) == told


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ([{"name": "pod", "label": "pod"}], "needs {n}"),
        (
            [{"name": "pod", "label": "p{n}"}, {"name": "array", "label": "a{n}"}],
            "level 'array' lies within another: say how many in `each`",
        ),
    ],
)
def test_levels_that_cannot_be_numbered_are_refused(
    levels: list[dict[str, Any]], told: str
) -> None:
    authored = loaded("stanford-nlp").accepted().model_dump(mode="json") | {"levels": levels}
    with pytest.raises(ValueError, match=told.replace("{", "\\{").replace("}", "\\}")):
        Site.model_validate(authored)


# ---------------------------------------------------------------------------- units


def units_by_pod(unit_within: str) -> dict[str, set[int]]:
    """Pod → its units, where four racks of four hosts make a pod, and 32 hosts a unit."""

    def edit(site: dict[str, Any]) -> None:
        site["levels"] = [{"name": "pod", "label": "p{n}"}]
        site["racks"][0]["within"] = {"level": "pod", "racks": 4}
        site["fabrics"]["compute"]["clos"]["unit_within"] = unit_within

    read = loaded("superpod-h100-2su")
    made = design(edited("superpod-h100-2su", edit), read.catalog)
    taken = unfold_slots(made.decided.fabrics["compute"].slots)
    found: dict[str, set[int]] = {}
    for host, (position, _) in taken.items():
        rack = int(made.fabric.devices.rack[made.fabric.device_index[host]])
        pod = rack_places(made.fabric.levels, rack).get("pod", "")
        found.setdefault(pod, set()).add(position // 32)
    return found


def test_a_unit_may_be_kept_within_a_level() -> None:
    free, kept = units_by_pod("site"), units_by_pod("pod")
    assert free["main-p1"] == free["main-p2"] == {0}
    assert [kept["main-p1"], kept["main-p2"], kept[""]] == [{0}, {1}, {2}]


def test_a_unit_cannot_be_kept_within_what_nobody_declared() -> None:
    found = resolve(
        edited("superpod-h100-2su", lambda site: clos_of(site).update(unit_within="pot")),
        loaded("superpod-h100-2su").catalog,
        ["gpu-host"],
    )
    assert [each.where.path for each in found if "level 'pot'" in each.summary] == [
        "fabrics.compute.clos.unit_within"
    ]


def clos_of(site: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = site["fabrics"]["compute"]["clos"]
    return found
