"""BGP between switches: sessions of a planned fabric, found, missing, empty."""

import json
from typing import Any

import pytest

from colossus.fabric.model import Fabric
from colossus.observe import bgp
from tests.unit.sites import fabric_of


def alone(site: dict[str, Any]) -> None:
    """Only the compute fabric: the out-of-band network routes too."""
    for name in ("oob", "frontend"):
        site["fabrics"][name]["addresses"] = None


def routed(site: dict[str, Any]) -> None:
    """InfiniBand has no BGP: the same fabric as if it were Ethernet."""
    alone(site)
    site["fabrics"]["compute"]["addresses"] = {
        "kind": "routed",
        "prefix": "10.64.0.0/13",
        "rail_prefix_length": 16,
        "loopbacks": "10.63.0.0/24",
        "asn_first": 4200000001,
    }


@pytest.fixture(scope="module")
def pod() -> Fabric:
    """One scalable unit: eight leaves, four spines."""
    return fabric_of(routed, example="superpod-h100-1su")


def test_a_fabric_without_routing_wants_no_session() -> None:
    plain = fabric_of(alone, example="superpod-h100-1su")
    assert bgp.expected_sessions(plain, plain.devices.names) == {}
    assert bgp.loopback_rings(plain, plain.devices.names) == []


def test_a_ring_of_loopbacks_holds_what_is_joined(pod: Fabric) -> None:
    (ring,) = bgp.loopback_rings(pod, pod.devices.names)
    assert len(ring) == 12
    assert ring["leaf-01"] == "10.63.0.1"
    apart = bgp.loopback_rings(pod, ["leaf-01", "spine-01", "leaf-02", "spine-02"])
    assert [sorted(each) for each in apart] == [["leaf-01", "leaf-02", "spine-01", "spine-02"]]
    assert bgp.loopback_rings(pod, ["leaf-01", "leaf-02"]) == []


def summary(states: dict[str, tuple[str, int]]) -> str:
    peers = {name: {"state": state, "pfxRcd": count} for name, (state, count) in states.items()}
    return json.dumps({"ipv4Unicast": {"peers": peers}})


def test_every_link_between_switches_wants_a_session_at_both_ends(pod: Fabric) -> None:
    wanted = bgp.expected_sessions(pod, pod.devices.names)
    assert sorted(wanted) == sorted(
        [f"leaf-0{n}" for n in range(1, 9)] + ["spine-01", "spine-02", "spine-03", "spine-04"]
    )
    assert {len(ports) for name, ports in wanted.items() if name.startswith("leaf")} == {32}
    assert {len(ports) for name, ports in wanted.items() if name.startswith("spine")} == {64}


def test_switches_outside_the_twin_are_not_expected(pod: Fabric) -> None:
    wanted = bgp.expected_sessions(pod, ["leaf-01", "spine-01"])
    assert {name: len(ports) for name, ports in wanted.items()} == {"leaf-01": 8, "spine-01": 8}


def test_a_session_that_is_down_absent_or_silent_is_named() -> None:
    wanted = {"leaf-01": {"swp1", "swp2", "swp3", "swp4"}}
    text = summary({"swp1": ("Established", 4), "swp2": ("Idle", 0), "swp3": ("Established", 0)})
    assert bgp.session_faults(wanted, {"leaf-01": text}) == [
        "leaf-01 swp2: session Idle",
        "leaf-01 swp3: established, but no prefix comes in",
        "leaf-01 swp4: session absent",
    ]


@pytest.mark.parametrize("text", ["", "% BGP instance not found", "[]", '{"ipv4Unicast": []}'])
def test_a_daemon_that_does_not_answer_has_no_sessions(text: str) -> None:
    assert bgp.parse_sessions(text) == {}
