"""The ns tier of the twin: nodes are namespaces of this machine with the real daemons in them.

Each node has its own mount, uts, pid, ipc and net namespace, reachable by no name: when its first
process is killed the kernel removes the processes, mounts and cables with it.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Self

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin import image as base_image
from colossus.twin import nodes, rewiring, state, thresholds, wires
from colossus.twin.base import MANAGEMENT_BRIDGE, Completed, End, TwinSpec, TwinStatus
from colossus.twin.cleanup import remove, sweep
from colossus.twin.keys import new_key
from colossus.twin.ports import ip_batch
from colossus.twin.state import Life, TwinState
from colossus.twin.station import connect_from

SSH_PORT = 22
# Exit statuses of timeout(1): it ended the command, or had to kill it.
TIMED_OUT = (124, 137)


class NamespaceTwin:
    """A twin of namespaces. As a context manager it is up inside and gone afterwards.

    lasting: it lives on when this tool ends (`twin up`); otherwise it ends with the tool, however
    the tool ends. image: the nodes' root tree; the cached one is built if there is none.
    """

    def __init__(
        self,
        spec: TwinSpec,
        *,
        lasting: bool = False,
        image: Path | None = None,
        twins: Path = state.TWINS,
    ) -> None:
        self.spec = spec
        self.lasting = lasting
        self.image = image
        self.twins = twins
        self.folder = state.folder_of(spec.name, twins)
        self._held: list[nodes.Booting] = []
        self._old_sigterm: Callable[[int, FrameType | None], object] | int | None = None

    @property
    def client_key_path(self) -> Path:
        """The private key that opens root's sessions on every node."""
        return self.folder / "id_ed25519"

    def up(self) -> None:
        """Build it, or raise RehearsalFailed and leave nothing behind."""
        if faults := wires.faults_of(self.spec):
            raise RehearsalFailed(f"this twin cannot be built: {'; '.join(faults)}")
        sweep(self.twins)
        if state.load(self.spec.name, self.twins):
            raise RehearsalFailed(
                f"a twin named {self.spec.name} is up already",
                hint="end it first: colossus twin down",
            )
        try:
            self._build()
        except BaseException:
            self.down()
            raise

    def _build(self) -> None:
        image = self.image or base_image.ensure_image()
        if not image.is_dir():
            raise RehearsalFailed(f"the twin's image {image} does not exist")
        now = TwinState(self.spec, Life.of(os.getpid()), self.lasting)
        now.wires = [(cable.a, cable.z) for cable in self.spec.cables]
        now.wires += [(port, None) for port in self.spec.open_ports]
        now.thresholds = thresholds.needed(len(self.spec.cables))
        shutil.rmtree(self.folder, ignore_errors=True)
        state.save(now, self.twins)
        thresholds.raise_for(now.thresholds)
        public_key = new_key(self.client_key_path)
        for node in self.spec.nodes:
            self._held.append(nodes.start_node(node, image, self.folder, public_key))
        self._held.append(nodes.start_station(self.folder))
        for booting in self._held:
            nodes.await_pid(booting)
        now.station = self._held[-1].life
        now.nodes = {booting.name: booting.life for booting in self._held[:-1]}
        state.save(now, self.twins)
        self._plug_in(now)
        now.host_keys = nodes.all_ready(self._held[:-1])
        self._held[-1].ready()
        state.save(now, self.twins)
        for booting in self._held:
            booting.release(lasting=self.lasting)
        self._keep_operator_plugged()
        now.complete = True
        state.save(now, self.twins)
        if self.lasting:
            self._held.clear()

    def _plug_in(self, now: TwinState) -> None:
        pids = {name: life.pid for name, life in now.nodes.items()} | {
            wires.STATION: now.station.pid
        }
        mtu = wires.management_mtu(self.spec)
        port = End(self.spec.management_switch, wires.OPERATOR_PORT)
        lines = [wires.plug_line(c.a, c.z, c.mtu, pids) for c in self.spec.cables]
        lines += [wires.plug_line(p, wires.loose(p), mtu, pids) for p in self.spec.open_ports]
        lines.append(wires.plug_line(port, End(wires.STATION, wires.STATION_INTERFACE), mtu, pids))
        try:
            ip_batch(lines)
        except RehearsalFailed:
            # A cable to a dead node fails; why it died says more.
            for booting in self._held:
                booting.must_live()
            raise
        by_name = {booting.name: booting for booting in self._held}
        for node in self.spec.nodes:
            by_name[node.name].plug_in(wires.bootstrap_lines(self.spec, node, mtu))
        self._held[-1].plug_in(wires.station_lines(self.spec))

    def _keep_operator_plugged(self) -> None:
        script = (nodes.SHIM / "keep_plugged.sh").read_text(encoding="utf-8")
        words = ["sh", "-c", script, "keep_plugged", wires.OPERATOR_PORT, MANAGEMENT_BRIDGE]
        quiet = ["sh", "-c", 'setsid --fork "$@" </dev/null >/dev/null 2>&1', "sh", *words]
        self.exec(self.spec.management_switch, quiet)

    def down(self) -> None:
        """Remove it; nothing to do if it is not up."""
        for booting in self._held:
            booting.abandon()
        self._held.clear()
        remove(self.spec.name, self.twins)

    def status(self) -> TwinStatus:
        """Say which nodes live and which cables are not as planned."""
        now = self._state()
        planned: set[frozenset[End | None]]
        planned = {frozenset((cable.a, cable.z)) for cable in self.spec.cables}
        planned |= {frozenset((port, None)) for port in self.spec.open_ports}
        odd = [(one, other) for one, other in now.wires if frozenset((one, other)) not in planned]
        return TwinStatus(
            name=self.spec.name,
            lasting=now.lasting,
            creator=now.creator.pid,
            up=tuple(name for name, life in now.nodes.items() if life.alive),
            down=tuple(name for name, life in now.nodes.items() if not life.alive),
            cables=len(self.spec.cables),
            not_as_planned=tuple(f"{one} - {other or 'loose'}" for one, other in odd),
        )

    def exec(
        self, node: str, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0
    ) -> Completed:
        """Run a command in a node as root, past the network; timeout in seconds.

        Raises:
            TransportFailed: the node has no power, or the command does not end in time.
        """
        # Ending it from outside would leave it running in the node, so it is ended inside.
        bounded = ["timeout", "--kill-after=1", f"{timeout:.3f}", *argv]
        done = subprocess.run(
            nodes.inside(self._alive(node), bounded), input=stdin, capture_output=True, check=False
        )
        if done.returncode in TIMED_OUT:
            raise TransportFailed(f"{node}: {argv[0]} did not end within {timeout:g} s")
        return Completed(done.returncode, done.stdout, done.stderr)

    def connect(self, node: str, timeout: float = 10.0) -> socket.socket:
        """Open a connection from the operator's station to a node's sshd.

        Raises:
            TransportFailed: nobody answers within so many seconds.
        """
        address = (self.spec.node(node).mgmt_address or "").partition("/")[0]
        if not address:
            raise TransportFailed(f"{node} has no management address")
        return connect_from(self._state().station.pid, address, SSH_PORT, timeout)

    def host_key(self, node: str) -> str:
        """Return a node's public host key, "ssh-ed25519 AAAA..."."""
        return self._state().host_keys[node]

    def swap(self, one: End, other: End) -> None:
        """Exchange the two plugs in these ports; every interface keeps its name and settings."""
        self._rewire(rewiring.swapped(self._state().wires, one, other))

    def dead(self, end: End) -> None:
        """Break the cable in this port: both its ends stay up without a carrier."""
        self._rewire(rewiring.broken(self._state().wires, end))

    def mend(self) -> None:
        """Plug every cable between powered nodes back in as planned."""
        now = self._state()
        alive = {name for name, life in now.nodes.items() if life.alive}
        self._rewire(rewiring.planned(self.spec, alive))

    def down_device(self, node: str) -> None:
        """Cut a node's power: its neighbours lose the carrier, and it forgets everything."""
        life = Life.of(self._alive(node))
        self._rewire(rewiring.without(self._state().wires, node))
        life.kill()
        state.wait_until_gone([life])

    def _rewire(self, wanted: list[tuple[End, End | None]]) -> None:
        now = self._state()
        rewiring.rewire(self.spec, now, wanted)
        now.wires = wanted
        state.save(now, self.twins)

    def _state(self) -> TwinState:
        now = state.load(self.spec.name, self.twins)
        if now is None:
            raise RehearsalFailed(f"the twin {self.spec.name} is not up", hint="colossus twin up")
        return now

    def _alive(self, node: str) -> int:
        life = self._state().nodes.get(node)
        if life is None:
            raise TransportFailed(f"the twin has no node named {node}")
        if not life.alive:
            raise TransportFailed(f"{node} has no power")
        return life.pid

    def __enter__(self) -> Self:
        # A polite kill must clean up as Ctrl-C does. Only the main thread may set this.
        with contextlib.suppress(ValueError):
            self._old_sigterm = signal.signal(signal.SIGTERM, _end)
        try:
            self.up()
        except BaseException:
            self._forget_signal()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.down()
        finally:
            self._forget_signal()

    def _forget_signal(self) -> None:
        if self._old_sigterm is not None:
            signal.signal(signal.SIGTERM, self._old_sigterm)
            self._old_sigterm = None


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)
