"""Single cases of the comparison that the properties do not spell out."""

import pytest

from colossus.fabric.model import Fabric
from colossus.wiring.observed import Sighting
from colossus.wiring.report import Move, Report
from colossus.wiring.verdicts import compare
from colossus.wiring.work_order import Seat, Task, work_order
from tests.unit.wiring.fabrics import Port, Seen, example, planned, repaired, sightings, units


def swap(seen: Seen, one: Port, other: Port) -> Seen:
    """Exchange the plugs in two ports."""
    result = dict(seen)
    far_one, far_other = seen[one], seen[other]
    assert far_one
    assert far_other
    result[one], result[other] = far_other, far_one
    result[far_one], result[far_other] = other, one
    return result


def summary(report: Report) -> str:
    (verdict,) = report.verdicts
    return verdict.summary


def test_a_sound_site_has_no_verdict() -> None:
    report = compare(example(), sightings(planned(example())))
    assert report.as_planned
    assert report.document() == {
        "schema_version": 1,
        "seen": 87,
        "expected": 87,
        "awaiting": 0,
        "unclear": [],
        "verdicts": [],
        "moves": [],
    }


def test_nothing_seen_is_no_verdict() -> None:
    report = compare(example(), [])
    assert (report.seen, report.expected, report.verdicts) == (0, 87, ())


def test_a_swapped_pair_names_ports_racks_and_both_cables() -> None:
    fabric = example()
    one, other = ("gpu-0001", "enp84s0"), ("gpu-0005", "enp84s0")
    report = compare(fabric, sightings(swap(planned(fabric), one, other)))
    (verdict,) = report.verdicts
    first, second = (
        fabric.link(row).cable_id
        for row in range(len(fabric.links.a))
        if fabric.link(row).a.interface == "enp84s0"
        and fabric.link(row).a.device in {"gpu-0001", "gpu-0005"}
    )
    assert verdict.kind == "swapped"
    assert set(verdict.cables) == {first, second}
    assert verdict.ports[:2] == ("gpu-0001:enp84s0", "gpu-0005:enp84s0")
    assert set(verdict.ports[2:]) == {"leaf-01:swp1s0", "leaf-01:swp17s0"}
    assert verdict.racks == ("a01", "a02")
    assert verdict.summary == (
        f"cables {second} and {first} are swapped: exchange the plugs at"
        " rack a01 U1 gpu-0001 enp84s0 and rack a02 U1 gpu-0005 enp84s0"
    )
    assert report.moves == (
        Move(second, "a", "gpu-0001:enp84s0", "gpu-0005:enp84s0"),
        Move(first, "a", "gpu-0005:enp84s0", "gpu-0001:enp84s0"),
    )


def test_two_legs_of_one_splitter() -> None:
    fabric = example()
    seen = swap(planned(fabric), ("gpu-0001", "enp84s0"), ("gpu-0001", "enp75s0"))
    report = compare(fabric, sightings(seen))
    assert len(report.verdicts[0].cables) == 1
    assert summary(report).startswith("two legs of splitter ")
    assert {move.end for move in report.moves} == {"a"}


def test_two_whole_splitters_are_exchanged_at_the_plug_they_share() -> None:
    fabric = example()
    seen = planned(fabric)
    for lane in range(2):
        seen = swap(seen, ("leaf-01", f"swp1s{lane}"), ("leaf-01", f"swp9s{lane}"))
    report = compare(fabric, sightings(seen))
    (verdict,) = report.verdicts
    assert (verdict.kind, len(verdict.cables)) == ("swapped", 2)
    assert {move.end for move in report.moves} == {"z"}
    assert repaired(seen, report.moves) == planned(fabric)
    tasks = list(work_order(fabric, report))
    assert [(str(task.origin), str(task.to)) for task in tasks] == [
        ("rack a01 U40 leaf-01 swp9s0–swp9s1", "rack a01 U40 leaf-01 swp1s0–swp1s1"),
        ("rack a01 U40 leaf-01 swp1s0–swp1s1", "rack a01 U40 leaf-01 swp9s0–swp9s1"),
    ]


@pytest.mark.parametrize("shift", [1, 7])
def test_a_host_whose_plugs_are_all_one_too_far(shift: int) -> None:
    fabric = example()
    sound = planned(fabric)
    nics = [
        port for port, far in sound.items() if port[0] == "gpu-0003" and far and far[0] == "leaf-01"
    ]
    seen = dict(sound)
    for index, nic in enumerate(nics):
        far = sound[nics[(index + shift) % 8]]
        assert far
        seen[nic], seen[far] = far, nic
    report = compare(fabric, sightings(seen))
    assert report.verdicts[0].kind == "shifted"
    assert summary(report).startswith("8 plugs are each one port too far: rack a01 U13 gpu-0003 ")
    assert repaired(seen, report.moves) == sound


def test_one_end_alone_tells_of_a_swap() -> None:
    fabric = example()
    seen = swap(planned(fabric), ("gpu-0001", "enp84s0"), ("gpu-0005", "enp84s0"))
    both = compare(fabric, sightings(seen))
    hosts = [one for one in sightings(seen) if one.device != "leaf-01"]
    assert compare(fabric, hosts).verdicts == both.verdicts


def test_printed_ports_and_names_with_domain_are_understood() -> None:
    fabric = example()
    told = [
        Sighting("LEAF-01.nlp.example", "1/1", "gpu-0001.nlp.example", "1"),
        Sighting("gpu-0002", "1", "oob-01", "3"),
        Sighting("gpu-0002", "1", "oob-01", "4"),
    ]
    report = compare(fabric, told)
    assert report.as_planned
    assert report.seen == 3


def test_a_printed_number_that_may_mean_several_ports_is_said() -> None:
    report = compare(example(), [Sighting("gpu-0001", "1")])
    assert report.unclear == ("gpu-0001:1",)
    assert report.seen == 0


def test_a_port_said_to_see_two_neighbours_is_set_aside() -> None:
    told = [
        Sighting("leaf-01", "swp1s0", "gpu-0001", "enp84s0"),
        Sighting("leaf-01", "1/1", "gpu-0002", "1"),
        Sighting("leaf-01", "swp1s1", "gpu-0001", "enp75s0"),
        Sighting("leaf-01", "swp1s1", "gpu-0001.nlp.example", "2"),
        Sighting("oob-01", "swp1"),
        Sighting("oob-01", "1", "gpu-0001", "mgmt"),
    ]
    for order in (told, told[::-1]):
        report = compare(example(), order)
        assert report.contradicted == (
            ("leaf-01:swp1s0", ("gpu-0001:enp84s0", "gpu-0002:enp84s0")),
            ("oob-01:swp1", ("gpu-0001:mgmt", "nobody")),
        )
        assert (report.seen, report.verdicts) == (1, ())


def test_printed_numbers_of_exchanged_management_ports() -> None:
    """gpu-0001's and gpu-0002's BMC cables are exchanged; every host port is called `1`."""
    fabric = example()
    told = [
        Sighting(near.device, near.port, far.device, far.port)
        for link in map(fabric.link, range(len(fabric.links.a)))
        for near, far in ((link.a, link.z), (link.z, link.a))
    ]
    ends: dict[tuple[str | None, ...], str] = {
        ("oob-01", "2", "gpu-0001"): "gpu-0002",
        ("oob-01", "4", "gpu-0002"): "gpu-0001",
    }
    assert sum(each[:3] in ends for each in told) == 2
    told = [
        each._replace(neighbour=ends.get(each[:3]) or each.neighbour)
        for each in told
        if (each.neighbour, each.neighbour_port, each.device) not in ends
    ]
    report = compare(fabric, told)
    assert report.counts == {"swapped": 1}
    assert {"gpu-0001:bmc", "gpu-0002:bmc"} < set(report.verdicts[0].ports)


def test_a_cable_to_a_device_that_comes_later_is_awaited() -> None:
    fabric = units(1, absent_hosts=2)
    seen = planned(fabric)
    for port, far in list(seen.items()):
        if port[0] in {"h00022", "h00023"}:
            assert far
            seen[far] = None
            del seen[port]
    report = compare(fabric, sightings(seen))
    assert (report.expected, report.awaiting, report.verdicts) == (22 * 8, 16, ())


def test_a_plug_of_an_awaited_cable_in_a_wrong_port_comes_out() -> None:
    fabric = units(1, absent_hosts=1)
    report = compare(fabric, [Sighting("l0000-0", "swp24", "l0000-1", "swp30")])
    (verdict,) = report.verdicts
    assert verdict.kind in {"wrong_rail", "wrong_switch"}
    (move,) = report.moves
    assert (move.origin, move.to) == ("l0000-1:swp30", "")


def test_a_silent_device_is_one_verdict() -> None:
    fabric = example()
    seen = {port: far for port, far in planned(fabric).items() if port[0] != "gpu-0004"}
    for port, far in list(seen.items()):
        if far and far[0] == "gpu-0004":
            seen[port] = None
    report = compare(fabric, sightings(seen))
    assert report.verdicts[0].kind == "dead"
    assert report.verdicts[0].devices[0] == "gpu-0004"
    assert summary(report) == (
        "rack a01 U19 gpu-0004 is silent: no link on any of 10 cables; look at its power first"
    )


def test_a_device_that_speaks_is_not_silent() -> None:
    fabric = example()
    seen = planned(fabric)
    for port, far in list(seen.items()):
        if "gpu-0004" in {port[0], far[0] if far else ""}:
            seen[port] = None
    report = compare(fabric, sightings(seen))
    assert report.counts == {"dead": 10}


def test_one_dead_direction() -> None:
    fabric = example()
    seen = planned(fabric)
    seen["leaf-01", "swp1s0"] = None
    report = compare(fabric, sightings(seen))
    assert report.verdicts[0].kind == "dead"
    assert summary(report).startswith("only one direction of cable ")


def test_a_neighbour_that_sees_somebody_else_is_disputed() -> None:
    fabric = example()
    told = [one for one in sightings(planned(fabric)) if one[:2] != ("gpu-0001", "enp84s0")]
    told.append(Sighting("gpu-0001", "enp84s0", "leaf-01", "swp9s0"))
    report = compare(fabric, told)
    assert report.verdicts[0].kind == "unknown_neighbour"
    assert "which sees somebody else" in summary(report)


def test_a_plug_that_sees_itself_is_disputed() -> None:
    report = compare(example(), [Sighting("leaf-01", "swp1s0", "leaf-01", "swp1s0")])
    assert report.counts == {"unknown_neighbour": 1}


def test_work_order_lines() -> None:
    fabric = example()
    seen = planned(fabric)
    seen["oob-01", "swp40"], seen["oob-01", "swp41"] = ("oob-01", "swp41"), ("oob-01", "swp40")
    report = compare(fabric, sightings(seen))
    assert report.verdicts[0].kind == "extra"
    assert list(work_order(fabric, report)) == [
        Task("", "", Seat("a01", "42", "oob-01", "swp40"), None),
        Task("", "", Seat("a01", "42", "oob-01", "swp41"), None),
    ]


def test_a_plug_in_a_port_of_somebody_else_leaves_that_cable_dead() -> None:
    fabric: Fabric = units(2)
    seen = planned(fabric)
    wrong, right = ("l0000-3", "swp7"), ("l0000-2", "swp7")
    host, orphan = seen[right], seen[wrong]
    assert host
    assert orphan
    seen[host], seen[wrong] = wrong, host
    seen[right] = seen[orphan] = None
    report = compare(fabric, sightings(seen))
    assert report.counts in ({"wrong_rail": 1, "dead": 1}, {"dead": 1, "shifted": 1})
    fixed = repaired(seen, report.moves)
    assert fixed[right] == host or fixed[orphan] == wrong
