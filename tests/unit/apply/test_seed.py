"""The seed of a host to be installed, and the site's known_hosts that learns its key."""

import io
import tarfile

from colossus.apply.seed import Newcomer, seed_tar
from colossus.transport.keys import new_private_key, public_line
from colossus.transport.known_hosts import parse_known_hosts, with_key

KEY = new_private_key()
HOST = Newcomer(
    name="gpu-0001",
    fqdn="gpu-0001.nlp.example",
    interface="eno1",
    address="10.20.1.1/22",
    gateway="10.20.0.1",
    host_key=KEY,
    host_public=public_line(KEY),
    authorized_key="ssh-ed25519 AAAA",
    machine_id="1" * 32,
    macs={"eno1": "52:54:00:00:01:02"},
)


def test_a_seed_holds_what_a_login_needs() -> None:
    with tarfile.open(fileobj=io.BytesIO(seed_tar(HOST))) as tar:
        modes = {member.name: member.mode for member in tar}
        text = {
            member.name: file.read().decode()
            for member in tar
            if member.isreg() and (file := tar.extractfile(member))
        }
    assert modes["etc/ssh/ssh_host_ed25519_key"] == 0o600
    assert modes["root/.ssh"] == 0o700
    assert text["etc/ssh/ssh_host_ed25519_key"].encode() == KEY
    assert text["root/.ssh/authorized_keys"] == "ssh-ed25519 AAAA\n"
    assert text["etc/network/interfaces"].splitlines()[3:] == [
        "auto eno1",
        "iface eno1",
        "    address 10.20.1.1/22",
        "    gateway 10.20.0.1",
    ]
    link = text["etc/systemd/network/10-eno1.link"]
    assert link == "[Match]\nMACAddress=52:54:00:00:01:02\n\n[Link]\nName=eno1\n"
    assert seed_tar(HOST) == seed_tar(HOST)


def test_known_hosts_learns_one_key_and_keeps_the_others() -> None:
    names = HOST.names
    before = (
        "# ours\n"
        "gpu-0001 ssh-ed25519 b2xkIQ==\n"
        "10.20.1.1,gpu-0001 ssh-rsa b2xkIQ==\n"
        "gpu-0001,gpu-0002 ssh-ed25519 c2hhcmVk\n"
        "gpu-0003 ssh-ed25519 b3RoZXIh\n"
    )
    after = with_key(before, names, HOST.host_public)
    assert after.splitlines() == [
        "# ours",
        "gpu-0001,gpu-0002 ssh-ed25519 c2hhcmVk",
        "gpu-0003 ssh-ed25519 b3RoZXIh",
        f"gpu-0001,gpu-0001.nlp.example,10.20.1.1 {HOST.host_public}",
    ]
    assert HOST.host_public in parse_known_hosts(after).keys_of(names)
    assert with_key(after, names, HOST.host_public) == after
