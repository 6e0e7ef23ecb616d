"""The switch at the station of machines: frames go where their address is, and LLDP no further."""

import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from colossus.twin.vm import switch
from colossus.twin.vm.qemu import incoming, outgoing
from colossus.twin.vm.switch import ADDRESSES_AT_MOST, Switch

ONE, TWO, THREE = (bytes.fromhex(f"52540000000{number}") for number in (1, 2, 3))
EVERYBODY = b"\xff" * 6
LLDP = bytes.fromhex("0180c200000e")
SECONDS = 30.0


def frame(to: bytes, sender: bytes, rest: bytes = b"\x08\x00hello") -> bytes:
    return to + sender + rest


def test_a_frame_goes_where_its_address_was_last_seen() -> None:
    ways = Switch(3).ways
    assert ways(0, frame(EVERYBODY, ONE)) == [1, 2]
    assert ways(1, frame(ONE, TWO)) == (0,)
    assert ways(0, frame(TWO, ONE)) == (1,)
    # It moved; and what is behind one plug stays there.
    assert ways(2, frame(ONE, TWO)) == (0,)
    assert ways(0, frame(TWO, ONE)) == (2,)
    assert ways(0, frame(ONE, THREE)) == ()


def test_what_is_for_the_next_bridge_goes_no_further() -> None:
    ways = Switch(2).ways
    assert ways(0, frame(LLDP, ONE)) == ()
    assert ways(0, frame(bytes.fromhex("0180c2000010"), ONE)) == [1]
    assert ways(0, b"short") == ()


def test_made_up_addresses_do_not_fill_the_memory() -> None:
    subject = Switch(2)
    for number in range(ADDRESSES_AT_MOST + 1):
        subject.ways(1, frame(EVERYBODY, number.to_bytes(6, "big")))
    assert subject.ways(0, frame(ADDRESSES_AT_MOST.to_bytes(6, "big"), ONE)) == (1,)
    assert subject.ways(0, frame(bytes(6), ONE)) == [1]


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[list[socket.socket]]:
    """Two machines' NICs and a station that only sleeps, behind the real program."""
    with ExitStack() as stack:
        found = []
        places = [tmp_path / "one", tmp_path / "two", switch.from_station(tmp_path)]
        for number, place in enumerate(places):
            line = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            line.bind(str(place))
            line.settimeout(SECONDS)
            found.append(line)
            if number < 2:
                outgoing(tmp_path, number).symlink_to(place)
        argv = switch.command(tmp_path, 2, ["sleep", "1000"])
        running = stack.enter_context(subprocess.Popen(argv))
        stack.callback(running.kill)
        deadline = time.monotonic() + SECONDS
        while not incoming(tmp_path, 2).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield found


def test_the_program_carries_frames_between_machines_and_station(
    tmp_path: Path, ends: list[socket.socket]
) -> None:
    one, two, station = ends
    plugs = [str(incoming(tmp_path, number)) for number in range(3)]
    asked = frame(EVERYBODY, ONE)
    one.sendto(asked, plugs[0])
    assert two.recv(100) == station.recv(100) == asked
    two.sendto(frame(LLDP, TWO), plugs[1])
    station.sendto(frame(ONE, THREE), plugs[2])
    assert one.recv(100) == frame(ONE, THREE)
    two.sendto(frame(THREE, TWO), plugs[1])
    assert station.recv(100) == frame(THREE, TWO)
    # A NIC that is gone takes nothing, and nobody else suffers.
    outgoing(tmp_path, 0).unlink()
    station.sendto(frame(EVERYBODY, THREE), plugs[2])
    assert two.recv(100) == frame(EVERYBODY, THREE)


def test_a_nic_that_reads_late_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch, "SEND_TIME", struct.pack("ll", int(SECONDS), 0))
    frames = [frame(EVERYBODY, ONE, bytes([number])) for number in range(40)]
    with (
        switch.listen(tmp_path / "0.in") as one,
        switch.listen(tmp_path / "1.in") as other,
        switch.listen(tmp_path / "late") as late,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
    ):
        joined = Switch(2)
        fars = ["", str(tmp_path / "late")]

        def carry() -> None:
            for each in frames:
                sender.sendto(each, str(tmp_path / "0.in"))
                switch.carry(joined, [one, other], fars, 0)

        carrying = threading.Thread(target=carry)
        carrying.start()
        # The kernel keeps about ten of them; the rest wait for us.
        assert [late.recv(100) for _ in frames] == frames
        carrying.join(SECONDS)


def test_station_and_switch_end_as_one(tmp_path: Path) -> None:
    argv = switch.command(tmp_path, 1, ["sh", "-c", "exit 7"])
    assert subprocess.run(argv, check=False, timeout=SECONDS).returncode == 7
