"""QMP, QEMU's control protocol, spoken synchronously: connect, one command after the other, close.

Source: QEMU's docs/interop/qmp-spec. One client at a time; another one waits for its turn.
"""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from colossus.errors import RehearsalFailed

SECONDS = 60.0


class Qmp:
    """A connection to one machine's QMP socket, to be used as a context manager."""

    def __init__(self, path: Path, timeout: float = SECONDS) -> None:
        self.path = path
        self._timeout = timeout
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            RehearsalFailed: QEMU does not listen.
        """
        self._socket.settimeout(self._timeout)
        try:
            self._socket.connect(str(self.path))
            self._answer("greeting")
            self.run("qmp_capabilities")
        except OSError as fault:
            self._close()
            raise RehearsalFailed(f"QEMU does not listen at {self.path}: {fault}") from fault
        except RehearsalFailed:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        self._lines.close()
        self._socket.close()

    def run(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - as QMP answers
        """Run one command and return its answer; underscores in argument names mean dashes.

        Raises:
            RehearsalFailed: QEMU refuses, with what it says, or is gone.
        """
        asked: dict[str, object] = {"execute": command}
        if arguments:
            asked["arguments"] = {name.replace("_", "-"): is_ for name, is_ in arguments.items()}
        try:
            self._socket.sendall(json.dumps(asked).encode() + b"\n")
            return result_of(command, self._answer(command))
        except OSError as fault:
            raise RehearsalFailed(f"QMP {command}: {fault}") from fault

    def _answer(self, command: str) -> Mapping[str, Any]:
        """Return the next message that is no event."""
        while line := self._lines.readline():
            message: Mapping[str, Any] = json.loads(line)
            if "event" not in message:
                return message
        raise RehearsalFailed(f"QMP {command}: QEMU ended")


def result_of(command: str, message: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as QMP answers
    """Return what a QMP message brings back; raises RehearsalFailed if it is an error."""
    if "error" in message:
        raise RehearsalFailed(f"QMP {command}: {message['error'].get('desc', 'error')}")
    return message.get("return", message)
