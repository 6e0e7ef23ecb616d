"""The template: one machine booted cold, stopped and saved, from which others continue in a second.

One per NIC class and memory size, cached under the image's folder. Its digest holds whatever its
state is bound to: QEMU's version, the command line, the image.
"""

import functools
import hashlib
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_cache_path

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin import image as base
from colossus.twin.vm import agent, power
from colossus.twin.vm.accel import Accel
from colossus.twin.vm.image import VmImage
from colossus.twin.vm.qemu import QEMU, Hardware, command, nic_class
from colossus.twin.vm.qmp import Qmp

# 10 CPU-seconds on a quiet core, under emulation; a crowded machine needs minutes.
BOOT_SECONDS = 600.0
SAVE_SECONDS = 120.0
READY = ("systemctl", "is-system-running", "--wait")
# sshd runs with a key that no machine keeps. The rest is run once, so that every clone has it in
# memory, which all clones share: a login, the interpreter that applies plans, what both call, and
# the daemons that a plan starts.
SETTLE = """
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
systemctl start ssh.service
mkdir -m 700 /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/key
cp /root/.ssh/key.pub /root/.ssh/authorized_keys
ssh -q -i /root/.ssh/key -o StrictHostKeyChecking=no root@127.0.0.1 \\
    "python3 -I -S -E -c 'import fcntl, grp, hashlib, json, pwd, stat, subprocess, time, zlib'"
rm -r /root/.ssh
exec >/dev/null 2>&1
dpkg-query -W openssh-server
systemctl daemon-reload
ifreload --all
for daemon in lldpd munged slurmd slurmctld srun scontrol vtysh /usr/lib/frr/*d; do
    $daemon --version
done
cat /usr/lib/frr/* /usr/lib/x86_64-linux-gnu/slurm-wlm/* /usr/lib/x86_64-linux-gnu/libfrr.so*
sync
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A saved machine: its RAM, the state of its devices, its disk; read-only from now on."""

    folder: Path
    image: VmImage
    accel: Accel
    nics: int
    memory_mib: int

    @property
    def memory(self) -> Path:
        """Its RAM, which clones copy on write."""
        return self.folder / "memory"

    @property
    def state(self) -> Path:
        """Its devices, as QEMU's migration stream."""
        return self.folder / "state"

    @property
    def disk(self) -> Path:
        """Its disk (raw), which clones copy on write."""
        return self.folder / "disk"

    @property
    def digest(self) -> str:
        """What names it."""
        return self.folder.name


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
    count = nic_class(nics)
    machine = hardware_of(image, accel, memory_mib, count)
    folder = _shelf(image) / _digest(machine, image)
    template = Template(folder, image, accel, count, memory_mib)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with base.only_builder(folder.with_name(f"{folder.name}.lock")):
            if not folder.exists():
                tell(f"booting a template, once: {memory_mib} MiB, {count} NICs, {accel.name}")
                _build(machine, image, folder)
    return template


def hardware_of(image: VmImage, accel: Accel, memory_mib: int, nics: int) -> Hardware:
    """Return what a template and its clones have in common."""
    return Hardware(
        name="template",
        folder=Path(),
        accel=accel.name,
        memory_mib=memory_mib,
        nics=(),
        nic_count=nics,
        kernel=image.kernel,
        initrd=image.initrd,
        root=image.root,
    )


def _shelf(image: VmImage) -> Path:
    """Return where templates are kept: beside the image, or with who may not write there."""
    if os.access(image.folder, os.W_OK):
        return image.folder / "templates"
    return user_cache_path("colossus") / "twin" / "templates"


@functools.cache
def qemu_version() -> str:
    """Return what QEMU calls itself.

    Raises:
        RehearsalFailed: it is not installed.
    """
    return base.run([QEMU, "--version"]).partition("\n")[0]


def _digest(machine: Hardware, image: VmImage) -> str:
    words = [qemu_version(), image.digest, SETTLE, *command(machine)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _build(machine: Hardware, image: VmImage, folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    # Sockets need a short path.
    place = Path(tempfile.mkdtemp(prefix="colossus-"))
    try:
        base.run(["cp", "--sparse=always", str(image.disk), str(fresh / "disk")])
        machine = replace(
            machine,
            folder=place,
            disk=fresh / "disk",
            disk_format="raw",
            memory_file=fresh / "memory",
            shared_memory=True,
        )
        _boot_and_save(machine, fresh / "state")
        fresh.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(fresh, ignore_errors=True)


def _boot_and_save(machine: Hardware, state: Path) -> None:
    tether = power.start(command(machine), machine.folder)
    try:
        for argv in (READY, ("sh", "-c", SETTLE)):
            done = agent.execute(machine.folder / "agent", argv, b"", BOOT_SECONDS)
            if done.exit:
                raise RehearsalFailed(f"the template does not start: {done.stderr.decode()}")
        with Qmp(machine.folder / "qmp", SAVE_SECONDS) as qmp:
            qmp.run("stop")
            ignore_shared(qmp)
            qmp.run("migrate", uri=f"exec:cat > {shlex.quote(str(state))}")
            await_migration(qmp, SAVE_SECONDS)
            qmp.run("quit")
    except TransportFailed as fault:
        said = power.last_words(machine.folder / "console.log")
        raise RehearsalFailed(f"the template does not start: {fault}: {said}") from fault
    finally:
        tether.cut()


def ignore_shared(qmp: Qmp) -> None:
    """Leave RAM out of the stream (it is in the file), and announce addresses once."""
    capability = {"capability": "x-ignore-shared", "state": True}
    qmp.run("migrate-set-capabilities", capabilities=[capability])
    # Not 0: QEMU 7.2 then dies when a NIC is reset, as removing a spare one does.
    qmp.run("migrate-set-parameters", announce_rounds=1)


def await_migration(qmp: Qmp, seconds: float) -> None:
    """Wait until a stream is written or read.

    Raises:
        RehearsalFailed: it fails, or takes longer than so many seconds.
    """
    deadline = time.monotonic() + seconds
    while (status := qmp.run("query-migrate").get("status")) != "completed":
        if status == "failed" or time.monotonic() > deadline:
            raise RehearsalFailed(f"the template's state cannot be written or read: {status}")
        time.sleep(0.02)
