"""A small cluster for the tests of apply: plans made by hand's shortest way, hosts in memory."""

from collections.abc import Mapping
from pathlib import Path

from colossus.apply.engine import Means
from colossus.apply.executor import ThreadExecutor
from colossus.apply.sqlite import SqliteJournal
from colossus.plan.difference import make_plan
from colossus.plan.model import Plan
from colossus.plan.resource import Desired, Json, Resource, State, Target, digest_of
from colossus.transport.base import Endpoint, Transport
from colossus.transport.secrets import Secret

CANARY = "correct-horse-battery"


def file(path: str, text: str, *, owner: str = "root", group: str = "root") -> Resource:
    body: dict[str, Json] = {"path": path, "mode": "0644", "owner": owner, "group": group}
    return Resource(f"file:{path}", "file", {**body, "content": digest_of(text)}, reason="a test")


def command(name: str, argv: list[Json], on: tuple[str, ...]) -> Resource:
    return Resource(f"command:{name}", "command", {"argv": argv}, on, "a test")


def service(name: str, on: tuple[str, ...], on_change: str = "restart") -> Resource:
    body: dict[str, Json] = {
        "name": name,
        "running": True,
        "enabled": True,
        "on_change": on_change,
    }
    return Resource(f"service:{name}", "service", body, on, "a test")


def target(name: str, resources: tuple[Resource, ...], wave: str = "hosts") -> Target:
    return Target(
        name=name,
        role=name.rstrip("0123456789-") or name,
        playbook="test",
        rack="a1",
        address="127.0.0.1",
        resources=resources,
        wave=wave,
    )


def desired(*targets: Target, texts: tuple[str, ...] = ()) -> Desired:
    blobs = {digest_of(text): text for text in texts}
    return Desired("little", {each.name: each for each in targets}, blobs)


def plan_of(wanted: Desired, state: State | None = None, against: str = "journal") -> Plan:
    return make_plan(wanted, state or {}, against=against, inventory_digest="i" * 64)


def standard(text: str = "one\n") -> Desired:
    """Two controllers and four hosts, each with a file, a service that watches it, a command."""
    conf = file("/etc/thing.conf", text)
    resources = (
        conf,
        file("/etc/other.conf", "same\n"),
        service("thing", (conf.id,)),
        command("refresh", ["refresh"], (conf.id,)),
    )
    controllers = [target(f"ctl-{n}", resources, "controllers") for n in (1, 2)]
    hosts = [target(f"gpu-{n}", resources) for n in (1, 2, 3, 4)]
    return desired(*controllers, *hosts, texts=(text, "same\n"))


def means(
    transport: Transport, names: Mapping[str, object], *, width: int = 4, memory: str = ""
) -> Means:
    return Means(
        endpoints={name: Endpoint(name, "127.0.0.1") for name in names},
        executor=ThreadExecutor(transport, width),
        resolve=lambda _reference: Secret(CANARY.encode()),
        memory=memory,
    )


def journal_in(folder: Path) -> SqliteJournal:
    return SqliteJournal(folder / "state" / "journal.sqlite")
