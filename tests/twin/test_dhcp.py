"""The rendered dnsmasq, asked by a DHCP client: known by MAC, or by switch port with option 82."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from colossus.cli.opening import checked
from colossus.cli.targets import rendered_for_twin
from colossus.plan.resource import Desired
from colossus.twin.namespaces import NamespaceTwin
from colossus.twin.of_site import spec_of
from colossus.twin.slices import slice_of
from tests.twin.metal_desk import HOST, MAC, SERVER, MetalDesk
from tests.twin.sites import Desk

pytestmark = pytest.mark.twin

FOLDER = "/etc/colossus/boot"
# Asks once with a MAC and perhaps option 82 (DHCP: RFC 2131, 3046), prints what the boot server
# offers. The station of virtual machines has a DHCP server of its own: QEMU's, always there.
CLIENT = """
import json, socket, struct, sys
mac, switch, port = sys.argv[1:]
def option(code, value): return bytes([code, len(value)]) + value
def part(code, text): return option(code, text.encode())
hardware = bytes.fromhex(mac.replace(":", ""))
head = struct.pack("!BBBBIHH4s4s4s4s16s64s128s", 1, 1, 6, 0, 7, 0, 0x8000, b"", b"", b"", b"",
                   hardware, b"", b"") + bytes([99, 130, 83, 99])
asked = head + option(53, bytes([1])) + option(77, b"iPXE") + option(55, bytes([1, 3, 6, 12, 67]))
if switch:
    asked += option(82, part(1, port) + part(2, switch))
options = {}
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eno1")
    line.bind(("", 68))
    line.settimeout(5)
    line.sendto(asked + bytes([255]), ("255.255.255.255", 67))
    while options.get(54) != socket.inet_aton("10.30.0.60"):
        try:
            said = line.recv(2048)
        except TimeoutError:
            print("{}")
            sys.exit()
        options, place = {}, 240
        while said[place] != 255:
            code, length = said[place], said[place + 1] if said[place] else 0
            options[code] = said[place + 2:place + 2 + length]
            place += 2 + length if code else 1
file = options.get(67, said[108:236]).rstrip(bytes(1)).decode()
name = options.get(12, b"").decode()
print(json.dumps({"address": socket.inet_ntoa(said[16:20]), "file": file, "name": name}))
"""
BY_MAC = "  roles:\n    compute: {image"
BY_PORT = f"  known_by: port\n{BY_MAC}"
OFFERED = {"address": "10.30.0.20", "file": "http://10.30.0.60:8080/boot"}


class Lan:
    """A boot server and a host in one management network."""

    def __init__(self, twin: NamespaceTwin, desired: Desired) -> None:
        self.twin = twin
        target = desired.targets[SERVER]
        for resource in target.resources:
            path = str(resource.body.get("path", ""))
            if resource.kind == "file" and path.startswith(FOLDER):
                text = desired.blobs[str(resource.body["content"])]
                write = f"mkdir -p {FOLDER} && cat >{path}"
                twin.exec(SERVER, ["sh", "-c", write], text.encode())
        start = "pkill dnsmasq; exec dnsmasq --conf-file=" + f"{FOLDER}/dnsmasq.conf"
        done = twin.exec(SERVER, ["sh", "-c", start])
        assert done.exit == 0, done.stderr

    def ask(self, mac: str, switch: str = "", port: str = "") -> dict[str, str]:
        argv = ["/usr/bin/python3", "-I", "-c", CLIENT, mac, switch, port]
        done = self.twin.exec(HOST, argv)
        assert done.exit == 0, done.stderr
        found: dict[str, str] = json.loads(done.text)
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Iterator[MetalDesk]:
    with ExitStack() as stack:
        yield MetalDesk(Desk(tmp_path_factory.mktemp("dhcp"), checkout), stack)


@pytest.fixture(scope="module")
def twin(made: MetalDesk) -> Iterator[NamespaceTwin]:
    fabric = checked(made.site).designed.fabric
    spec = spec_of(fabric, rendered_for_twin(checked(made.site)).desired, slice_of(fabric), "dhcp")
    with NamespaceTwin(spec) as built:
        yield built


def test_a_host_is_known_by_its_mac(made: MetalDesk, twin: NamespaceTwin) -> None:
    lan = Lan(twin, rendered_for_twin(checked(made.site)).desired)
    assert lan.ask(MAC) == {**OFFERED, "name": HOST}
    assert lan.ask("52:54:00:99:99:99") == {}
    names = twin.exec(SERVER, ["sh", "-c", f"grep {HOST} {FOLDER}/names"]).text
    assert f"10.30.0.40 {HOST}-bmc.grok.example {HOST}-bmc" in names


def test_a_host_is_known_by_its_switch_port(made: MetalDesk, twin: NamespaceTwin) -> None:
    made.change(BY_MAC, BY_PORT)
    lan = Lan(twin, rendered_for_twin(checked(made.site)).desired)
    made.change(BY_PORT, BY_MAC)
    # A range is offered only while nobody answers there; the host has no address when it boots.
    twin.exec(HOST, ["ip", "address", "flush", "dev", "eno1"])
    port = made.port_of_host().interface
    assert lan.ask("52:54:00:99:99:99", "oob-01", port) == {**OFFERED, "name": ""}
    assert lan.ask(MAC, "oob-01", "swp48") == {}
    assert lan.ask(MAC, "oob-02", port) == {}
    assert lan.ask(MAC) == {}
