"""This machine as a target: the same request, without a network. For tests and the controller."""

import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from threading import Timer

from colossus.errors import TransportFailed
from colossus.transport.answer import LINE_CHARACTERS, text
from colossus.transport.base import Endpoint


class LocalSession:
    """Runs commands on this machine."""

    def __init__(self, name: str) -> None:
        self._name = name

    def run(self, argv: Sequence[str], stdin: bytes, timeout: float) -> Iterator[str]:
        """Run one command, give its stdout line by line.

        Raises:
            TransportFailed: it ended with another status than 0, or not within `timeout` seconds.
        """
        with (
            tempfile.TemporaryFile() as asked,
            tempfile.TemporaryFile() as complaints,
        ):
            asked.write(stdin)
            asked.seek(0)
            with subprocess.Popen(
                argv, stdin=asked, stdout=subprocess.PIPE, stderr=complaints
            ) as program:
                alarm = Timer(timeout, program.kill)
                alarm.start()
                try:
                    if program.stdout is not None:
                        while line := program.stdout.readline(LINE_CHARACTERS + 1):
                            yield line.decode("utf-8", "replace")
                    status = program.wait()
                finally:
                    alarm.cancel()
                    program.kill()
            complaints.seek(0)
            said = text(complaints.read(4096).decode("utf-8", "replace")).strip()
        if status != 0:
            raise TransportFailed(
                f"{self._name}: `{shlex.quote(argv[0])}` ended with {status}: {said}"
            )

    def close(self) -> None:
        """End the connection: there is none."""


class LocalTransport:
    """Opens sessions on this machine, whatever the endpoint's address."""

    def open(self, endpoint: Endpoint) -> LocalSession:
        """Give a session; nothing can fail yet."""
        return LocalSession(endpoint.name)
