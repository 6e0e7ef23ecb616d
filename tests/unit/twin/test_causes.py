"""From what the phases met to what is broken: each cause once, at the right device."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from errno import ENOSPC
from pathlib import Path

import pytest

from colossus.cli.opening import opened
from colossus.errors import TransportFailed
from colossus.fabric.model import Fabric
from colossus.twin.base import Completed, Pace, TwinCable, TwinSpec
from colossus.twin.causes import Evidence, find_causes, powered
from colossus.wiring.report import Verdict

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "stanford-nlp"
CABLES = tuple(
    TwinCable(f"C{port}", "gpu-0001", f"enp{port}", "leaf-01", f"swp{port}") for port in range(4)
)
NOTHING = Evidence(("gpu-0001", "leaf-01"), {}, (), {}, ())
SILENT = "10.20.1.1 port 22 does not answer from the operator's station: timed out"


@dataclass
class Neighbour:
    """A twin whose switch sees these carriers."""

    carriers: str = "0 0 0 0"
    dead: bool = False
    spec: TwinSpec = field(default=TwinSpec("t", (), CABLES, (), "10.0.0.1/24"))
    pace: Pace = field(default=Pace(1.0, 8))

    def exec(
        self, node: str, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0
    ) -> Completed:
        assert (node, stdin, timeout) == ("leaf-01", b"", 60.0)
        assert argv[-4:] == ["swp0", "swp1", "swp2", "swp3"]
        if self.dead:
            raise TransportFailed("leaf-01 has no power")
        return Completed(0, self.carriers.encode(), b"")


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return opened(EXAMPLE).designed.fabric


def causes(fabric: Fabric, twin: Neighbour, evidence: Evidence) -> list[tuple[str, str]]:
    found = find_causes(twin, fabric, evidence)  # type: ignore[arg-type] # what causes use of it
    return [(cause.kind, cause.summary) for cause in found]


@pytest.mark.parametrize(
    ("words", "carriers", "began", "kind"),
    [
        (SILENT, "0 0 0 0", (), "no_power"),
        (SILENT, "1 0 0 0", (), "no_power"),
        (SILENT, "1 1 1 0", (), "not_booted"),
        ("failed: the connection broke", "0 0 0 0", ("gpu-0001",), "power_lost"),
        ("shows the host key X, which is not the known one", "1 1 1 1", (), "host_key"),
        (f"file:/etc/hosts: {os.strerror(ENOSPC)}", "1 1 1 1", (), "disk_full"),
        ("failed: service:frr: it does not start", "1 1 1 1", ("gpu-0001",), "apply_failed"),
    ],
)
def test_a_lost_host_has_one_cause(
    fabric: Fabric, words: str, carriers: str, began: tuple[str, ...], kind: str
) -> None:
    evidence = replace(NOTHING, failed={"gpu-0001": words}, began=began)
    ((found, summary),) = causes(fabric, Neighbour(carriers), evidence)
    assert found == kind
    assert summary.startswith("rack a01 U1 gpu-0001 ")


def test_without_a_neighbour_to_ask_a_node_counts_as_dark() -> None:
    assert not powered(Neighbour("1 1 1 1", dead=True), "gpu-0001", ())  # type: ignore[arg-type] # as above


def test_a_host_that_takes_far_longer_than_the_others_is_slow(fabric: Fabric) -> None:
    usual = {"gpu-0002": 1.0, "gpu-0003": 1.2, "gpu-0004": 0.9}
    evidence = replace(NOTHING, seconds={**usual, "gpu-0001": 13.2})
    assert causes(fabric, Neighbour(), evidence) == [
        ("slow", "rack a01 U1 gpu-0001 is slow: it took 13 s where the others take 1 s")
    ]
    assert causes(fabric, Neighbour(), replace(evidence, seconds={**usual, "gpu-0001": 4.0})) == []
    two = {"gpu-0001": 13.2, "gpu-0002": 1.0}
    assert causes(fabric, Neighbour(), replace(evidence, seconds=two)) == []


def verdict(kind: str, *ports: str) -> Verdict:
    devices = tuple(dict.fromkeys(port.partition(":")[0] for port in ports))
    return Verdict(kind, ports, devices, (), ("K",), f"{kind} of {ports}")  # type: ignore[arg-type] # any kind


def test_cables_of_a_lost_host_are_no_causes_of_their_own(fabric: Fabric) -> None:
    dead = verdict("dead", "gpu-0001:enp0", "leaf-01:swp0")
    other = verdict("dead", "gpu-0002:enp0", "leaf-01:swp9")
    evidence = replace(NOTHING, failed={"gpu-0001": SILENT}, verdicts=(dead, other))
    assert [kind for kind, _ in causes(fabric, Neighbour(), evidence)] == ["no_power", "dead"]


def test_a_host_that_was_held_back_is_no_cause_and_its_cables_are_none(fabric: Fabric) -> None:
    dead = verdict("dead", "gpu-0002:enp0", "leaf-01:swp9")
    failed = {"gpu-0001": SILENT, "gpu-0002": "held: everything that it needs failed"}
    evidence = replace(NOTHING, failed=failed, verdicts=(dead,))
    assert [kind for kind, _ in causes(fabric, Neighbour(), evidence)] == ["no_power"]


def test_two_exchanged_plugs_of_one_host_may_be_its_cards(fabric: Fabric) -> None:
    cards = verdict("swapped", "gpu-0001:enp84s0", "gpu-0001:enp75s0", "leaf-01:swp0")
    switch = verdict("swapped", "leaf-01:swp0", "leaf-01:swp1", "gpu-0001:enp75s0")
    found = causes(fabric, Neighbour(), replace(NOTHING, verdicts=(cards, switch)))
    assert [kind for kind, _ in found] == ["nic_order", "swapped"]
    assert "enp75s0 and enp84s0 are exchanged" in found[0][1]
