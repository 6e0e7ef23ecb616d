"""What the tool says to QEMU and to the agent in a machine, and how it reads their answers."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin.base import Completed
from colossus.twin.vm import agent
from colossus.twin.vm.qmp import Qmp, result_of


def serve(path: Path, talk: Callable[[socket.socket], None]) -> threading.Thread:
    """Listen at path and talk to the first who connects."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()

    def accept() -> None:
        with listener, listener.accept()[0] as line:
            talk(line)

    thread = threading.Thread(target=accept)
    thread.start()
    return thread


def qemu(line: socket.socket) -> None:
    """QMP with events in between; it refuses what is not query-status."""
    line.sendall(b'{"QMP": {"version": {}}}\n')
    with line.makefile("rb") as asked:
        for text in asked:
            command = json.loads(text)
            answer: dict[str, object] = {"return": {}}
            if command["execute"] == "query-status":
                answer = {"return": {"status": "running"}}
            elif command["execute"] == "set_link":
                answer = {"error": {"class": "DeviceNotFound", "desc": "Device 'n9' not found"}}
            line.sendall(b'{"event": "RESUME"}\n' + json.dumps(answer).encode() + b"\n")


def test_qmp_skips_events(tmp_path: Path) -> None:
    thread = serve(tmp_path / "qmp", qemu)
    with Qmp(tmp_path / "qmp") as qmp:
        assert qmp.run("query-status") == {"status": "running"}
        with pytest.raises(RehearsalFailed, match="QMP set_link: Device 'n9' not found"):
            qmp.run("set_link", name="n9", up=False)
    thread.join()


def test_qmp_of_a_machine_without_power(tmp_path: Path) -> None:
    with pytest.raises(RehearsalFailed, match="QEMU does not listen at"), Qmp(tmp_path / "qmp"):
        pass


def test_qmp_arguments_are_written_with_dashes() -> None:
    assert result_of("greeting", {"QMP": {}}) == {"QMP": {}}


def answering(*answers: bytes) -> Callable[[socket.socket], None]:
    """An agent that reads one request and answers, ID standing for the request's."""

    def talk(line: socket.socket) -> None:
        with line.makefile("rb") as asked:
            assert asked.readline() == b"\n"
            _, request, _, *_, dot = asked.readline().split()
            assert dot == b"."
        for answer in answers:
            line.sendall(answer.replace(b"ID", request))

    return talk


def test_a_command_s_answer_is_taken_apart(tmp_path: Path) -> None:
    thread = serve(tmp_path / "agent", answering(b"\nID 3 aGVsbG8K YmFkCg== .\n"))
    done = agent.execute(tmp_path / "agent", ["cat", "a b"], b"in\n", 5)
    thread.join()
    assert done == Completed(3, b"hello\n", b"bad\n")


def test_the_answer_to_a_dead_tool_is_passed_over(tmp_path: Path) -> None:
    thread = serve(
        tmp_path / "agent", answering(b"G8K - .\n0000 0 b2xk - .\n", b"\nID 0 bmV3 - .\n")
    )
    assert agent.execute(tmp_path / "agent", ["true"], b"", 5).stdout == b"new"
    thread.join()


def test_a_command_that_is_late(tmp_path: Path) -> None:
    thread = serve(tmp_path / "agent", answering(b"\nID late - - .\n"))
    with pytest.raises(TransportFailed, match="sleep did not end within 1 s"):
        agent.execute(tmp_path / "agent", ["sleep", "9"], b"", 1)
    thread.join()


def test_a_machine_that_loses_power_meanwhile(tmp_path: Path) -> None:
    thread = serve(tmp_path / "agent", answering())
    with pytest.raises(TransportFailed, match="the machine lost power"):
        agent.execute(tmp_path / "agent", ["true"], b"", 5)
    thread.join()


def test_an_agent_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TransportFailed, match="no answer past the network"):
        agent.execute(tmp_path / "agent", ["true"], b"", 5)
