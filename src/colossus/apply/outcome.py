"""What an apply did, exactly: for the operator, and to compare with what was predicted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from colossus.apply.journal import HostState, RunStatus
from colossus.inventory.nodeset import fold
from colossus.plan.model import Plan
from colossus.transport.answer import Event

Change = tuple[str, str, str]
"""Host, resource id, action."""


@dataclass
class Outcome:
    """What one apply did. hosts: where each host of this attempt ended; changed: what it changed.

    drifted: host → events of what somebody changed outside Colossus and what was left as it is.
    """

    run: str
    cluster: str
    status: RunStatus = "running"
    hosts: dict[str, HostState] = field(default_factory=dict)
    changed: set[Change] = field(default_factory=set)
    drifted: dict[str, list[Event]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)

    def note(self, host: str, event: Event) -> None:
        """Count one event."""
        self.outcomes[event.outcome] += 1
        if event.changes:
            self.changed.add((host, event.id, event.action))
        if event.outcome == "drifted":
            self.drifted.setdefault(host, []).append(event)

    @property
    def unfinished(self) -> Mapping[str, HostState]:
        """The hosts that are not done."""
        return {name: state for name, state in self.hosts.items() if state.status != "done"}

    @property
    def succeeded(self) -> bool:
        """Whether every host is done."""
        return not self.unfinished

    def summary(self) -> str:
        """Give one line: hosts by status, resources changed."""
        counts = Counter(state.status for state in self.hosts.values())
        parts = [f"{count} {status}" for status, count in sorted(counts.items())]
        hosts = ", ".join(parts) or "no hosts"
        name = f"run {self.run}" if self.run else "nothing was to be applied"
        return f"{name}: {hosts}; {len(self.changed)} resources changed"

    def by_reason(self) -> list[tuple[str, str, str]]:
        """Give (status, hosts folded, error) of what is not done; equal errors together."""
        grouped: dict[tuple[str, str], list[str]] = {}
        for name, state in self.unfinished.items():
            # The host's own name at the beginning would keep equal errors apart.
            error = state.error.removeprefix(name).lstrip(": ")
            grouped.setdefault((state.status, error), []).append(name)
        return [(status, fold(names), error) for (status, error), names in grouped.items()]


def predicted(plan: Plan) -> frozenset[Change]:
    """Give what the plan says will change; equal to `Outcome.changed` if all goes as planned."""
    return frozenset(
        (name, step.resource, step.action)
        for step in plan.steps
        if step.action != "forget"
        for name in step.targets
    )
