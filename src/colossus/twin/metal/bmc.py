"""BMCs in front of machines: an emulator of Redfish in a process of its own.

The process owns the machines (`driver`); when the tool that started it ends, even by kill -9, its
standard input closes and it ends with all of them.
"""

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from colossus.errors import RehearsalFailed
from colossus.twin.metal.machine import MetalSpec
from colossus.twin.nodes import in_network

USER = "admin"
END_SECONDS = 60.0


@dataclass
class Emulator:
    """BMCs of some machines, in a process of their own; a context manager. url counts inside.

    network: the process in whose net namespace it listens, 0 for this machine's own. address and
    port: where; port 0 is any that is free.
    """

    folder: Path
    machines: tuple[MetalSpec, ...]
    network: int = 0
    address: str = "127.0.0.1"
    port: int = 0
    url: str = ""
    password: str = ""
    _process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            RehearsalFailed: it does not start; the message ends with its last line.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.password = secrets.token_urlsafe(12)
        log = self.folder / "bmc.log"
        with log.open("w") as said:
            argv = [sys.executable, "-m", "colossus.twin.metal.driver", str(self.folder)]
            self._process = subprocess.Popen(
                in_network(self.network, argv) if self.network else argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,
            )
        told = {
            "password": self.password,
            "listen": [self.address, self.port],
            "machines": [machine.document() for machine in self.machines],
        }
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a pipe that was asked for is missing")
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self.close()
            last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
            raise RehearsalFailed(
                f"the BMC emulator does not start: {' '.join(last) or 'it said nothing'}",
                hint="it needs the extra: pip install colossus[bmc]",
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it, and with it all its machines."""
        if self._process is not None:
            self._process.communicate(timeout=END_SECONDS)
            self._process = None
