"""In which order hosts are begun, and when one is held back.

A host goes through all its steps in one round trip, so the order of steps becomes an order of
hosts: wave by wave (plan/order.py says which and why). A failing host holds nobody back, neither
in its wave nor later, as long as another host of what a later step needs is done: a standby serves
where the primary is down. Only where *every* host that is needed failed is the later one held;
`runs resume` takes it up again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from colossus.plan.model import Plan
from colossus.plan.order import wave_place


@dataclass(frozen=True)
class Course:
    """The plan by host. planned, gone: resource ids that change, and that are wanted no more.

    forgotten: what is wanted no more and stays on the host; needs: steps of earlier waves.
    """

    waves: tuple[tuple[str, ...], ...]
    planned: Mapping[str, Collection[str]]
    gone: Mapping[str, Collection[str]]
    forgotten: Mapping[str, Collection[str]]
    needs: Mapping[str, Collection[str]]
    hosts_of: Mapping[str, frozenset[str]]

    def is_held(self, host: str, done: Collection[str], failed: Collection[str]) -> bool:
        """Whether all of what a host needs failed. Hosts that are not in this run do not count."""
        needed = [self.hosts_of[step] for step in self.needs.get(host, ())]
        if any(not hosts.isdisjoint(done) for hosts in needed):
            return False
        return any(not hosts.isdisjoint(failed) for hosts in needed)


def course(plan: Plan) -> Course:
    """Give the plan by host; hosts keep the plan's order within their wave."""
    by_wave: dict[int, list[str]] = defaultdict(list)
    for name, target in plan.targets.items():
        by_wave[wave_place(target.wave)].append(name)
    planned, gone, forgotten = _by_host(plan)
    return Course(
        waves=tuple(tuple(by_wave[place]) for place in sorted(by_wave)),
        planned=planned,
        gone=gone,
        forgotten=forgotten,
        needs=_needs(plan),
        hosts_of={step.id: frozenset(step.targets) for step in plan.steps},
    )


def _by_host(plan: Plan) -> tuple[dict[str, list[str]], ...]:
    """Give the resources of each host that change, that go, and that are only forgotten."""
    planned: dict[str, list[str]] = defaultdict(list)
    gone: dict[str, list[str]] = defaultdict(list)
    forgotten: dict[str, list[str]] = defaultdict(list)
    wanted = {name: {r.id for r in target.resources} for name, target in plan.targets.items()}
    for step in plan.steps:
        for name in step.targets:
            if step.resource in wanted.get(name, ()):
                planned[name].append(step.resource)
            else:
                (forgotten if step.action == "forget" else gone)[name].append(step.resource)
    return planned, gone, forgotten


def _needs(plan: Plan) -> dict[str, set[str]]:
    """Give the steps of earlier waves that each host's steps need."""
    place = {
        step.id: min(wave_place(plan.targets[n].wave) for n in step.targets if n in plan.targets)
        for step in plan.steps
    }
    needs: dict[str, set[str]] = defaultdict(set)
    for step in plan.steps:
        earlier = {need for need in step.needs if place.get(need, place[step.id]) < place[step.id]}
        for name in step.targets:
            needs[name] |= earlier
    return needs
