"""What the targets are now, asked of themselves: check mode, which reads and never writes."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

from colossus.plan.resource import Desired, State, Target
from colossus.transport.answer import Event
from colossus.transport.base import Endpoint
from colossus.transport.request import Order, expected, request
from colossus.transport.secrets import Secret
from colossus.transport.work import Executor, Work

CHECK_SECONDS = 300.0


@dataclass
class Observed:
    """What was found. state: as `State`, "" = absent; events: target → what differs there.

    faults: target → why it could not be asked. Resources after a failed one are not known and
    therefore not in the state.
    """

    state: dict[str, dict[str, str]] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def drifted(self) -> dict[str, list[Event]]:
        """Give what somebody changed outside Colossus, by target."""
        found = {n: [e for e in es if e.outcome == "drifted"] for n, es in self.events.items()}
        return {name: events for name, events in found.items() if events}

    def changes(self) -> set[tuple[str, str, str]]:
        """Give what an apply would change: target, resource, action."""
        events = ((n, e) for n, es in self.events.items() for e in es)
        return {(name, e.id, e.action) for name, e in events if e.outcome == "would-change"}


def observe_live(
    desired: Desired,
    executor: Executor,
    endpoints: Mapping[str, Endpoint],
    *,
    last: State | None = None,
    resolve: Callable[[str], Secret] | None = None,
) -> Observed:
    """Ask every target what it is now; only reads.

    last: what was last applied, so that a manual edit is told apart from what is new. Without
    `resolve`, files that hold a secret are compared by owner and mode alone, and no secret travels.
    """
    found = Observed()
    once = cache(resolve) if resolve is not None else None  # a vault is asked once, not per host
    batch = partial(_batch, desired, endpoints, last or {}, once)
    unknown = [name for name in desired.targets if name not in endpoints]
    found.faults.update(dict.fromkeys(unknown, "no address of it is known"))
    for happening in executor.submit(batch()):
        event, name = happening.event, happening.host
        if event is not None:
            _note(found, name, event)
        elif happening.ending not in ("answered", None):
            found.faults[name] = happening.error
    return found


def state_to_plan_from(
    desired: Desired,
    last: State,
    observed: Observed,
    unsettled: Mapping[str, Collection[str]],
    *,
    overwrite_drift: bool,
) -> State:
    """Give the state that a plan of changes to the hosts as they are begins with.

    Where a host could not be asked, or not about everything, what was last applied stands in. What
    somebody changed outside Colossus counts as wanted, unless it is to be overwritten, so that the
    plan leaves it alone. unsettled: what must be planned again because it owes a trigger.
    """
    drifted = {} if overwrite_drift else observed.drifted()
    state: dict[str, dict[str, str]] = {}
    for name, known in last.items():
        state[name] = {**known, **observed.state.get(name, {})}
        kept = {event.id for event in drifted.get(name, ())}
        target = desired.targets.get(name)
        for resource in target.resources if target is not None else ():
            if resource.id in kept:
                state[name][resource.id] = resource.digest
        for identity in unsettled.get(name, ()):
            state[name].pop(identity, None)
    return state


def _note(found: Observed, name: str, event: Event) -> None:
    state = found.state.setdefault(name, {})
    if event.outcome == "failed":
        found.faults[name] = f"{event.id}: {event.message}"
    elif event.outcome != "skipped":
        state[event.id] = event.before
    if event.outcome not in ("ok", "skipped"):
        found.events.setdefault(name, []).append(event)


def _batch(
    desired: Desired,
    endpoints: Mapping[str, Endpoint],
    last: State,
    resolve: Callable[[str], Secret] | None,
) -> Iterator[Work]:
    for target in desired.targets.values():
        if target.name not in endpoints:
            continue
        order = Order(run="observe", cluster=desired.cluster, last=last.get(target.name, {}))
        yield Work(
            host=target.name,
            endpoint=endpoints[target.name],
            ids=expected(target, order),
            build=partial(request, target, desired.blobs, _secrets(target, resolve), order),
            timeout=CHECK_SECONDS,
        )


def _secrets(target: Target, resolve: Callable[[str], Secret] | None) -> dict[str, Secret]:
    if resolve is None:
        return {}
    references = {str(r.body["secret"]) for r in target.resources if "secret" in r.body}
    return {reference: resolve(reference) for reference in references}
