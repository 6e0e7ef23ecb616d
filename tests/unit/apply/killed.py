"""An apply to folders of this machine, as a program of its own that a test may kill."""

import os
import sys
from pathlib import Path

from colossus.apply.engine import Means, Wish, apply_plan
from colossus.apply.executor import ThreadExecutor
from colossus.apply.outcome import Outcome
from colossus.plan.model import Plan
from colossus.plan.resource import Desired, Json, Resource, Target
from colossus.transport.base import Endpoint
from colossus.transport.local import LocalTransport
from colossus.transport.secrets import Secret
from tests.unit.apply.site import CANARY, desired, file, journal_in, plan_of, target
from tests.unit.transport.hosted import GROUP, USER

HOSTS = ("ctl-1", "gpu-1", "gpu-2", "gpu-3")


def resources(root: Path, text: str) -> tuple[Resource, ...]:
    """A file, a secret, a trigger that leaves a line each time, and a file after it."""
    conf = file(f"{root}/etc/conf", text, owner=USER, group=GROUP)
    rights: dict[str, Json] = {"mode": "0600", "owner": USER, "group": GROUP}
    key = Resource(f"file:{root}/key", "file", {"path": f"{root}/key", **rights, "secret": "env:X"})
    argv: list[Json] = ["sh", "-c", f"cat {root}/etc/conf >> {root}/log"]
    trigger = Resource(f"command:{root.name}", "command", {"argv": argv}, (conf.id, key.id))
    return (conf, key, trigger, file(f"{root}/etc/later", "later\n", owner=USER, group=GROUP))


def on_folders(folder: Path, text: str = "one\n") -> Desired:
    targets: list[Target] = [
        target(n, resources(folder / n, text), "controllers" if n.startswith("ctl") else "hosts")
        for n in HOSTS
    ]
    return desired(*targets, texts=(text, "later\n"))


def means_on(folder: Path) -> Means:
    return Means(
        endpoints={name: Endpoint(name, "") for name in HOSTS},
        executor=ThreadExecutor(LocalTransport(), 2),
        resolve=lambda _reference: Secret(CANARY.encode()),
        memory=str(folder / "memory"),
    )


def plan_now(folder: Path, text: str = "one\n") -> Plan:
    journal = journal_in(folder)
    try:
        return plan_of(on_folders(folder, text), journal.last_applied("little"))
    finally:
        journal.close()


def apply_now(folder: Path, text: str = "one\n") -> Outcome:
    plan = plan_now(folder, text)
    journal = journal_in(folder)
    try:
        return apply_plan(plan, journal, means_on(folder), Wish())
    finally:
        journal.close()


def tree(folder: Path) -> dict[str, str]:
    """What the hosts are: every file below them with its mode and text."""
    found = {}
    for name in HOSTS:
        for path in sorted((folder / name).rglob("*")):
            text = path.read_text() if path.is_file() else "folder"
            found[str(path.relative_to(folder))] = f"{path.stat().st_mode:o} {text}"
    return {name: text.replace(str(folder), "ROOT") for name, text in found.items()}


if __name__ == "__main__":
    outcome = apply_now(Path(sys.argv[1]), os.environ.get("TEXT", "one\n"))
    sys.exit(0 if outcome.status == "done" else 1)
