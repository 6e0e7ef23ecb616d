"""Commands in a machine, past the network: the tool's end of `guest/agent.pl`.

One connection per request: QEMU lets one client in at a time, so requests of several tools queue
up by themselves. A request that is sent before the machine has started waits there for it.
"""

import math
import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from colossus.errors import TransportFailed
from colossus.twin.base import Completed

# The agent ends a command that is late; so much later the machine itself must be stuck.
GRACE_SECONDS = 20.0
# What is mixed into a clone's randomness, which it shares with the template until then.
RANDOM_BYTES = 64
LATE = b"late"


def execute(path: Path, argv: Sequence[str], stdin: bytes, timeout: float) -> Completed:
    """Run a command in the machine whose agent's socket is at path; timeout in seconds.

    Raises:
        TransportFailed: nobody answers, or the command does not end in time.
    """
    words = b"".join(word.encode() + b"\0" for word in argv)
    header = f"run {{id}} {max(1, math.ceil(timeout))} {len(words)} {len(stdin)}\n"
    done = _ask(path, header, words + stdin, timeout)
    if done is None:
        raise TransportFailed(f"{argv[0]} did not end within {timeout:g} s")
    return done


def wake(path: Path, timeout: float, seed: bytes = b"") -> None:
    """Give a machine the time of day and randomness of its own; timeout in seconds.

    seed: who a clone becomes (`identity.seed_tar`).

    Raises:
        TransportFailed: nobody answers in time, or the machine says why it cannot.
    """
    header = f"wake {{id}} {time.time():.6f} {RANDOM_BYTES} {len(seed)}\n"
    done = _ask(path, header, secrets.token_bytes(RANDOM_BYTES) + seed, timeout)
    if done is None or done.exit:
        why = done.stderr.decode(errors="replace").strip() if done else "late"
        raise TransportFailed(f"the machine cannot wake: {why}")


def _ask(path: Path, header: str, content: bytes, timeout: float) -> Completed | None:
    """Send a request and wait for its answer, None if the agent ended the command."""
    request = secrets.token_hex(8)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout + GRACE_SECONDS)
        try:
            line.connect(str(path))
            line.sendall(header.format(id=request).encode() + content)
            with line.makefile("rb") as answers:
                return _answer(answers, request)
        except OSError as fault:
            raise TransportFailed(f"no answer past the network: {fault}") from fault


def _answer(answers: IO[bytes], request: str) -> Completed | None:
    """Return the answer to our request; those to a dead tool's may come first."""
    while header := answers.readline():
        name, status, *sizes = header.split()
        stdout, stderr = (answers.read(int(size)) for size in sizes)
        if name == request.encode():
            return None if status == LATE else Completed(int(status), stdout, stderr)
    raise TransportFailed("no answer past the network: the machine lost power")
