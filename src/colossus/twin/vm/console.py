"""Joining the operator's terminal to a machine's serial console, until Ctrl-]."""

import os
import select
import socket
import sys
import termios
import tty
from pathlib import Path

from colossus.errors import TransportFailed

LEAVE = b"\x1d"
AT_ONCE = 65536


def join_console(path: Path) -> int:
    """Relay between this process's standard streams and a console's socket; gives 0.

    A terminal is put into raw mode meanwhile. Ends at Ctrl-], at the end of input, or when the
    machine goes.

    Raises:
        TransportFailed: nobody listens there.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(str(path))
        except OSError as fault:
            raise TransportFailed(f"the console {path} does not answer: {fault.strerror}") from None
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal) if os.isatty(terminal) else None
        try:
            if before is not None:
                tty.setraw(terminal)
            _relay(line, terminal)
        finally:
            if before is not None:
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    return 0


def _relay(line: socket.socket, terminal: int) -> None:
    while True:
        ready, _, _ = select.select([line.fileno(), terminal], [], [])
        if line.fileno() in ready:
            said = line.recv(AT_ONCE)
            if not said:
                return
            os.write(sys.stdout.fileno(), said)
        if terminal in ready:
            typed = os.read(terminal, AT_ONCE)
            if not typed or LEAVE in typed:
                line.sendall(typed.partition(LEAVE)[0])
                return
            line.sendall(typed)
