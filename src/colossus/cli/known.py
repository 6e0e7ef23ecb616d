"""What a plan is made against: the journal, the hosts themselves, or an earlier inventory."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from colossus.apply.executor import ThreadExecutor
from colossus.apply.journal import Journal
from colossus.apply.sqlite import journal_path
from colossus.cli.journals import journal_at
from colossus.cli.opening import Opened, designed
from colossus.cli.targets import rendered
from colossus.errors import PlanRefused
from colossus.load.revision import load_revision
from colossus.observe.live import observe_live
from colossus.plan.difference import state_of
from colossus.plan.document import from_text
from colossus.plan.resource import Desired, State, Target
from colossus.transport.answer import Event
from colossus.transport.base import Endpoint
from colossus.transport.endpoints import endpoints_of, reach_of
from colossus.transport.secrets import Secret
from colossus.transport.work import Executor

# What files were before is only shown, so the latest plans are enough.
_PLANS_READ = 5


@dataclass(frozen=True)
class Known:
    """What is known of the targets, and of whom. name goes into the plan (`against`).

    contents: state digest of a file → its text, as far as it is known. found: target → what
    differs there, with its difference, when the hosts themselves were asked. faults: target → why
    it could not be asked; such targets are not in `desired`.
    """

    name: str
    state: State
    desired: Desired
    contents: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, list[Event]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def from_revision(inventory: Path, base: str, stage: str, desired: Desired) -> Known:
    """Take what an earlier inventory wants; no network, no secrets, no privileges."""
    loaded = load_revision(inventory, base)
    stages = [each.name for each in loaded.accepted().stages]
    # A stage that only the new inventory knows: then the earlier one counts as a whole.
    before = rendered(designed(loaded, stage if stage in stages else "")).desired
    contents = contents_of(before.targets.values(), before.blobs)
    return Known(base, state_of(before), desired, contents)


def from_journal(desired: Desired, chosen: Path | None) -> Known:
    """Take what was last applied; nothing, where nothing was applied yet."""
    path = chosen or journal_path(desired.cluster)
    if not path.is_file():
        return Known("nothing", {}, desired)
    with journal_at(path) as journal:
        last = journal.last_applied(desired.cluster)
        return Known("journal", last, desired, _last_contents(journal, desired.cluster))


@dataclass(frozen=True)
class Reached:
    """How hosts are asked: over whom, where each is, and who makes up secrets (a twin alone)."""

    executor: Executor
    endpoints: Mapping[str, Endpoint]
    resolve: Callable[[str], Secret] | None = None


def over_ssh(site: Opened, desired: Desired) -> Reached:
    """Reach the hosts themselves. No secret travels: secret files are compared by their rights."""
    from colossus.transport.ssh import SshTransport

    reach = reach_of(site.loaded.accepted(), site.loaded.folder)
    transport = SshTransport(site.loaded.folder)
    endpoints = endpoints_of(desired.targets.values(), reach)
    return Reached(ThreadExecutor(transport, reach.concurrency), endpoints)


def on_twin(cluster: str) -> tuple[Reached, Path]:
    """Reach the nodes of the twin that is up; gives its journal too."""
    from colossus.twin.hands import Hands
    from colossus.twin.tiers import standing

    hands = Hands(standing(cluster))
    means = hands.means()
    return Reached(means.executor, means.endpoints, hands.secret), hands.journal_path


def from_hosts(reached: Reached, desired: Desired, journal: Known) -> Known:
    """Ask every host what it is now; reads only.

    What was applied once and is wanted no more is known from the journal alone.
    """
    asked = {n: t for n, t in desired.targets.items() if t.manage == "apply"}
    observed = observe_live(
        replace(desired, targets=asked),
        reached.executor,
        reached.endpoints,
        last=journal.state,
        resolve=reached.resolve,
    )
    answered = {n: t for n, t in desired.targets.items() if n not in observed.faults}
    return Known(
        name="live",
        state=with_retired(observed.state, journal.state, desired),
        desired=replace(desired, targets=answered),
        contents=journal.contents,
        found=observed.events,
        faults=observed.faults,
    )


def with_retired(found: State, last: State, desired: Desired) -> dict[str, dict[str, str]]:
    """Add what was applied once and is wanted no more to what the hosts say of themselves."""
    state = {name: dict(known) for name, known in found.items()}
    for name, known in last.items():
        target = desired.targets.get(name)
        if target is None:
            state[name] = dict(known)
        elif name in state:
            wanted = {resource.id for resource in target.resources}
            state[name] |= {i: digest for i, digest in known.items() if i not in wanted}
    return state


def contents_of(targets: Iterable[Target], blobs: Mapping[str, str]) -> dict[str, str]:
    """Give the text of every file by the state digest of its resource."""
    return {
        resource.digest: blobs[str(resource.body["content"])]
        for target in targets
        for resource in target.resources
        if "content" in resource.body
    }


def _last_contents(journal: Journal, cluster: str) -> dict[str, str]:
    contents: dict[str, str] = {}
    runs = [run for run in journal.runs() if run.cluster == cluster]
    for run in runs[:_PLANS_READ]:
        try:
            plan = from_text(journal.plan(run))
        except PlanRefused:
            continue  # of an older version; only the differences shown become fewer
        contents |= contents_of(plan.targets.values(), plan.blobs)
    return contents
