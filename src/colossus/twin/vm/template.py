"""The template: one machine booted cold, stopped and saved, from which others continue in a second.

One per NIC class and memory size, cached under the image's folder. Its digest holds whatever its
state is bound to: QEMU's version, the command line, the image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from colossus.twin.vm.accel import Accel
from colossus.twin.vm.image import VmImage


@dataclass(frozen=True, slots=True)
class Template:
    """A saved machine: its RAM, the state of its devices, its disk; read-only from now on."""

    memory: Path
    state: Path
    disk: Path
    nics: int
    memory_mib: int
    digest: str


def ensure_template(
    image: VmImage,
    accel: Accel,
    nics: int,
    memory_mib: int,
    tell: Callable[[str], None] = lambda _: None,
) -> Template:
    """Return the template for up to so many NICs, booting it first if it is not there.

    Raises:
        RehearsalFailed: it does not boot; the message ends with its console's last lines.
    """
    raise NotImplementedError
