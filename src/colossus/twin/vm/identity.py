"""Who a machine is: what its installer would have left in it, as one tar that the guest unpacks."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

# Files of a tar, and of the guest, do not depend on when it was made.
MTIME = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Identity:
    """A machine's name, keys, NICs and bootstrap.

    machine_id: 32 hexadecimal digits. host_key: OpenSSH private key (PEM); host_public_key: its
    public line. nics: interface and MAC per NIC in the order of `MachineSpec.nics`. bootstrap: the
    `ip -batch` commands of `wires.bootstrap_lines`, run at every boot. keep_plugged: "PORT BRIDGE",
    the operator's port that stays in that bridge, "" for none. accelerators: /dev/nvidia0... .
    """

    name: str
    machine_id: str
    authorized_key: str
    host_key: str
    host_public_key: str
    nics: tuple[tuple[str, str], ...]
    bootstrap: tuple[str, ...] = ()
    keep_plugged: str = ""
    accelerators: int = 0


def seed_tar(identity: Identity) -> bytes:
    """Return the tar that makes a clone this machine; equal identities give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, text, mode in _files(identity):
            member = tarfile.TarInfo(name)
            content = text.encode()
            member.size, member.mode, member.mtime = len(content), mode, MTIME
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _files(who: Identity) -> Iterator[tuple[str, str, int]]:
    nics = (f"{index} {name} {mac}" for index, (name, mac) in enumerate(who.nics))
    yield "etc/hostname", f"{who.name}\n", 0o644
    yield "etc/machine-id", f"{who.machine_id}\n", 0o444
    yield "etc/hosts", f"127.0.0.1\tlocalhost\n127.0.1.1\t{who.name}\n", 0o644
    yield "etc/ssh/ssh_host_ed25519_key", who.host_key, 0o600
    yield "etc/ssh/ssh_host_ed25519_key.pub", f"{who.host_public_key}\n", 0o644
    yield "root/.ssh/authorized_keys", f"{who.authorized_key}\n", 0o600
    yield "etc/colossus-twin/nics", "".join(f"{line}\n" for line in nics), 0o644
    yield "etc/colossus-twin/bootstrap", "".join(f"{line}\n" for line in who.bootstrap), 0o644
    yield "etc/colossus-twin/keep-plugged", f"{who.keep_plugged}\n", 0o644
    yield "etc/colossus-twin/accelerators", f"{who.accelerators}\n", 0o644
