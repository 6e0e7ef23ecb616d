"""What the journal remembers: runs, intents, events, what was last applied, who may apply.

The protocol that the engine works with. `sqlite` is the journal of one controller; several
controllers will share one in PostgreSQL behind the same protocol. Nothing in it is secret:
contents are digests, secrets are references.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from colossus.errors import ColossusError, PlanRefused
from colossus.plan.resource import State
from colossus.transport.answer import Event

RunStatus = Literal["running", "done", "failed", "interrupted"]
HostStatus = Literal[
    "waiting",  # nothing was begun there
    "begun",  # an intent is committed; what happened after it may be unknown
    "done",
    "failed",  # a resource could not be brought to its state
    "drifted",  # something was changed outside Colossus and was left as it is
    "unreachable",
    "held",  # everything that it needs failed
]


class RunUnknown(ColossusError):
    """The journal has no such run."""


class LeaseHeld(PlanRefused):
    """Another run is at work on the cluster."""


@dataclass(frozen=True, slots=True)
class Run:
    """One apply. reach: how hosts are reached, so that a resume needs nothing but the journal.

    started, ended: UTC in ISO 8601, ended empty while it runs or after a kill.
    """

    id: str
    cluster: str
    plan_digest: str
    started: str
    against: str
    inventory_digest: str
    operator: str
    overwrite_drift: bool = False
    reach: Mapping[str, str | int] = field(default_factory=dict)
    ended: str = ""
    status: RunStatus = "running"


@dataclass(frozen=True, slots=True)
class HostState:
    """Where one host of a run stands. attempts: how often it was begun."""

    host: str
    status: HostStatus = "waiting"
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was last applied: a state digest, and the secret's reference where it has one."""

    digest: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of one host; applied is what it proves about the host, if anything.

    An empty digest in applied means that the resource is gone, or has no state of its own.
    """

    host: str
    event: Event
    applied: Applied | None = None


Debts = Mapping[str, Collection[str]]
"""Triggers that one host may owe: resource → the resources whose change triggers it."""


class Journal(Protocol):
    """Where runs are written down; each method is one transaction."""

    def begin(self, run: Run, document: str, hosts: Sequence[str]) -> None:
        """Write down a run, its plan and its hosts before anything is done."""
        ...

    def intend(self, run: Run, owed: Mapping[str, Debts]) -> None:
        """Write down which hosts are begun now, and which triggers they may owe from here on.

        On disk when it returns: this is what a resume after a power loss rests on.
        """
        ...

    def record(self, run: Run, entries: Sequence[Entry], settled: Sequence[HostState] = ()) -> None:
        """Write down what happened, what is applied because of it, and which hosts are through."""
        ...

    def end(self, run: Run, status: RunStatus) -> None:
        """Write down how a run ended."""
        ...

    def runs(self) -> list[Run]:
        """Give all runs, latest first."""
        ...

    def run(self, identity: str) -> Run:
        """Give one run (a unique beginning of its id is enough); raises RunUnknown."""
        ...

    def plan(self, run: Run) -> str:
        """Give the plan document of a run."""
        ...

    def hosts(self, run: Run) -> list[HostState]:
        """Give where each host of a run stands, by name."""
        ...

    def events(self, run: Run) -> list[tuple[str, Event]]:
        """Give the events of a run in order, with their host."""
        ...

    def last_applied(self, cluster: str) -> State:
        """Give what hosts were last made to be, without what is unsettled."""
        ...

    def unsettled(self, cluster: str) -> Mapping[str, frozenset[str]]:
        """Give, by host, what may not count as applied: what owes a trigger, and what caused it.

        Leaving these out makes the next plan touch them, and so the trigger is not forgotten.
        """
        ...

    def applied(self, cluster: str, host: str) -> Mapping[str, Applied]:
        """Give what was last applied to one host, with secret references."""
        ...

    def owed(self, cluster: str, host: str) -> Mapping[str, str]:
        """Give the triggers that one host may still owe: resource → run."""
        ...

    def forget(self, cluster: str, host: str, resources: Collection[str] | None = None) -> None:
        """Drop what was applied to a host: some resources, or everything with the host."""
        ...

    def acquire(self, cluster: str, holder: str) -> int:
        """Take the lease of a cluster; give its fencing token. Raises LeaseHeld."""
        ...

    def renew(self, cluster: str, token: int) -> None:
        """Show that the holder still lives; raises LeaseHeld when the lease is lost."""
        ...

    def release(self, cluster: str, token: int) -> None:
        """Give the lease back."""
        ...

    def holder(self, cluster: str) -> str:
        """Give who is at work on a cluster; empty when nobody is."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...
