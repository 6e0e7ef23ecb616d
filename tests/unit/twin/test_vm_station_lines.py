"""Connections through the station of virtual machines end with the machine's power."""

import os
import socket
from pathlib import Path

import pytest

from colossus.errors import TransportFailed
from colossus.twin import state
from colossus.twin.state import Life, TwinState
from colossus.twin.vm import lines
from colossus.twin.vm.accel import Accel
from colossus.twin.vm.lines import Lines
from colossus.twin.vm.station import Door
from colossus.twin.vm.twin import VmTwin
from tests.twin.namespace_specs import small_spec


def test_a_line_ends_when_its_machine_has_no_power(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LOOK_SECONDS", 0.01)
    powered = {"gpu1", "leaf1"}
    watched = Lines(lambda node: node in powered)
    one, far_of_one = socket.socketpair()
    other, far_of_other = socket.socketpair()
    with one, far_of_one, other, far_of_other:
        watched.add("gpu1", one)
        watched.add("leaf1", other)
        powered.remove("gpu1")
        one.settimeout(60)
        assert one.recv(1) == b""
        far_of_other.sendall(b"x")
        assert other.recv(1) == b"x"


def test_a_line_that_is_added_after_all_have_ended_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "LOOK_SECONDS", 0.01)
    watched = Lines(lambda _: False)
    for _ in range(3):
        one, far = socket.socketpair()
        with one, far:
            watched.add("gpu1", one)
            one.settimeout(60)
            assert one.recv(1) == b""


def test_a_machine_without_power_is_not_waited_for(tmp_path: Path) -> None:
    spec = small_spec("unit")
    now = TwinState(spec, Life.of(os.getpid()), lasting=False)
    now.doors = {"gpu1": str(Door("127.77.9.9", 2200))}
    state.save(now, tmp_path)
    twin = VmTwin(spec, Accel("tcg", "none"), twins=tmp_path)
    with pytest.raises(TransportFailed, match=r"10\.20\.0\.11 port 22 does not answer"):
        twin.connect("gpu1", timeout=3600)
