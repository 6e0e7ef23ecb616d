"""A host boots over the network from the rendered boot server, once, because it was armed.

Real firmware (SeaBIOS, iPXE), the rendered dnsmasq and boot files in a twin's node, power and boot
order by Redfish, SSH with a key that was known before the host had power.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.twin.metal_desk import BOOT_LOG, HOST, STAGED, STATE, MetalDesk
from tests.twin.sites import Desk

pytestmark = [pytest.mark.twin, pytest.mark.twin_vm]


@pytest.fixture
def lab(desk: Desk) -> Iterator[MetalDesk]:
    with ExitStack() as stack:
        yield MetalDesk(desk, stack)


def test_a_host_is_installed_once_and_then_boots_its_disk(lab: MetalDesk) -> None:
    lab.build()
    nothing_is_armed_by_rendering(lab)
    installed_by_one_command(lab)
    provisioned_as_any_host(lab)
    active_hosts_keep_their_disk(lab)


def nothing_is_armed_by_rendering(lab: MetalDesk) -> None:
    assert "no host is armed" in lab.operator("bmc", "armed", lab.site)
    assert lab.on_server("ls", STATE) == ""
    assert HOST in lab.operator("bmc", "show", lab.site, HOST)


def installed_by_one_command(lab: MetalDesk) -> None:
    said = lab.operator("bmc", "install", lab.site, HOST, "--yes", "--wait", 1200)
    assert f"{HOST}: installed, and shows the key it was given" in said
    assert "no host is armed" in lab.operator("bmc", "armed", lab.site)
    assert lab.on_server("find", STATE, "-type", "f") == ""
    log = lab.on_server("cat", BOOT_LOG)
    assert f"installing {HOST}" in log
    assert log.count("/seed/") == 1
    assert lab.on_host("hostname").strip() == HOST


def provisioned_as_any_host(lab: MetalDesk) -> None:
    provision = ("provision", lab.site, "--limit", HOST, "--yes")
    first = lab.operator(*provision)
    assert f"[1/1] {HOST} done" in first
    assert "Nothing to do" in lab.operator(*provision)


def active_hosts_keep_their_disk(lab: MetalDesk) -> None:
    """It is active now; the whole site is rendered and applied; then it netboots."""
    lab.on_host("echo mine >/var/lib/mine && sync")
    lab.change(f"overrides:\n{STAGED}\n", "")
    lab.apply_in_twin()
    refused = lab.operator("bmc", "install", lab.site, HOST, "--yes", status=64)
    assert f"{HOST} is active: an install would overwrite its disk" in refused

    before = lab.on_host("cat /proc/sys/kernel/random/boot_id")
    lab.operator("bmc", "boot", lab.site, HOST, "network", "--yes")
    lab.operator("bmc", "power", lab.site, HOST, "cycle", "--yes")
    lab.await_sshd()
    assert lab.on_host("cat /proc/sys/kernel/random/boot_id") != before
    assert f"{HOST} is not armed: local disk" in lab.on_server("cat", BOOT_LOG)
    assert lab.on_host("cat /var/lib/mine") == "mine\n"
    assert "Nothing to do" in lab.operator("provision", lab.site, "--limit", HOST, "--yes")
