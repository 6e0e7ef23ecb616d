"""A real OpenSSH server on loopback, for the tests of the SSH transport."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from colossus.transport.base import Endpoint

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
needs_sshd = pytest.mark.skipif(SSHD is None, reason="openssh-server is not installed here")


@dataclass(frozen=True)
class Server:
    """One sshd: its folder with the keys, and its port on 127.0.0.1."""

    folder: Path
    port: int

    @property
    def host_key(self) -> str:
        return public(self.folder / "host_key")

    def endpoint(self, name: str = "alpha") -> Endpoint:
        return Endpoint(
            name=name,
            address="127.0.0.1",
            port=self.port,
            user="root",
            key=f"file:{self.folder / 'client_key'}",
            host_keys=(self.host_key,),
        )

    def endpoint_with(self, **changes: object) -> Endpoint:
        return replace(self.endpoint(), **changes)  # type: ignore[arg-type]  # a test names fields


def keygen(path: Path) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True
    )


def public(path: Path) -> str:
    return " ".join(path.with_name(path.name + ".pub").read_text().split()[:2])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Start an sshd that lets this user in with one key; stop it at the end."""
    assert SSHD is not None
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host_key", "client_key"):
        keygen(folder / name)
    shutil.copy(folder / "client_key.pub", folder / "authorized_keys")
    Path("/run/sshd").mkdir(exist_ok=True)  # where a privileged sshd separates its privileges
    port = free_port()
    options = {
        "Port": port,
        "HostKey": folder / "host_key",
        "AuthorizedKeysFile": folder / "authorized_keys",
        "PermitRootLogin": "prohibit-password",
        "PasswordAuthentication": "no",
        "StrictModes": "no",
        "UsePAM": "no",
        "UseDNS": "no",
        "PidFile": "none",
        "MaxStartups": "200",
    }
    argv = [SSHD, "-D", "-f", "/dev/null", "-E", str(folder / "log")]
    argv += [word for address in ADDRESSES for word in ("-o", f"ListenAddress={address}")]
    for key, value in options.items():
        argv += ["-o", f"{key}={value}"]
    program = subprocess.Popen(argv)
    try:
        await_port(port, folder / "log")
        yield Server(folder, port)
    finally:
        program.terminate()
        program.wait()


def await_port(port: int, log: Path) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
