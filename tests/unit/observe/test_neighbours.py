"""Asking the machines: what they hear, what they do not hear, and who does not answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from colossus.errors import TransportFailed
from colossus.observe import neighbours
from colossus.observe.neighbours import SEND_NOW, SHOW, observe_neighbours
from colossus.wiring.observed import Sighting
from colossus.wiring.verdicts import compare
from tests.unit.wiring.fabrics import Seen, example, planned

NODES = [*(f"gpu-{number:04d}" for number in range(1, 9)), "ctl-01", "leaf-01", "oob-01"]
CABLED = 64 + 8 + 1 + 1
"""NICs, management ports of hosts and controller, the leaf's own; BMCs and PDUs are not asked."""


@dataclass
class Ran:
    exit: int
    stdout: bytes


@dataclass
class Machines:
    """lldpcli on every node, as the cables are; late: seconds of `sleep` before LLDP arrives."""

    seen: Seen
    off: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    late: float = 0.0
    asked: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    clock: float = 0.0

    def execute(
        self, node: str, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0
    ) -> Ran:
        assert not stdin
        assert timeout <= 60
        self.asked.append((node, tuple(argv)))
        if node in self.off:
            raise TransportFailed(f"{node} has no power")
        if node in self.broken:
            return Ran(1, b"")
        if tuple(argv) == SEND_NOW:
            return Ran(0, b"")
        assert tuple(argv) == SHOW
        return Ran(0, json.dumps({"lldp": [{"interface": self.heard(node)}]}).encode())

    def heard(self, node: str) -> list[object]:
        if self.clock < self.late:
            return []
        return [
            {
                "name": port,
                "chassis": [{"name": [{"value": far[0]}]}],
                "port": [{"id": [{"type": "ifname", "value": far[1]}]}],
            }
            for (device, port), far in self.seen.items()
            if device == node and far and far[0] in NODES and "bmc" not in {port, far[1]}
        ]

    def sleep(self, seconds: float) -> None:
        self.clock += seconds


def machines(monkeypatch: pytest.MonkeyPatch, **settings: object) -> Machines:
    made = Machines(planned(example()), **settings)  # type: ignore[arg-type]  # keywords of the class
    monkeypatch.setattr("colossus.observe.neighbours.time.sleep", made.sleep)
    monkeypatch.setattr("colossus.observe.neighbours.time.monotonic", lambda: made.clock)
    return made


def test_every_cable_between_the_nodes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    site = machines(monkeypatch)
    report = compare(example(), observe_neighbours(site.execute, example(), NODES))
    assert (report.seen, report.verdicts) == (CABLED, ())
    assert site.clock == 0


def test_it_waits_for_frames_that_are_late(monkeypatch: pytest.MonkeyPatch) -> None:
    site = machines(monkeypatch, late=3.0)
    report = compare(example(), observe_neighbours(site.execute, example(), NODES))
    assert (report.seen, report.verdicts) == (CABLED, ())
    assert 3 <= site.clock < 6


def test_a_port_that_hears_nobody_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    site = machines(monkeypatch)
    site.seen["gpu-0002", "enp84s0"] = site.seen["leaf-01", "swp5s0"] = None
    sightings = observe_neighbours(site.execute, example(), NODES)
    assert Sighting("leaf-01", "swp5s0") in sightings
    assert compare(example(), sightings).counts == {"dead": 1}


def test_what_lies_outside_the_slice_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    site = machines(monkeypatch)
    part = ["gpu-0001", "leaf-01"]
    sightings = observe_neighbours(site.execute, example(), part)
    assert {one.port for one in sightings if one.neighbour is None} == set()
    assert {node for node, _ in site.asked} == set(part)


def test_a_node_without_power_is_told_and_its_cables_are_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = machines(monkeypatch, off={"gpu-0003"})
    for port, far in list(site.seen.items()):
        if far and far[0] == "gpu-0003":
            site.seen[port] = None
    told: list[str] = []
    report = compare(
        example(), observe_neighbours(site.execute, example(), NODES, tell=told.append)
    )
    assert told == ["gpu-0003 did not tell its neighbours: gpu-0003 has no power"]
    (verdict,) = report.verdicts
    assert verdict.summary.startswith("rack a01 U13 gpu-0003 is silent: no link on any of 9 cables")


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    site = machines(monkeypatch, broken=set(NODES))
    with pytest.raises(TransportFailed, match="none of 11 nodes told its neighbours; gpu-0001"):
        observe_neighbours(site.execute, example(), NODES)


def test_forgetting_first_waits_for_what_was_heard_before(monkeypatch: pytest.MonkeyPatch) -> None:
    site = machines(monkeypatch)
    observe_neighbours(site.execute, example(), NODES, forget_first=True)
    assert site.clock == neighbours.LONGEST_TTL_SECONDS
