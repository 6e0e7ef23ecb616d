"""The BMCs' program: sushy-tools' Redfish, with a systems driver of ours that owns the machines.

It reads a fleet (JSON on the first line of standard input), prints where it listens, and ends with
all its machines when standard input closes: nothing outlives its tool.
"""

import json
import sys
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path
from wsgiref.simple_server import make_server

import bcrypt
from sushy_tools import error
from sushy_tools.emulator import main as emulator
from sushy_tools.emulator.resources.systems.base import AbstractSystemsDriver

from colossus.errors import RehearsalFailed
from colossus.twin.metal.bmc import USER
from colossus.twin.metal.machine import Metal, MetalSpec, Source

NAMES = uuid.UUID("c0105505-0000-4000-8000-00000000b3c0")
RESTARTS = ("ForceRestart", "GracefulRestart")


class Fleet:
    """The machines behind the BMCs, and what each boots from next."""

    def __init__(self, machines: Iterable[Metal]) -> None:
        self._machines = {str(uuid.uuid5(NAMES, each.spec.name)): each for each in machines}
        self._once: dict[str, Source] = {}

    @property
    def identities(self) -> list[str]:
        """UUIDs of all systems."""
        return list(self._machines)

    def identity(self, word: str) -> str:
        """Give the UUID of a system by its UUID or name; raises KeyError."""
        if word in self._machines:
            return word
        return {machine.spec.name: each for each, machine in self._machines.items()}[word]

    def machine(self, word: str) -> Metal:
        """Give a machine; raises KeyError."""
        return self._machines[self.identity(word)]

    def boot_source(self, word: str) -> Source:
        """Say where the next boot comes from; without an override it is the disk."""
        return self._once.get(self.identity(word), "Hdd")

    def boot_once(self, word: str, source: Source) -> None:
        """Let the next boot, and only it, come from there."""
        self._once[self.identity(word)] = source

    def reset(self, word: str, kind: str) -> None:
        """Do what Redfish calls this kind of reset."""
        machine = self.machine(word)
        if kind == "GracefulShutdown":
            machine.press_button()
        elif kind == "ForceOff":
            machine.power_off()
        else:
            if kind in RESTARTS:
                machine.power_off()
            if not machine.on:
                machine.power_on(self._once.pop(self.identity(word), "Hdd"))

    def end(self) -> None:
        """Cut the power of all."""
        for machine in self._machines.values():
            machine.power_off()


class MachinesDriver(AbstractSystemsDriver):  # type: ignore[misc] # the library has no types
    """Machines as the emulator asks for them; the names of its methods are the library's."""

    driver = "<colossus>"

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    @property
    def systems(self) -> list[str]:
        """List the UUIDs of all systems."""
        return self._fleet.identities

    def uuid(self, identity: str) -> str:
        """Give the UUID of a system; one that is not there is the caller's mistake."""
        try:
            return self._fleet.identity(identity)
        except KeyError:
            raise error.NotFound(f"no system {identity}") from None

    def name(self, identity: str) -> str:
        """Give its name."""
        return self._fleet.machine(identity).spec.name

    def get_power_state(self, identity: str) -> str:
        """Say whether it has power."""
        return "On" if self._fleet.machine(identity).on else "Off"

    def set_power_state(self, identity: str, state: str) -> None:
        """Switch it."""
        try:
            self._fleet.reset(identity, state)
        except RehearsalFailed as fault:
            raise error.FishyError(fault.summary) from fault

    def get_boot_device(self, identity: str) -> str:
        """Say where the next boot comes from."""
        return self._fleet.boot_source(identity)

    def set_boot_device(self, identity: str, boot_source: str) -> None:
        """Let the next boot come from there: the emulator forgets that it is only the next one."""
        self._fleet.boot_once(identity, "Pxe" if boot_source == "Pxe" else "Hdd")

    def get_boot_mode(self, identity: str) -> str:
        """Say that it has a BIOS."""
        del identity
        return "Legacy"

    def get_nics(self, identity: str) -> list[dict[str, str]]:
        """List its NIC."""
        mac = self._fleet.machine(identity).spec.mac
        return [{"id": mac, "mac": mac}]


def serve(fleet: Fleet, folder: Path, password: str, listen: tuple[str, int]) -> None:
    """Answer Redfish at an address and port until standard input closes."""
    users = folder / "users"
    users.touch(mode=0o600)
    users.write_text(f"{USER}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n")
    settings = {
        "SUSHY_EMULATOR_FEATURE_SET": "vmedia",
        "SUSHY_EMULATOR_AUTH_FILE": str(users),
        "SUSHY_EMULATOR_STATE_DIR": str(folder),
    }
    emulator.app.configure(extra_config=settings)
    # There is no hook for drivers: the property that would choose one gives ours.
    type(emulator.app).systems = MachinesDriver(fleet)
    server = make_server(*listen, emulator.app)
    # One thread answers all requests: the kernel ends a machine with the thread that started it.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://{listen[0]}:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


def main() -> None:
    """Read the fleet, answer, and cut all power at the end."""
    told = json.loads(sys.stdin.readline())
    fleet = Fleet(Metal(MetalSpec(**each)) for each in told["machines"])
    try:
        serve(fleet, Path(sys.argv[1]), told["password"], tuple(told["listen"]))
    finally:
        fleet.end()


if __name__ == "__main__":
    main()
