"""A machine with power, a disk of its own and iPXE in its NIC, whose cable ends in a twin's switch.

It begins as metal does: with an empty disk and nothing that anybody gave it. QEMU runs in the net
namespace of the switch that the machine is plugged into, so a host of this tier boots from the boot
server of the ns tier. It dies with the process that powers it.
"""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from colossus.errors import RehearsalFailed
from colossus.twin.base import End, mac_of
from colossus.twin.nodes import in_network
from colossus.twin.ports import ip_batch
from colossus.twin.vm.qemu import Boot, Hardware, Nic, command
from colossus.twin.vm.qmp import Qmp

Source = Literal["Pxe", "Hdd"]
MEMORY_MIB = 768
DISK_MIB = 2048
DISK = "disk.qcow2"
START_SECONDS = 20.0
OFF_SECONDS = 10.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class MetalSpec:
    """A machine as it is racked.

    folder: short, sockets lie in it. mac: of the NIC that netboots. port: where that is plugged in,
    an interface of the switch whose process is `switch`; 0: it is plugged in nowhere.
    """

    name: str
    folder: str
    mac: str
    port: str = ""
    switch: int = 0
    accel: str = "tcg"
    memory_mib: int = MEMORY_MIB

    def document(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return asdict(self)


def plug_in(port: End, switch: int, master: str) -> None:
    """Put the plug of a machine into a port of a twin's switch, in place of what was there.

    switch: the switch's process. master: the bridge that the port belongs to.
    """
    name = port.interface
    ip_batch([f"link delete {name}"], switch, force=True)
    mine = f"link set {name} address {mac_of(port)} master {master} up"
    ip_batch([f"tuntap add dev {name} mode tap", mine], switch)


class Metal:
    """A machine; while it has power, QEMU is a child of this process."""

    def __init__(self, spec: MetalSpec) -> None:
        self.spec = spec
        self.folder = Path(spec.folder)
        self._qemu: subprocess.Popen[bytes] | None = None

    @property
    def on(self) -> bool:
        """Whether it has power."""
        return self._qemu is not None and self._qemu.poll() is None

    def power_on(self, source: Source) -> None:
        """Switch it on; nothing to do if it is on.

        Raises:
            RehearsalFailed: QEMU does not start; the message is what it said.
        """
        if self.on:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        disk = self.folder / DISK
        if not disk.exists():
            making = ["qemu-img", "create", "-q", "-f", "qcow2", str(disk), f"{DISK_MIB}M"]
            subprocess.run(making, check=True)
        log, line = self.folder / "qemu.log", self.folder / "qmp"
        line.unlink(missing_ok=True)
        argv = command(self._hardware(source))
        if self.spec.switch:
            argv = in_network(self.spec.switch, argv)
        with log.open("wb") as said:
            # The kernel ends QEMU with us, whatever happens to us.
            self._qemu = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", *argv],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._qemu.poll() is not None or time.monotonic() > deadline:
                words = log.read_text(encoding="utf-8", errors="replace").strip()
                raise RehearsalFailed(f"{self.spec.name} has no power: QEMU says: {words}")
            time.sleep(LOOK_SECONDS)

    def _answers(self) -> bool:
        """Whether QEMU has built the machine and listens."""
        try:
            with Qmp(self.folder / "qmp"):
                return True
        except RehearsalFailed:
            return False

    def power_off(self) -> None:
        """Cut its power; its disk keeps what was written."""
        if self._qemu is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._qemu.pid, signal.SIGKILL)
        self._qemu.wait(OFF_SECONDS)
        self._qemu = None

    def press_button(self) -> None:
        """Press its power button, as a graceful shutdown does."""
        if self.on:
            with Qmp(self.folder / "qmp") as qmp:
                qmp.run("system_powerdown")

    @property
    def console(self) -> str:
        """What its serial console has printed so far."""
        path = self.folder / "console.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def await_words(self, words: str, seconds: float) -> None:
        """Wait until its console has printed this; raises RehearsalFailed when it does not."""
        deadline = time.monotonic() + seconds
        while words not in self.console:
            if time.monotonic() > deadline:
                last = " / ".join(self.console.strip().splitlines()[-3:])
                raise RehearsalFailed(f"{self.spec.name} does not say {words!r}: {last}")
            time.sleep(0.2)

    def _hardware(self, source: Source) -> Hardware:
        tap = self.spec.port if self.spec.switch else ""
        nic = Nic(self.spec.port, self.spec.mac, rom=source == "Pxe", tap=tap)
        return Hardware(
            name=self.spec.name,
            folder=self.folder,
            accel=self.spec.accel,
            memory_mib=self.spec.memory_mib,
            nics=(nic,),
            boot=Boot.NETWORK if source == "Pxe" else Boot.DISK,
            disk=self.folder / DISK,
        )
