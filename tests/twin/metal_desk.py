"""A desk with a boot server in a twin of namespaces, and a host of metal beside it.

The host is plugged into the twin's management switch; its BMC answers at its planned address. The
operator works from the twin's station, as in production: SSH and Redfish at planned addresses, a
known_hosts file, no `--connect twin`.
"""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from colossus.cli.opening import opened
from colossus.fabric.model import PortView
from colossus.twin import state
from colossus.twin.base import MANAGEMENT_BRIDGE, End
from colossus.twin.metal.bmc import USER, Emulator
from colossus.twin.metal.image import ensure_install_image
from colossus.twin.metal.machine import MetalSpec, plug_in
from colossus.twin.nodes import in_network, inside
from tests.twin.sites import Desk

HOST = "node-01"
SERVER = "boot-01"
MAC = "52:54:00:30:00:02"
BMC_PORT = 8000
IMAGES = "/srv/colossus/images"
STATE = "/var/lib/colossus-boot"
BOOT_LOG = "/var/log/colossus-units/colossus-boot.service.log"
SECRETS = "secrets"
STAGED = "  - {devices: node-01, status: staged, reason: not installed yet}\n"
EDITS = (
    (
        "  oob-switch:\n    kind",
        "  boot-server:\n    kind: service\n    model: supermicro/sys-111c-nr\n"
        '    name: "boot-{n:02d}"\n    playbook: boot-server\n  oob-switch:\n    kind',
    ),
    (
        "      - {role: oob-switch, u: [42]}\n",
        "      - {role: boot-server, u: [40]}\n      - {role: oob-switch, u: [42]}\n",
    ),
    (
        "      - {role: pdu, ports: [mgmt]}\n",
        "      - {role: boot-server, ports: [mgmt, bmc]}\n      - {role: pdu, ports: [mgmt]}\n",
    ),
    (
        "        - {role: compute, port: bmc, first: 10.30.0.40}\n",
        "        - {role: compute, port: bmc, first: 10.30.0.40}\n"
        "        - {role: boot-server, port: mgmt, first: 10.30.0.60}\n"
        "        - {role: boot-server, port: bmc, first: 10.30.0.61}\n",
    ),
    (
        "access:\n  user: root\n  key: file:~/.ssh/id_ed25519\n",
        f"overrides:\n{STAGED}\n"
        "boot:\n  server_role: boot-server\n  images:\n"
        "    debian-12: {files: {/disk.img: disk.img, /root.squashfs: root.squashfs}}\n"
        "  roles:\n    compute: {image: debian-12, disk: /dev/vda, kernel_arguments:"
        " [console=ttyS0, quiet, mitigations=off]}\n\n"
        f"bmc: {{user: {USER}, password: file:{SECRETS}/bmc, scheme: http, port: {BMC_PORT},"
        " login: basic}\n\n"
        f"access:\n  user: root\n  key: file:{SECRETS}/key\n",
    ),
)


def lab_site(desk: Desk) -> Path:
    """Write the example grok1-node with a boot server, and a host that is still to be installed."""
    site = desk.folder / "lab"
    site.mkdir()
    text = (desk.checkout / "examples/grok1-node/cluster.yaml").read_text("utf-8")
    for old, new in EDITS:
        assert old in text, old
        text = text.replace(old, new, 1)
    (site / "cluster.yaml").write_text(text, "utf-8")
    assets = f"rack,u,device,serial,bmc_mac,macs\nr1-01,1,{HOST},S1,52:54:00:30:00:01,eno1={MAC}\n"
    (site / "assets.csv").write_text(assets, "utf-8")
    return site


class MetalDesk:
    """The desk, the site, and a stack of what has to end with the test."""

    def __init__(self, desk: Desk, stack: ExitStack) -> None:
        self.desk = desk
        self.site = lab_site(desk)
        self._stack = stack

    @property
    def file(self) -> Path:
        return self.site / "cluster.yaml"

    def change(self, old: str, new: str) -> None:
        """Edit the site."""
        text = self.file.read_text("utf-8")
        assert old in text, old
        self.file.write_text(text.replace(old, new, 1), "utf-8")

    def build(self) -> None:
        """Bring up the twin with the boot server, apply its playbook, and rack the host."""
        up = self.desk.run("twin", "up", self.site, "--twin", "ns")
        assert up.returncode == 0, up.stderr
        # The twin's node of that name makes room for the host of metal.
        assert self.desk.run("twin", "break", "down", HOST).returncode == 0
        twin = state.load("grok1-node", self.desk.folder / "twins")
        assert twin is not None
        self.twin = twin
        self.apply_in_twin()
        self._trust()
        self._fill_images()
        port = self.port_of_host()
        switch = twin.nodes[port.device].pid
        plug_in(End(port.device, port.interface), switch, MANAGEMENT_BRIDGE)
        # Sockets lie in it, and a test's own folder has a long name.
        short = Path(self._stack.enter_context(TemporaryDirectory(prefix="metal-")))
        machine = MetalSpec(HOST, str(short / "m"), MAC, port.interface, switch)
        address = "10.30.0.40"
        self.in_station("ip", "address", "add", f"{address}/24", "dev", "station0")
        bmc = Emulator(short / "b", (machine,), twin.station.pid, address, BMC_PORT)
        self._stack.enter_context(bmc)
        self._write_secret("bmc", bmc.password)
        self.console = short / "m" / "console.log"

    def apply_in_twin(self) -> str:
        """Apply the whole site to the twin, and render it: nothing of that may arm a host."""
        limit = ("--limit", f"{SERVER},oob-01")
        done = self.desk.run("provision", self.site, "--connect", "twin", "--yes", *limit)
        assert done.returncode == 0, done.stdout + done.stderr
        out = self.desk.folder / "rendered"
        assert self.desk.run("render", self.site, "--out", out).returncode == 0
        return done.stdout

    def operator(self, *words: object, status: int = 0) -> str:
        """Run a command of ours from the operator's station."""
        argv = [sys.executable, "-m", "colossus.cli", *map(str, words)]
        done = self.in_station(*argv, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def in_station(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program in the network of the operator's station."""
        return subprocess.run(
            in_network(self.twin.station.pid, argv),
            cwd=self.desk.folder,
            env=self.desk.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=1800,
            check=check,
        )

    def on_server(self, *argv: str, stdin: bytes = b"") -> str:
        """Run a command in the boot server."""
        words = inside(self.twin.nodes[SERVER].pid, argv)
        return subprocess.run(words, input=stdin, capture_output=True, check=True).stdout.decode()

    def on_host(self, command: str) -> str:
        """Run a command on the host, over SSH with strict host keys."""
        options = ["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"]
        options += ["-o", "ConnectTimeout=20"]
        options += ["-o", f"UserKnownHostsFile={self.site / 'known_hosts'}"]
        key = str(self.site / SECRETS / "key")
        argv = ["ssh", "-i", key, *options, "root@10.30.0.20", command]
        return self.in_station(*argv).stdout

    def await_sshd(self, seconds: float = 1200) -> None:
        """Wait until the host lets us in again, with the key that is known."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.on_host("true")
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    last = self.console.read_text("utf-8", errors="replace")[-2000:]
                    raise AssertionError(f"nobody answers; the console says: {last}") from None
                time.sleep(5)  # each try costs an emulated sshd a second or two

    def _write_secret(self, name: str, text: str) -> None:
        path = self.site / SECRETS / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")

    def _trust(self) -> None:
        """Be an operator: the key that opens the twin's nodes, and the keys that they show."""
        folder = self.desk.folder / "twins" / "grok1-node"
        self._write_secret("key", (folder / "id_ed25519").read_text("utf-8"))
        lines = [f"{name} {key}\n" for name, key in self.twin.host_keys.items()]
        (self.site / "known_hosts").write_text("".join(lines), "utf-8")

    def _fill_images(self) -> None:
        place = f"{IMAGES}/debian-12"
        # The layer of a node is small; an image server's disk is not.
        self.on_server("mount", "-t", "tmpfs", "-o", "size=512m,mode=755", "images", IMAGES)
        self.on_server("mkdir", place)
        for file in ensure_install_image().files:
            self.on_server("sh", "-c", f"cat >{place}/{file.name}", stdin=file.read_bytes())

    def port_of_host(self) -> PortView:
        fabric = opened(self.site).designed.fabric
        links = (fabric.link(row) for row in range(len(fabric.links.a)))
        return next(link.z for link in links if str(link.a) == f"{HOST}:eno1")
