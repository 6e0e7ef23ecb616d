"""Commands in a machine, past the network: the tool's end of `guest/agent.pl`.

One connection per request: QEMU lets one client in at a time, so requests of several tools queue
up by themselves. A request that is sent before the machine has started waits there for it.
"""

import math
import secrets
import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from colossus.errors import TransportFailed
from colossus.twin.base import Completed

# The agent ends a command that is late; so much later the machine itself must be stuck.
GRACE_SECONDS = 20.0
# What is mixed into a clone's randomness, which it shares with the template until then.
RANDOM_BYTES = 64
LATE = "late"
NOTHING = "-"


def execute(path: Path, argv: Sequence[str], stdin: bytes, timeout: float) -> Completed:
    """Run a command in the machine whose agent's socket is at path; timeout in seconds.

    Raises:
        TransportFailed: nobody answers, or the command does not end in time.
    """
    words = b"".join(word.encode() + b"\0" for word in argv)
    seconds = max(1, math.ceil(timeout))
    done = _ask(path, "run", str(seconds), (words, stdin), timeout)
    if done is None:
        raise TransportFailed(f"{argv[0]} did not end within {timeout:g} s")
    return done


def wake(path: Path, timeout: float, seed: bytes = b"") -> None:
    """Give a machine the time of day and randomness of its own; timeout in seconds.

    seed: who a clone becomes (`identity.seed_tar`).

    Raises:
        TransportFailed: nobody answers in time, or the machine says why it cannot.
    """
    random = secrets.token_bytes(RANDOM_BYTES)
    done = _ask(path, "wake", f"{time.time():.6f}", (random, seed), timeout)
    if done is None or done.exit:
        why = done.stderr.decode(errors="replace").strip() if done else "late"
        raise TransportFailed(f"the machine cannot wake: {why}")


def _ask(
    path: Path, verb: str, number: str, parts: Iterable[bytes], timeout: float
) -> Completed | None:
    """Send a request and wait for its answer, None if the agent ended the command."""
    request = secrets.token_hex(8)
    words = [verb, request, number, *(_coded(part) for part in parts), "."]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout + GRACE_SECONDS)
        try:
            line.connect(str(path))
            # The break ends what a tool that died has left unfinished.
            line.sendall(f"\n{' '.join(words)}\n".encode())
            with line.makefile("rb") as answers:
                return _answer(answers, request)
        except OSError as fault:
            raise TransportFailed(f"no answer past the network: {fault}") from fault


def _answer(answers: IO[bytes], request: str) -> Completed | None:
    """Return the answer to our request; those to a dead tool's, or their ends, may come first."""
    for text in answers:
        name, *words = text.decode("ascii", "replace").split() or [""]
        if name == request and words[-1] == ".":
            status, stdout, stderr, _ = words
            return (
                None if status == LATE else Completed(int(status), _plain(stdout), _plain(stderr))
            )
    raise TransportFailed("no answer past the network: the machine lost power")


def _coded(content: bytes) -> str:
    return b64encode(content).decode() or NOTHING


def _plain(word: str) -> bytes:
    return b"" if word == NOTHING else b64decode(word)
