"""One virtual machine: start it as a clone or cold, talk to it, cut its cables and its power.

Everything of it lies in its folder, so any process can take it over: `Machine(spec)` is only a name
for what stands there. QEMU is the child of a small shell that listens to the tool: if the tool dies
before it says "stay", even by kill -9, the shell ends and the kernel ends QEMU with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from colossus.twin.base import Completed
from colossus.twin.state import Life
from colossus.twin.vm.accel import Accel
from colossus.twin.vm.identity import Identity
from colossus.twin.vm.image import VmImage
from colossus.twin.vm.plugs import Plug
from colossus.twin.vm.qemu import Boot, Nic
from colossus.twin.vm.qmp import Qmp
from colossus.twin.vm.template import Template


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """A machine to start.

    folder: short (sockets lie in it), the machine's own, made if missing. memory_mib and the NICs'
    number must fit the template it is cloned from. boot other than KERNEL: it has no root of ours,
    and no agent (`exec`) until its own system brings one.
    """

    name: str
    folder: Path
    nics: tuple[Nic, ...]
    memory_mib: int = 192
    boot: Boot = Boot.KERNEL


class Machine:
    """A machine by its spec; whether it runs is for the system to say."""

    def __init__(self, spec: MachineSpec) -> None:
        self.spec = spec

    @property
    def life(self) -> Life:
        """QEMU's process, Life(0, 0) if it never started here."""
        raise NotImplementedError

    @property
    def alive(self) -> bool:
        """Whether it has power."""
        return self.life.alive

    def clone(self, template: Template, identity: Identity, accel: Accel) -> None:
        """Continue the template as this machine, until it has its own name, keys and NICs.

        At most as many at once as there are cores: starved machines burn more than they need.

        Raises:
            RehearsalFailed: it does not; the message ends with what QEMU or its console said.
        """
        raise NotImplementedError

    def boot(self, image: VmImage, accel: Accel, seconds: float = 300.0) -> None:
        """Switch it on cold, with its disk (a clone keeps who it is and what was written).

        With Boot.KERNEL it returns when the agent answers and units have started, else at once.

        Raises:
            RehearsalFailed: it does not come up within so many seconds.
        """
        raise NotImplementedError

    def stay(self) -> None:
        """Let it live on when this tool ends."""
        raise NotImplementedError

    def power_off(self) -> None:
        """Cut its power (SIGKILL to QEMU): its disk keeps what was written for `boot`."""
        raise NotImplementedError

    def remove(self) -> None:
        """Cut its power and delete its folder."""
        raise NotImplementedError

    def exec(self, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0) -> Completed:
        """Run a command in it as root, past the network; timeout in seconds.

        Raises:
            TransportFailed: it has no power, or the command does not end in time.
        """
        raise NotImplementedError

    def set_link(self, interface: str, *, up: bool) -> None:
        """Give or take the carrier of one NIC (both ends of a dead cable need it)."""
        raise NotImplementedError

    def plug(self, interface: str) -> Plug:
        """Return where this interface's cable is plugged in, for `plugs.join` and `plugs.cut`."""
        raise NotImplementedError

    def qmp(self) -> Qmp:
        """Return a connection to QMP, to be opened with `with`."""
        raise NotImplementedError

    @property
    def console(self) -> Path:
        """The socket of its serial console: a root shell. One client at a time."""
        return self.spec.folder / "console"

    @property
    def console_log(self) -> Path:
        """What the console has printed so far."""
        return self.spec.folder / "console.log"
