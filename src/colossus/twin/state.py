"""What is written down about each twin, so that any later process can find it and clean it up.

One folder per twin under /run/colossus/twins, which a reboot empties as it ends the twins. A
process is named by its number and its start time, so a recycled number is never taken for ours.
"""

import contextlib
import hashlib
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_runtime_path

from colossus.errors import RehearsalFailed
from colossus.twin.base import End, TierName, TwinCable, TwinNode, TwinSpec

SCHEMA_VERSION = 1
# A socket's path has at most 107 bytes; a twin's own things take up to 40 of them.
LONGEST_FOLDER = 60


def usual_folder() -> str:
    """Return where twins are written down unless told otherwise: emptied by a reboot, as they are.

    Without root it is the user's own: such a user sees and removes only what is theirs.
    """
    return "/run/colossus/twins" if os.geteuid() == 0 else str(user_runtime_path("colossus/twins"))


# Another folder sees none of the usual twins: tests and several users of one machine.
TWINS = Path(os.environ.get("COLOSSUS_TWINS") or usual_folder())


@dataclass(frozen=True, slots=True)
class Life:
    """A process: its number and when it started (clock ticks since boot); pid 0 is none."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Life":
        """Return the process that has this number now, Life(0, 0) if none has."""
        return cls(pid, start) if (start := _start_of(pid)) else cls(0, 0)

    @property
    def alive(self) -> bool:
        """Whether it still runs (a zombie does not)."""
        return self.pid > 0 and _start_of(self.pid) == self.started

    def kill(self) -> None:
        """End it at once if it is alive."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _start_of(pid: int) -> int:
    """Return the 22nd field of /proc/PID/stat, 0 if there is no such process or it is a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    words = text.rpartition(")")[2].split()
    return 0 if words[0] in {"Z", "X"} else int(words[19])


@dataclass(slots=True)
class TwinState:
    """Everything known of one twin.

    wires: the pairs that exist now, (end, None) for a plug that hangs loose. lasting: it outlives
    its creator, once it is complete. thresholds: the machine's neighbour-table limits before it.
    accel: what its nodes run on, in words. doors: where this machine finds a node's sshd, for nodes
    that are machines.
    """

    spec: TwinSpec
    creator: Life
    lasting: bool
    tier: TierName = "ns"
    accel: str = ""
    complete: bool = False
    nodes: dict[str, Life] = field(default_factory=dict)
    station: Life = field(default_factory=lambda: Life(0, 0))
    doors: dict[str, str] = field(default_factory=dict)
    host_keys: dict[str, str] = field(default_factory=dict)
    wires: list[tuple[End, End | None]] = field(default_factory=list)
    thresholds: dict[str, str] = field(default_factory=dict)

    def lives(self) -> list[Life]:
        """Return every process that holds up a part of the twin."""
        return [*self.nodes.values(), self.station]

    @property
    def abandoned(self) -> bool:
        """Whether it should have died with its creator: a rehearsal's, or one never finished."""
        return not self.creator.alive and not (self.lasting and self.complete)


def folder_of(name: str, twins: Path = TWINS) -> Path:
    """Return the folder of a twin."""
    return twins / name


def short_path(folder: Path) -> Path:
    """Return a path to a twin's folder that is short enough for sockets below it."""
    if len(str(folder)) <= LONGEST_FOLDER:
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"colossus-{digest}"


def make_short(folder: Path) -> None:
    """Make the short path lead to the folder, where it is another one.

    Raises:
        RehearsalFailed: somebody else has something there.
    """
    short = short_path(folder)
    if short != folder:
        with contextlib.suppress(FileExistsError):
            short.symlink_to(folder)
        if short.lstat().st_uid != os.geteuid() or short.readlink() != folder:
            raise RehearsalFailed(f"{short} is not ours", "remove it, or set TMPDIR")


def drop_short(folder: Path) -> None:
    """Remove the short path, if there is one."""
    short = short_path(folder)
    if short != folder:
        short.unlink(missing_ok=True)


def save(state: TwinState, twins: Path = TWINS) -> None:
    """Write the state, atomically: a reader sees the old or the new."""
    folder = folder_of(state.spec.name, twins)
    folder.mkdir(parents=True, exist_ok=True)
    document = {"schema_version": SCHEMA_VERSION, **asdict(state)}
    temporary = folder / "state.json.new"
    temporary.write_text(json.dumps(document, indent=1), encoding="utf-8")
    temporary.replace(folder / "state.json")


def load(name: str, twins: Path = TWINS) -> TwinState | None:
    """Return the state of a twin, None if there is none of that name."""
    path = folder_of(name, twins) / "state.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return _state(document)


def names(twins: Path = TWINS) -> list[str]:
    """Return the names of all twins of this machine, sorted."""
    return sorted(path.parent.name for path in twins.glob("*/state.json"))


def _state(document: dict[str, Any]) -> TwinState:
    spec = document["spec"]
    return TwinState(
        spec=TwinSpec(
            name=spec["name"],
            nodes=tuple(
                TwinNode(**{**node, "kernel_settings": tuple(node["kernel_settings"])})
                for node in spec["nodes"]
            ),
            cables=tuple(TwinCable(**cable) for cable in spec["cables"]),
            management_switches=tuple(spec["management_switches"]),
            operator_address=spec["operator_address"],
            open_ports=tuple(End(*port) for port in spec["open_ports"]),
            joined=tuple(End(*port) for port in spec["joined"]),
            unbridged=tuple(End(*port) for port in spec["unbridged"]),
            rack_gateways=tuple(spec["rack_gateways"]),
            untold=tuple(End(*port) for port in spec["untold"]),
        ),
        creator=Life(**document["creator"]),
        lasting=document["lasting"],
        tier=document["tier"],
        accel=document["accel"],
        complete=document["complete"],
        nodes={name: Life(**life) for name, life in document["nodes"].items()},
        station=Life(**document["station"]),
        doors=document["doors"],
        host_keys=document["host_keys"],
        wires=[(End(*one), End(*other) if other else None) for one, other in document["wires"]],
        thresholds=document["thresholds"],
    )


def wait_until_gone(lives: list[Life], seconds: float = 10.0) -> list[Life]:
    """Wait for processes to end; return those still alive after so many seconds."""
    deadline = time.monotonic() + seconds
    left = lives
    for _ in _ticks(deadline):
        left = [life for life in left if life.alive]
        if not left:
            break
    return left


def _ticks(deadline: float) -> Iterator[None]:
    while time.monotonic() < deadline:
        yield
        time.sleep(0.01)
