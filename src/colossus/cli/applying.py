"""The apply half of `provision`: observe, plan, show, ask, apply over SSH or to the twin."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import typer

from colossus.apply.engine import Means, Wish, apply_plan
from colossus.apply.journal import HostState, Journal
from colossus.apply.outcome import Outcome
from colossus.apply.sqlite import journal_path
from colossus.apply.stale import refuse_foreign
from colossus.cli.journals import journal_at
from colossus.cli.opening import Opened, checked
from colossus.cli.targets import limited_to, rendered, rendered_on
from colossus.cli.views.messages import say
from colossus.cli.views.outcome import Format, Progress, show_drift, show_outcome
from colossus.cli.views.plan import show_plan
from colossus.errors import ApplyFailed, PlanRefused, UsageError
from colossus.inventory.nodeset import fold
from colossus.load.lock import write_lock
from colossus.load.site import LOCK_FILE, SITE_FILE
from colossus.observe.live import Observed, observe_live, state_to_plan_from
from colossus.plan.difference import make_plan
from colossus.plan.document import from_text
from colossus.plan.model import Plan
from colossus.plan.resource import Desired
from colossus.transport.answer import Event

TWIN = "twin"
_NOTHING = Desired("", {})
ByPulumi = Callable[[Plan, Journal, Means, Wish], Outcome]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator said about the apply."""

    yes: bool = False
    limit: str = ""
    overwrite_drift: bool = False
    connect: str = ""
    journal: Path | None = None
    stage: str = ""
    output: Format = Format.TEXT
    pulumi: bool = False
    policy: Path | None = None


@dataclass(frozen=True)
class Prepared:
    """The plan, and what was seen on the hosts that it was made from."""

    plan: Plan
    observed: Observed = field(default_factory=Observed)


def provision_hosts(source: Path, wishes: Wishes) -> int:
    """Apply a site, or a saved plan, to its hosts or to the twin that is up.

    Raises:
        ApplyFailed: some hosts are not as planned; the others are.
        PlanRefused: the plan is damaged, stale, or another run is at work.
    """
    if wishes.connect not in ("", TWIN):
        raise UsageError(f"--connect {wishes.connect!r} is unknown", "There is: --connect twin.")
    _names(wishes.limit)
    saved = read_plan(source)
    if wishes.connect == TWIN:
        return _on_twin(source, saved, wishes)
    return _on_hosts(source, saved, wishes)


def read_plan(source: Path) -> Plan | None:
    """Give the plan in a file; None when the source is an inventory."""
    if not source.is_file() or source.name == SITE_FILE:
        return None
    text = source.read_text("utf-8", errors="replace")
    return from_text(text) if text.lstrip().startswith("{") or source.suffix == ".json" else None


def _on_hosts(source: Path, saved: Plan | None, wishes: Wishes) -> int:
    """Apply to the hosts themselves, over SSH."""
    from colossus.apply.over_ssh import Listening, apply_over_ssh, ssh_means
    from colossus.transport.endpoints import reach_of

    site = checked(source if saved is None else _inventory_of(saved, source), wishes.stage)
    wishes, model = _placed(wishes, site), site.loaded.accepted()
    reach = reach_of(model, site.loaded.folder)
    progress = Progress()
    path = wishes.journal or journal_path(model.cluster)
    with journal_at(path) as journal:
        by_pulumi = None
        desired = rendered(site).desired if saved is None or wishes.pulumi else _NOTHING
        if wishes.pulumi:
            by_pulumi = _carriage(site, desired, f"ssh:{reach.folder}", path, wishes.policy)
        if saved is None:
            means = ssh_means(desired.targets.values(), reach)
            prepared = _prepared(site, desired, journal, means, wishes)
        else:
            prepared = _as_saved(saved, site, wishes)

        def carry_out(wish: Wish) -> Outcome:
            _fix_decisions(site)
            heard = Listening(progress.watch, say)
            if by_pulumi is not None:
                means = ssh_means(prepared.plan.targets.values(), reach, heard)
                wish = replace(wish, reach=reach.plain())
                return by_pulumi(prepared.plan, journal, means, wish)
            return apply_over_ssh(prepared.plan, reach, journal, wish, heard)

        return _apply(prepared, wishes, progress, carry_out)


def _as_saved(saved: Plan, site: Opened, wishes: Wishes) -> Prepared:
    """Take a saved plan as it is; through Pulumi, only while the inventory is the same."""
    if saved.inventory_digest != site.loaded.digest:
        if wishes.pulumi:
            raise PlanRefused(
                "the inventory changed since this plan was made, and Pulumi's stacks follow it",
                "Make the plan again, or apply this one with --via ssh.",
            )
        say("note: the inventory changed since this plan was made; it is applied as it is")
    return Prepared(saved)


def _carriage(
    site: Opened, desired: Desired, connect: str, journal: Path, policy: Path | None
) -> ByPulumi:
    from colossus.cli.via_pulumi import by_pulumi

    return by_pulumi(site, desired, connect, journal, policy)


def _on_twin(source: Path, saved: Plan | None, wishes: Wishes) -> int:
    """Apply to the twin that is up: its own journal, the site as the twin renders it."""
    from colossus.twin.hands import Hands
    from colossus.twin.tiers import standing

    inventory = _inventory_of(saved, source) if saved is not None and wishes.pulumi else source
    site = checked(inventory, wishes.stage) if saved is None or wishes.pulumi else None
    name = twin_of(saved.cluster if saved else site.loaded.accepted().cluster if site else "")
    progress = Progress()
    means = means_of_twin(name, progress)
    path = wishes.journal or Hands(standing(name)).journal_path
    with journal_at(path) as journal:
        by_pulumi = None
        if site is not None:
            wishes = _placed(wishes, site)
            there = rendered_on(site, name).desired
            if wishes.pulumi:
                by_pulumi = _carriage(site, there, f"twin:{name}", path, wishes.policy)
        if saved is not None:
            refuse_foreign(saved, name)
            prepared = Prepared(saved) if site is None else _as_saved(saved, site, wishes)
        elif site is not None:
            prepared = _prepared(site, there, journal, means, wishes)

        def carry_out(wish: Wish) -> Outcome:
            wish = replace(wish, reach={"connect": TWIN, "twin": name})
            if by_pulumi is not None:
                return by_pulumi(prepared.plan, journal, means, wish)
            return apply_plan(prepared.plan, journal, means, wish)

        return _apply(prepared, wishes, progress, carry_out)


def twin_of(cluster: str) -> str:
    """Name the twin of a cluster, or the only one that is up; raises RehearsalFailed for none."""
    from colossus.cli.twin import the_twin
    from colossus.twin import state

    return cluster if cluster in state.names() else the_twin()


def means_of_twin(name: str, progress: Progress) -> Means:
    """Give what the engine needs to work on a twin that is up."""
    from colossus.twin.hands import Hands
    from colossus.twin.tiers import standing

    return replace(Hands(standing(name)).means(), watch=progress.watch, say=say)


def _prepared(
    site: Opened, desired: Desired, journal: Journal, means: Means, wishes: Wishes
) -> Prepared:
    """Ask the hosts that were applied to before what they are now, and plan from there.

    A host that the journal does not know is new: everything on it is planned.
    """
    last = journal.last_applied(desired.cluster)
    limit = _names(wishes.limit)
    if limit is not None:
        if not limit <= desired.targets.keys():
            strangers = fold(limit - desired.targets.keys())
            raise UsageError(f"--limit: no host is called {strangers}", "`show INV` lists them.")
        desired = replace(desired, targets={n: desired.targets[n] for n in sorted(limit)})
        last = {name: known for name, known in last.items() if name in limit}
    managed = {n: target for n, target in desired.targets.items() if target.manage == "apply"}
    asked = {name: target for name, target in managed.items() if name in last}
    if asked:
        say(f"asking {len(asked)} hosts what they are now; this only reads")
    observed = observe_live(
        replace(desired, targets=asked),
        means.executor,
        means.endpoints,
        last=last,
        resolve=means.resolve,
    )
    state = state_to_plan_from(
        desired,
        last,
        observed,
        journal.unsettled(desired.cluster),
        overwrite_drift=wishes.overwrite_drift,
    )
    digest = site.loaded.digest
    return Prepared(make_plan(desired, state, against="live", inventory_digest=digest), observed)


def _apply(
    prepared: Prepared, wishes: Wishes, progress: Progress, carry_out: Callable[[Wish], Outcome]
) -> int:
    """Show, ask, apply; what was seen before and is still so counts as not done."""
    drifted = prepared.observed.drifted()
    show_drift(drifted, overwritten=wishes.overwrite_drift)
    plan, wish = prepared.plan, Wish(wishes.overwrite_drift, _names(wishes.limit))
    if wishes.output == Format.TEXT:
        show_plan(plan, "text", {})
    touched = {name for name in plan.targets if wish.limit is None or name in wish.limit}
    outcome = Outcome("", plan.cluster, "done")
    # Through Pulumi also where nothing is to do: its state may have to catch up with an SSH apply.
    if touched or plan.retired or wishes.pulumi:
        _ask(len(touched), wishes)
        progress.total = len(touched)
        outcome = carry_out(wish)
    _add_untouched(outcome, prepared.observed.faults, {} if wish.overwrite_drift else drifted)
    return finish(outcome, wishes.output)


def _add_untouched(
    outcome: Outcome, faults: Mapping[str, str], drifted: Mapping[str, list[Event]]
) -> None:
    """Add the hosts that the plan leaves alone and that are not as planned all the same."""
    untouched = {name: HostState(name, "unreachable", error=why) for name, why in faults.items()}
    for name, (event, *_) in drifted.items():
        untouched[name] = HostState(name, "drifted", error=f"{event.id}: {event.message}")
        outcome.drifted.setdefault(name, drifted[name])
    for name in sorted(untouched.keys() - outcome.hosts.keys()):
        outcome.hosts[name] = untouched[name]
        outcome.status = "failed" if outcome.status == "done" else outcome.status


def _ask(hosts: int, wishes: Wishes) -> None:
    """Let the operator agree, unless `--yes` did; raises UsageError where nobody can answer."""
    if wishes.yes or not hosts:
        return
    if not sys.stdin.isatty():
        raise UsageError("nothing was done: nobody can be asked here", "Add --yes.")
    typer.confirm(f"apply this to {hosts} hosts?", abort=True)


def finish(outcome: Outcome, output: Format) -> int:
    """Print what was done; raises ApplyFailed when that is not all."""
    show_outcome(outcome, output)
    if outcome.status != "done":
        resume = f", then `colossus runs resume {outcome.run}`" if outcome.run else ""
        raise ApplyFailed(
            f"{len(outcome.unfinished)} hosts are not as planned: {fold(outcome.unfinished)}",
            f"Cure what the lines above name{resume}."
            + (" `--overwrite-drift` overwrites manual edits." if outcome.drifted else ""),
        )
    return 0


def _names(folded: str) -> frozenset[str] | None:
    """Give the hosts of `--limit`; none given means all."""
    return limited_to(folded) if folded else None


def _placed(wishes: Wishes, site: Opened) -> Wishes:
    """Let `--limit` name hosts where it names places of the site."""
    if not wishes.limit:
        return wishes
    return replace(wishes, limit=fold(limited_to(wishes.limit, site.designed.fabric)))


def _fix_decisions(site: Opened) -> None:
    """Write the lock before the first host carries a name that could still change."""
    if site.loaded.lock != site.designed.lock:
        write_lock(site.loaded.folder / LOCK_FILE, site.designed.lock)
        say(f"wrote {LOCK_FILE}: what is applied now never moves; commit it")


def _inventory_of(plan: Plan, file: Path) -> Path:
    """Find the inventory of a saved plan, beside it or here: it says how hosts are reached."""
    for folder in (file.resolve().parent, Path.cwd()):
        if (folder / SITE_FILE).is_file():
            refuse_foreign(plan, checked(folder).loaded.accepted().cluster)
            return folder
    raise UsageError(
        f"{file} is a plan for {plan.cluster}, and its inventory is neither beside it nor here",
        "Run in the folder of its cluster.yaml, which says how the hosts are reached.",
    )
