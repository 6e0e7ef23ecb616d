"""A boot server as a machine: the very plan, its power lost half way, resumed; then it serves.

Three machines: the boot server, a host that would boot from it, the management switch between.
"""

import json

import pytest

from tests.twin.metal_desk import HOST, MAC, SERVER, lab_site
from tests.twin.sites import Desk
from tests.twin.test_dhcp import CLIENT, OFFERED

pytestmark = [pytest.mark.twin, pytest.mark.twin_vm]

ASKED_AT_MOST = 10
PYTHON = ("/usr/bin/python3", "-I", "-c")
ASK_HTTP = """
import urllib.request
print(urllib.request.urlopen("http://10.30.0.60:8080/boot", timeout=60).read().decode())
"""
# One question for an address (RFC 1035), the last four bytes of the answer.
ASK_NAME = """
import socket, struct
labels = b"".join(bytes([len(each)]) + each.encode() for each in "node-01.grok.example".split("."))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    line.settimeout(60)
    line.sendto(struct.pack("!6H", 7, 256, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, 1, 1),
                ("10.30.0.60", 53))
    print(socket.inet_ntoa(line.recv(512)[-4:]))
"""


def on_host(desk: Desk, program: str, *words: str) -> str:
    """Run a Python program on the host; gives what it prints."""
    done = desk.run("twin", "exec", HOST, "--", *PYTHON, program, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_boot_server_loses_its_power_is_resumed_and_serves(desk: Desk) -> None:
    """QEMU is killed in the middle of the apply; `runs resume` does what is left."""
    site = lab_site(desk)
    faults = desk.folder / "faults"
    faults.write_text(f"power-loss {SERVER}\n", "utf-8")
    words = ("provision", site, "--dry-run", "--twin", "vm", "--keep", "--faults", faults)
    broken = desk.report(*words, status=15)
    assert broken["faults"] == [{"fault": f"power-loss {SERVER}", "found": True}]
    (cause,) = broken["causes"]
    assert (cause["kind"], cause["devices"]) == ("power_lost", [SERVER])
    place = "rack r1-01 U40 boot-01"
    assert cause["summary"] == f"{place} lost its power in the middle of the apply"

    assert desk.run("twin", "mend").returncode == 0
    resumed = desk.run("runs", "resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "resuming r-" in resumed.stderr
    assert "2 hosts to do" in resumed.stderr

    report = desk.report("provision", site, "--dry-run")
    assert report["ok"] is True
    assert (report["tier"], report["second_apply_changes"]) == ("vm", 0)
    assert report["cables"] == {"expected": 2, "seen": 2, "wrong": []}
    it_serves(desk)


def offered(desk: Desk) -> dict[str, str]:
    """Ask for an address as often as a host does before it gives up: machines may be crowded."""
    for _ in range(ASKED_AT_MOST):
        if found := json.loads(on_host(desk, CLIENT, MAC, "", "")):
            break
    return dict(found)


def it_serves(desk: Desk) -> None:
    """Under systemd, across the wire: DHCP by MAC, names, boot scripts; nobody is armed."""
    asked = ("systemctl", "is-active", "colossus-dnsmasq", "colossus-boot")
    assert desk.run("twin", "exec", SERVER, "--", *asked).stdout == "active\nactive\n"
    assert offered(desk) == {**OFFERED, "name": HOST}
    assert on_host(desk, ASK_NAME) == "10.30.0.20\n"
    assert f"{HOST} is not armed: local disk" in on_host(desk, ASK_HTTP)
