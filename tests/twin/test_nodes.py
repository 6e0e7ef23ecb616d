"""The ns twin's machinery on a real, small twin: nodes, SSH, systemctl, LLDP, faults."""

import json
import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin.base import End, Twin
from colossus.twin.namespaces import NamespaceTwin
from tests.twin.namespace_specs import small_spec

pytestmark = pytest.mark.twin

LLDP = "configure lldp portidsubtype ifname\nconfigure lldp tx-interval 1\n"
NODES = ("gpu1", "gpu2", "leaf1", "oob1")


@pytest.fixture(scope="module")
def twin() -> Iterator[NamespaceTwin]:
    with NamespaceTwin(small_spec("test-nodes")) as built:
        for node in NODES:
            put(built, node, "/etc/lldpd.d/test.conf", LLDP)
            assert sh(built, node, "systemctl start lldpd") == ""
        yield built


def sh(twin: Twin, node: str, script: str) -> str:
    done = twin.exec(node, ["sh", "-c", script])
    assert done.exit == 0, (script, done)
    return done.text.strip()


def put(twin: Twin, node: str, path: str, text: str) -> None:
    folder = path.rpartition("/")[0]
    done = twin.exec(node, ["sh", "-c", f"mkdir -p {folder} && cat >{path}"], text.encode())
    assert done.exit == 0, done


def neighbours(twin: Twin, node: str) -> dict[str, str]:
    text = sh(twin, node, "lldpcli -f json0 show neighbors")
    return {
        port[
            "name"
        ]: f"{port['chassis'][0]['name'][0]['value']}:{port['port'][0]['id'][0]['value']}"
        for port in json.loads(text)["lldp"][0].get("interface", [])
    }


def soon(ask: Callable[[], object], wanted: object, seconds: float = 60.0) -> None:
    """Ask until the answer is the wanted one; the last answer is shown if it never is."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    assert answer == wanted


def over_ssh(twin: Twin, node: str, command: str) -> str:
    """Run a command over SSH with a strict host key and the twin's own key."""
    transport = paramiko.Transport(twin.connect(node))
    kind, _, key = twin.host_key(node).partition(" ")
    try:
        transport.connect(hostkey=paramiko.PKey.from_type_string(kind, b64decode(key)))
        transport.auth_publickey(
            "root", paramiko.Ed25519Key.from_private_key_file(str(twin.client_key_path))
        )
        channel = transport.open_session()
        channel.exec_command(command)
        return channel.makefile("r").read().decode().strip()
    finally:
        transport.close()


def test_a_management_switch_keeps_its_address_whatever_is_plugged_in(twin: NamespaceTwin) -> None:
    """Otherwise nobody reaches it for 11 s after a plug with a lower address is put in."""
    own = "cat /sys/class/net/br_default/address"
    before = sh(twin, "oob1", own)
    sh(twin, "oob1", "ip link add low0 address 02:00:00:00:00:01 type veth peer name far0")
    sh(twin, "oob1", "ip link set low0 master br_default up")
    assert sh(twin, "oob1", own) == before
    sh(twin, "oob1", "ip link delete low0")
    assert sh(twin, "oob1", own) == before


def test_a_node_is_a_machine_of_its_own(twin: NamespaceTwin) -> None:
    assert sh(twin, "gpu1", "hostname; cat /etc/hostname") == "gpu1\ngpu1"
    machine_ids = {sh(twin, node, "cat /etc/machine-id") for node in NODES}
    assert len(machine_ids) == len(NODES)
    assert sh(twin, "gpu1", "ls /dev | grep nvidia") == "nvidia0\nnvidia1"
    assert sh(twin, "gpu1", "cat /proc/1/comm") in {"cat", "env"}
    sh(twin, "gpu1", "touch /etc/only-here")
    assert twin.exec("gpu2", ["test", "-e", "/etc/only-here"]).exit == 1


def test_a_node_cannot_set_the_machines_kernel(twin: NamespaceTwin) -> None:
    before = Path("/proc/sys/vm/swappiness").read_text(encoding="utf-8")
    assert twin.exec("gpu2", ["sysctl", "-w", "vm.swappiness=7"]).exit != 0
    assert twin.exec("gpu1", ["sh", "-c", "echo 1 >/proc/sys/kernel/panic"]).exit != 0
    assert twin.exec("gpu1", ["sh", "-c", 'date -s "$(date)"']).exit != 0
    assert "exit 1" in over_ssh(twin, "gpu1", 'date -s "$(date)" >/dev/null 2>&1; echo exit $?')
    # gpu1's plan sets this one: a private stand-in takes it.
    assert sh(twin, "gpu1", "sysctl -wq vm.swappiness=7; sysctl -n vm.swappiness") == "7"
    assert (
        sh(twin, "gpu1", "sysctl -wq net.ipv4.ip_forward=1; sysctl -n net.ipv4.ip_forward") == "1"
    )
    assert Path("/proc/sys/vm/swappiness").read_text(encoding="utf-8") == before


def test_the_operator_reaches_every_node_over_ssh_only(twin: NamespaceTwin) -> None:
    assert [over_ssh(twin, node, "hostname") for node in NODES] == list(NODES)
    machine = subprocess.run(
        ["ip", "-brief", "address"], capture_output=True, text=True, check=True
    )
    assert "10.20." not in machine.stdout


def test_a_wrong_host_key_is_noticed(twin: NamespaceTwin) -> None:
    assert twin.host_key("gpu1") != twin.host_key("gpu2")
    scanned = sh(twin, "gpu1", "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub")
    assert scanned == twin.host_key("gpu1")


def test_an_unknown_node_is_named(twin: NamespaceTwin) -> None:
    with pytest.raises(TransportFailed) as raised:
        twin.exec("gpu9", ["true"])
    assert raised.value.summary == "the twin has no node named gpu9"


def test_a_command_that_hangs_is_ended_in_the_node(twin: NamespaceTwin) -> None:
    with pytest.raises(TransportFailed) as raised:
        twin.exec("gpu1", ["sleep", "987"], timeout=0.2)
    assert raised.value.summary == "gpu1: sleep did not end within 0.2 s"
    assert twin.exec("gpu1", ["pgrep", "-x", "sleep"]).text == ""


def test_systemctl_restarts_what_the_unit_files_say(twin: NamespaceTwin) -> None:
    sh(twin, "leaf1", "dd if=/dev/urandom of=/etc/munge/munge.key bs=128 count=1 2>/dev/null")
    sh(twin, "leaf1", "chown munge: /etc/munge/munge.key; chmod 600 /etc/munge/munge.key")
    sh(twin, "leaf1", "systemctl start munge frr")
    assert sh(twin, "leaf1", "munge -n | unmunge | head -1").startswith("STATUS:          Success")
    before = sh(twin, "leaf1", "systemctl show -p MainPID --value munge frr ssh lldpd").split()
    assert all(int(pid) > 1 for pid in before)
    sh(twin, "leaf1", "systemctl restart munge frr ssh lldpd")
    after = sh(twin, "leaf1", "systemctl show -p MainPID --value munge frr ssh lldpd").split()
    assert not set(before) & set(after)
    assert sh(twin, "leaf1", "systemctl is-active munge frr ssh lldpd").split() == ["active"] * 4
    sh(twin, "leaf1", "systemctl stop frr munge")
    assert twin.exec("leaf1", ["systemctl", "is-active", "frr", "munge"]).exit == 3
    assert (
        sh(twin, "leaf1", "ps -e -o comm= | grep -cE 'zebra|watchfrr|munged|defunct' || true")
        == "0"
    )
    assert "restart munge frr ssh lldpd -> 0" in sh(
        twin, "leaf1", "cat /run/colossus-systemctl.log"
    )


def test_a_unit_that_cannot_start_has_failed(twin: NamespaceTwin) -> None:
    unit = "[Service]\nType=simple\nExecStart=/bin/sh -c 'exit 3'\n"
    put(twin, "gpu1", "/etc/systemd/system/broken.service", unit)
    done = twin.exec("gpu1", ["systemctl", "start", "broken"])
    assert done.exit == 1
    assert done.stderr == b"Job for broken.service failed: the main process exited with 3.\n"
    assert twin.exec("gpu1", ["systemctl", "is-active", "broken"]).text == "failed\n"
    assert twin.exec("gpu1", ["systemctl", "start", "nowhere"]).exit == 5


def test_ifreload_leaves_the_operator_connected(twin: NamespaceTwin) -> None:
    text = "auto br_default\niface br_default\n  address 10.20.0.1/22\n  bridge-stp off\n"
    put(twin, "oob1", "/etc/network/interfaces", f"{text}  bridge-ports swp1 swp2 swp3\n")
    over_ssh(twin, "oob1", "ifreload -a")
    assert over_ssh(twin, "gpu1", "hostname") == "gpu1"


def test_lldp_sees_the_cables_and_what_is_done_to_them(twin: NamespaceTwin) -> None:
    def seen() -> dict[str, str]:
        return neighbours(twin, "leaf1")

    planned = {"eth0": "oob1:swp3", "swp1s0": "gpu1:enp1s0", "swp1s1": "gpu2:enp1s0"}
    soon(seen, planned)
    sh(twin, "gpu1", "ip address add 10.64.0.1/31 dev enp1s0")
    sh(twin, "gpu1", "ip route add 10.64.0.0/24 via 10.64.0.0 dev enp1s0")
    twin.swap(End("leaf1", "swp1s0"), End("leaf1", "swp1s1"))
    soon(seen, planned | {"swp1s0": "gpu2:enp1s0", "swp1s1": "gpu1:enp1s0"})
    # The interface keeps what it was set to, as a port does when its plug is moved.
    assert "10.64.0.1/31" in sh(twin, "gpu1", "ip -brief address show dev enp1s0")
    assert "via 10.64.0.0" in sh(twin, "gpu1", "ip route show 10.64.0.0/24")
    assert sh(twin, "gpu1", "cat /sys/class/net/enp1s0/mtu") == "9216"
    assert len(twin.status().not_as_planned) == 2
    assert sh(twin, "leaf1", "cat /sys/class/net/swp2s0/carrier") == "0"
    twin.swap(End("leaf1", "swp1s0"), End("leaf1", "swp1s1"))
    assert twin.status().not_as_planned == ()
    twin.dead(End("gpu1", "enp1s0"))
    soon(seen, {"eth0": "oob1:swp3", "swp1s1": "gpu2:enp1s0"})
    assert sh(twin, "gpu1", "cat /sys/class/net/enp1s0/carrier") == "0"
    twin.mend()
    soon(seen, planned)


def test_a_device_without_power_takes_its_links_with_it() -> None:
    with NamespaceTwin(small_spec("test-power")) as twin:
        twin.down_device("leaf1")
        assert twin.status().down == ("leaf1",)
        assert sh(twin, "gpu1", "cat /sys/class/net/enp1s0/carrier") == "0"
        assert over_ssh(twin, "gpu1", "hostname") == "gpu1"
        with pytest.raises(TransportFailed) as raised:
            twin.connect("leaf1", timeout=0.5)
        assert raised.value.summary.startswith("10.20.0.20 port 22 does not answer")
        twin.power_on("leaf1")
        assert twin.status().down == ()
        assert twin.status().not_as_planned == ()
        assert over_ssh(twin, "leaf1", "hostname") == "leaf1"
        assert sh(twin, "gpu1", "cat /sys/class/net/enp1s0/carrier") == "1"
        twin.down_device("oob1")
        twin.power_on("oob1")
        assert over_ssh(twin, "gpu1", "hostname") == "gpu1"


def test_two_twins_cannot_have_one_name(twin: NamespaceTwin) -> None:
    with pytest.raises(RehearsalFailed) as raised:
        NamespaceTwin(twin.spec).up()
    assert raised.value.summary == "a twin named test-nodes is up already"
    assert twin.status().up == NODES
