"""The ns tier of the twin: nodes are namespaces of this machine with the real daemons in them.

Each node has its own mount, uts, pid, ipc and net namespace, reachable by no name: when its first
process is killed the kernel removes the processes, mounts and cables with it.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin import image as base_image
from colossus.twin import nodes, rewiring, state, thresholds, wires
from colossus.twin.base import MANAGEMENT_BRIDGE, Completed, Pace, TwinSpec
from colossus.twin.kept import KeptTwin
from colossus.twin.keys import new_key, public_key
from colossus.twin.ports import ip_batch
from colossus.twin.replug import rewire
from colossus.twin.state import Life, TwinState
from colossus.twin.station import connect_from

ACCEL = "none (namespaces of this kernel)"
SSH_PORT = 22
# Exit statuses of timeout(1): it ended the command, or had to kill it.
TIMED_OUT = (124, 137)


class NamespaceTwin(KeptTwin):
    """A twin of namespaces. image: the nodes' root tree; None builds or takes the cached one."""

    tier = "ns"
    pace = Pace(patience=1.0, at_once=8)

    def __init__(
        self,
        spec: TwinSpec,
        *,
        lasting: bool = False,
        image: Path | None = None,
        twins: Path = state.TWINS,
    ) -> None:
        super().__init__(spec, ACCEL, lasting=lasting, twins=twins)
        self.image = image
        self._held: list[nodes.Booting] = []

    def _build(self) -> None:
        image = self.image or base_image.ensure_image()
        if not image.is_dir():
            raise RehearsalFailed(f"the twin's image {image} does not exist")
        now = TwinState(self.spec, Life.of(os.getpid()), self.lasting, self.tier, self.accel)
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
        lines = [wires.plug_line(c.a, c.z, c.mtu, pids) for c in self.spec.cables]
        lines += [wires.plug_line(p, wires.loose(p), mtu, pids) for p in self.spec.open_ports]
        lines += wires.operator_lines(self.spec, mtu, pids)
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

    def _keep_operator_plugged(self, only: str | None = None) -> None:
        script = (nodes.SHIM / "keep_plugged.sh").read_text(encoding="utf-8")
        words = ["sh", "-c", script, "keep_plugged", wires.OPERATOR_PORT, MANAGEMENT_BRIDGE]
        quiet = ["sh", "-c", 'setsid --fork "$@" </dev/null >/dev/null 2>&1', "sh", *words]
        for end in wires.station_plugs(self.spec):
            if end.interface == wires.OPERATOR_PORT and only in (None, end.node):
                self.exec(end.node, quiet)

    def _let_go(self) -> None:
        for booting in self._held:
            booting.abandon()
        self._held.clear()

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
            nodes.inside(self._alive(node).pid, bounded),
            input=stdin,
            capture_output=True,
            check=False,
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

    def console(self, node: str) -> int:
        """Open a shell of this terminal in a node; gives its exit status."""
        terminal = f"TERM={os.environ.get('TERM', 'dumb')}"
        argv = nodes.inside(self._alive(node).pid, ["env", terminal, "bash", "-l"])
        return subprocess.run(argv, check=False).returncode

    def _plug(self, now: TwinState, wanted: rewiring.Wires) -> None:
        rewire(self.spec, now, wanted)

    def _boot_again(self, now: TwinState, node: str, wanted: rewiring.Wires) -> None:
        image = self.image or base_image.ensure_image()
        key = public_key(self.client_key_path)
        booting = nodes.start_node(self.spec.node(node), image, self.folder, key)
        self._held.append(booting)
        nodes.await_pid(booting)
        now.nodes[node] = booting.life
        state.save(now, self.twins)
        self._plug(now, wanted)
        now.wires = wanted
        mtu = wires.management_mtu(self.spec)
        pids = {node: booting.life.pid, wires.STATION: now.station.pid}
        if plugs := wires.operator_lines(self.spec, mtu, pids, node):
            ip_batch(plugs)
            ip_batch(wires.joining_lines(self.spec, node), now.station.pid)
        booting.plug_in(wires.bootstrap_lines(self.spec, self.spec.node(node), mtu))
        now.host_keys[node] = booting.ready()
        state.save(now, self.twins)
        booting.release(lasting=self.lasting)
        self._keep_operator_plugged(node)
