"""What one Pulumi resource stands for: a rack's hosts, a switch, a controller, a boot server.

Coarse on purpose: the engine rewrites its whole state at each step, so a resource per host file
would cost more than the work itself. What changes within a block is decided by our own planner.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from colossus.inventory.nodeset import expand, fold
from colossus.inventory.site import Site
from colossus.plan.order import wave_place
from colossus.plan.predict import applied
from colossus.plan.resource import Desired, State, Target

Kind = Literal["Switch", "SlurmController", "BootServer", "Service", "Rack"]
OnDestroy = Literal["leave", "remove"]
Folded = Mapping[str, Mapping[str, str]]
"""Resource id → hosts, folded → state digest: what state and diffs show of a block."""

CONTROL = "control"
WAYS = ("ssh", "twin", "fake")


@dataclass(frozen=True, slots=True)
class Block:
    """The targets that one Pulumi resource stands for; all of one wave."""

    kind: Kind
    name: str
    wave: str
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Inputs:
    """The properties of one resource, as they stand in the stack's state.

    connect says how its hosts are reached (`ssh:FOLDER`, `twin:NAME`, `fake:`), bundle names the
    desired state in the store. on_destroy: `leave` forgets the hosts and changes nothing on them,
    `remove` takes away the files that were placed there. labels are for policies.
    """

    cluster: str
    connect: str
    journal: str
    store: str
    bundle: str
    hosts: tuple[str, ...]
    resources: Folded
    on_destroy: OnDestroy = "leave"
    labels: Mapping[str, str] = field(default_factory=dict)

    def faults(self) -> list[tuple[str, str]]:
        """Give property and reason of what makes no sense."""
        found = []
        if not self.hosts:
            found.append(("hosts", "names no host"))
        if self.connect.partition(":")[0] not in WAYS:
            found.append(("connect", f"must begin with one of {', '.join(WAYS)} and a colon"))
        strangers = unfolded(self.resources).keys() - set(self.hosts)
        if strangers:
            found.append(("resources", f"is about other hosts, too: {fold(strangers)}"))
        return found

    def properties(self) -> dict[str, object]:
        """Give the properties under their names in Pulumi."""
        return {
            "cluster": self.cluster,
            "connect": self.connect,
            "journal": self.journal,
            "store": self.store,
            "bundle": self.bundle,
            "hosts": fold(self.hosts),
            "resources": {name: dict(each) for name, each in self.resources.items()},
            "onDestroy": self.on_destroy,
            "labels": dict(self.labels),
        }


def inputs_of(properties: Mapping[str, object]) -> Inputs:
    """Read a resource's properties; raises KeyError or NodeSetError for what is damaged."""
    resources = properties["resources"]
    labels = properties.get("labels", {})
    if not isinstance(resources, Mapping) or not isinstance(labels, Mapping):
        raise KeyError("resources")
    return Inputs(
        cluster=str(properties["cluster"]),
        connect=str(properties["connect"]),
        journal=str(properties["journal"]),
        store=str(properties["store"]),
        bundle=str(properties["bundle"]),
        hosts=tuple(expand(str(properties["hosts"]))),
        resources=resources,
        on_destroy="remove" if properties.get("onDestroy") == "remove" else "leave",
        labels=labels,
    )


def kinds_of(site: Site) -> dict[str, Kind]:
    """Give the roles that have a kind of their own among controllers and services."""
    kinds: dict[str, Kind] = {}
    if site.slurm:
        kinds[site.slurm.controller_role] = "SlurmController"
    if site.boot:
        kinds[site.boot.server_role] = "BootServer"
    return kinds


def blocks_of(desired: Desired, kinds: Mapping[str, Kind]) -> list[Block]:
    """Divide the managed targets into blocks, in the order of waves, then by name.

    kinds: those of roles that are neither switches nor compute hosts; others are services.
    """
    found: dict[tuple[int, Kind, str], list[Target]] = defaultdict(list)
    for target in desired.targets.values():
        if target.manage == "apply":
            kind = _kind(target, kinds)
            name = target.rack if kind == "Rack" else target.name
            found[wave_place(target.wave), kind, name].append(target)
    return [
        Block(kind, name, targets[0].wave, tuple(sorted(each.name for each in targets)))
        for (_, kind, name), targets in sorted(found.items(), key=lambda pair: pair[0])
    ]


def _kind(target: Target, kinds: Mapping[str, Kind]) -> Kind:
    if target.wave in ("management-network", "network"):
        return "Switch"
    if target.wave == "hosts":
        return "Rack"
    return kinds.get(target.role, "Service")


def stack_of(block: Block, shards: Mapping[str, int]) -> str:
    """Name the stack of a block: `control`, or the shard that its rack was given."""
    return f"racks-{shards[block.name]}" if block.kind == "Rack" else CONTROL


def assign_shards(racks: Iterable[str], known: Mapping[str, int], size: int) -> dict[str, int]:
    """Give each rack its shard. What has one keeps it; new racks fill the last, then open another.

    A rack that moved between stacks would be deleted in one and created in the other.
    """
    shards = dict(known)
    last = max(shards.values(), default=1)
    room = size - sum(shard == last for shard in shards.values())
    for rack in sorted(set(racks) - shards.keys()):
        if room <= 0:
            last, room = last + 1, size
        shards[rack] = last
        room -= 1
    return shards


def part_of(desired: Desired, hosts: Sequence[str]) -> Desired:
    """Give the desired state of some hosts, with the contents that they refer to."""
    targets = {name: desired.targets[name] for name in hosts}
    bodies = (resource.body for target in targets.values() for resource in target.resources)
    wanted = {str(body["content"]) for body in bodies if "content" in body}
    blobs = {digest: desired.blobs[digest] for digest in sorted(wanted)}
    return Desired(desired.cluster, targets, blobs)


def wanted_state(desired: Desired) -> dict[str, dict[str, str]]:
    """Give what the hosts are once everything is applied."""
    return {name: applied(target) for name, target in desired.targets.items()}


def folded(state: State) -> dict[str, dict[str, str]]:
    """Fold a state: resource → hosts → digest, so that 64 equal hosts are one line."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for host, known in state.items():
        for identity, digest in known.items():
            if digest:
                groups[identity, digest].append(host)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (identity, digest), hosts in sorted(groups.items()):
        found[identity][fold(hosts)] = digest
    return {name: dict(sorted(each.items())) for name, each in found.items()}


def unfolded(resources: Folded) -> dict[str, dict[str, str]]:
    """Undo `folded`; raises NodeSetError for a damaged set of hosts."""
    state: dict[str, dict[str, str]] = defaultdict(dict)
    for identity, groups in resources.items():
        for hosts, digest in groups.items():
            for host in expand(hosts):
                state[host][identity] = digest
    return dict(state)
