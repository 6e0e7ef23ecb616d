"""Real machines, two of them: clones of one template, cables between them, power, and their end."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin import state
from colossus.twin.keys import new_key
from colossus.twin.state import Life
from colossus.twin.vm import image, plugs
from colossus.twin.vm.accel import probe
from colossus.twin.vm.identity import Identity
from colossus.twin.vm.machine import Machine, MachineSpec
from colossus.twin.vm.qemu import Nic
from colossus.twin.vm.template import Template, ensure_template

pytestmark = [pytest.mark.twin, pytest.mark.twin_vm]

NAMES = ("gpu1", "leaf1")
PORTS = ("p1", "p2")
MEMORY_MIB = 192
# LLDP hears its neighbour within seconds; a crowded machine takes a minute.
PATIENCE_SECONDS = 120.0
STATE = "hostname; ip -br -s link; lldpcli show statistics summary; journalctl -n 10 -u lldpd"
# Settings lie in a file: lldpcli, asked beside lldpd's own start, puts back what it read before.
LLDP = "printf '%s\\n' 'configure lldp tx-interval 2' 'configure lldp portidsubtype ifname' "
LLDP += ">/etc/lldpd.d/quick.conf && systemctl restart lldpd"


class Pair:
    """Two machines with two cables between them, p1 to p1 and p2 to p2."""

    def __init__(self, folder: Path, template: Template) -> None:
        self.template = template
        self.host_keys: dict[str, str] = {}
        self.machines: dict[str, Machine] = {}
        public = new_key(folder / "client")
        for number, name in enumerate(NAMES):
            nics = tuple(Nic(port, f"52:54:01:00:{number:02}:{port[1]:0>2}") for port in PORTS)
            self.machines[name] = Machine(MachineSpec(name, folder / name, nics, MEMORY_MIB))
            self.host_keys[name] = new_key(folder / f"{name}.key")
        self.identities = [self._identity(folder, number, public) for number in range(len(NAMES))]

    def start(self) -> None:
        self.as_planned()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._clone, NAMES, self.identities))

    def _clone(self, name: str, identity: Identity) -> None:
        self.machines[name].clone(self.template, identity)

    def _identity(self, folder: Path, number: int, public: str) -> Identity:
        name = NAMES[number]
        nics = self.machines[name].spec.nics
        return Identity(
            name=name,
            machine_id=f"{number + 1:032x}",
            authorized_key=public,
            host_key=(folder / f"{name}.key").read_text(encoding="utf-8"),
            host_public_key=self.host_keys[name],
            nics=tuple((nic.interface, nic.mac) for nic in nics),
            bootstrap=(
                "link set p1 up",
                "link set p2 up",
                f"addr add 10.9.0.{number + 1}/24 dev p1",
            ),
            accelerators=2,
        )

    def as_planned(self) -> None:
        one, other = self.machines.values()
        for port in PORTS:
            plugs.join(one.plug(port), other.plug(port))

    def ask(self, name: str, script: str) -> str:
        done = self.machines[name].exec(["sh", "-c", script], timeout=PATIENCE_SECONDS)
        assert done.exit == 0, done.stderr.decode()
        return done.text

    def neighbours(self, name: str) -> dict[str, str]:
        """Which port of which machine each port hears."""
        told = json.loads(self.ask(name, "lldpcli -f json0 show neighbors"))
        return {
            port[
                "name"
            ]: f"{port['chassis'][0]['name'][0]['value']}:{port['port'][0]['id'][0]['value']}"
            for port in told["lldp"][0].get("interface", [])
        }

    def await_neighbours(self, name: str, wanted: dict[str, str]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.neighbours(name)) != wanted:
            if time.monotonic() > deadline:
                state_of = "; ".join(self.ask(each, STATE) for each in NAMES)
                pytest.fail(f"{name} hears {found}, not {wanted}: {state_of}")
            time.sleep(1.0)


@pytest.fixture(scope="module")
def template() -> Template:
    built = image.ensure_vm_image()
    return ensure_template(built, probe(built), len(PORTS), MEMORY_MIB)


@pytest.fixture(scope="module")
def pair(template: Template) -> Iterator[Pair]:
    # pytest's own folders are too deep for sockets.
    with tempfile.TemporaryDirectory(prefix="colossus-") as folder:
        made = Pair(Path(folder), template)
        try:
            made.start()
            yield made
        finally:
            for machine in made.machines.values():
                machine.remove()


def test_clones_are_themselves(pair: Pair) -> None:
    script = "hostname; cat /etc/machine-id /proc/sys/kernel/random/boot_id; date +%s; "
    script += "head -c 16 /dev/urandom | od -A n -t x1; cat /proc/sys/kernel/random/uuid; "
    script += "cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub; cat /sys/class/net/p2/address"
    ours, theirs = (pair.ask(name, script).splitlines() for name in NAMES)
    assert [ours[0], theirs[0]] == list(NAMES)
    assert (ours[1], theirs[1]) == (f"{1:032x}", f"{2:032x}")
    for one, other in zip(ours[2:3] + ours[4:], theirs[2:3] + theirs[4:], strict=True):
        assert one != other
    assert abs(int(ours[3]) - time.time()) < PATIENCE_SECONDS
    assert ours[6] == pair.host_keys["gpu1"]
    assert ours[7] == "52:54:01:00:00:02"


def test_a_clone_is_what_its_installer_leaves(pair: Pair) -> None:
    """Process 1 is systemd, sshd shows the key we know, spare NICs are gone, modules load."""
    links = pair.ask("gpu1", "ls /sys/class/net").split()
    assert [name for name in links if name.startswith(("eth", "colossus"))] == []
    assert set(PORTS) <= set(links)
    assert pair.ask("gpu1", "cat /proc/1/comm") == "systemd\n"
    pair.ask("gpu1", "systemctl is-active ssh networking")
    keys = pair.ask("gpu1", "ssh-keyscan -t ed25519 localhost 2>/dev/null")
    assert pair.host_keys["gpu1"] in keys
    assert pair.ask("gpu1", "systemctl is-active lldpd || true; ls /dev/nvidia*").split()[1:] == [
        "/dev/nvidia0",
        "/dev/nvidia1",
    ]
    making = "".join(
        f"ip link add try0 type {kind} && ip link delete try0 && "
        for kind in ("bridge", "bond", "dummy", "vrf table 7", "vlan id 3")
    ).replace("add try0 type vlan", "add try0 link p2 type vlan")
    pair.ask("gpu1", f"{making} true")


def test_commands_past_the_network(pair: Pair) -> None:
    machine = pair.machines["gpu1"]
    done = machine.exec(["sh", "-c", "cat; echo bad >&2; exit 7"], b"a\0b")
    assert (done.exit, done.stdout, done.stderr) == (7, b"a\0b", b"bad\n")
    large = os.urandom(1 << 20)
    assert machine.exec(["cat"], large).stdout == large
    assert machine.exec(["no-such-program"]).exit == 127
    with pytest.raises(TransportFailed, match="gpu1: sleep did not end within 1 s"):
        machine.exec(["sleep", "60"], timeout=1)
    assert pair.ask("gpu1", "pgrep -x sleep || true") == ""


def test_a_tool_that_dies_while_it_asks_blocks_nobody(pair: Pair) -> None:
    """Half a request is forgotten, and the answer to a whole one is kept from the next tool."""
    argv = b64encode(b"sleep\x002\x00")
    for words in (
        b"run dead 600 9",
        b"run dead 60 " + argv + b" YWJj",
        b"run dead 9 " + argv + b" - .\n",
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(str(pair.machines["leaf1"].spec.folder / "agent"))
            line.sendall(words)
        assert pair.ask("leaf1", "echo here") == "here\n"


def test_an_empty_disk_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        image.make_disk(tmp_path / name, 64)
        made.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        time.sleep(1.1)
    assert made[0] == made[1]


def test_cables_lead_where_they_are_plugged_in(pair: Pair) -> None:
    for name in NAMES:
        pair.ask(name, LLDP)
    pair.await_neighbours("gpu1", {"p1": "leaf1:p1", "p2": "leaf1:p2"})
    pair.ask("gpu1", "ping -c 1 -W 20 10.9.0.2")

    one, other = pair.machines.values()
    for machine in (one, other):
        machine.set_link("p2", up=False)
    assert pair.ask("leaf1", "cat /sys/class/net/p2/carrier") == "0\n"
    pair.await_neighbours("gpu1", {"p1": "leaf1:p1"})

    for machine in (one, other):
        machine.set_link("p1", up=False)
    plugs.join(one.plug("p1"), other.plug("p2"))
    plugs.join(one.plug("p2"), other.plug("p1"))
    pair.await_neighbours("gpu1", {})
    for machine in (one, other):
        for port in PORTS:
            machine.set_link(port, up=True)
    pair.await_neighbours("gpu1", {"p1": "leaf1:p2", "p2": "leaf1:p1"})
    pair.await_neighbours("leaf1", {"p1": "gpu1:p2", "p2": "gpu1:p1"})
    pair.as_planned()
    pair.await_neighbours("leaf1", {"p1": "gpu1:p1", "p2": "gpu1:p2"})


def test_power_off_and_on(pair: Pair) -> None:
    """It keeps what was written and who it is; its console has a root shell."""
    machine = pair.machines["gpu1"]
    pair.ask("gpu1", "echo kept >/var/note && sync")
    before = pair.ask("gpu1", "cat /proc/sys/kernel/random/boot_id")
    machine.power_off()
    assert not machine.alive
    with pytest.raises(TransportFailed, match="gpu1 has no power"):
        machine.exec(["true"])
    machine.boot(pair.template.image, pair.template.accel)
    assert pair.ask("gpu1", "cat /var/note; hostname").split() == ["kept", "gpu1"]
    assert pair.ask("gpu1", "cat /proc/sys/kernel/random/boot_id") != before
    pair.ask("gpu1", "ping -c 1 -W 20 10.9.0.2")
    assert "root@gpu1" in machine.console_log.read_text(encoding="utf-8", errors="replace")
    with pytest.raises(RehearsalFailed, match="gpu1 has power already"):
        machine.boot(pair.template.image, pair.template.accel)


# It waits for the machine to start, and is killed meanwhile.
TOOL = """
import sys
from pathlib import Path
from colossus.twin.vm.accel import probe
from colossus.twin.vm.image import ensure_vm_image
from colossus.twin.vm.machine import Machine, MachineSpec
image = ensure_vm_image()
Machine(MachineSpec("m", Path(sys.argv[1]), (), 192)).boot(image, probe(image))
"""


def test_a_machine_dies_with_a_killed_tool() -> None:
    with tempfile.TemporaryDirectory(prefix="colossus-") as folder:
        place = Path(folder) / "m"
        with subprocess.Popen([sys.executable, "-c", TOOL, str(place)]) as tool:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not (place / "life.json").exists():
                assert tool.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            life = Life(**json.loads((place / "life.json").read_text(encoding="utf-8")))
            assert life.alive
            os.kill(tool.pid, signal.SIGKILL)
        assert state.wait_until_gone([life]) == []
