"""What apply and observe need of a connection: open a session, run one command, stream its lines.

Implementations: `ssh` (paramiko), `local`, `fake` (a product feature: demos and simulation).
Bastions and relays fit behind `Transport.open`; pooling behind `Executor` in apply.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How one target is reached. host_keys are `type base64` lines; none known = refused.

    key is a secret reference (`file:~/.ssh/id_ed25519`); dial replaces the TCP connect
    (a twin opens the socket inside its own network namespace; a bastion through its channel).
    """

    name: str
    address: str
    port: int = 22
    user: str = "root"
    key: str = ""
    host_keys: tuple[str, ...] = ()
    become: str = "none"
    dial: Callable[[], socket.socket] | None = field(default=None, compare=False)


class Session(Protocol):
    """An open connection to one target."""

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        """Run one command, feed it stdin, give its stdout line by line; raise on failure."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class Transport(Protocol):
    """Opens sessions."""

    def open(self, endpoint: Endpoint) -> Session:
        """Connect and authenticate; raises TransportFailed with the reason and a hint."""
        ...
