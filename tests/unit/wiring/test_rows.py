"""The master cable list: columns of the contract, one row per leg, nothing invented."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from colossus.fabric.model import Fabric
from colossus.fabric.tables import CableTable, LinkTable, PortTable
from colossus.wiring.ends import COIL, CONNECT, end_rows
from colossus.wiring.picks import pick_list, spares
from colossus.wiring.rows import COLUMNS, cable_rows
from tests.unit.sites import fabric_of
from tests.unit.wiring.fabrics import example, units

CONTRACT = (
    "cable_id,status,rev,fabric,rail,plane,speed,medium,"
    "a_hall,a_row,a_rack,a_u,a_face,a_device,a_model,a_slot,a_port,a_connector,a_interface,"
    "z_hall,z_row,z_rack,z_u,z_face,z_device,z_model,z_slot,z_port,z_connector,z_interface,"
    "polarity,optic_pn_a,optic_pn_z,cable_pn,length_route_m,length_order_m,colour,path,bundle_id,"
    "bundle_seq,pull_seq,label_a,label_z,installed_by,installed_at,verified_at,note"
)


def dicts(fabric: Fabric) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in cable_rows(fabric).rows()]


def row_of(fabric: Fabric, device: str, interface: str) -> dict[str, str]:
    (row,) = [
        row for row in dicts(fabric) if (row["a_device"], row["a_interface"]) == (device, interface)
    ]
    return row


def test_the_columns_are_those_of_the_contract() -> None:
    assert ",".join(COLUMNS) == CONTRACT


def test_every_link_is_a_row_and_a_splitter_keeps_its_id() -> None:
    fabric = example()
    rows = dicts(fabric)
    assert len(rows) == len(fabric.links.a) == 87
    legs = Counter(row["cable_id"] for row in rows)
    assert len(legs) == 55
    assert Counter(legs.values()) == {2: 32, 1: 23}


def test_one_leg_in_full() -> None:
    row = row_of(example(), "gpu-0006", "enp75s0")
    cable = row.pop("cable_id")
    assert len(cable) == 9
    assert {name: word for name, word in row.items() if word} == {
        "status": "active",
        "rev": "d" * 12,
        "fabric": "compute",
        "rail": "1",
        "plane": "0",
        "speed": "200G",
        "medium": "MMF",
        "a_hall": "main",
        "a_row": "a",
        "a_rack": "a02",
        "a_u": "7",
        "a_device": "gpu-0006",
        "a_model": "dgx-a100",
        "a_face": "rear",
        "a_slot": "3",
        "a_port": "2",
        "a_connector": "QSFP56",
        "a_interface": "enp75s0",
        "z_hall": "main",
        "z_row": "a",
        "z_rack": "a01",
        "z_u": "40",
        "z_device": "leaf-01",
        "z_model": "sn4700",
        "z_port": "21/2",
        "z_connector": "QSFP-DD",
        "z_interface": "swp21s1",
        "polarity": "B",
        "length_route_m": row["length_route_m"],
        "length_order_m": row["length_order_m"],
        "colour": "aqua",
        "path": "tray main/a",
        "bundle_id": "a01-a02-compute",
        "bundle_seq": row["bundle_seq"],
        "pull_seq": row["pull_seq"],
        "label_a": "main.a02-07:2/main.a01-40:21.2",
        "label_z": "main.a01-40:21.2/main.a02-07:2",
    }


def test_copper_has_no_polarity_and_a_pdu_no_u() -> None:
    fabric = example()
    rows = dicts(fabric)
    assert {row["polarity"] for row in rows if row["medium"] in {"CAT6A", "ACC"}} == {""}
    pdus = [row for row in rows if row["a_device"].startswith("pdu-")]
    assert len(pdus) == 4
    assert {row["a_u"] for row in pdus} == {""}
    labels = {row["label_a"] for row in pdus}
    assert len(labels) == 4


def test_labels_are_mirrored_and_tell_every_plug_apart() -> None:
    rows = dicts(example())
    for row in rows:
        near, far = row["label_a"].split("/")
        assert row["label_z"] == f"{far}/{near}"
    assert len({row["label_a"] for row in rows}) == len(rows)


def test_floor_order_is_by_rack_then_from_the_top_then_by_port() -> None:
    rows = dicts(example())
    racks = [row["a_rack"] for row in rows]
    assert racks == sorted(racks)
    first = [int(row["a_u"] or 0) for row in rows if row["a_rack"] == "a01"]
    assert first == sorted(first, reverse=True)
    cages = [int(row["a_port"]) for row in rows if row["a_device"] == "gpu-0003"]
    assert cages == [1, 2, 3, 4, 5, 6, 7, 8, 1, 1]


def test_pull_order_counts_cables_and_begins_with_what_leaves_the_rack() -> None:
    rows = dicts(example())
    order = {row["cable_id"]: int(row["pull_seq"]) for row in rows}
    assert sorted(order.values()) == list(range(1, 56))
    leaving = [order[row["cable_id"]] for row in rows if row["a_rack"] != row["z_rack"]]
    inside = [order[row["cable_id"]] for row in rows if row["a_rack"] == row["z_rack"]]
    assert max(leaving) < min(inside)
    bundles: dict[str, set[tuple[str, int]]] = {}
    for row in rows:
        bundles.setdefault(row["bundle_id"], set()).add((row["cable_id"], int(row["bundle_seq"])))
    for members in bundles.values():
        assert sorted(place for _, place in members) == list(range(1, len(members) + 1))


def test_unknown_lengths_stay_empty() -> None:
    fabric = example()
    cables = replace(
        fabric.cables,
        route_m=np.full_like(fabric.cables.route_m, np.nan),
        order_m=np.zeros_like(fabric.cables.order_m),
    )
    rows = dicts(replace(fabric, cables=cables))
    assert {row["length_route_m"] + row["length_order_m"] for row in rows} == {""}


def test_every_end_is_listed_once_in_its_rack() -> None:
    fabric = example()
    ends = end_rows(fabric)
    listed = [row for rack in range(2) for row in ends.rack(rack)]
    assert len(listed) == 2 * 87
    assert {(row["cable_id"], row["label"]) for row in listed} == {
        (row["cable_id"], row[label]) for row in dicts(fabric) for label in ("label_a", "label_z")
    }
    assert {row["todo"] for row in listed} == {CONNECT}
    assert [int(row["u"] or 0) for row in ends.rack(1)] == sorted(
        (int(row["u"] or 0) for row in ends.rack(1)), reverse=True
    )


def test_what_is_not_there_yet_is_coiled_at_the_far_end_and_not_listed_at_its_own() -> None:
    fabric = units(1, absent_hosts=4)
    ends = end_rows(fabric)
    leaves = len(fabric.racks.names) - 1
    coiled = [row for row in ends.rack(leaves) if row["todo"] == COIL]
    assert len(coiled) == 4 * 8
    assert {row["far_device"] for row in coiled} == {f"h{number:05d}" for number in range(20, 24)}
    assert ends.rack(leaves - 1) == []


def test_the_pick_list_counts_cables_and_adds_spares_of_each_kind() -> None:
    picks = pick_list(example(), 5)
    assert sum(pick.count for pick in picks) == 55
    assert [(pick.medium, pick.legs) for pick in picks if pick.fabric == "compute"] == [
        ("ACC", 2),
        ("ACC", 2),
        ("MMF", 2),
    ]
    assert all(pick.spares == 1 for pick in picks)
    assert {pick.spares for pick in pick_list(example(), 0)} == {0}


def test_spares_are_rounded_up() -> None:
    assert [spares(count, 5) for count in (0, 1, 20, 21, 1000)] == [0, 1, 1, 2, 50]


def test_a_site_without_cables_has_an_empty_list() -> None:
    fabric = example()
    none = np.zeros(0, dtype=np.int32)
    links = LinkTable(none, none, none, none, none, none, none)
    ports = PortTable(none, none, none, none, none, none)
    lengths = np.zeros(0, dtype=np.float32)
    cables = CableTable((), none, none, none, none, lengths, lengths)
    empty = replace(fabric, links=links, ports=ports, cables=cables)
    assert dicts(empty) == []
    assert end_rows(empty).rack(0) == []
    assert pick_list(empty, 5) == []


def test_growth_leaves_every_label_path_and_bundle_as_it_was() -> None:
    def third_rack(authored: dict[str, Any]) -> None:
        rack = dict(authored["racks"][0])
        devices = [one for one in rack["devices"] if one["role"] in {"compute", "fabric-switch"}]
        rack |= {"names": "a03", "first_position": 3}
        rack["devices"] = [one | {"only": None} for one in devices]
        authored["racks"].append(rack)

    before = {(row["a_device"], row["a_interface"]): row for row in dicts(fabric_of())}
    after = {(row["a_device"], row["a_interface"]): row for row in dicts(fabric_of(third_rack))}
    assert len(after) > len(before)
    for end, row in before.items():
        # Only the place in the whole job may change: there is more to pull.
        assert after[end] | {"pull_seq": ""} == row | {"pull_seq": ""}
