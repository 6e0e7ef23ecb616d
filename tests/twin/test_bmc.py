"""Redfish in front of real machines: power, one boot from the network, and what ends with whom."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.transport.redfish import BmcEndpoint, BootFrom, Power, Redfish
from colossus.transport.secrets import Secret
from colossus.twin.metal.bmc import USER, Emulator
from colossus.twin.metal.machine import Metal, MetalSpec

pytestmark = pytest.mark.twin_vm


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: sockets lie in it."""
    with TemporaryDirectory(prefix="bmc-") as short:
        yield Path(short)


def fleet(folder: Path) -> tuple[MetalSpec, ...]:
    macs = ("52:54:00:30:00:02", "52:54:00:30:00:03")
    return tuple(MetalSpec(f"m{n}", str(folder / f"m{n}"), mac) for n, mac in enumerate(macs, 1))


def line(emulator: Emulator, system: str) -> Redfish:
    endpoint = BmcEndpoint(system, emulator.url, USER, system, login="basic", timeout_seconds=60)
    return Redfish(endpoint, lambda: Secret(emulator.password.encode()))


def qemus(folder: Path) -> dict[int, str]:
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
        if f"{folder}/" in words and "qemu-system" in words.split()[0]:
            found[int(path.parent.name)] = words
    return found


def test_power_and_the_next_boot(folder: Path) -> None:
    with Emulator(folder, fleet(folder)) as emulator, line(emulator, "m1") as bmc:
        assert bmc.machine().macs == {"52:54:00:30:00:02": "52:54:00:30:00:02"}
        assert (bmc.power(), bmc.machine().boot_from) == ("off", "disk")
        bmc.boot_once(BootFrom.NETWORK)
        bmc.set_power(Power.ON)
        bmc.await_power("on", 120)
        (first,) = qemus(folder).items()
        assert "bootindex=1" in first[1]  # the NIC comes first
        assert bmc.machine().boot_from == "disk"  # it was only once

        bmc.set_power(Power.CYCLE)
        (second,) = qemus(folder).items()
        assert second[0] != first[0]
        assert "bootindex=1" not in second[1]

        with line(emulator, "m2") as other:
            assert other.power() == "off"
        bmc.set_power(Power.OFF)
        bmc.await_power("off", 120)
        assert qemus(folder) == {}


def test_who_is_not_there_and_who_may_not(folder: Path) -> None:
    with Emulator(folder, fleet(folder)) as emulator:
        with (
            line(emulator, "m9") as stranger,
            pytest.raises(TransportFailed, match="m9: its BMC has 2 systems, none of them m9"),
        ):
            stranger.power()
        emulator.password = "wrong"  # noqa: S105 - no password of anything
        with line(emulator, "m1") as bmc, pytest.raises(TransportFailed, match="401"):
            bmc.power()


def test_a_machine_without_power_says_why(folder: Path) -> None:
    machine = Metal(MetalSpec("m1", str(folder / "m1"), "not-a-mac"))
    with pytest.raises(RehearsalFailed, match=r"m1 has no power: QEMU says: .*not-a-mac"):
        machine.power_on("Hdd")


def test_machines_end_with_the_tool_also_after_kill_9(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from tests.twin.test_bmc import fleet, line\n"
        "from colossus.twin.metal.bmc import Emulator\n"
        "from colossus.transport.redfish import Power\n"
        "folder = Path(sys.argv[1])\n"
        "with Emulator(folder, fleet(folder)) as emulator:\n"
        "    with line(emulator, 'm1') as bmc: bmc.set_power(Power.ON)\n"
        "    print('on', flush=True); time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    argv = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=root) as tool:
        assert tool.stdout is not None
        assert tool.stdout.readline() == b"on\n"
        assert len(qemus(folder)) == 1
        os.kill(tool.pid, signal.SIGKILL)
    deadline = time.monotonic() + 120
    while qemus(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert qemus(folder) == {}
