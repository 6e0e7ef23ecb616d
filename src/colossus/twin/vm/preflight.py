"""What this machine lacks for a twin of machines: everything missing at once, each with its cure.

No privileges are needed. Without hardware virtualisation the machines are emulated, which is slow
and no fault.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from colossus.twin.base import TwinSpec
from colossus.twin.missing import Missing, tools
from colossus.twin.vm.budget import budget
from colossus.twin.vm.image import vm_image_built
from colossus.twin.vm.qemu import QEMU

# Datagram cables between machines came with it.
OLDEST_QEMU = (7, 2)
TOOLS = {QEMU: "qemu-system-x86", "qemu-img": "qemu-utils", "setpriv": "util-linux"}
IMAGE_TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "mksquashfs": "squashfs-tools",
    "cpio": "cpio",
    "depmod": "kmod",
    "busybox": "busybox-static",
}


def preflight_machines(spec: TwinSpec | None = None) -> list[Missing]:
    """Return what is missing to build this twin, or any twin; empty if nothing is."""
    if sys.platform != "linux":
        return [Missing("a twin of machines needs Linux", "run on a Linux machine")]
    found = [*tools(TOOLS if vm_image_built() else {**TOOLS, **IMAGE_TOOLS})]
    found += [] if vm_image_built() else _builder()
    found += [] if found else _old_qemu()
    return [*found, *_room(spec)]


def _builder() -> Iterator[Missing]:
    if os.geteuid() != 0:
        hint = "build it once as root: sudo colossus twin image"
        yield Missing("the machines' image is not built, and only root can build it", hint)


def _old_qemu() -> Iterator[Missing]:
    done = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\d+)\.(\d+)", done.stdout)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version < OLDEST_QEMU:
        words, oldest = (".".join(map(str, each)) for each in (version, OLDEST_QEMU))
        yield Missing(f"QEMU {words} is too old: {oldest} is needed", "apt-get install it newer")


def _room(spec: TwinSpec | None) -> Iterator[Missing]:
    here = budget()
    needed = len(spec.nodes) if spec else 1
    if needed > here.machines:
        yield Missing(
            f"{needed} machines are more than this computer carries: {here}",
            f"choose a slice of at most {here.machines} machines with --slice, or --twin ns",
        )
