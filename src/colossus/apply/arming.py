"""Arming one host for one install: a seed on the boot server, and a known host key.

Rendering and applying the whole site arm nothing. The boot server keeps what is armed, the first
netboot consumes it, and it runs out by itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from colossus.apply.seed import Newcomer, seed_tar
from colossus.errors import TransportFailed
from colossus.transport.base import Endpoint, Session, Transport

SERVER = ("/usr/bin/python3", "-I", "/usr/local/lib/colossus/boot_server.py")
SECONDS = 60.0


@dataclass(frozen=True)
class BootServer:
    """The boot server of a site, asked over SSH."""

    transport: Transport
    endpoint: Endpoint

    def arm(self, host: Newcomer, seconds: int) -> None:
        """Let the host's next netboot within so many seconds install it.

        Raises:
            TransportFailed: the boot server cannot be reached, or does not know the host.
        """
        self._ask(["arm", host.name, str(seconds)], seed_tar(host))

    def disarm(self, host: str) -> None:
        """Take an arming back; nothing to do if it was used already."""
        self._ask(["disarm", host])

    def armed(self) -> dict[str, int]:
        """Give host → seconds that are left."""
        said = "".join(self._ask(["list"]))
        try:
            return {str(host): int(left) for host, left in json.loads(said).items()}
        except (ValueError, AttributeError):
            raise TransportFailed(
                f"{self.endpoint.name} does not answer as a boot server does",
                f"Apply its playbook first: `colossus provision INV --limit {self.endpoint.name}`.",
            ) from None

    def _ask(self, words: Sequence[str], stdin: bytes = b"") -> list[str]:
        session: Session = self.transport.open(self.endpoint)
        try:
            become = ["sudo", "-n"] if self.endpoint.become == "sudo" else []
            return list(session.run([*become, *SERVER, *words], stdin, SECONDS))
        finally:
            session.close()
