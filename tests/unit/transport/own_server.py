"""An SSH server of paramiko's, for machines without openssh-server: tests only, on loopback."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from tests.unit.transport.server import ADDRESSES, Server, free_port, keygen, public


class Door(paramiko.ServerInterface):
    """Lets one key in, and runs what it asks for."""

    def __init__(self, allowed: str) -> None:
        self._allowed = allowed

    def get_allowed_auths(self, username: str) -> str:
        del username
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        del username
        known = f"{key.get_name()} {key.get_base64()}" == self._allowed
        return AUTH_SUCCESSFUL if known else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        wrong = OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        return OPEN_SUCCEEDED if kind == "session" else wrong

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=carry_out, args=(channel, command), daemon=True).start()
        return True


def carry_out(channel: paramiko.Channel, command: bytes) -> None:
    """Run a command as sshd does: by a shell, stdin from the channel."""
    with suppress(OSError, EOFError):
        asked = channel.makefile("rb").read()
        done = subprocess.run(["sh", "-c", command], input=asked, check=False, capture_output=True)
        channel.sendall(done.stdout)
        channel.sendall_stderr(done.stderr)
        channel.send_exit_status(done.returncode)
        channel.close()


def greet(client: socket.socket, folder: Path) -> None:
    """Give one connection its server."""
    transport = paramiko.Transport(client)
    transport.add_server_key(paramiko.Ed25519Key(filename=str(folder / "host_key")))
    with suppress(paramiko.SSHException, OSError, EOFError):
        transport.start_server(server=Door(public(folder / "client_key")))


@contextmanager
def serve_own(folder: Path) -> Iterator[Server]:
    """Listen where `serve` would, until the end."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host_key", "client_key"):
        keygen(folder / name)
    port = free_port()
    listeners = [socket.create_server((address, port)) for address in ADDRESSES]
    (folder / "log").write_text("")

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                greet(listener.accept()[0], folder)

    for listener in listeners:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
    try:
        yield Server(folder, port)
    finally:
        for listener in listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
