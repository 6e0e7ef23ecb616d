"""Starting a twin's nodes and talking them through their boot (shim/boot.sh, shim/station.sh).

A node's first process reads its standard input: if the tool that started it dies, even by kill -9,
that closes, and the node ends. So nothing can outlive the tool before it is written down.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from colossus.errors import RehearsalFailed
from colossus.twin.base import TwinNode
from colossus.twin.state import Life

SHIM = Path(__file__).parent / "shim"
# A node starts with nothing of the operator's environment (an exported SLURM_CONF would leak in).
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "LANG": "C.UTF-8",
}
# What no namespace keeps apart: the clock, kernel modules, the hardware's ports.
WITHOUT_MACHINE = ("setpriv", "--bounding-set", "-sys_time,-sys_module,-sys_rawio")


@dataclass(slots=True)
class Booting:
    """A node, or the operator's station, whose first process listens to us."""

    name: str
    life: Life
    to: IO[str]
    back: IO[str]
    log: Path

    def plug_in(self, lines: Iterable[str]) -> None:
        """Tell it that its cables are there, and give it the `ip -batch` commands to run."""
        self.to.write("\n".join(["up", *lines, "end", ""]))
        self.to.flush()

    def ready(self) -> str:
        """Wait until it is up; return what it says of itself (a node: its public host key).

        Raises:
            RehearsalFailed: it died; the message ends with the last lines of its log.
        """
        word, _, rest = self.back.readline().strip().partition(" ")
        if word != "ready":
            raise _died(self.name, self.log)
        return rest

    def must_live(self) -> None:
        """Raise RehearsalFailed with the last lines of its log if it died."""
        if not self.life.alive:
            raise _died(self.name, self.log)

    def release(self, *, lasting: bool) -> None:
        """End the talk: it lives on alone, or for as long as this process lives."""
        self.to.write("stay\n" if lasting else "hold\n")
        self.to.flush()
        self.back.close()
        if lasting:
            self.to.close()

    def abandon(self) -> None:
        """Let go of it: it ends by itself if it was told to hold, or nothing yet."""
        for end in (self.to, self.back):
            end.close()


def all_ready(nodes: Sequence[Booting]) -> dict[str, str]:
    """Wait until all are up; give what each says of itself.

    Raises the failure of the node that died first: its neighbours only lost their cables to it.
    """
    said: dict[str, str] = {}
    died: list[tuple[float, RehearsalFailed]] = []
    for booting in nodes:
        try:
            said[booting.name] = booting.ready()
        except RehearsalFailed as fault:
            last_words = booting.log.stat().st_mtime if booting.log.exists() else 0.0
            died.append((last_words, fault))
    if died:
        raise min(died, key=lambda each: each[0])[1]
    return said


def _died(name: str, log: Path) -> RehearsalFailed:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return RehearsalFailed(
        f"twin node {name} did not start: {' / '.join(lines[-3:]) or 'it said nothing'}",
        hint="colossus doctor says what this machine lacks",
    )


def start_node(node: TwinNode, image: Path, folder: Path, authorized_key: str) -> Booting:
    """Start one node in namespaces of its own; it builds its root and waits for its cables."""
    work = folder / "nodes" / node.name
    work.mkdir(parents=True, exist_ok=True)
    argv = [
        *WITHOUT_MACHINE,
        "unshare",
        *("--mount", "--uts", "--pid", "--ipc", "--net", "--fork", "--kill-child"),
        *("sh", str(SHIM / "boot.sh"), str(image), str(work), node.name),
        hashlib.sha256(f"{folder.name}/{node.name}".encode()).hexdigest()[:32],
        f"{node.storage_mib}m",
        str(node.accelerators),
        str(SHIM),
        authorized_key,
        " ".join(name.replace(".", "/") for name in node.kernel_settings),
        str(_shared(node, folder)) if node.shared else "",
        node.shared.lstrip("/"),
    ]
    return _start(node.name, argv, folder)


def _shared(node: TwinNode, folder: Path) -> Path:
    """Make the folder of this machine that stands for a shared file system."""
    made = folder / "shared" / hashlib.sha256(node.shared.encode()).hexdigest()[:12]
    made.mkdir(parents=True, exist_ok=True)
    return made


def start_station(folder: Path) -> Booting:
    """Start the operator's station."""
    argv = ["unshare", "--net", "sh", str(SHIM / "station.sh")]
    return _start("operator", argv, folder)


def _start(name: str, argv: list[str], folder: Path) -> Booting:
    log = folder / f"{name}.boot.log"
    with log.open("wb") as errors:
        # setsid --fork: no child of ours, so nothing to reap, and Ctrl-C reaches this tool only.
        process = subprocess.Popen(
            ["setsid", "--fork", *argv],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd="/",
        )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a pipe that was asked for is missing")
    process.wait()
    return Booting(name, Life(0, 0), process.stdin, process.stdout, log)


def await_pid(booting: Booting) -> None:
    """Learn the process number that a node reports as its first word.

    Raises:
        RehearsalFailed: it died before it could speak.
    """
    word, _, pid = booting.back.readline().strip().partition(" ")
    if word != "pid":
        raise _died(booting.name, booting.log)
    booting.life = Life.of(int(pid))


def inside(pid: int, argv: Iterable[str]) -> list[str]:
    """Return the command that runs argv inside a node, as root, with a clean environment."""
    words = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    return [
        *WITHOUT_MACHINE,
        *("nsenter", f"--target={pid}", "--mount", "--uts", "--ipc", "--net", "--pid"),
        *("--", "/usr/bin/env", "-i", "-C", "/root", *words, *argv),
    ]


def in_network(pid: int, argv: Iterable[str]) -> list[str]:
    """Return the command that runs a program of this machine in a node's net namespace."""
    return ["nsenter", f"--target={pid}", "--net", "--", *argv]


def is_root() -> bool:
    """Whether this process may make namespaces, mounts and device nodes."""
    return os.geteuid() == 0
