"""Targets over SSH: strict host keys, key authentication only, one connection per request.

Ciphers without known weaknesses only: CBC is off, because together with encrypt-then-mac it is
open to Terrapin on old servers. curve25519 comes first: key exchange is the largest part of what
a connection costs.
"""

import io
import logging
import shlex
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import paramiko

from colossus.errors import TransportFailed
from colossus.transport.answer import LINE_CHARACTERS, text
from colossus.transport.base import Endpoint
from colossus.transport.known_hosts import fingerprint
from colossus.transport.secrets import resolve

CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
)
FIRST_KEX = ("curve25519-sha256@libssh.org",)
WEAK = ("sha1", "md5")
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")
COMPLAINT_BYTES = 4096
NO_STATUS = -1  # paramiko's, where the host sent none
CHANGED_KEY = "which is not the known one"
KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)

# Without any handler Python prints a library's warnings to stderr; ours are in the exceptions.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each part of a connection may take, in seconds.

    keepalive: how often an idle connection is tried; unanswered: how long what was sent may stay
    without any acknowledgement before the host counts as gone (its power failed, say).
    """

    connect: float = 15
    banner: float = 15
    handshake: float = 30
    auth: float = 30
    keepalive: int = 30
    unanswered: float = 60

    def times(self, patience: float) -> "Timeouts":
        """Give each of them so many times as long; the keepalive stays."""
        return Timeouts(
            connect=self.connect * patience,
            banner=self.banner * patience,
            handshake=self.handshake * patience,
            auth=self.auth * patience,
            keepalive=self.keepalive,
            unanswered=self.unanswered * patience,
        )


class SshSession:
    """An open connection to one target."""

    def __init__(self, name: str, transport: paramiko.Transport, timeouts: Timeouts) -> None:
        self._name = name
        self._transport = transport
        self._timeouts = timeouts

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        """Run one command, give its stdout line by line.

        timeout: the longest wait for the next line, in seconds.

        Raises:
            TransportFailed: the connection broke, the command failed or went silent.
        """
        try:
            channel = self._transport.open_session(timeout=self._timeouts.connect)
            channel.settimeout(timeout)
            channel.exec_command(shlex.join(argv))
            self._feed(channel, stdin)
            with channel.makefile("rb") as lines:
                while line := lines.readline(LINE_CHARACTERS + 1):
                    yield line.decode("utf-8", "replace")
            self._end(channel, argv)
        except TimeoutError:
            raise TransportFailed(
                f"{self._name}: no answer for {timeout:g} s", "Is the host busy, or hung?"
            ) from None
        except (paramiko.SSHException, OSError, EOFError) as fault:
            raise TransportFailed(
                f"{self._name}: the connection broke: {text(fault)}",
                "`colossus runs resume` goes on where it stopped.",
            ) from fault

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as this side knows."""
        return bool(self._transport.is_active())

    def close(self) -> None:
        """End the connection."""
        self._transport.close()

    def _feed(self, channel: paramiko.Channel, stdin: bytes) -> None:
        try:
            channel.sendall(stdin)
            channel.shutdown_write()
        except OSError as fault:
            if isinstance(fault, TimeoutError):
                raise
            # The command ended before it read everything; its last words say why.

    def _end(self, channel: paramiko.Channel, argv: Sequence[str]) -> None:
        said = text(channel.makefile_stderr("rb").read(COMPLAINT_BYTES).decode("utf-8", "replace"))
        status = channel.recv_exit_status()
        channel.close()
        if status == NO_STATUS:
            raise TransportFailed(
                f"{self._name}: `{argv[0]}` ended without a status",
                "The host lost its power, or a signal ended it. `colossus runs resume` goes on.",
            )
        if status != 0:
            hint = "sudo must work there without a password." if argv[0] == "sudo" else ""
            raise TransportFailed(
                f"{self._name}: `{argv[0]}` ended with {status}: {said.strip()}", hint
            )


class SshTransport:
    """Opens connections. folder: what relative `file:` references of keys count from."""

    def __init__(self, folder: Path, timeouts: Timeouts | None = None) -> None:
        self._folder = folder
        self._timeouts = timeouts or Timeouts()
        self._keys: dict[str, paramiko.PKey] = {}
        self._lock = Lock()

    def open(self, endpoint: Endpoint) -> SshSession:
        """Connect, compare the host's key, and authenticate with ours.

        Raises:
            TransportFailed: unreachable, no SSH there, an unknown or changed host key, our key
                refused.
        """
        key = self._key(endpoint)
        connected = self._connect(endpoint)
        if connected.family in (socket.AF_INET, socket.AF_INET6):
            milliseconds = int(self._timeouts.unanswered * 1000)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        transport = paramiko.Transport(connected)
        try:
            self._start(transport, endpoint)
            _compare(transport.get_remote_server_key(), endpoint)
            self._authenticate(transport, endpoint, key)
        except BaseException:
            transport.close()
            raise
        return SshSession(endpoint.name, transport, self._timeouts)

    def _connect(self, endpoint: Endpoint) -> socket.socket:
        try:
            if endpoint.dial is not None:
                return endpoint.dial()
            address = (endpoint.address, endpoint.port)
            return socket.create_connection(address, self._timeouts.connect)
        except OSError as fault:
            reason = fault.strerror or text(fault)
            raise TransportFailed(
                f"{_place(endpoint)} cannot be reached: {reason}",
                "Is the host up, and its management port cabled as planned?",
            ) from fault

    def _start(self, transport: paramiko.Transport, endpoint: Endpoint) -> None:
        transport.banner_timeout = self._timeouts.banner
        transport.auth_timeout = self._timeouts.auth
        _harden(transport.get_security_options(), endpoint.host_keys)
        try:
            transport.start_client(timeout=self._timeouts.handshake)
        except (paramiko.SSHException, OSError, EOFError) as fault:
            raise TransportFailed(
                f"{_place(endpoint)}: no common SSH there: {text(fault)}",
                "A switch or BMC with an old SSH server may offer only what is broken by now.",
            ) from fault
        transport.set_keepalive(self._timeouts.keepalive)

    def _authenticate(
        self, transport: paramiko.Transport, endpoint: Endpoint, key: paramiko.PKey
    ) -> None:
        try:
            transport.auth_publickey(endpoint.user, key)
        except paramiko.AuthenticationException as fault:
            raise TransportFailed(
                f"{_place(endpoint)}: {endpoint.user} may not log in with {endpoint.key}",
                f"Its authorized_keys must hold `{key.get_name()} {key.get_base64()}`.",
            ) from fault
        except (paramiko.SSHException, OSError, EOFError) as fault:
            raise TransportFailed(f"{_place(endpoint)}: {text(fault)}") from fault

    def _key(self, endpoint: Endpoint) -> paramiko.PKey:
        if not endpoint.key:
            raise TransportFailed(f"{endpoint.name}: no key to log in with", "Set access.key.")
        with self._lock:
            if endpoint.key not in self._keys:
                secret = resolve(endpoint.key, self._folder)
                self._keys[endpoint.key] = _private_key(endpoint.key, secret.reveal())
            return self._keys[endpoint.key]


def _harden(options: paramiko.transport.SecurityOptions, known: Sequence[str]) -> None:
    """Allow only sound algorithms; ask first for the host key types that are known."""
    options.ciphers = CIPHERS
    options.digests = tuple(d for d in options.digests if not any(w in d for w in WEAK))
    kex = tuple(k for k in options.kex if not k.endswith("sha1"))
    first = tuple(k for k in FIRST_KEX if k in kex)
    options.kex = first + tuple(k for k in kex if k not in first)
    types = [line.split()[0] for line in known]
    wanted = [w for t in types for w in (RSA_SIGNATURES if t == "ssh-rsa" else (t,))]
    preferred = [t for t in dict.fromkeys(wanted) if t in options.key_types]
    options.key_types = (*preferred, *(t for t in options.key_types if t not in preferred))


def _compare(key: paramiko.PKey, endpoint: Endpoint) -> None:
    """Refuse a host whose key is not one of those that are known."""
    seen = f"{key.get_name()} {key.get_base64()}"
    if seen in endpoint.host_keys:
        return
    shown = f"{_place(endpoint)} shows the host key {fingerprint(key.asbytes())} ({key.get_name()})"
    if not endpoint.host_keys:
        raise TransportFailed(
            f"{shown}, and none is known of it",
            "Compare it on the host's console (`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub`), then"
            f" add `{endpoint.address} {seen}` to the file that access.known_hosts names.",
        )
    raise TransportFailed(
        f"{shown}, {CHANGED_KEY}",
        "Someone answers in its place, or it was installed again: only in the second case replace"
        f" the line of {endpoint.address} in the file that access.known_hosts names.",
    )


def _private_key(reference: str, value: bytes) -> paramiko.PKey:
    for kind in KEY_CLASSES:
        try:
            return kind.from_private_key(io.StringIO(value.decode("utf-8", "replace")))
        except paramiko.PasswordRequiredException:
            raise TransportFailed(
                f"{reference} is a key with a passphrase",
                "Use a key without one that is kept by age, sops or a vault.",
            ) from None
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise TransportFailed(f"{reference} is no private key", "OpenSSH or PEM, ed25519 if you can.")


def _place(endpoint: Endpoint) -> str:
    return f"{endpoint.name} ({endpoint.address} port {endpoint.port})"
