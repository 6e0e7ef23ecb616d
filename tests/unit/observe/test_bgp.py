"""BGP between switches: sessions of a planned fabric, found, missing, empty."""

import json
from pathlib import Path

import pytest

from colossus.fabric.design import design
from colossus.fabric.model import Fabric
from colossus.load.site import load_site
from colossus.observe import bgp


@pytest.fixture(scope="module")
def pod() -> Fabric:
    """One scalable unit: eight leaves, four spines."""
    root = Path(__file__).resolve().parents[3]
    loaded = load_site(root / "examples" / "superpod-h100-1su")
    return design(loaded.accepted(), loaded.catalog).fabric


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
