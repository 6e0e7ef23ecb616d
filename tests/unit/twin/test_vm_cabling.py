"""Which NICs machines get, what is plugged in, what the operator's station is told."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.errors import UsageError
from colossus.twin import wires
from colossus.twin.base import End, TwinNode, mac_of
from colossus.twin.vm import station
from colossus.twin.vm.parts import Parts
from colossus.twin.vm.qemu import incoming
from colossus.twin.vm.station import Door
from tests.twin.namespace_specs import small_spec

SPEC = small_spec("unit")
PARTS = Parts(SPEC, Path("/short"))


def test_a_machine_has_a_nic_for_every_cable_and_for_the_operator() -> None:
    assert PARTS.ports("gpu1") == ["eno1", "enp1s0"]
    assert PARTS.ports("leaf1") == ["eth0", "swp1s0", "swp1s1"]
    assert PARTS.ports("oob1") == ["swp1", "swp2", "swp3", wires.OPERATOR_PORT]
    assert [nic.interface for nic in PARTS.nics("gpu1")] == ["eno1", "enp1s0"]


def test_addresses_of_nics_are_their_own_and_local() -> None:
    macs = {nic.mac for node in SPEC.nodes for nic in PARTS.nics(node.name)}
    assert len(macs) == sum(len(PARTS.ports(node.name)) for node in SPEC.nodes)
    assert all(int(mac[:2], 16) & 3 == 2 for mac in macs)
    assert mac_of(End("gpu1", "eno1")) == PARTS.nics("gpu1")[0].mac


def test_an_open_port_is_a_dummy_without_a_carrier() -> None:
    leaf = SPEC.node("leaf1")
    lines = PARTS.bootstrap(leaf)
    assert lines[0] == "link add swp2s0 type dummy"
    assert lines[-1] == "link set swp2s0 carrier off"
    assert "link set swp2s0 up" in lines
    with pytest.raises(UsageError, match="leaf1:swp2s0 is open"):
        PARTS.plug(SPEC.open_ports[0])


def test_every_plug_has_a_folder_of_its_machine_and_a_number() -> None:
    assert PARTS.plug(End("leaf1", "swp1s1")) == (Path("/short/m/2"), 2)
    (pair,) = PARTS.station_plugs()
    assert pair == ((Path("/short/station"), 0), (Path("/short/m/3"), 3))
    assert PARTS.keep_plugged("oob1") == f"{wires.OPERATOR_PORT} br_default"
    assert PARTS.keep_plugged("leaf1") == ""


def test_the_station_has_a_door_to_every_node_and_is_behind_the_last_plug_of_its_switch() -> None:
    doors = {node.name: Door("127.77.9.1", 2200 + n) for n, node in enumerate(SPEC.nodes)}
    folder = PARTS.station_folder
    words = station.command(SPEC, folder, doors, plugs=2)
    assert words[1:5] == ["-m", "colossus.twin.vm.switch", str(folder), "2"]
    (user,) = [word for word in words if word.startswith("user,")]
    assert "restrict=on" in user
    assert "net=10.20.0.0/22,host=10.20.3.254" in user
    assert "hostfwd=tcp:127.77.9.1:2201-10.20.0.12:22" in user
    assert user.count("hostfwd=") == len(SPEC.nodes)
    assert len([word for word in words if word.startswith("hubport,")]) == 2
    (cable,) = [word for word in words if word.startswith("dgram,")]
    assert f"remote.path={incoming(folder, 2)}" in cable


def test_what_the_station_answers_for_is_no_nodes_address() -> None:
    """Its two addresses below the operator's are skipped where a node has them."""
    nodes = (*SPEC.nodes[1:], TwinNode("x", "host", "eno1", "10.20.3.253/22"))
    crowded = replace(SPEC, nodes=nodes)
    words = station.command(crowded, PARTS.station_folder, {}, plugs=0)
    (user,) = [word for word in words if word.startswith("user,")]
    assert "dns=10.20.3.252,dhcpstart=10.20.3.251" in user


def test_doors_avoid_a_network_where_one_is_taken() -> None:
    first = station.doors_of(SPEC)["gpu2"]
    with socket.socket() as taken:
        taken.bind((first.address, first.port))
        taken.listen()
        doors = station.doors_of(SPEC)
    assert len(doors) == len(SPEC.nodes)
    network = first.address.rpartition(".")[0]
    assert not any(door.address.startswith(f"{network}.") for door in doors.values())
    assert Door.of(str(doors["gpu1"])) == doors["gpu1"]
