"""The switch at the operator's station: a program that joins plugs to one network as bridges do.

A frame goes where its address was last seen. A hub would wake every machine for each frame of each
other's, and would pass LLDP on, so that machines saw neighbours that no cable joins.
"""

import os
import selectors
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from colossus.twin.vm.qemu import incoming, outgoing

FRAME_BYTES = 1 << 16
ADDRESS_BYTES = 6
# What is sent to 01:80:c2:00:00:00 to 0f (LLDP: 0e) ends at the next bridge (IEEE 802.1D, 7.12.6).
LINK_LOCAL = bytes.fromhex("0180c20000")
LINK_LOCAL_COUNT = 16
GROUP_BIT = 1
# The kernel keeps ten frames for a NIC that does not read at once; a busy machine is waited for so
# long, in seconds and microseconds, rather than have TCP notice the loss a second later.
SEND_TIME = struct.pack("ll", 0, 50_000)
# More than any twin has; whoever makes up addresses only makes us forget.
ADDRESSES_AT_MOST = 4096


class Switch:
    """Knows behind which of its plugs an address is; it learns that from what is sent."""

    def __init__(self, plugs: int) -> None:
        self._plugs = range(plugs)
        self._behind: dict[bytes, int] = {}

    def ways(self, plug: int, frame: bytes) -> Sequence[int]:
        """Return the plugs that a frame leaves by which came in at this one."""
        to, sender = frame[:ADDRESS_BYTES], frame[ADDRESS_BYTES : 2 * ADDRESS_BYTES]
        if len(sender) < ADDRESS_BYTES:
            return ()
        if len(self._behind) >= ADDRESSES_AT_MOST:
            self._behind.clear()
        self._behind[sender] = plug
        if to.startswith(LINK_LOCAL) and to[-1] < LINK_LOCAL_COUNT:
            return ()
        way = None if to[0] & GROUP_BIT else self._behind.get(to)
        if way is None:
            return [each for each in self._plugs if each != plug]
        return () if way == plug else (way,)


def command(folder: Path, plugs: int, station: Sequence[str]) -> list[str]:
    """Return the words that start the switch and, behind its last plug, the station."""
    return [sys.executable, "-m", __name__, str(folder), str(plugs), *station]


def to_station(folder: Path, plugs: int) -> Path:
    """Return the socket of the station's plug, the last one of a switch with so many others."""
    return incoming(folder, plugs)


def from_station(folder: Path) -> Path:
    """Return the socket at which the station itself listens."""
    return folder / "station.in"


def run(folder: Path, plugs: int, station: Sequence[str]) -> int:
    """Carry frames until the station ends; gives its exit status. Station and switch end as one."""
    switch = Switch(plugs + 1)
    fars = [*(str(outgoing(folder, number)) for number in range(plugs)), str(from_station(folder))]
    with selectors.DefaultSelector() as ready:
        lines = [listen(incoming(folder, number)) for number in range(plugs + 1)]
        for number, line in enumerate(lines):
            ready.register(line, selectors.EVENT_READ, number)
        # The kernel ends it with us.
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *station])
        ready.register(os.pidfd_open(process.pid), selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.data is None:
                    return process.wait()
                carry(switch, lines, fars, key.data)


def listen(path: Path) -> socket.socket:
    """Open a plug; frames arrive at this path."""
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIME)
    line.bind(str(path))
    return line


def carry(switch: Switch, lines: Sequence[socket.socket], fars: Sequence[str], plug: int) -> None:
    """Pass on the frame that waits at a plug; one that nobody takes is lost, as on a cable."""
    with suppress(OSError):
        frame = lines[plug].recv(FRAME_BYTES, socket.MSG_DONTWAIT)
        for way in switch.ways(plug, frame):
            with suppress(OSError):
                lines[way].sendto(frame, fars[way])


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
