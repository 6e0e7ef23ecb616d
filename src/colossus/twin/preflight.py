"""What this machine lacks for a twin of namespaces: everything missing at once, each with its cure.

Nothing is changed: what can only be known by trying is tried in namespaces that end with the try.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from colossus.twin.base import TwinSpec
from colossus.twin.image import image_status
from colossus.twin.missing import Missing, tools
from colossus.twin.room import free_mib
from colossus.twin.wires import faults_of

# Measured: FRR with its routes on a switch, munged, slurmd and lldpd on a host, upper bounds.
MIB_PER_NODE = {"switch": 40, "host": 12}
IMAGE_MIB = 600
TRY_SECONDS = 20.0
TOOLS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "setpriv": "util-linux",
    "mount": "mount",
    "pivot_root": "util-linux",
    "ip": "iproute2",
}
IMAGE_TOOLS = {"mmdebstrap": "mmdebstrap", "apt-get": "apt"}
# Name of the ability: what is tried, and what helps where that fails.
TRIES = {
    "make namespaces": (
        "true",
        "run on a machine or in a container that allows namespaces (--privileged)",
    ),
    "stack file systems (overlay on tmpfs)": (
        'mount -t tmpfs try "$1" && cd "$1" && mkdir lower upper work root && '
        "mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work try root",
        "load the kernel module overlay",
    ),
    "make veth pairs": (
        "ip link add try0 type veth peer name try1",
        "load the kernel module veth",
    ),
    "make bridges": (
        "ip link add try0 type bridge",
        "load the kernel module bridge",
    ),
    "make device nodes": (
        'mount -t tmpfs try "$1" && mknod "$1/null" c 1 3 && : >"$1/null"',
        "run on a machine or in a container that allows device nodes (--privileged)",
    ),
}


def preflight(spec: TwinSpec | None = None) -> list[Missing]:
    """Return what is missing to build this twin, or any twin; empty if nothing is."""
    if sys.platform != "linux":
        return [Missing("namespaces are a thing of Linux", "run on a Linux machine")]
    wanted = TOOLS if image_status().built else {**TOOLS, **IMAGE_TOOLS}
    found = [*tools(wanted), *_room(spec)]
    if spec:
        found += [Missing(fault, "correct the slice") for fault in faults_of(spec)]
    if os.geteuid() != 0:
        return [Missing("not root", "run as root: sudo colossus ..."), *found]
    # What needs the tools is tried only where they are.
    return [*found, *(() if found else _abilities())]


def _room(spec: TwinSpec | None) -> Iterator[Missing]:
    needed = sum(MIB_PER_NODE[node.kind] for node in spec.nodes) if spec else 0
    free = free_mib()
    if free < needed:
        yield Missing(
            f"{free} MiB of memory are free, this twin needs {needed}", "rehearse a smaller slice"
        )
    image = image_status()
    existing = next(path for path in image.path.parents if path.exists())
    disk = shutil.disk_usage(existing).free >> 20
    if not image.built and disk < IMAGE_MIB:
        yield Missing(
            f"{disk} MiB are free at {existing}, the image needs {IMAGE_MIB}", "make room"
        )


def _abilities() -> Iterator[Missing]:
    for ability, (script, hint) in TRIES.items():
        # Any folder does to mount on: only this try sees the mount.
        argv = ["unshare", "--mount", "--uts", "--pid", "--ipc", "--net", "--fork", "--kill-child"]
        try:
            done = subprocess.run(
                [*argv, "sh", "-ec", script, "sh", "/mnt"],
                capture_output=True,
                text=True,
                timeout=TRY_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            yield Missing(f"this machine cannot {ability} within {TRY_SECONDS:g} s", hint)
            continue
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            yield Missing(f"this machine cannot {ability}: {why}", hint)
