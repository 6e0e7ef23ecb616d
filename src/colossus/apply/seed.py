"""What an installed host must know before anybody can log in to it: its seed, a tar.

Its name, its management address, the key it shows and the key it trusts. The host key is made when
the host is armed: its public half goes into the site's known_hosts, its private half travels to the
boot server over SSH and from there, once, to the host; nobody keeps it.
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# A seed does not depend on when it was made.
MTIME = 1_700_000_000
FOLDERS = ("etc", "etc/ssh", "etc/network", "etc/systemd", "etc/systemd/network")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A host that is to be installed.

    interface: its management port; address with prefix length, gateway empty for none. macs: by
    interface, as far as assets say; the installed system names its NICs by them.
    """

    name: str
    fqdn: str
    interface: str
    address: str
    gateway: str
    host_key: bytes
    host_public: str
    authorized_key: str
    machine_id: str
    macs: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called in known_hosts."""
        return (self.name, self.fqdn, self.address.partition("/")[0])


def seed_tar(host: Newcomer) -> bytes:
    """Give the seed of a host; equal hosts give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder, mode in (*((name, 0o755) for name in FOLDERS), ("root/.ssh", 0o700)):
            member = tarfile.TarInfo(folder)
            member.type, member.mode, member.mtime = tarfile.DIRTYPE, mode, MTIME
            tar.addfile(member)
        for name, content, mode in _files(host):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, MTIME
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _files(host: Newcomer) -> Iterator[tuple[str, bytes, int]]:
    names = f"127.0.0.1 localhost\n127.0.1.1 {host.fqdn} {host.name}\n"
    yield "etc/hostname", f"{host.name}\n".encode(), 0o644
    yield "etc/hosts", names.encode(), 0o644
    yield "etc/machine-id", f"{host.machine_id}\n".encode(), 0o444
    yield "etc/network/interfaces", _interfaces(host).encode(), 0o644
    yield "etc/ssh/ssh_host_ed25519_key", host.host_key, 0o600
    yield "etc/ssh/ssh_host_ed25519_key.pub", f"{host.host_public}\n".encode(), 0o644
    yield "root/.ssh/authorized_keys", f"{host.authorized_key}\n".encode(), 0o600
    for interface, mac in sorted(host.macs.items()):
        link = f"[Match]\nMACAddress={mac}\n\n[Link]\nName={interface}\n"
        yield f"etc/systemd/network/10-{interface}.link", link.encode(), 0o644


def _interfaces(host: Newcomer) -> str:
    """Give the management address alone: everything else is the plan's, over SSH."""
    lines = ["auto lo", "iface lo inet loopback", ""]
    lines += [f"auto {host.interface}", f"iface {host.interface}", f"    address {host.address}"]
    if host.gateway:
        lines.append(f"    gateway {host.gateway}")
    return "\n".join([*lines, ""])
