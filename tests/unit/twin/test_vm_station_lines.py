"""Connections through the station of virtual machines end with the machine's power."""

import socket

import pytest

from colossus.twin.vm import lines
from colossus.twin.vm.lines import Lines


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
