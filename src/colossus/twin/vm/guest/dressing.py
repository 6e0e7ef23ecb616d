"""What a machine's root has that a namespace's has not: units, the agent, no start-up chores."""

import hashlib
from pathlib import Path

FILES = Path(__file__).parent
PLACE = "usr/lib/colossus-twin"
SCRIPTS = ("agent.pl", "bring_up.pl")
KEEP_PLUGGED = FILES.parents[1] / "shim/keep_plugged.sh"
UNITS = {
    "colossus-fresh.target": (),
    "colossus-agent.service": ("sysinit.target",),
    "colossus-bring-up.service": ("sysinit.target",),
    "colossus-console.service": ("multi-user.target",),
}
# Where below /etc → which of our files.
SETTINGS = {
    "systemd/system/ssh.service.d/colossus.conf": "ssh.conf",
    "systemd/journald.conf.d/colossus.conf": "journald.conf",
    "modules-load.d/colossus.conf": "modules.conf",
}
# Not started: what needs a terminal, D-Bus or a clock of its own, and chores that emulation makes
# dear. All of it is this list; everything else starts as Debian has it.
MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "fstrim.timer",
    "logrotate.timer",
    "e2scrub_all.timer",
    "getty.target",
    "systemd-logind.service",
    "systemd-firstboot.service",
    "systemd-journal-flush.service",
    "systemd-machine-id-commit.service",
    "systemd-random-seed.service",
    "systemd-pstore.service",
    "systemd-repart.service",
    "systemd-sysusers.service",
    "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service",
    "proc-sys-fs-binfmt_misc.automount",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
)
# They look for what a virtual machine of ours never has, at every daemon-reload: 2 s each time.
GENERATORS = (
    *("bless-boot", "cryptsetup", "debug", "fstab", "getty", "gpt-auto", "hibernate-resume"),
    *("integritysetup", "rc-local", "run", "system-update", "sysv", "veritysetup"),
)
# The template's; each clone gets its own. An empty one would start a first-boot dialogue.
MACHINE_ID = "c0105505" * 4


def digest() -> str:
    """Return what names all of this: 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for path in [*sorted(FILES.rglob("*.*")), KEEP_PLUGGED]:
        if path.is_file() and path.suffix != ".pyc":
            whole.update(f"{path.name}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def dress(root: Path) -> None:
    """Add our files to a root tree; existing files are replaced, never written into."""
    for name in SCRIPTS:
        _put(root / PLACE / name, FILES / name, 0o755)
    _put(root / PLACE / KEEP_PLUGGED.name, KEEP_PLUGGED, 0o755)
    etc = root / "etc/systemd/system"
    for name, wanted_by in UNITS.items():
        _put(etc / name, FILES / "units" / name, 0o644)
        for target in wanted_by:
            _link(etc / f"{target}.wants" / name, f"../{name}")
    for path, name in SETTINGS.items():
        _put(root / "etc" / path, FILES / "units" / name, 0o644)
    for name in MASKED:
        _link(etc / name, "/dev/null")
    for name in GENERATORS:
        path = f"etc/systemd/system-generators/systemd-{name}-generator"
        _link(root / path, "/dev/null")
    # Every unit we use has a file of its own. For one with a SysV script beside it, `systemctl
    # enable` runs Perl and reloads systemd four times: 5 s of a core for each service of each host.
    for script in (root / "etc/init.d").glob("*"):
        script.unlink()
    _link(etc / "default.target", "/lib/systemd/system/multi-user.target")
    _write(root / "etc/machine-id", f"{MACHINE_ID}\n")
    _write(root / "etc/resolv.conf", "")
    _write(root / "etc/fstab", "")


def _put(path: Path, source: Path, mode: int) -> None:
    _write(path, source.read_text(encoding="utf-8"))
    path.chmod(mode)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
