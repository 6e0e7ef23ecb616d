"""On the host: what a state is, why a resource failed, and how a program is run.

Part of the program that is sent to hosts: standard library only, valid for Python 3.6.
"""

import hashlib
import json
import os
import signal
import subprocess
import time

TYPE_CHECKING = False  # `typing` itself would cost every host 10 ms
if TYPE_CHECKING:
    from typing import IO, Any

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_STATE = ("validate",)  # as colossus.plan.resource: how a file is tried says nothing of the file
SAID_BYTES = 2000  # how much of a program's last words a message may carry
LIST_BYTES = 1 << 20  # for what is asked about many resources at once
NOT_FOUND, TIMED_OUT = 127, 124  # a shell's and timeout(1)'s own exit statuses


class ResourceFailed(Exception):
    """The resource could not be brought to its state; the text says why."""


class Item:
    """One resource on its way: what is wanted, what was found, what is to be done about it.

    known: what its kind was told for all its items at once; unread: systemd has not read its files.
    """

    def __init__(self, entry: "dict[str, Any]", secrets: "dict[str, bytes]") -> None:
        self.id = entry["id"]
        self.kind = entry["kind"]
        self.body = entry["body"]
        self.on = entry.get("on", ())
        self.desired = str(entry["desired"])
        self.last = entry.get("last")
        self.planned = entry.get("planned", True)
        self.secret = secrets.get(self.body.get("secret", ""))
        self.known = {}  # type: dict[str, str]
        self.unread = False
        self.found = ""
        self.outcome = "ok"
        self.action = ""
        self.message = ""
        self.diff = ""

    def state(self, **found: object) -> str:
        """Digest of the wanted body with what was found instead of what is wanted."""
        return digest_of(self.kind, dict(self.body, **found))


def digest_of(kind: str, body: "dict[str, Any]") -> str:
    """State digest: the very bytes that colossus.plan.resource takes it of."""
    state = {key: value for key, value in body.items() if key not in NOT_STATE}
    text = json.dumps({"kind": kind, "body": state}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def run(argv: "list[str]", timeout: float = 60, most: int = SAID_BYTES) -> "tuple[int, str]":
    """Run a program without a shell; give its exit status and the end of what it said.

    Its output goes to a file and not through a pipe: a daemon that it leaves behind would keep
    the pipe open, and this program waiting.
    """
    environment = {"PATH": PATH, "LC_ALL": "C", "HOME": "/", "DEBIAN_FRONTEND": "noninteractive"}
    with scratch() as said:
        try:
            program = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        except OSError as fault:
            return NOT_FOUND, f"{argv[0]}: {fault.strerror}"
        try:
            status = program.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
            return TIMED_OUT, f"no end after {timeout:g} s"
        return status, last_words(said, most)


def scratch() -> "IO[bytes]":
    """Open a file that nobody else sees and that goes when it is closed."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("said"), "w+b")
    import tempfile  # a third of what this program costs to start, so only before Python 3.8

    return tempfile.TemporaryFile()


def last_words(said: "IO[bytes]", most: int) -> str:
    """Give the end of a program's output; what is no UTF-8 is replaced."""
    length = said.seek(0, os.SEEK_END)
    said.seek(max(0, length - most))
    return said.read().decode("utf-8", "replace").strip()


def must(argv: "list[str]", timeout: float = 60) -> str:
    """Run a program that has to succeed."""
    status, said = run(argv, timeout)
    if status != 0:
        raise ResourceFailed(f"`{' '.join(argv)}` ended with {status}: {said}")
    return said


def wait(seconds: float) -> None:
    """Pause between two tries of a health check."""
    time.sleep(seconds)
