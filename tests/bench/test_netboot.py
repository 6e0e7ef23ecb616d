"""How long a host takes from no power to provisioned, and to come back from its disk."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.twin.metal_desk import HOST, MetalDesk
from tests.twin.sites import Desk

pytestmark = [pytest.mark.bench, pytest.mark.twin, pytest.mark.twin_vm]
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def lab(tmp_path: Path, checkout: Path) -> Iterator[MetalDesk]:
    desk = Desk(tmp_path, checkout)
    with ExitStack() as stack:
        yield MetalDesk(desk, stack)
    desk.run("twin", "down", "--all")


def cpu_seconds(lab: MetalDesk) -> float:
    """What the machine's QEMU has used of this machine's processors, user and system."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = (path.parent / "cmdline").read_bytes()
            fields = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if str(lab.console.parent).encode() in words and b"qemu-system" in words.split(b"\0")[0]:
            return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


def say(text: str) -> None:
    sys.stdout.write(f"bench: netboot, load {os.getloadavg()[0]:4.1f}: {text}\n")


def told(what: str, work: Callable[[], object], lab: MetalDesk) -> None:
    begun = time.monotonic()
    work()
    wall, cpu = time.monotonic() - begun, cpu_seconds(lab)
    say(f"{what:48} {wall:6.1f} s; the machine has used {cpu:5.1f} CPU-s")


def test_from_no_power_to_provisioned(lab: MetalDesk) -> None:
    provision = ("provision", lab.site, "--limit", HOST, "--yes")
    begun = time.monotonic()
    lab.build()
    say(f"{'twin, boot server applied, images copied':48} {time.monotonic() - begun:6.1f} s")
    install = ("bmc", "install", lab.site, HOST, "--yes", "--wait", 900)
    told("no power to sshd (200 MB, disk written)", lambda: lab.operator(*install), lab)
    told("provisioned over SSH", lambda: lab.operator(*provision), lab)
    told("second apply: nothing to do", lambda: lab.operator(*provision), lab)
    lab.operator("bmc", "boot", lab.site, HOST, "network", "--yes")
    lab.operator("bmc", "power", lab.site, HOST, "cycle", "--yes")
    told("not armed: netboot into its disk", lambda: lab.await_sshd(900), lab)
