"""The programs that read our exports, where Debian or Go modules have them; and what they need."""

import os
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Switch
from colossus.sheets.exports.registry import EXPORTS

Pair = frozenset[tuple[str, str]]
STARTING_SECONDS = 10.0
UMAD = Path("/usr/lib/x86_64-linux-gnu/umad2sim/libumad2sim.so")


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where `make setup` did not put a program."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return pytest.mark.skipif(found is None, reason=f"{program} is not installed (make setup)")


def infiniband_pairs(fabric: Fabric) -> set[Pair]:
    """The planned InfiniBand links under the names of ibdiagnet."""
    pairs = EXPORTS["ibdiagnet-topo"].cabling(fabric).pairs
    return {frozenset({(a, b), (c, d)}) for a, b, c, d in pairs}


def ibnl(topo: str, folder: Path) -> None:
    """Write the system definitions that IBDM asks for: the ports of each model that is named."""
    ports: dict[str, set[str]] = defaultdict(set)
    model = ""
    for line in topo.splitlines():
        words = line.split()
        if line.startswith(" "):
            ports[model].add(words[0])
            ports[words[2]].add(words[4])
        elif words:
            model = words[0]
    folder.mkdir()
    for name, known in ports.items():
        if name.startswith("HCA"):
            nodes = [
                f"NODE CA 1 MT4129 U{number}\n1 -4x-10G-> {port}\n"
                for number, port in enumerate(sorted(known), 1)
            ]
        else:
            count = max(int(port[1:]) for port in known)
            lines = [f"{port} -4x-10G-> P{port}\n" for port in range(1, count + 1)]
            nodes = [f"NODE SW {count} MT54002 U1\n", *lines]
        text = "".join([f"TOPSYSTEM {name}\n\n", *nodes, "\n"])
        (folder / f"{name}.ibnl").write_text(text, encoding="utf-8")


def subnet(fabric: Fabric, pairs: set[Pair]) -> str:
    """Describe a subnet for ibsim: every switch with its ports, an adapter per host port."""
    switches = {
        fabric.devices.names[row]
        for row in range(len(fabric.devices.names))
        if isinstance(fabric.equipment(row), Switch)
    }
    links: dict[str, dict[int, str]] = defaultdict(dict)
    for pair in pairs:
        ends = [(_node(end, switches), end) for end in sorted(pair)]
        for (near, (_, port)), (far, (_, peer)) in (ends, ends[::-1]):
            links[near][_number(port)] = f'"{far}"[{_number(peer)}]'
    lines = []
    for node, ports in sorted(links.items()):
        kind = "Switch 64" if node.startswith("S-") else "Hca 1"
        lines.append(f'{kind} "{node}"')
        lines += [f"[{port}] {far}" for port, far in sorted(ports.items())]
        lines.append("")
    return "\n".join(lines)


def _node(end: tuple[str, str], switches: set[str]) -> str:
    """Name a node as ibsim keeps it; an adapter with the blank that a node description has."""
    device, port = end
    return f"S-{device}" if device in switches else f"H-{device} {port.partition('/')[0]}"


def _number(port: str) -> int:
    return int(port.rpartition("P")[2])


@contextmanager
def simulated(text: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run ibsim; gives the environment in which InfiniBand tools see its subnet."""
    net = folder / "net"
    net.write_text(text, encoding="utf-8")
    # The simulator and its clients meet at sockets in /tmp whose names this number is part of.
    own = {**os.environ, "IBSIM_SOCKNAME": f"colossus-{os.getpid()}"}
    log = folder / "ibsim.log"
    with (
        log.open("w") as written,
        subprocess.Popen(
            ["ibsim", "-s", "-n", "-N", "4096", "-S", "1024", "-P", "65536", net],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            env=own,
            cwd=folder,
        ) as simulator,
    ):
        try:
            yield {**own, "LD_PRELOAD": str(UMAD)}
        finally:
            simulator.kill()


def discovered(env: dict[str, str]) -> str:
    """Ask the simulated subnet with the real ibnetdiscover, once the simulator answers."""
    until = time.monotonic() + STARTING_SECONDS
    while True:
        done = subprocess.run(
            ["ibnetdiscover"], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 or time.monotonic() > until:
            assert done.returncode == 0, done.stderr
            return done.stdout
        time.sleep(0.1)
