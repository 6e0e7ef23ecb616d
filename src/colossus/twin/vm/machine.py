"""One virtual machine: start it as a clone or cold, talk to it, cut its cables and its power.

Everything of it lies in its folder, so any process can take it over: `Machine(spec)` is only a name
for what stands there. It ends with the tool that started it until `stay` (`power`).
"""

import json
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin import image as base
from colossus.twin.base import Completed
from colossus.twin.state import Life, wait_until_gone
from colossus.twin.vm import agent, power
from colossus.twin.vm.accel import Accel
from colossus.twin.vm.identity import Identity, seed_tar
from colossus.twin.vm.image import VmImage
from colossus.twin.vm.plugs import Plug
from colossus.twin.vm.qemu import Hardware, Nic, command, nic_id
from colossus.twin.vm.qmp import Qmp
from colossus.twin.vm.template import (
    READY,
    Template,
    await_migration,
    hardware_of,
    ignore_shared,
)

CLONE_SECONDS = 300.0
BOOT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """A machine to start.

    folder: short (sockets lie in it), the machine's own, made if missing. memory_mib and the NICs'
    number must fit the template it is cloned from.
    """

    name: str
    folder: Path
    nics: tuple[Nic, ...]
    memory_mib: int


class Machine:
    """A machine by its spec; whether it runs is for the system to say."""

    def __init__(self, spec: MachineSpec) -> None:
        self.spec = spec
        self._tether: power.Tether | None = None

    @property
    def life(self) -> Life:
        """QEMU's process, Life(0, 0) if it never started here."""
        try:
            return Life(**json.loads((self.spec.folder / "life.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Life(0, 0)

    @property
    def alive(self) -> bool:
        """Whether it has power."""
        return self.life.alive

    def clone(self, template: Template, identity: Identity) -> None:
        """Continue the template as this machine, until it has its own name, keys and NICs.

        At most as many at once as there are cores: starved machines burn more than they need.

        Raises:
            RehearsalFailed: it does not; the message ends with what QEMU or its console said.
        """
        folder = self.spec.folder
        hardware = hardware_of(template.image, template.accel, template.memory_mib, template.nics)
        self._make_disk(template.disk)
        self._start(
            replace(
                hardware,
                name=self.spec.name,
                folder=folder,
                nics=self.spec.nics,
                disk=folder / "disk",
                memory_file=template.memory,
                incoming=True,
            )
        )
        try:
            with self.qmp() as qmp:
                ignore_shared(qmp)
                qmp.run("migrate-incoming", uri=f"exec:cat {shlex.quote(str(template.state))}")
                await_migration(qmp, CLONE_SECONDS)
                qmp.run("cont")
            agent.wake(folder / "agent", CLONE_SECONDS, seed_tar(identity))
        except (RehearsalFailed, TransportFailed) as fault:
            raise self._failure(fault.summary) from fault

    def boot(self, image: VmImage, accel: Accel, seconds: float = BOOT_SECONDS) -> None:
        """Switch it on cold, with its disk (a clone keeps who it is and what was written).

        It returns when what is enabled has started.

        Raises:
            RehearsalFailed: it does not come up within so many seconds.
        """
        folder = self.spec.folder
        self._make_disk(image.disk)
        hardware = hardware_of(image, accel, self.spec.memory_mib, len(self.spec.nics))
        named = replace(hardware, name=self.spec.name, folder=folder, nics=self.spec.nics)
        self._start(replace(named, disk=folder / "disk"))
        try:
            agent.execute(folder / "agent", READY, b"", seconds)
            agent.wake(folder / "agent", seconds)
        except TransportFailed as fault:
            raise self._failure(fault.summary) from fault

    def _make_disk(self, backing: Path) -> None:
        """Give it a writable layer over this disk, unless it has one."""
        self.spec.folder.mkdir(parents=True, exist_ok=True)
        disk = self.spec.folder / "disk"
        if not disk.exists():
            form = ["-f", "qcow2", "-F", "raw", "-b", str(backing)]
            base.run(["qemu-img", "create", "-q", *form, str(disk)])

    def _start(self, hardware: Hardware) -> None:
        folder = self.spec.folder
        if self.alive:
            raise RehearsalFailed(f"{self.spec.name} has power already")
        self._tether = power.start(command(hardware), folder)
        text = json.dumps(asdict(self._tether.life))
        (folder / "life.json").write_text(text, encoding="utf-8")

    def _failure(self, summary: str) -> RehearsalFailed:
        qemu = power.last_words(self.spec.folder / "qemu.log")
        console = power.last_words(self.console_log)
        self.power_off()
        return RehearsalFailed(
            f"the virtual machine {self.spec.name}: {summary}; QEMU: {qemu}; console: {console}"
        )

    def stay(self) -> None:
        """Let it live on when this tool ends."""
        if self._tether:
            self._tether.stay()

    def power_off(self) -> None:
        """Cut its power (SIGKILL to QEMU): its disk keeps what was written for `boot`."""
        life = self.life
        life.kill()
        if self._tether:
            self._tether.cut()
            self._tether = None
        if wait_until_gone([life]):
            raise RehearsalFailed(f"{self.spec.name}: QEMU, process {life.pid}, does not end")

    def remove(self) -> None:
        """Cut its power and delete its folder."""
        self.power_off()
        shutil.rmtree(self.spec.folder, ignore_errors=True)

    def exec(self, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0) -> Completed:
        """Run a command in it as root, past the network; timeout in seconds.

        Raises:
            TransportFailed: it has no power, or the command does not end in time.
        """
        if not self.alive:
            raise TransportFailed(f"{self.spec.name} has no power")
        try:
            return agent.execute(self.spec.folder / "agent", argv, stdin, timeout)
        except TransportFailed as fault:
            raise TransportFailed(f"{self.spec.name}: {fault.summary}") from fault

    def set_link(self, interface: str, *, up: bool) -> None:
        """Give or take the carrier of one NIC (both ends of a dead cable need it)."""
        with self.qmp() as qmp:
            qmp.run("set_link", name=nic_id(self._number(interface)), up=up)

    def plug(self, interface: str) -> Plug:
        """Return where this interface's cable is plugged in, for `plugs.join` and `plugs.cut`."""
        return Plug(self.spec.folder, self._number(interface))

    def _number(self, interface: str) -> int:
        names = [nic.interface for nic in self.spec.nics]
        return names.index(interface)

    def qmp(self) -> Qmp:
        """Return a connection to QMP, to be opened with `with`."""
        return Qmp(self.spec.folder / "qmp")

    @property
    def console(self) -> Path:
        """The socket of its serial console: a root shell. One client at a time."""
        return self.spec.folder / "console"

    @property
    def console_log(self) -> Path:
        """What the console has printed so far."""
        return self.spec.folder / "console.log"
