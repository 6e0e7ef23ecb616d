"""Cables as `ip -batch` text, and what makes a spec impossible to build."""

import re
from dataclasses import replace

from colossus.twin.base import End, TwinCable, TwinNode, TwinSpec, mac_of
from colossus.twin.wires import (
    bootstrap_lines,
    faults_of,
    joining_lines,
    loose,
    management_mtu,
    plug_line,
    station_lines,
    station_plugs,
)
from tests.twin.namespace_specs import small_spec

SPEC = small_spec("unit")
OOB1_BRIDGE = mac_of(End("oob1", "br_default"))


def test_a_cable_is_made_in_its_two_namespaces() -> None:
    line = plug_line(End("gpu1", "enp1s0"), End("leaf1", "swp1s0"), 9216, {"gpu1": 7, "leaf1": 8})
    words = re.sub(r" address [0-9a-f:]{17}", "", " ".join(line.split()))
    number = int(words.split("index ")[1].split()[0])
    assert words.replace(f"index {number} ", "") == (
        "link add enp1s0 mtu 9216 netns 7 type veth peer name swp1s0 mtu 9216 netns 8"
    )
    # The kernel gives the other end a number of its own, from 1 on: the two must differ.
    assert 1 << 30 <= number < 1 << 31


def test_a_port_has_the_same_address_wherever_its_plug_is_and_after_a_boot() -> None:
    one, other, third = End("gpu1", "enp1s0"), End("leaf1", "swp1s0"), End("leaf1", "swp1s1")
    pids = {"gpu1": 7, "leaf1": 8}
    address = f"address {mac_of(one)} netns 7"
    assert all(address in plug_line(one, far, 1500, pids) for far in (other, third))
    assert len({mac_of(end) for end in (one, other, third)}) == 3


def test_a_host_is_left_as_by_its_installer() -> None:
    assert bootstrap_lines(SPEC, SPEC.node("gpu1"), 1500) == [
        "link set eno1 up",
        "link set enp1s0 up",
        "addr add 10.20.0.11/22 dev eno1",
    ]


def test_the_management_switch_bridges_all_its_ports_and_the_operators() -> None:
    lines = bootstrap_lines(SPEC, SPEC.node("oob1"), 1500)
    assert lines[0] == f"link add br_default mtu 1500 address {OOB1_BRIDGE} type bridge"
    assert [line.split()[2] for line in lines[1:5]] == ["swp1", "swp2", "swp3", "twin-operator"]
    assert lines[-2:] == ["link set br_default up", "addr add 10.20.0.1/22 dev br_default"]


def test_the_operator_has_one_address_in_the_management_network() -> None:
    lines = station_lines(SPEC)
    own = mac_of(End("", "station0"))
    assert lines[0] == f"link add station0 mtu 1500 address {own} type bridge"
    assert lines[1].endswith(" master station0 up")
    assert lines[2] == "addr add 10.20.3.254/22 dev station0"


def test_the_station_joins_islands_of_management_switches_and_what_has_none() -> None:
    switches = ("oob1", "oob2", "oob3")
    nodes = (*SPEC.nodes, *(TwinNode(name, "switch", "br_default", None) for name in switches[1:]))
    between = TwinCable("M4", "oob2", "swp48", "oob1", "swp48")
    spec = replace(
        SPEC,
        nodes=nodes,
        management_switches=switches,
        cables=(*SPEC.cables[1:], between),
        joined=(End("gpu1", "eno1"),),
    )
    assert faults_of(spec) == []
    assert station_plugs(spec) == [
        End("oob2", "twin-operator"),
        End("oob3", "twin-operator"),
        End("gpu1", "eno1"),
    ]
    assert "link set eno1 up" in bootstrap_lines(spec, spec.node("gpu1"), 1500)
    assert len(joining_lines(spec)) == 3
    assert len(joining_lines(spec, "gpu1")) == 1


def test_the_management_network_is_as_narrow_as_its_narrowest_cable() -> None:
    cables = (replace(SPEC.cables[0], mtu=9000), replace(SPEC.cables[1], mtu=1400))
    assert management_mtu(replace(SPEC, cables=cables)) == 1400


def test_a_cut_cables_far_end_has_a_name_linux_accepts() -> None:
    far = loose(End("gpu1", "enp1s0"))
    assert far.node == ""
    assert len(far.interface) <= 15
    assert far != loose(End("gpu2", "enp1s0"))


def test_a_good_spec_has_no_faults() -> None:
    assert faults_of(SPEC) == []


def test_every_fault_of_a_spec_is_named_at_once() -> None:
    cables = (
        *SPEC.cables,
        replace(SPEC.cables[3], cable_id="twice", z_interface="Eth1/1"),
        replace(SPEC.cables[4], a_node="gpu9"),
    )
    nodes = (*SPEC.nodes, SPEC.nodes[0])
    spec = replace(SPEC, cables=cables, nodes=nodes, management_switches=("oob9",))
    assert faults_of(spec) == [
        "node gpu1 is listed twice",
        "port gpu1:enp1s0 has two cables",
        "port leaf1:swp1s1 has two cables",
        "cable to unknown node gpu9:enp1s0",
        "interface name leaf1:Eth1/1 is not one Linux accepts"
        " (no / or spaces, at most 15 characters)",
        "the management switch oob9 is not among the nodes",
    ]


def routing_spec() -> TwinSpec:
    """Two racks whose switches route: one of them is here, and so is a node of each."""
    nodes = (
        TwinNode("oob1", "switch", "eth0", "10.32.0.1/14"),
        TwinNode("gpu1", "host", "eno1", "10.32.0.2/14"),
        TwinNode("gpu9", "host", "eno1", "10.32.0.66/14"),
    )
    cable = TwinCable("K7M2-9QXD", "gpu1", "eno1", "oob1", "swp1")
    return TwinSpec(
        "routing",
        nodes,
        (cable,),
        ("oob1",),
        "10.35.255.254/14",
        open_ports=(End("oob1", "swp49"),),
        joined=(End("gpu9", "eno1"),),
        unbridged=(End("oob1", "swp49"),),
        rack_gateways=("10.32.0.1/26", "10.32.0.65/26"),
    )


def test_a_switch_that_routes_keeps_its_uplinks_apart_and_answers_for_absent_racks() -> None:
    spec = routing_spec()
    assert bootstrap_lines(spec, spec.node("oob1"), 1500) == [
        f"link add br_default mtu 1500 address {OOB1_BRIDGE} type bridge",
        "link set swp1 master br_default up",
        "link set twin-operator master br_default up",
        "link set swp49 up",
        "link set br_default up",
        "addr add 10.32.0.1/14 dev br_default",
        "route add 10.32.0.64/26 dev br_default metric 4096",
        "route add 10.35.255.254 dev br_default metric 4096",
        "link add twin-gateways type bridge",
        "link set twin-gateways up",
        "addr add 10.32.0.65/32 dev twin-gateways",
    ]
    assert bootstrap_lines(spec, spec.node("gpu9"), 1500)[-1] == "addr add 10.32.0.66/14 dev eno1"
