"""The operator's station beside machines: a QEMU without a machine, behind a switch of ours.

The switch joins the station's plugs to one network, and QEMU's user-mode network to them: that has
the operator's address there and, on this machine's loopback, a door to every node's sshd. Nothing
needs privileges, and the twin's addresses do not exist in this machine's own network.

It answers DHCP too, which QEMU 7.2 cannot be told not to.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

from colossus.errors import RehearsalFailed
from colossus.twin.base import TwinSpec
from colossus.twin.vm import switch
from colossus.twin.vm.qemu import QEMU

NETWORK = "127.77.{number}"
NUMBERS = range(1, 255)
PORT = 2222
SSH_PORT = 22
QMP = "qmp"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a node's sshd is found on this machine."""

    address: str
    port: int = PORT

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"

    @classmethod
    def of(cls, text: str) -> "Door":
        """Read what `str` wrote."""
        address, _, port = text.rpartition(":")
        return cls(address, int(port))


def doors_of(spec: TwinSpec) -> dict[str, Door]:
    """Choose a door for every node that has a management address; no other twin's.

    Raises:
        RehearsalFailed: there are more nodes than doors, or no free network of doors.
    """
    names = [node.name for node in spec.nodes if node.mgmt_address]
    if len(names) >= NUMBERS.stop - 1:
        raise RehearsalFailed(f"{len(names)} machines are more than one station has doors for")
    for number in NUMBERS:
        network = NETWORK.format(number=number)
        doors = {name: Door(f"{network}.{host}") for host, name in enumerate(names, 1)}
        if all(_free(door) for door in doors.values()):
            return doors
    raise RehearsalFailed("every loopback network of doors is in use", "colossus twin down --all")


def _free(door: Door) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((door.address, door.port))
        except OSError:
            return False
        return True


def command(spec: TwinSpec, folder: Path, doors: Mapping[str, Door], plugs: int) -> list[str]:
    """Return the words that start the station with so many plugs."""
    own, far = switch.from_station(folder), switch.to_station(folder, plugs)
    ends = f"local.type=unix,local.path={own},remote.type=unix,remote.path={far}"
    argv = [QEMU, "-name", "station", "-nodefaults", "-no-user-config", "-display", "none"]
    argv += ["-qmp", f"unix:{folder / QMP},server=on,wait=off", "-M", "none"]
    argv += ["-netdev", _user_network(spec, doors), "-netdev", f"dgram,id=switch,{ends}"]
    for name in ("user", "switch"):
        argv += ["-netdev", f"hubport,id=hub-{name},hubid=0,netdev={name}"]
    return switch.command(folder, plugs, argv)


def _user_network(spec: TwinSpec, doors: Mapping[str, Door]) -> str:
    station = IPv4Interface(spec.operator_address)
    taken = {IPv4Interface(node.mgmt_address).ip for node in spec.nodes if node.mgmt_address}
    # Nobody asks for these: they only must not be a node's addresses.
    names = _free_below(station.ip, taken)
    leases = _free_below(names, taken)
    forwards = [
        f"hostfwd=tcp:{doors[node.name]}-{IPv4Interface(node.mgmt_address).ip}:{SSH_PORT}"
        for node in spec.nodes
        if node.mgmt_address and node.name in doors
    ]
    fixed = f"net={station.network},host={station.ip},dns={names},dhcpstart={leases}"
    return ",".join(["user,id=user,restrict=on,ipv6=off", fixed, *forwards])


def _free_below(address: IPv4Address, taken: set[IPv4Address]) -> IPv4Address:
    address -= 1
    while address in taken:
        address -= 1
    return address
