"""What a resource's create, update, read and delete do: our planner decides, our engine acts.

Within a run that `provision --via pulumi` began, the plan was made, shown and agreed to: here its
part is carried out, exactly. Under a plain `pulumi up` the plan is made here, from what the hosts
are, and may overwrite only those manual edits that a refresh has shown.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from colossus.apply.engine import Wish, apply_plan, resume
from colossus.apply.journal import HostState, Journal
from colossus.apply.outcome import Outcome
from colossus.apply.sqlite import SqliteJournal
from colossus.errors import ApplyFailed
from colossus.inventory.nodeset import fold
from colossus.observe.live import Observed, observe_live, state_to_plan_from
from colossus.plan.difference import make_plan
from colossus.plan.document import from_text
from colossus.plan.model import Plan
from colossus.plan.predict import applied
from colossus.plan.resource import Desired, State, Target
from colossus.stacks.blocks import Inputs, unfolded
from colossus.stacks.reaching import means_of, reach_again
from colossus.stacks.store import fetch

RUN = "COLOSSUS_STACK_RUN"
"""Environment of the provider: the run whose plan is carried out; not set under plain Pulumi."""
NO_RUN = "none"
"""In place of a run: `provision` has nothing to apply, and the state only catches up."""


@dataclass(frozen=True)
class Wanted:
    """One resource that is to become as its inputs say. seen: what the stack's state shows."""

    inputs: Inputs
    seen: State = field(default_factory=dict)


def carry_out(batch: Sequence[Wanted]) -> State:
    """Bring resources that share journal and connection to their state, in one run.

    Gives what was applied to their hosts; in a run of `provision`, hosts that failed are left to
    its outcome, so that one bad host blocks nobody.

    Raises:
        ApplyFailed: under plain Pulumi, some hosts are not as planned.
    """
    first = batch[0].inputs
    hosts = {host for each in batch for host in each.inputs.hosts}
    journal = SqliteJournal(Path(first.journal))
    try:
        if in_run():
            _go_on(os.environ[RUN], first.connect, hosts, journal)
        else:
            _plan_and_apply(batch, journal)
        known = journal.last_applied(first.cluster)
    finally:
        journal.close()
    return {host: known.get(host, {}) for host in sorted(hosts)}


def in_run() -> bool:
    """Whether a run of `provision` is being carried out."""
    return bool(os.environ.get(RUN))


def changes_of_run(inputs: Inputs) -> tuple[set[str], State]:
    """Give the resources that the plan of the run changes here, and what was applied so far."""
    identity = os.environ[RUN]
    journal = SqliteJournal(Path(inputs.journal))
    try:
        steps = () if identity == NO_RUN else _plan_of(identity, journal).steps
        known = journal.last_applied(inputs.cluster)
    finally:
        journal.close()
    mine = set(inputs.hosts)
    changed = {step.resource for step in steps if mine.intersection(step.targets)}
    return changed, {host: known.get(host, {}) for host in inputs.hosts}


_PLANS: dict[str, Plan] = {}


def _plan_of(identity: str, journal: Journal) -> Plan:
    """Give the plan of a run; read once, because every resource asks."""
    if identity not in _PLANS:
        _PLANS[identity] = from_text(journal.plan(journal.run(identity)))
    return _PLANS[identity]


def read(inputs: Inputs) -> State:
    """Ask the hosts of a resource what they are; what cannot be asked stays as last applied."""
    desired = fetch(inputs.bundle, Path(inputs.store))
    journal = SqliteJournal(Path(inputs.journal))
    try:
        last = {host: journal.last_applied(inputs.cluster).get(host, {}) for host in inputs.hosts}
    finally:
        journal.close()
    observed = _observe(desired, last, inputs.connect)
    found = {}
    for host in inputs.hosts:
        stateful = applied(desired.targets[host]) if host in desired.targets else {}
        now = {**last[host], **observed.state.get(host, {})}
        found[host] = {identity: now[identity] for identity in stateful if now.get(identity)}
    return found


def delete(inputs: Inputs) -> None:
    """Take a resource out: forget its hosts, and with `remove` take away the files placed there.

    Raises:
        ApplyFailed: some files could not be removed; nothing is forgotten then.
    """
    journal = SqliteJournal(Path(inputs.journal))
    try:
        if inputs.on_destroy == "remove":
            _remove(inputs, journal)
        for host in inputs.hosts:
            journal.forget(inputs.cluster, host)
    finally:
        journal.close()


def _go_on(identity: str, connect: str, hosts: set[str], journal: Journal) -> None:
    if identity == NO_RUN:
        return
    run = journal.run(identity)
    plan = _plan_of(identity, journal)
    mine = frozenset(hosts & plan.targets.keys())
    if mine:
        known = journal.last_applied(run.cluster)
        resume(run, journal, means_of(connect, plan.targets.values(), known), mine)


def _plan_and_apply(batch: Sequence[Wanted], journal: Journal) -> None:
    first = batch[0].inputs
    desired = _united(fetch(each.inputs.bundle, Path(each.inputs.store)) for each in batch)
    last = journal.last_applied(first.cluster)
    mine = {host: last[host] for host in desired.targets if host in last}
    observed = _observe(desired, mine, first.connect)
    seen = {host: known for each in batch for host, known in each.seen.items()}
    overwritten = _shown_edits(observed, seen)
    state = state_to_plan_from(
        desired, mine, observed, journal.unsettled(first.cluster), overwrite_drift=overwritten
    )
    plan = make_plan(desired, state, against="live", inventory_digest=first.bundle)
    if plan.targets:
        means = means_of(first.connect, desired.targets.values(), mine)
        wish = Wish(overwrite_drift=overwritten, reach=reach_again(first.connect))
        _refuse(apply_plan(plan, journal, means, wish))


def _shown_edits(observed: Observed, seen: State) -> bool:
    """Whether there are manual edits, all of them shown by a refresh.

    Raises:
        ApplyFailed: there are some that nobody was shown.
    """
    drifted = observed.drifted()
    hidden = {
        host
        for host, events in drifted.items()
        for event in events
        if seen.get(host, {}).get(event.id, "") != event.before
    }
    if hidden:
        raise ApplyFailed(
            f"{fold(hidden)} was edited by hand, and the stack's state does not show it",
            "`pulumi refresh` shows what was edited; the next `pulumi up` overwrites it.",
        )
    return bool(drifted)


def _observe(desired: Desired, last: State, connect: str) -> Observed:
    asked = {name: target for name, target in desired.targets.items() if last.get(name)}
    if not asked:
        return Observed()
    means = means_of(connect, asked.values(), last)
    return observe_live(
        replace(desired, targets=asked),
        means.executor,
        means.endpoints,
        last=last,
        resolve=means.resolve,
    )


def _united(parts: Iterable[Desired]) -> Desired:
    targets: dict[str, Target] = {}
    blobs: dict[str, str] = {}
    cluster = ""
    for part in parts:
        targets.update(part.targets)
        blobs.update(part.blobs)
        cluster = part.cluster
    return Desired(cluster, dict(sorted(targets.items())), dict(sorted(blobs.items())))


def _remove(inputs: Inputs, journal: Journal) -> None:
    """Apply a desired state in which nothing is wanted: what Colossus placed goes."""
    desired = fetch(inputs.bundle, Path(inputs.store))
    bare = {
        name: replace(target, resources=())
        for name, target in desired.targets.items()
        if name in inputs.hosts
    }
    last = journal.last_applied(inputs.cluster)
    state = {host: last[host] for host in bare if host in last}
    nothing = Desired(inputs.cluster, bare)
    plan = make_plan(nothing, state, against="live", inventory_digest=inputs.bundle)
    if plan.targets:
        means = means_of(inputs.connect, desired.targets.values(), last)
        _refuse(apply_plan(plan, journal, means, Wish(reach=reach_again(inputs.connect))))


def _refuse(outcome: Outcome) -> None:
    unfinished: Mapping[str, HostState] = outcome.unfinished
    if unfinished:
        reasons = "; ".join(f"{hosts}: {error}" for _, hosts, error in outcome.by_reason())
        raise ApplyFailed(f"{len(unfinished)} hosts are not as planned: {reasons}")


def shown(inputs: Inputs) -> State:
    """Give the state that a resource's properties show."""
    return unfolded(inputs.resources)
