"""On the host: reads one request, compares every resource, applies, and streams one line each.

Part of the program that is sent to hosts: standard library only, valid for Python 3.6. Everything
is compared before anything is written, so that check mode (the same code with the writes left
out) predicts exactly what an apply does, triggers included.
"""

import binascii
import fcntl
import json
import os
import subprocess
import sys
import time

from colossus.transport.interpreter import files, system, units
from colossus.transport.interpreter.state import Item, ResourceFailed, wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Emit = Callable[["dict[str, Any]"], None]

LOCK_SECONDS = 600  # a killed run's interpreter may still be at work on this host
LOCK_STEP_SECONDS = 0.1
EDITED = ("file", "directory", "link", "absent")
LOOK = {
    "file": files.look_path,
    "directory": files.look_path,
    "link": files.look_path,
    "absent": files.look_path,
    "package": system.look_package,
    "user": system.look_user,
    "sysctl": system.look_sysctl,
    "module": system.look_module,
    "mount": system.look_mount,
    "service": units.look_service,
    "command": system.look_command,
}
MAKE_PATH = {
    "file": files.write_file,
    "directory": files.make_directory,
    "link": files.make_link,
    "absent": files.remove_path,
}
MAKE = {
    "package": system.make_package,
    "user": system.make_user,
    "sysctl": system.make_sysctl,
    "module": system.make_module,
    "mount": system.make_mount,
    "service": units.make_service,
    "command": system.make_command,
    "check": system.make_check,
}


def compare(item: Item, request: "dict[str, Any]", moved: "set[str]") -> None:
    """Find out what is, and decide what is to be done. moved: ids that will have changed."""
    if item.kind == "check":
        item.action = "" if request["check"] else "run"
        return
    try:
        item.found = LOOK[item.kind](item)
    except (OSError, ResourceFailed) as fault:
        item.outcome, item.message = "failed", str(fault)
        return
    triggered = item.id in request["pending"] or not moved.isdisjoint(item.on)
    if item.kind == "command":
        item.action = "run" if triggered or item.found != item.desired else ""
    elif item.found == item.desired:
        item.action = reaction(item.body) if item.kind == "service" and triggered else ""
    elif is_drift(item) and not request["overwrite_drift"]:
        item.outcome = "drifted"
        item.diff = files.differences(item, request["blobs"])
        item.message = "changed outside Colossus since it was last applied"
        return
    else:
        item.action = "create" if not item.found else "change"
        item.action = "delete" if item.kind == "absent" else item.action
    item.outcome = "changed" if item.action else "ok"


def reaction(body: "dict[str, Any]") -> str:
    """What a running service does when a file that it watches changed."""
    verb = body.get("on_change") or "none"
    return str(verb) if verb != "none" and body.get("running") else ""


def is_drift(item: Item) -> bool:
    """Whether somebody else made the difference, so that the plan does not cover it."""
    known = item.last is not None and item.kind in EDITED
    return not item.planned or (known and item.found != item.last)


def compare_retired(item: Item, request: "dict[str, Any]") -> None:
    """Decide whether something that is wanted no more can go."""
    if item.kind not in ("file", "directory", "link"):
        return  # a package or a user stays; Colossus forgets it
    try:
        item.found = files.look_path(item)
    except (OSError, ResourceFailed) as fault:
        item.outcome, item.message = "failed", str(fault)
        return
    if not item.found:
        return
    if item.kind != "directory" and item.found != item.last and not request["overwrite_drift"]:
        item.outcome = "drifted"
        item.message = "changed outside Colossus since it was last applied; not removed"
        return
    item.action, item.outcome = "delete", "changed"


def act(item: Item, request: "dict[str, Any]", *, retired: bool) -> None:
    """Do what was decided; raises ResourceFailed."""
    triggered_command = item.kind == "command" and item.found == item.desired
    if item.kind == "command" and not triggered_command and not system.needs_run(item.body):
        # An earlier resource already had the effect: a guarded command never runs without need.
        item.action, item.outcome = "", "ok"
    elif retired:
        files.remove_path(item, request["blobs"])
    elif item.kind in MAKE_PATH:
        MAKE_PATH[item.kind](item, request["blobs"])
    else:
        MAKE[item.kind](item)


def attempt(item: Item, request: "dict[str, Any]", *, retired: bool) -> None:
    """Act, and turn whatever the system says against it into a failure of this resource."""
    try:
        act(item, request, retired=retired)
    except ResourceFailed as fault:
        item.outcome, item.message = "failed", str(fault)
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as fault:
        item.outcome, item.message = "failed", f"{type(fault).__name__}: {fault}"


class Memory:
    """What this host remembers of runs until it reboots: who is at work, what was triggered."""

    def __init__(self, request: "dict[str, Any]") -> None:
        self.folder = request.get("memory") or "/run/colossus"
        self.run = request["run"]
        self.lock = -1

    def hold(self, cluster: str, token: int) -> None:
        """Wait until no other run is at work here; refuse a run whose lease is no longer valid."""
        try:
            os.makedirs(self.folder, 0o700, exist_ok=True)
            self.lock = os.open(os.path.join(self.folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise ResourceFailed(f"not root there: {self.folder}: {fault.strerror}") from fault
        for _ in range(int(LOCK_SECONDS / LOCK_STEP_SECONDS)):
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                wait(LOCK_STEP_SECONDS)
        else:
            raise ResourceFailed("another run has been at work on this host for 10 minutes")
        place = os.path.join(self.folder, "token-" + cluster)
        if int(system.read_text(place) or 0) > token:
            raise ResourceFailed(f"a later run holds the lease of {cluster}")
        with open(place, "w", encoding="utf-8") as file:
            file.write(str(token))

    def release(self) -> None:
        """Let the next run in."""
        if self.lock >= 0:
            os.close(self.lock)

    def ran(self, run: str) -> "set[str]":
        """Ids of what an earlier attempt of a run already triggered here."""
        return set(system.read_text(os.path.join(self.folder, "ran-" + run)).splitlines())

    def begin(self, due: "set[str]") -> None:
        """Forget what is about to be triggered again: a kill from here on owes it once more."""
        place = os.path.join(self.folder, "ran-" + self.run)
        before = self.ran(self.run)
        if before & due:
            with open(place, "w", encoding="utf-8") as file:
                file.writelines(identity + "\n" for identity in sorted(before - due))

    def note(self, identity: str) -> None:
        """Remember that something was triggered, before anybody is told."""
        if self.lock >= 0:
            with open(os.path.join(self.folder, "ran-" + self.run), "a", encoding="utf-8") as file:
                file.write(identity + "\n")


def decide(request: "dict[str, Any]") -> "list[tuple[Item, bool]]":
    """Compare everything; give each item and whether it is one that is wanted no more."""
    secrets = {ref: binascii.a2b_base64(text) for ref, text in request["secrets"].items()}
    wanted = [Item(entry, secrets) for entry in request["resources"]]
    system.ask_packages([item for item in wanted if item.kind == "package"])
    units.ask_services([item for item in wanted if item.kind == "service"])
    moved = set()  # type: set[str]
    for item in wanted:
        compare(item, request, moved)
        if item.outcome == "changed":
            moved.add(item.id)
    gone = [Item(entry, secrets) for entry in request["remove"]]
    for item in gone:
        compare_retired(item, request)
    return [(item, False) for item in wanted] + [(item, True) for item in gone]


def carry_out(request: "dict[str, Any]", emit: "Emit") -> None:
    """Compare, apply unless only checking, and emit one event per resource in order."""
    memory = Memory(request)
    try:
        if not request["check"]:
            memory.hold(request["cluster"], request["token"])
        go_through(request, memory, emit)
    finally:
        memory.release()


def go_through(request: "dict[str, Any]", memory: "Memory", emit: "Emit") -> None:
    """Decide about every resource, then act on one after the other until one fails."""
    done = {run: memory.ran(run) for run in set(request["pending"].values())}
    request["pending"] = {i: r for i, r in request["pending"].items() if i not in done[r]}
    decided = decide(request)
    if not request["check"]:
        memory.begin({item.id for item, _ in decided if item.on and item.action})
    failed = False
    # An attempt that was killed may have written unit files.
    unread = bool(request["pending"]) or any(
        item.known.get("NeedDaemonReload") == "yes" for item, _ in decided
    )
    for item, retired in decided:
        started = time.monotonic()
        if failed:
            item.outcome, item.action, item.diff = "skipped", "", ""
            item.message = "after a failure on this host"
        elif request["check"]:
            foretell(item)
        elif item.action:
            item.unread = unread
            attempt(item, request, retired=retired)
            unread = units.unread_after(item, before=unread)
            if item.on and item.outcome != "failed":
                memory.note(item.id)
        failed = failed or item.outcome == "failed"
        emit(event(item, time.monotonic() - started, retired=retired))


def foretell(item: Item) -> None:
    """Say what an apply would do; nothing is written."""
    if item.kind == "check":
        item.outcome, item.message = "skipped", "checks are asked after an apply"
    elif item.action:
        item.outcome = "would-change"


def event(item: Item, seconds: float, *, retired: bool) -> "dict[str, Any]":
    """One line of the answer."""
    reached = "" if retired else item.desired
    told = {
        "id": item.id,
        "outcome": item.outcome,
        "action": item.action,
        "before": item.found,
        "after": reached if item.outcome in ("ok", "changed", "would-change") else item.found,
        "seconds": round(seconds, 3),
        "message": item.message,
    }
    if item.diff:
        told["diff"] = item.diff
    return told


def main() -> None:
    """Read the request from stdin; answer on stdout until nobody listens any more."""
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))

    def emit(told: "dict[str, Any]") -> None:
        # Whoever asked may be gone; the host is not left half-way because of that.
        try:
            os.write(1, (json.dumps(told) + "\n").encode())
        except OSError:
            return

    os.umask(0o022)
    try:
        carry_out(request, emit)
    except ResourceFailed as fault:
        emit({"refused": str(fault)})
    else:
        emit({"end": len(request["resources"]) + len(request["remove"])})
