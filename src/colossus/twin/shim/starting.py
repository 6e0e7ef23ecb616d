"""Starting a unit's processes in the twin: environment, user, limits, folders, and being ready.

Copied into every node, as `units`. What systemd does and this does not: Restart=, sandboxing,
socket activation, cgroup limits.
"""

import contextlib
import grp
import os
import pwd
import re
import resource
import shlex
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from colossus.twin.shim.units import (
    MARK,
    STATE,
    Unit,
    alive,
    command_words,
    environment_file,
    marked,
    pid_behind,
)

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# systemd reports a failed Type=simple start afterwards; a rehearsal wants to hear of it at once.
SIMPLE_GRACE_SECONDS = 0.3
READY_SECONDS = 90.0
PID_FILE_SECONDS = 5.0
LIMITS = {
    "LimitNOFILE": resource.RLIMIT_NOFILE,
    "LimitMEMLOCK": resource.RLIMIT_MEMLOCK,
    "LimitSTACK": resource.RLIMIT_STACK,
}
FOLDERS = (
    ("Runtime", "/run"),
    ("State", "/var/lib"),
    ("Cache", "/var/cache"),
    ("Logs", "/var/log"),
)


class JobFailed(Exception):
    """What was asked of a unit did not work; the text is what systemctl prints."""


def environment(unit: Unit, **more: str) -> dict[str, str]:
    """Return the clean environment of a unit's processes.

    Raises:
        JobFailed: an EnvironmentFile= without a leading dash does not exist.
    """
    env = {"PATH": PATH, "LANG": "C.UTF-8", MARK: unit.name, **more}
    for line in unit.every("Environment"):
        env.update(word.partition("=")[::2] for word in shlex.split(line))
    for entry in unit.every("EnvironmentFile"):
        path = Path(entry.removeprefix("-"))
        if path.exists():
            env.update(environment_file(path.read_text(encoding="utf-8")))
        elif not entry.startswith("-"):
            raise JobFailed(f"{unit.name}: Failed to load environment files: {path}")
    return env


def _make_folders(unit: Unit, uid: int, gid: int) -> None:
    for kind, parent in FOLDERS:
        for name in " ".join(unit.every(f"{kind}Directory")).split():
            path = Path(parent) / name
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(int(unit.one(f"{kind}DirectoryMode", "0755"), 8))
            os.chown(path, uid, gid)


def _becoming(unit: Unit) -> Callable[[], None]:
    user = unit.one("User", "root")
    account = pwd.getpwnam(user)
    gid = grp.getgrnam(unit.one("Group")).gr_gid if unit.one("Group") else account.pw_gid
    _make_folders(unit, account.pw_uid, gid)

    def become() -> None:
        for key, limit in LIMITS.items():
            if unit.one(key):
                text = unit.one(key).split(":")[-1]
                value = resource.RLIM_INFINITY if text == "infinity" else int(text)
                # In a container root may not raise a limit: then it stays as it is.
                with contextlib.suppress(ValueError):
                    resource.setrlimit(limit, (value, value))
        if unit.one("UMask"):
            os.umask(int(unit.one("UMask"), 8))
        os.initgroups(user, gid)
        os.setgid(gid)
        os.setuid(account.pw_uid)

    return become


def spawn(unit: Unit, line: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one command line of a unit; its output goes to /var/log/colossus-units/UNIT.log."""
    prefix, command = re.findall(r"(?s)^([-@:+!|]*)(.*)$", line)[0]
    log_path = Path("/var/log/colossus-units") / f"{unit.name}.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    become = _becoming(unit)
    with log_path.open("ab") as log:
        try:
            return subprocess.Popen(
                command_words(command, env),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=unit.one("WorkingDirectory", "/").removeprefix("-"),
                start_new_session=True,
                # One thread only, so running Python between fork and exec is safe here.
                preexec_fn=None if "+" in prefix else become,  # noqa: PLW1509 - see above
            )
        except OSError as error:
            raise JobFailed(f"{unit.name}: {command}: {error}") from error


def run_all(unit: Unit, key: str, **more: str) -> None:
    """Run the commands under one key to their end; a leading dash forgives failure.

    Raises:
        JobFailed: one of them failed.
    """
    for line in unit.every(key):
        status = spawn(unit, line, environment(unit, **more)).wait()
        if status and not line.startswith("-"):
            raise JobFailed(f"Job for {unit.name} failed: {key}={line} exited with {status}.")


def _oneshot(unit: Unit) -> None:
    run_all(unit, "ExecStart")
    stays = unit.one("RemainAfterExit").lower() in {"yes", "true", "1", "on"}
    unit.remember("exited" if stays else "")


def _simple(unit: Unit) -> None:
    child = spawn(unit, unit.one("ExecStart"), environment(unit))
    unit.remember(str(child.pid))
    try:
        status = child.wait(SIMPLE_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return
    if status:
        raise JobFailed(f"Job for {unit.name} failed: the main process exited with {status}.")
    unit.remember("")


def _forking(unit: Unit) -> None:
    run_all(unit, "ExecStart")
    path = unit.one("PIDFile")
    deadline = time.monotonic() + PID_FILE_SECONDS
    while path and not pid_behind(path):
        if time.monotonic() > deadline:
            raise JobFailed(f"Job for {unit.name} failed: no process behind {path}.")
        time.sleep(0.02)
    unit.remember(str(pid_behind(path) or next(iter(marked(unit.name)), "failed")))


def _notify(unit: Unit) -> None:
    path = STATE / f"{unit.name}.notify"
    STATE.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        # The daemon may speak after it became another user.
        path.chmod(0o777)
        listener.settimeout(0.1)
        env = environment(unit, NOTIFY_SOCKET=str(path))
        child = spawn(unit, unit.one("ExecStart"), env)
        unit.remember(str(child.pid))
        _await_ready(unit, listener, child)


def _await_ready(unit: Unit, listener: socket.socket, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if b"READY=1" in listener.recv(4096):
                return
        except TimeoutError:
            if child.poll() is not None:
                text = f"the main process exited with {child.returncode}"
                raise JobFailed(f"Job for {unit.name} failed: {text}.") from None
    raise JobFailed(f"Job for {unit.name} failed: not ready after {READY_SECONDS:.0f} s.")


_WAYS = {"forking": _forking, "notify": _notify, "oneshot": _oneshot}


def _conditions_hold(unit: Unit) -> bool:
    tests = (("ConditionPathExists", Path.exists), ("ConditionPathIsDirectory", Path.is_dir))
    return all(
        test(Path(path.removeprefix("!"))) != path.startswith("!")
        for key, test in tests
        for path in unit.every(key)
    )


def start(unit: Unit) -> None:
    """Start a unit that is not active, and before it the services that it wants.

    Raises:
        JobFailed: it is masked, or did not start; it is then marked as failed.
    """
    if unit.active() == "active":
        return
    if unit.masked:
        raise JobFailed(f"Failed to start {unit.name}: Unit {unit.name} is masked.")
    for name in " ".join([*unit.every("Requires"), *unit.every("Wants")]).split():
        if name.endswith(".service") and Unit(name).path:
            start(Unit(name))
    if not _conditions_hold(unit):
        unit.remember("")
        return
    try:
        run_all(unit, "ExecStartPre")
        _WAYS.get(unit.kind, _simple)(unit)
        run_all(unit, "ExecStartPost", MAINPID=str(unit.main_pid()))
    except JobFailed:
        kill(unit, unit.main_pid())
        unit.remember("failed")
        raise


def kill(unit: Unit, main: int, seconds: float = 20.0) -> None:
    """End a unit's processes, SIGTERM then SIGKILL; KillMode=process ends the main one only."""
    main_only = unit.one("KillMode", "control-group") in {"process", "none"}
    victims = [pid for pid in ([main] if main_only else {main, *marked(unit.name)}) if pid]
    for number in (15, 9):
        for pid in victims:
            if alive(pid):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while any(alive(pid) for pid in victims) and time.monotonic() < deadline:
            time.sleep(0.02)
