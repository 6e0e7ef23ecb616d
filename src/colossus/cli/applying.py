"""The apply half of `provision`: make or read the plan, show it, ask, apply it over SSH."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from colossus.apply.engine import Means, Wish, apply_plan
from colossus.apply.executor import ThreadExecutor
from colossus.apply.journal import Journal
from colossus.apply.outcome import Outcome
from colossus.apply.sqlite import journal_path
from colossus.cli.journals import journal_at
from colossus.cli.opening import Opened, checked
from colossus.cli.targets import rendered
from colossus.cli.views.messages import say
from colossus.cli.views.outcome import Format, Progress, show_outcome
from colossus.cli.views.plan import show_plan
from colossus.errors import ApplyFailed, UsageError
from colossus.inventory.nodeset import NodeSetError, expand
from colossus.load.lock import write_lock
from colossus.load.site import LOCK_FILE, SITE_FILE
from colossus.plan.difference import make_plan
from colossus.plan.document import from_text
from colossus.plan.model import Plan
from colossus.plan.resource import Desired

TWIN = "twin"


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


def provision_hosts(source: Path, wishes: Wishes) -> int:
    """Apply a site, or a saved plan, to its hosts or to the twin that is up.

    Raises:
        ApplyFailed: some hosts are not as planned; the others are.
        PlanRefused: the plan is damaged, stale, or another run is at work.
    """
    if wishes.connect not in ("", TWIN):
        raise UsageError(f"--connect {wishes.connect!r} is unknown", "There is: --connect twin.")
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
    """Plan against the journal, or take the saved plan, and apply it over SSH."""
    from colossus.apply.over_ssh import Listening, apply_over_ssh
    from colossus.transport.endpoints import reach_of

    site = checked(source if saved is None else _inventory_of(saved, source), wishes.stage)
    cluster = site.loaded.accepted().cluster
    with journal_at(wishes.journal or journal_path(cluster)) as journal:
        plan = saved or _plan(site, rendered(site).desired, journal)
        wish = _agreed(plan, wishes)
        if wish is None:
            return 0
        if saved is not None and saved.inventory_digest != site.loaded.digest:
            say(
                "note: the inventory changed since this plan was made; the plan is applied as it is"
            )
        _fix_decisions(site)
        reach = reach_of(site.loaded.accepted(), site.loaded.folder)
        listening = Listening(Progress(_count(plan, wish)).watch, say)
        return finish(apply_over_ssh(plan, reach, journal, wish, listening), wishes.output)


def _on_twin(source: Path, saved: Plan | None, wishes: Wishes) -> int:
    """Plan against the twin's own journal, as the twin renders the site, and apply it there."""
    from colossus.cli.twin import attached
    from colossus.twin.hands import Hands

    name = saved.cluster if saved else checked(source, wishes.stage).loaded.accepted().cluster
    hands = Hands(attached(name))
    with journal_at(wishes.journal or hands.journal_path) as journal:
        plan = saved or _plan_for_twin(source, wishes, hands.endpoints(), journal)
        wish = _agreed(plan, wishes)
        if wish is None:
            return 0
        wish = replace(wish, reach={"connect": TWIN, "twin": name})
        means = means_of_twin(name, Progress(_count(plan, wish)))
        return finish(apply_plan(plan, journal, means, wish), wishes.output)


def _plan_for_twin(
    source: Path, wishes: Wishes, nodes: Mapping[str, object], journal: Journal
) -> Plan:
    site = checked(source, wishes.stage)
    desired = rendered(site, "twin").desired
    there = {name: target for name, target in desired.targets.items() if name in nodes}
    return _plan(site, replace(desired, targets=there), journal)


def means_of_twin(name: str, progress: Progress) -> Means:
    """Give what the engine needs to work on a twin that is up."""
    from colossus.cli.twin import attached
    from colossus.transport.ssh import SshTransport
    from colossus.twin.hands import AT_ONCE, Hands

    twin = attached(name)
    hands = Hands(twin)
    executor = ThreadExecutor(SshTransport(twin.folder), AT_ONCE)
    return Means(hands.endpoints(), executor, hands.secret, progress.watch, say)


def finish(outcome: Outcome, output: Format) -> int:
    """Print what was done; raises ApplyFailed when that is not all."""
    show_outcome(outcome, output)
    if outcome.status != "done":
        left = len(outcome.unfinished)
        raise ApplyFailed(
            f"{left} of {len(outcome.hosts)} hosts are not as planned",
            f"Cure what the lines above name, then `colossus runs resume {outcome.run}`."
            + (" `--overwrite-drift` overwrites manual edits." if outcome.drifted else ""),
        )
    return 0


def _plan(site: Opened, desired: Desired, journal: Journal) -> Plan:
    return make_plan(
        desired,
        journal.last_applied(desired.cluster),
        against="journal",
        inventory_digest=site.loaded.digest,
    )


def _agreed(plan: Plan, wishes: Wishes) -> Wish | None:
    """Show the plan and ask; None when there is nothing to do or the operator declines."""
    if wishes.output == Format.TEXT:
        show_plan(plan, "text", {})
    limit = _limit(plan, wishes.limit)
    if not plan.steps and not plan.retired:
        say("nothing to do")
        return None
    if plan.steps and not wishes.yes:
        if not sys.stdin.isatty():
            raise UsageError("nothing was done: nobody can be asked here", "Add --yes.")
        typer.confirm(f"apply this to {_count(plan, Wish(limit=limit))} hosts?", abort=True)
    return Wish(overwrite_drift=wishes.overwrite_drift, limit=limit)


def _limit(plan: Plan, folded: str) -> frozenset[str] | None:
    if not folded:
        return None
    try:
        names = frozenset(expand(folded))
    except NodeSetError as fault:
        raise UsageError(f"--limit: {fault}", "Like gpu-[01-04],leaf-01.") from None
    if plan.steps and names.isdisjoint(plan.targets):
        raise UsageError(f"--limit {folded}: the plan touches none of these", "Look at the plan.")
    return names


def _count(plan: Plan, wish: Wish) -> int:
    return sum(wish.limit is None or name in wish.limit for name in plan.targets)


def _fix_decisions(site: Opened) -> None:
    """Write the lock before the first host carries a name that could still change."""
    if site.loaded.lock != site.designed.lock:
        write_lock(site.loaded.folder / LOCK_FILE, site.designed.lock)
        say(f"wrote {LOCK_FILE}: what is applied now never moves; commit it")


def _inventory_of(plan: Plan, file: Path) -> Path:
    """Find the inventory of a saved plan, beside it or here: it says how hosts are reached."""
    for folder in (file.resolve().parent, Path.cwd()):
        if (folder / SITE_FILE).is_file():
            site = checked(folder).loaded.accepted()
            if site.cluster == plan.cluster:
                return folder
    raise UsageError(
        f"{file} is a plan for {plan.cluster}, and its inventory is neither beside it nor here",
        "Run in the folder of its cluster.yaml, which says how the hosts are reached.",
    )
