"""The vm tier of the twin: nodes are QEMU machines with kernels of their own, cabled NIC to NIC.

All continue from one saved machine, so a node costs a second or two and not a boot. What they share
until they write it is only memory and the read-only root.
"""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from colossus.errors import TransportFailed
from colossus.twin import state
from colossus.twin.base import Completed, End, Pace, TwinNode, TwinSpec
from colossus.twin.kept import KeptTwin
from colossus.twin.keys import new_key, public_key
from colossus.twin.rewiring import Wires
from colossus.twin.state import Life, TwinState
from colossus.twin.vm import station
from colossus.twin.vm.accel import Accel
from colossus.twin.vm.console import join_console
from colossus.twin.vm.identity import Identity
from colossus.twin.vm.image import VmImage, ensure_vm_image
from colossus.twin.vm.lines import Lines
from colossus.twin.vm.machine import Machine, MachineSpec
from colossus.twin.vm.parts import MEMORY_MIB, Parts
from colossus.twin.vm.plugs import cut, join
from colossus.twin.vm.power import Tether, start
from colossus.twin.vm.qemu import nic_class
from colossus.twin.vm.station import Door
from colossus.twin.vm.template import Template, ensure_template

CORES = os.cpu_count() or 1
# Under software emulation a second of work takes ten; a core that two machines want makes it more.
PACES = {"tcg": Pace(patience=8.0, at_once=CORES + 1), "kvm": Pace(patience=2.0, at_once=8)}
AGAIN_SECONDS = 0.3


class VmTwin(KeptTwin):
    """A twin of virtual machines; accel says what they run on, tell hears what takes time."""

    tier = "vm"

    def __init__(
        self,
        spec: TwinSpec,
        accel: Accel,
        *,
        lasting: bool = False,
        twins: Path = state.TWINS,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(spec, words_of(accel), lasting=lasting, twins=twins)
        self.pace = PACES[accel.name]
        self._accel = accel
        self._tell = tell
        self._parts = Parts(spec, state.short_path(self.folder))
        self._station: Tether | None = None
        self._machines = {
            node.name: Machine(
                MachineSpec(
                    node.name,
                    self._parts.machine_folder(node.name),
                    self._parts.nics(node.name),
                    MEMORY_MIB,
                )
            )
            for node in spec.nodes
        }
        self._lines = Lines(lambda node: self._machines[node].alive)

    def _build(self) -> None:
        image = ensure_vm_image(self._tell)
        templates = self._templates(image)
        now = TwinState(self.spec, Life.of(os.getpid()), self.lasting, self.tier, self.accel)
        now.wires = [(cable.a, cable.z) for cable in self.spec.cables]
        now.wires += [(port, None) for port in self.spec.open_ports]
        shutil.rmtree(self.folder, ignore_errors=True)
        state.save(now, self.twins)
        state.make_short(self.folder)
        new_key(self.client_key_path)
        self._start_station(now)
        for cable in self.spec.cables:
            join(self._parts.plug(cable.a), self._parts.plug(cable.z))
        self._clone_all(now, templates)
        self._cut_loose(now.wires)
        if self.lasting:
            self._stay()
        now.complete = True
        state.save(now, self.twins)

    def _templates(self, image: VmImage) -> dict[int, Template]:
        """Return the template of each class of machines, booted one after the other if missing."""
        classes = {nic_class(len(machine.spec.nics)) for machine in self._machines.values()}
        return {
            nics: ensure_template(image, self._accel, nics, MEMORY_MIB, self._tell)
            for nics in sorted(classes)
        }

    def _start_station(self, now: TwinState) -> None:
        doors = station.doors_of(self.spec)
        plugs = self._parts.station_plugs()
        folder = self._parts.station_folder
        folder.mkdir(parents=True)
        for own, far in plugs:
            join(own, far)
        argv = station.command(self.spec, folder, doors, len(plugs))
        self._station = start(argv, folder)
        now.station = self._station.life
        now.doors = {name: str(door) for name, door in doors.items()}
        state.save(now, self.twins)

    def _clone_all(self, now: TwinState, templates: dict[int, Template]) -> None:
        """Continue the templates as our machines, as many at once as there are cores."""
        key = public_key(self.client_key_path)

        def clone(node: TwinNode) -> tuple[str, Life, str]:
            machine = self._machines[node.name]
            identity = self._identity(node, key)
            template = templates[nic_class(len(machine.spec.nics))]
            machine.clone(template, identity)
            if node.shared:
                # Nothing is shared between machines: each has the folder as its own.
                machine.exec(["mkdir", "-p", node.shared])
            return node.name, machine.life, identity.host_public_key

        with ThreadPoolExecutor(CORES) as pool:
            for name, life, host_key in pool.map(clone, self.spec.nodes):
                now.nodes[name], now.host_keys[name] = life, host_key
                state.save(now, self.twins)

    def _identity(self, node: TwinNode, key: str) -> Identity:
        private = self.folder / "keys" / node.name
        private.parent.mkdir(exist_ok=True)
        public = new_key(private)
        return Identity(
            name=node.name,
            machine_id=sha256(f"{self.spec.name}/{node.name}".encode()).hexdigest()[:32],
            authorized_key=key,
            host_key=private.read_text(encoding="utf-8"),
            host_public_key=public,
            nics=tuple((nic.interface, nic.mac) for nic in self._parts.nics(node.name)),
            bootstrap=self._parts.bootstrap(node),
            keep_plugged=self._parts.keep_plugged(node.name),
            accelerators=node.accelerators,
        )

    def _stay(self) -> None:
        for machine in self._machines.values():
            machine.stay()
        if self._station is not None:
            self._station.stay()
            self._station = None

    def _let_go(self) -> None:
        if self._station is not None:
            self._station.cut()
            self._station = None
        for machine in self._machines.values():
            machine.power_off()

    def exec(
        self, node: str, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0
    ) -> Completed:
        """Run a command in a node as root, past the network.

        timeout: in seconds on metal; software emulation gets as many more as its pace needs.

        Raises:
            TransportFailed: the node has no power, or the command does not end in time.
        """
        self._alive(node)
        return self._machines[node].exec(argv, stdin, timeout * self.pace.patience)

    def connect(self, node: str, timeout: float = 10.0) -> socket.socket:
        """Open a connection through the operator's station to a node's sshd.

        The station takes a connection before the node does, so only sshd's first word counts.

        Raises:
            TransportFailed: nobody answers within so many seconds, times the patience of the pace.
        """
        door = Door.of(self._state().doors[node])
        deadline = time.monotonic() + timeout * self.pace.patience
        # Without power nobody ever answers, and nothing is learned from waiting for it.
        while (left := deadline - time.monotonic()) > 0 and self._machines[node].alive:
            with suppress(OSError):
                line = socket.create_connection((door.address, door.port), left)
                line.settimeout(left)
                if line.recv(1, socket.MSG_PEEK):
                    line.settimeout(None)
                    self._lines.add(node, line)
                    return line
                line.close()
            time.sleep(AGAIN_SECONDS)
        address = (self.spec.node(node).mgmt_address or "").partition("/")[0]
        raise TransportFailed(
            f"{address} port {station.SSH_PORT} does not answer from the operator's station",
            hint="`colossus twin status` shows which nodes are up",
        )

    def console(self, node: str) -> int:
        """Join this terminal to a node's serial console, until Ctrl-]; gives 0."""
        self._alive(node)
        return join_console(self._machines[node].console)

    def _plug(self, now: TwinState, wanted: Wires) -> None:
        have, want = ({frozenset(pair): pair for pair in side} for side in (now.wires, wanted))
        going = [pair for key, pair in have.items() if key not in want]
        coming = [pair for key, pair in want.items() if key not in have]
        open_ports = set(self.spec.open_ports)  # nothing is cabled there, so they have no NIC
        moved = [(a, z) for a, z in (*going, *coming) if z is not None or a not in open_ports]
        plugs = {end: self._parts.plug(end) for pair in moved for end in pair if end}
        for end, plug in plugs.items():
            # Both ends of a plug that is pulled lose the carrier, also if it is put back elsewhere.
            self._set_link(now, end, up=False)
            cut(plug)
        for one, other in coming:
            if other is not None:
                join(self._parts.plug(one), self._parts.plug(other))
                self._set_link(now, one, up=True)
                self._set_link(now, other, up=True)

    def _set_link(self, now: TwinState, end: End, *, up: bool) -> None:
        if now.nodes[end.node].alive:
            self._machines[end.node].set_link(end.interface, up=up)

    def _cut_loose(self, wired: Iterable[tuple[End, End | None]]) -> None:
        """Take the carrier of cabled ports whose far end is not there."""
        open_ports = set(self.spec.open_ports)
        for one, other in wired:
            if other is None and one not in open_ports:
                self._machines[one.node].set_link(one.interface, up=False)

    def _boot_again(self, now: TwinState, node: str, wanted: Wires) -> None:
        machine = self._machines[node]
        machine.boot(ensure_vm_image(self._tell), self._accel)
        now.nodes[node] = machine.life
        state.save(now, self.twins)
        self._plug(now, wanted)
        now.wires = wanted
        self._cut_loose(pair for pair in wanted if pair[0].node == node)
        state.save(now, self.twins)
        if self.lasting:
            machine.stay()


def words_of(accel: Accel) -> str:
    """Return the accelerator in words, for the report."""
    if accel.reason.startswith(f"{accel.name} ("):
        return accel.reason
    return f"{accel.name} ({accel.reason})"
