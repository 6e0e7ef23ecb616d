"""Routed fabrics whose hosts have several ports a rail: each port has a block of its own."""

from ipaddress import IPv4Address, IPv4Network

from colossus.fabric.addresses import rail_block
from colossus.inventory.fabrics import RoutedAddresses
from colossus.observe.reach import questions
from colossus.render.lookup import Lookup
from colossus.render.network import interfaces_of
from tests.unit.sites import fabric_of

EXAMPLE = "oci-16k"


def test_both_ports_of_a_nic_have_addresses_in_blocks_of_their_own() -> None:
    fabric = fabric_of(example=EXAMPLE)
    host = fabric.device_index["gpu-0003"]
    faces = {each.name: each for each in interfaces_of(Lookup(fabric), host) if each.routes}
    assert {name: faces[name].cidr for name in ("rdma0", "rdma1", "rdma15", "eth0", "eth1")} == {
        "rdma0": "10.64.0.5/31",
        "rdma1": "10.64.32.5/31",
        "rdma15": "10.65.224.5/31",
        "eth0": "10.40.0.5/31",
        "eth1": "10.40.32.5/31",
    }
    blocks = [IPv4Network(route.destination) for face in faces.values() for route in face.routes]
    assert len(blocks) == len(set(blocks)) == 18
    for face in faces.values():
        assert IPv4Address(face.routes[0].via) == IPv4Address(face.cidr[:-3]) - 1
        assert IPv4Address(face.cidr[:-3]) in IPv4Network(face.routes[0].destination)


def test_a_rehearsal_asks_over_both_ports_of_a_nic() -> None:
    fabric = fabric_of(example=EXAMPLE)
    hosts = ("gpu-0001", "gpu-0002")
    asked = questions(fabric, hosts)
    plan = fabric.site.fabrics["compute"].addresses
    assert isinstance(plan, RoutedAddresses)
    addresses = [IPv4Address(each) for each in asked["gpu-0001"]]
    rails = {rail_block(plan, each) for each in addresses if each in plan.prefix}
    assert (len(addresses), len(rails)) == (18, 16)
