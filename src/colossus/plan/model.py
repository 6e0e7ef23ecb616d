"""The plan: a graph of steps that leaves nothing to decide.

A step is one change of one resource on a set of hosts. Hosts whose content differs are groups of
one step, so that 12,500 network files are one line for the reader and exact for the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from colossus.inventory.playbook import Kind
from colossus.plan.resource import Target

SCHEMA_VERSION: Literal[1] = 1
Action = Literal["create", "change", "delete", "run", "restart", "reload", "forget"]
SIGNS: Mapping[Action, str] = {
    "create": "+",
    "change": "~",
    "delete": "-",
    "run": ">",
    "restart": ">",
    "reload": ">",
    "forget": "-",
}


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Hosts of a step that go from the same state to the same state; empty = absent."""

    targets: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one resource on some hosts; needs = ids of steps that must be done before.

    resource is the resource's id on each host (`file:/etc/hostname`), path set for files.
    """

    id: str
    kind: Kind
    action: Action
    resource: str
    role: str
    groups: tuple[StepGroup, ...]
    reason: str
    needs: tuple[str, ...] = ()
    path: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """All hosts of the step."""
        return tuple(name for group in self.groups for name in group.targets)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the plan adds up to. add, change, destroy count resources over all hosts."""

    add: int
    change: int
    destroy: int
    hosts_new: int
    hosts_changed: int
    hosts_untouched: int
    reboots: int


@dataclass(frozen=True)
class Plan:
    """Steps in an order that satisfies `needs`, and the exact desired state they lead to.

    targets holds only the hosts that a step touches; blobs only what they refer to.
    against says what the difference was taken to: `journal`, `live`, `nothing` or a revision.
    """

    cluster: str
    against: str
    steps: tuple[Step, ...]
    summary: Summary
    targets: Mapping[str, Target]
    blobs: Mapping[str, str]
    retired: Mapping[str, str]
    inventory_digest: str
    digest: str = ""
