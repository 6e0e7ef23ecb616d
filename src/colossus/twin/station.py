"""Opening sockets from the operator's station: a thread enters its net namespace and connects.

Addresses of the twin therefore never exist in this machine's own network, and nothing that is
rehearsed can reach production by mistake.
"""

import ctypes
import errno
import os
import socket
import threading
import time
from pathlib import Path

from colossus.errors import TransportFailed

# linux/sched.h
CLONE_NEWNET = 0x40000000
# sshd is restarting; a link has just come up and nobody answered ARP yet.
PASSING = (errno.ECONNREFUSED, errno.EHOSTUNREACH)


def _enter_network(pid: int) -> None:
    """Move the calling thread, and only it, into a net namespace (Python 3.12 has os.setns)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(Path(f"/proc/{pid}/ns/net"), os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def connect_from(pid: int, address: str, port: int, timeout: float) -> socket.socket:
    """Connect by TCP from a process's net namespace; timeout in seconds.

    What may pass is tried again until the time is over.

    Raises:
        TransportFailed: nobody answers.
    """
    made: list[socket.socket] = []
    errors: list[OSError] = []

    def dial() -> None:
        deadline = time.monotonic() + timeout
        try:
            _enter_network(pid)
            made.append(_dial_until(deadline, address, port))
        except OSError as error:
            errors.append(error)

    # The thread ends in the foreign namespace, so no other code of this process can ever run there.
    thread = threading.Thread(target=dial, name=f"dial {address}")
    thread.start()
    thread.join()
    if made:
        return made[0]
    raise TransportFailed(
        f"{address} port {port} does not answer from the operator's station: {errors[0]}",
        hint="`colossus twin status` shows which nodes are up",
    )


def _dial_until(deadline: float, address: str, port: int) -> socket.socket:
    while True:
        left = max(0.1, deadline - time.monotonic())
        try:
            return socket.create_connection((address, port), left)
        except OSError as error:
            if error.errno not in PASSING or time.monotonic() + 0.1 > deadline:
                raise
            time.sleep(0.1)
