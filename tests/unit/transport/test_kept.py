"""Sessions that are kept: one login for many requests, a new one where the old one broke."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from colossus.errors import TransportFailed
from colossus.transport.base import Endpoint, Session
from colossus.transport.kept import KeptSessions
from colossus.transport.ssh import SshTransport, Timeouts
from tests.unit.transport.own_server import serve_own
from tests.unit.transport.server import Server

WAITS = Timeouts(connect=5, banner=5, handshake=5, auth=5)


class Counted:
    """An endpoint whose connections are counted."""

    def __init__(self, server: Server) -> None:
        self.made: list[socket.socket] = []
        self._address = ("127.0.0.1", server.port)
        self.endpoint: Endpoint = server.endpoint_with(dial=self.dial)

    def dial(self) -> socket.socket:
        self.made.append(socket.create_connection(self._address, 5))
        return self.made[-1]


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    with serve_own(tmp_path) as server:
        yield Counted(server)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptSessions]:
    sessions = KeptSessions(SshTransport(tmp_path, WAITS))
    yield sessions
    sessions.close()


def ask(session: Session, *argv: str) -> list[str]:
    try:
        return list(session.run(argv, b"", 5))
    finally:
        session.close()


def test_one_login_serves_many_requests(counted: Counted, kept: KeptSessions) -> None:
    said = [ask(kept.open(counted.endpoint), "echo", word) for word in ("one", "two", "three")]
    assert said == [["one\n"], ["two\n"], ["three\n"]]
    assert len(counted.made) == 1


def test_after_a_failure_there_is_a_new_login(counted: Counted, kept: KeptSessions) -> None:
    with pytest.raises(TransportFailed):
        ask(kept.open(counted.endpoint), "false")
    assert ask(kept.open(counted.endpoint), "echo", "on") == ["on\n"]
    assert len(counted.made) == 2


def test_a_session_that_broke_while_idle_is_replaced(counted: Counted, kept: KeptSessions) -> None:
    ask(kept.open(counted.endpoint), "true")
    counted.made[0].shutdown(socket.SHUT_RDWR)
    kept._idle["alpha"]._transport.join(5)
    assert ask(kept.open(counted.endpoint), "echo", "on") == ["on\n"]
    assert len(counted.made) == 2


def test_of_two_at_once_one_is_kept(counted: Counted, kept: KeptSessions) -> None:
    one, other = kept.open(counted.endpoint), kept.open(counted.endpoint)
    ask(one, "true")
    ask(other, "true")
    ask(kept.open(counted.endpoint), "true")
    assert len(counted.made) == 2


def test_waits_grow_with_patience() -> None:
    once = Timeouts(1, 2, 3, 4, keepalive=30, unanswered=5)
    assert once.times(8) == Timeouts(8, 16, 24, 32, keepalive=30, unanswered=40)
