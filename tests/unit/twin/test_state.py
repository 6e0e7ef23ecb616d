"""What is written down about a twin is read back as it was, and names processes for certain."""

import os
from dataclasses import replace
from pathlib import Path

from colossus.twin import cleanup, state, thresholds
from colossus.twin.base import End
from tests.twin.namespace_specs import small_spec

OURS = state.Life.of(os.getpid())


def test_a_state_survives_being_written(tmp_path: Path) -> None:
    spec = replace(small_spec("unit"), untold=(End("leaf1", "swp9"),))
    wires: list[tuple[End, End | None]] = [(c.a, c.z) for c in spec.cables]
    wires += [(port, None) for port in spec.open_ports]
    before = state.TwinState(spec, OURS, lasting=True, complete=True)
    before.nodes = {"gpu1": OURS}
    before.station = OURS
    before.host_keys = {"gpu1": "ssh-ed25519 AAAA"}
    before.wires = wires
    before.thresholds = {"/proc/x": "1"}
    state.save(before, tmp_path)
    assert state.load("unit", tmp_path) == before
    assert state.names(tmp_path) == ["unit"]


def test_no_twin_is_no_state(tmp_path: Path) -> None:
    assert state.load("unit", tmp_path) is None
    assert state.names(tmp_path / "none") == []
    cleanup.remove("unit", tmp_path)
    assert cleanup.remove_all(tmp_path) == ([], [])


def test_a_life_is_a_number_and_a_start() -> None:
    assert OURS.alive
    assert not state.Life(OURS.pid, OURS.started + 1).alive
    assert not state.Life.of(0).alive
    state.Life(OURS.pid, OURS.started + 1).kill()  # it would end this test


def test_an_unfinished_lasting_twin_is_abandoned_with_its_tool() -> None:
    dead = state.Life(OURS.pid, 1)
    assert state.TwinState(small_spec("unit"), dead, lasting=True).abandoned
    assert not state.TwinState(small_spec("unit"), dead, lasting=True, complete=True).abandoned
    assert state.TwinState(small_spec("unit"), dead, lasting=False, complete=True).abandoned
    assert not state.TwinState(small_spec("unit"), OURS, lasting=False).abandoned


def test_few_cables_leave_the_machines_limits_alone() -> None:
    assert thresholds.needed(thresholds.CABLES) == {}


def test_limits_are_put_back_unless_somebody_changed_them(tmp_path: Path) -> None:
    low, other = tmp_path / "gc_thresh1", tmp_path / "gc_thresh3"
    low.write_text("128")
    other.write_text("1024")
    before = {str(low): "128", str(other): "1024"}
    thresholds.raise_for(before)
    assert (low.read_text(), other.read_text()) == ("16384", "65536")
    other.write_text("99999")
    thresholds.put_back(before)
    assert (low.read_text(), other.read_text()) == ("128", "99999")
