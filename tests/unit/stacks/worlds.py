"""A cluster of two racks, a switch and a controller, in memory."""

from pathlib import Path

from colossus.plan.resource import Desired, Resource, Target, digest_of
from colossus.stacks.blocks import Kind
from colossus.stacks.program import Declared, stacks_of
from colossus.stacks.store import Place

CONTROLLER: dict[str, Kind] = {"ctl": "SlurmController"}
WAVES = {"leaf": "network", "ctl": "controllers", "gpu": "hosts"}


def target(name: str, rack: str, text: str) -> Target:
    file = Resource(
        "file:/etc/motd",
        "file",
        {
            "path": "/etc/motd",
            "mode": "0644",
            "owner": "root",
            "group": "root",
            "content": digest_of(text),
        },
        reason="says where one is",
    )
    service = Resource(
        "service:motd",
        "service",
        {"name": "motd", "running": True, "enabled": True, "on_change": "restart"},
        on=(file.id,),
    )
    role = name.partition("-")[0]
    return Target(name, role, role, rack, "192.0.2.1", (file, service), wave=WAVES[role])


def desired(text: str = "welcome\n", racks: int = 2) -> Desired:
    targets = [target("leaf-01", "r1", text), target("ctl-01", "r1", text)]
    for rack in range(1, racks + 1):
        targets += [target(f"gpu-{2 * rack - n:04d}", f"r{rack}", text) for n in (1, 0)]
    named = {each.name: each for each in targets}
    return Desired("tiny", dict(sorted(named.items())), {digest_of(text): text})


def place(folder: Path) -> Place:
    return Place("tiny", "fake:", folder / "journal.sqlite", folder / "pulumi")


def declared(folder: Path, text: str = "welcome\n") -> dict[str, Declared]:
    """Every resource by name, its desired state kept in the folder."""
    stacks = stacks_of(desired(text), place(folder), CONTROLLER)
    return {each.name: each for stack in stacks.values() for each in stack}
