"""What the catalogue's models refuse, and how ports are named, seated and counted."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from colossus.inventory.catalog import CatalogItem, PortGroup, Server
from colossus.inventory.hardware import Supplies, weakest
from colossus.inventory.words import Provenance

ITEM: TypeAdapter[CatalogItem] = TypeAdapter(CatalogItem)
NIC = {"name": "nic", "connector": "QSFP112", "speed": "400G"}
SERVER: dict[str, Any] = {
    "kind": "server",
    "vendor": "acme",
    "model": "box",
    "description": "a made-up server",
    "provenance": "assumed",
    "weight_kg": 20,
    "height_u": 2,
    "depth_mm": 700,
    "power": {"nominal_watts": 400, "max_watts": 800},
    "processors": {"sockets": 1, "cores_per_socket": 32},
    "memory_gib": 256,
}


def group(**changes: object) -> PortGroup:
    return PortGroup.model_validate({**NIC, "interface": "p{cage}", **changes})


def server(*ports: dict[str, object], **changes: object) -> Server:
    made = ITEM.validate_python({**SERVER, "ports": ports, **changes})
    assert isinstance(made, Server)
    return made


def refusal(make: object, *arguments: object, **changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        make(*arguments, **changes)  # type: ignore[operator] # any of the makers above
    return str(caught.value.errors()[0]["msg"])


def test_a_server_must_say_the_order_of_its_rails() -> None:
    pair: dict[str, object] = {**NIC, "count": 2, "interfaces": ["a0", "a1"]}
    assert refusal(server, pair) == (
        "Value error, port group 'nic' must say rail_order: by-interface if entry r is rail r,"
        " none if its ports are no rails"
    )
    for order in ("by-interface", "none"):
        assert server({**pair, "rail_order": order}).ports[0].rail_order == order


def test_one_port_and_management_ports_have_no_rails() -> None:
    one: dict[str, object] = {**NIC, "interfaces": ["a0"]}
    two: dict[str, object] = {
        **NIC,
        "name": "mgmt",
        "count": 2,
        "interfaces": ["m0", "m1"],
        "management": True,
    }
    assert [each.rail_order for each in server(one, two).ports] == [None, None]


def test_two_ports_share_a_cage() -> None:
    shared = group(
        count=4,
        ports_per_cage=2,
        interface=None,
        interfaces=["a0", "a1", "a2", "a3"],
        slots=["1", "2", "3", "4"],
    )
    assert (shared.cages, shared.radix) == (2, 4)
    assert [shared.interface_at(1, 0), shared.interface_at(1, 1)] == ["a2", "a3"]
    assert [shared.slot_at(0, 1), shared.slot_at(1, 0)] == ["2", "3"]
    named = group(count=4, ports_per_cage=2, interface="c{cage}h{half}")
    assert [named.interface_at(cage, half) for cage in (0, 1) for half in (0, 1)] == [
        "c1h1",
        "c1h2",
        "c2h1",
        "c2h2",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"count": 3, "ports_per_cage": 2},
            "port group 'nic': count 3 is no multiple of ports_per_cage 2",
        ),
        (
            {"count": 4, "ports_per_nic": 3},
            "port group 'nic': count 4 is no multiple of ports_per_nic 3",
        ),
        (
            {
                "count": 4,
                "ports_per_cage": 2,
                "breakouts": [{"lanes": 2, "speed": "200G"}],
                "split_interface": "p{cage}s{lane}",
            },
            "port group 'nic': a cage is either shared or split, not both",
        ),
        (
            {"interface": "p{port}"},
            "'p{port}' may use {cage}, {lane}, {half}, {letter} and {index} only",
        ),
        (
            {"count": 2, "rdma_devices": ["mlx5_0"]},
            "port group 'nic' has count 2 but 1 rdma_devices",
        ),
    ],
    ids=["cage", "nic", "split", "pattern", "devices"],
)
def test_a_port_group_is_refused(changes: dict[str, object], message: str) -> None:
    assert refusal(group, **changes) == f"Value error, {message}"


def test_names_by_index() -> None:
    sonic = group(
        count=4,
        speed="400G",
        interface="Ethernet{index}",
        split_interface="Ethernet{index}",
        breakouts=[{"lanes": 2, "speed": "200G"}, {"lanes": 4, "speed": "100G"}],
        index_first=16,
        index_step=8,
    )
    assert [sonic.interface_at(cage) for cage in range(3)] == [
        "Ethernet16",
        "Ethernet24",
        "Ethernet32",
    ]
    assert sonic.interface_at(1, 1) == sonic.interface_at(1, 1, "200G") == "Ethernet28"
    assert sonic.interface_at(1, 3, "100G") == "Ethernet30"
    fixed = sonic.model_copy(update={"lane_step": 1})
    assert fixed.interface_at(1, 1, "200G") == "Ethernet25"


def test_letters_name_halves() -> None:
    lettered = group(split_interface="etp{cage}{letter}", breakouts=[{"lanes": 2, "speed": "200G"}])
    assert [lettered.interface_at(0, half) for half in (0, 1)] == ["etp1a", "etp1b"]


def test_a_device_in_a_slot_has_no_height() -> None:
    assert server(slot_of="acme/chassis", height_u=0).per_slot == 1
    assert refusal(server, slot_of="acme/chassis") == (
        "Value error, a device in a slot takes no rack units: height_u must be 0"
    )


def test_accelerators_have_one_numa_node_each() -> None:
    accelerators = {"model": "X", "gres_type": "x", "count": 2, "numa_nodes": [0]}
    assert refusal(server, accelerators=accelerators) == (
        "Value error, 2 accelerators but 1 numa_nodes"
    )


def test_how_sure_a_fact_is() -> None:
    made = server(facts={"power": "inferred", "power.max_watts": "public"})
    assert made.provenance_of("power.max_watts") is Provenance.PUBLIC
    assert made.provenance_of("power.nominal_watts") is Provenance.INFERRED
    assert made.provenance_of("weight_kg") is Provenance.ASSUMED
    found = [made.provenance_of(fact) for fact in ("power.max_watts", "power.nominal_watts")]
    assert weakest(found) is Provenance.INFERRED
    assert weakest([]) is Provenance.PUBLIC


@pytest.mark.parametrize(
    ("inlet", "amps", "volts", "phases", "passes"),
    [
        ("C20", 16, 240, 1, 3840),
        ("IEC60309-30", 30, 240, 1, 7200),
        ("IEC60309-60", 60, 415, 3, 43128),
        ("busbar", 288, 52, 1, 14976),
    ],
)
def test_what_an_inlet_passes(
    inlet: str, amps: float, volts: int, phases: int, passes: int
) -> None:
    def supplies(watts: int) -> Supplies:
        return Supplies.model_validate(
            {
                "count": 1,
                "watts": watts,
                "inlet": inlet,
                "inlet_amps": amps,
                "volts": volts,
                "phases": phases,
            }
        )

    assert int(supplies(1).inlet_watts) == passes
    assert supplies(passes).fits_inlet
    assert not supplies(passes + 1).fits_inlet
