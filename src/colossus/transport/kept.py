"""Sessions that are kept: a target is logged in to once, and again only when that broke.

For targets where a login is dear (a machine under software emulation). In production a connection
per request is right: what is open for hours at 12,500 hosts only breaks.
"""

from collections.abc import Iterator, Sequence
from threading import Lock

from colossus.transport.base import Endpoint, Session
from colossus.transport.ssh import SshSession, SshTransport


class KeptSessions:
    """A transport whose sessions go on when they are closed, one idle per target at most."""

    def __init__(self, transport: SshTransport) -> None:
        self._transport = transport
        self._idle: dict[str, SshSession] = {}
        self._lock = Lock()

    def open(self, endpoint: Endpoint) -> Session:
        """Take the session that is idle, or connect; raises TransportFailed."""
        with self._lock:
            kept = self._idle.pop(endpoint.name, None)
        if kept is None or not kept.alive:
            kept = self._transport.open(endpoint)
        return _Lent(self, endpoint.name, kept)

    def give_back(self, name: str, session: SshSession) -> None:
        """Keep a session for the next request to this target."""
        with self._lock:
            older, self._idle[name] = self._idle.get(name), session
        if older is not None:
            older.close()

    def close(self) -> None:
        """End the sessions that are idle."""
        with self._lock:
            idle, self._idle = list(self._idle.values()), {}
        for session in idle:
            session.close()


class _Lent:
    """A session for one user: given back at its end, unless a command in it did not end well."""

    def __init__(self, kept: KeptSessions, name: str, session: SshSession) -> None:
        self._kept = kept
        self._name = name
        self._session = session
        self._sound = True

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        """Run one command, as `SshSession.run` does."""
        self._sound = False
        yield from self._session.run(argv, stdin, timeout)
        self._sound = True

    def close(self) -> None:
        """Give it back, or end it when a command is still running in it or failed."""
        if self._sound and self._session.alive:
            self._sound = False
            self._kept.give_back(self._name, self._session)
        else:
            self._session.close()
