"""systemd unit files as the twin's systemctl reads them: the real file, its drop-ins, its state.

Copied into every node; the node's own Python runs it, so it imports the standard library only.
Source of the rules: systemd.unit(5), systemd.service(5), systemd.exec(5).
"""

import re
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path

FOLDERS = (Path("/etc/systemd/system"), Path("/run/systemd/system"), Path("/lib/systemd/system"))
STATE = Path("/run/colossus-systemctl")
# systemd knows a unit's processes by their cgroup; without one they are known by this variable.
MARK = "COLOSSUS_UNIT"


class Unit:
    """One unit: settings of its file and drop-ins in order, and what its last start left."""

    def __init__(self, name: str) -> None:
        self.name = name if re.search(r"\.[a-z]+$", name) else f"{name}.service"
        self.settings: dict[str, list[str]] = {}
        self.path = self._find()
        self.masked = self.path is not None and self.path.resolve() == Path("/dev/null")
        if self.path and not self.masked:
            if "@" not in self.name:
                # An alias (sshd.service) is a link: the unit is the file behind it.
                self.name = self.path.resolve().name
            for path in (self.path, *self.drop_ins()):
                self._read(path)

    def _find(self) -> Path | None:
        names = (self.name, re.sub(r"@[^.]*\.", "@.", self.name))
        paths = (folder / name for folder in FOLDERS for name in names)
        return next((path for path in paths if path.is_symlink() or path.exists()), None)

    def drop_ins(self) -> list[Path]:
        """Return the drop-in files in the order in which they are read; /etc hides /lib."""
        found: dict[str, Path] = {}
        for folder in reversed(FOLDERS):
            for path in (folder / f"{self.name}.d").glob("*.conf"):
                found[path.name] = path
        return [found[name] for name in sorted(found)]

    def _read(self, path: Path) -> None:
        for raw in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            line = raw.strip()
            if "=" not in line or line.startswith(("#", ";", "[")):
                continue
            key, value = (part.strip() for part in line.split("=", 1))
            # An empty assignment empties the list, as in systemd.
            before = self.settings.get(key, []) if value else []
            self.settings[key] = [*before, self._specifiers(value)] if value else []

    def _specifiers(self, value: str) -> str:
        stem = self.name.rpartition(".")[0]
        meanings = {"n": self.name, "N": stem, "i": stem.partition("@")[2], "t": "/run", "%": "%"}
        meanings |= {"I": meanings["i"], "H": socket.gethostname()}
        return re.sub("%([nNiIHt%])", lambda match: meanings[match.group(1)], value)

    def every(self, key: str) -> list[str]:
        """Return all values of one setting, in order."""
        return self.settings.get(key, [])

    def one(self, key: str, default: str = "") -> str:
        """Return the value of one setting that counts: the last."""
        return (self.every(key) or [default])[-1]

    @property
    def kind(self) -> str:
        """The service's Type=, with systemd's default."""
        return self.one("Type", "simple" if self.every("ExecStart") else "oneshot")

    def state(self) -> str:
        """Return "PID", "exited", "failed" or nothing, as the last start or stop left it."""
        path = STATE / self.name
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    def remember(self, word: str) -> None:
        """Note the state of this unit for the next call."""
        STATE.mkdir(exist_ok=True)
        (STATE / self.name).write_text(f"{word}\n", encoding="utf-8")

    def main_pid(self) -> int:
        """Return the process that is this unit's main one and alive, or 0."""
        state = self.state()
        if not state.isdigit():
            return 0
        return int(state) if alive(int(state)) else pid_behind(self.one("PIDFile"))

    def active(self) -> str:
        """Return "active", "inactive" or "failed"."""
        if self.main_pid():
            return "active"
        return {"exited": "active", "": "inactive"}.get(self.state(), "failed")

    def links(self) -> list[Path]:
        """Return the links that `enable` makes: WantedBy=, RequiredBy= and Alias=."""
        etc = FOLDERS[0]
        found = []
        for key, ending in (("WantedBy", "wants"), ("RequiredBy", "requires")):
            targets = " ".join(self.every(key)).split()
            found += [etc / f"{target}.{ending}" / self.name for target in targets]
        return found + [etc / alias for alias in " ".join(self.every("Alias")).split()]

    def enabled(self) -> str:
        """Return "enabled", "disabled", "static" or "masked", as is-enabled prints them."""
        if self.masked:
            return "masked"
        if not self.links():
            return "static"
        return "enabled" if any(link.is_symlink() for link in self.links()) else "disabled"


def alive(pid: int) -> bool:
    """Say whether a process exists and is not a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return fields.rpartition(")")[2].split()[0] not in {"Z", "X"}


def pid_behind(path: str) -> int:
    """Return the living process that a pid file names, or 0."""
    if not path or not Path(path).exists():
        return 0
    text = Path(path).read_text(encoding="utf-8").strip()
    return int(text) if text.isdigit() and alive(int(text)) else 0


def marked(name: str) -> list[int]:
    """Return every process of a unit: those that carry its name in their environment."""
    wanted = f"{MARK}={name}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile, or is a kernel thread
            continue
        if wanted in variables and alive(int(folder.name)):
            found.append(int(folder.name))
    return found


def environment_file(text: str) -> dict[str, str]:
    """Read an EnvironmentFile=: NAME=value lines, comments, one level of quotes."""
    found = {}
    for line in text.replace("\\\n", " ").splitlines():
        if "=" in line and not line.lstrip().startswith(("#", ";")):
            key, value = line.split("=", 1)
            found[key.strip()] = " ".join(shlex.split(value))
    return found


def command_words(command: str, env: Mapping[str, str]) -> list[str]:
    """Split a command line as systemd does: $NAME becomes words, ${NAME} stays one word."""
    argv: list[str] = []
    for word in shlex.split(command):
        if re.fullmatch(r"\$\w+", word):
            argv += shlex.split(env.get(word[1:], ""))
        else:
            argv.append(re.sub(r"\$\{(\w+)\}", lambda match: env.get(match.group(1), ""), word))
    return argv
