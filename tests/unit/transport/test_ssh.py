"""The SSH transport against real servers: strict host keys, our key only, no surprises."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from colossus.errors import TransportFailed
from colossus.transport.ssh import SshTransport, Timeouts
from tests.unit.transport.own_server import serve_own
from tests.unit.transport.server import Server, free_port, keygen, needs_sshd, public, serve

OPENSSH = pytest.param(serve, id="openssh", marks=[needs_sshd, pytest.mark.needs_root])


@pytest.fixture(scope="module", params=[OPENSSH, pytest.param(serve_own, id="own")])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with request.param(tmp_path_factory.mktemp("sshd")) as started:
        yield started


@pytest.fixture
def transport(tmp_path: Path) -> SshTransport:
    return SshTransport(tmp_path, Timeouts(connect=5, banner=5, handshake=5, auth=5))


def test_a_command_gets_its_stdin_and_gives_its_lines(
    server: Server, transport: SshTransport
) -> None:
    session = transport.open(server.endpoint())
    lines = list(session.run(["sh", "-c", 'cat; echo "$0 it\'s"', "a  b"], b"one\ntwo\n", 10))
    session.close()
    assert lines == ["one\n", "two\n", "a  b it's\n"]


def test_a_large_request_is_read_whole(server: Server, transport: SshTransport) -> None:
    session = transport.open(server.endpoint())
    lines = list(session.run(["wc", "-c"], b"x" * 5_000_000, 20))
    session.close()
    assert lines == ["5000000\n"]


def test_a_failing_command_is_told_with_its_last_words(
    server: Server, transport: SshTransport
) -> None:
    session = transport.open(server.endpoint())
    with pytest.raises(TransportFailed, match="alpha: `sh` ended with 3: no way"):
        list(session.run(["sh", "-c", "echo no way >&2; exit 3"], b"", 10))
    session.close()


def test_a_command_that_a_signal_ended_is_told(server: Server, transport: SshTransport) -> None:
    session = transport.open(server.endpoint())
    with pytest.raises(TransportFailed, match=r"`sh` ended with(out a status| 137)"):
        list(session.run(["sh", "-c", "kill -9 $$"], b"", 10))
    session.close()


def test_a_silent_command_ends_with_its_time(server: Server, transport: SshTransport) -> None:
    session = transport.open(server.endpoint())
    with pytest.raises(TransportFailed, match=r"no answer for 0\.2 s"):
        list(session.run(["sleep", "1"], b"", 0.2))
    session.close()


def test_the_algorithms_are_the_cheap_and_sound_ones(
    server: Server, transport: SshTransport
) -> None:
    session = transport.open(server.endpoint())
    chosen = session._transport
    session.close()
    assert chosen.local_cipher == "aes128-gcm@openssh.com"
    assert not any("cbc" in cipher for cipher in chosen.get_security_options().ciphers)
    assert chosen.get_security_options().kex[0] == "curve25519-sha256@libssh.org"


def test_a_changed_host_key_is_refused(
    server: Server, transport: SshTransport, tmp_path: Path
) -> None:
    keygen(tmp_path / "other")
    with pytest.raises(TransportFailed, match="which is not the known one") as refused:
        transport.open(server.endpoint_with(host_keys=(public(tmp_path / "other"),)))
    assert "SHA256:" in refused.value.summary
    assert "access.known_hosts" in refused.value.hint


def test_an_unknown_host_is_refused_and_its_key_named(
    server: Server, transport: SshTransport
) -> None:
    with pytest.raises(TransportFailed, match="none is known of it") as refused:
        transport.open(server.endpoint_with(host_keys=()))
    assert server.host_key in refused.value.hint


def test_a_wrong_client_key_is_refused(
    server: Server, transport: SshTransport, tmp_path: Path
) -> None:
    keygen(tmp_path / "stranger")
    with pytest.raises(TransportFailed, match="root may not log in with") as refused:
        transport.open(server.endpoint_with(key=f"file:{tmp_path / 'stranger'}"))
    assert public(tmp_path / "stranger") in refused.value.hint


def test_an_unreachable_host_says_why(server: Server, transport: SshTransport) -> None:
    with pytest.raises(TransportFailed, match="cannot be reached: Connection refused"):
        transport.open(server.endpoint_with(port=free_port()))


def test_dial_replaces_the_connect(server: Server, transport: SshTransport) -> None:
    def dial() -> socket.socket:
        return socket.create_connection(("127.0.0.1", server.port), 5)

    session = transport.open(server.endpoint_with(address="unreachable.invalid", dial=dial))
    assert list(session.run(["echo", "here"], b"", 10)) == ["here\n"]
    session.close()


def test_what_is_no_ssh_server_is_told(server: Server, tmp_path: Path) -> None:
    quick = SshTransport(tmp_path, Timeouts(connect=1, banner=0.3, handshake=1, auth=1))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with pytest.raises(TransportFailed, match="no common SSH there"):
            quick.open(server.endpoint_with(port=port))
