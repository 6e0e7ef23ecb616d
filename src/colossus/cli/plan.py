"""Show what would change, and why."""

from difflib import unified_diff
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from colossus.cli.journals import JournalFile
from colossus.cli.known import (
    Known,
    from_hosts,
    from_journal,
    from_revision,
    on_twin,
    over_ssh,
)
from colossus.cli.opening import AllowRecable, Inventory, Opened, StageName, checked
from colossus.cli.targets import rendered, rendered_on
from colossus.cli.views.messages import say
from colossus.cli.views.plan import show_plan
from colossus.cli.views.plan_text import Diffs, FileDiff
from colossus.errors import TransportFailed, UsageError
from colossus.load.writing import write_text
from colossus.plan.difference import make_plan
from colossus.plan.document import to_text
from colossus.plan.model import Plan, Step
from colossus.plan.resource import Desired

CHANGES_PLANNED = 2
TWIN: Literal["twin"] = "twin"


class Format(StrEnum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def plan(
    inventory: Inventory,
    base: Annotated[
        str,
        typer.Option("--base", metavar="REV|DIR", help="What changes since then: no network."),
    ] = "",
    stage: StageName = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Save the plan, for `provision FILE`."),
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    journal: JournalFile = None,
    connect: Annotated[
        str,
        typer.Option("--connect", metavar="twin", help="With --live: ask the twin that is up."),
    ] = "",
    *,
    live: Annotated[
        bool,
        typer.Option("--live", help="Compare with the hosts themselves; reads only."),
    ] = False,
    diff: Annotated[bool, typer.Option(help="Show how changed files change.")] = True,
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", help="Exit 2 when something would change."),
    ] = False,
    allow_recable: AllowRecable = False,
) -> int:
    """Show what would change, and why.

    Against what the journal says was last applied, or --live against the hosts, or --base against
    an earlier inventory. Nothing is written anywhere but to FILE.

    Exit 12: some hosts could not be asked; the plan leaves them out.
    """
    if live and base:
        raise UsageError("--live and --base are two different questions", "Ask one at a time.")
    if connect not in ("", TWIN) or (connect and not live):
        raise UsageError("--connect names whom to ask live", "Write --live --connect twin.")
    site = checked(inventory, stage, recable=allow_recable)
    cluster = site.designed.fabric.site.cluster
    desired = (rendered_on(site, cluster) if connect else rendered(site)).desired
    if base:
        known = from_revision(inventory, base, stage, desired)
    elif live:
        known = _live(site, desired, journal, on_a_twin=bool(connect))
    else:
        known = from_journal(desired, journal)
    made = made_of(site, known)
    if out is not None:
        write_text(out, to_text(made))
        say(f"saved as {out}: colossus provision {out}")
    show_plan(made, output, diffs_of(made, known) if diff else {})
    _tell_drift(known)
    _refuse_silence(known, desired)
    return CHANGES_PLANNED if detailed_exitcode and made.steps else 0


def _live(site: Opened, desired: Desired, journal: Path | None, *, on_a_twin: bool) -> Known:
    if not on_a_twin:
        return from_hosts(over_ssh(site, desired), desired, from_journal(desired, journal))
    reached, its_journal = on_twin(desired.cluster)
    return from_hosts(reached, desired, from_journal(desired, journal or its_journal))


def made_of(site: Opened, known: Known) -> Plan:
    """Make the plan from what is known of the targets to what the site wants."""
    return make_plan(
        known.desired,
        known.state,
        against=known.name,
        inventory_digest=site.loaded.digest,
    )


def _tell_drift(known: Known) -> None:
    """Name what somebody changed outside Colossus; an apply leaves it unless told otherwise."""
    for name, events in sorted(known.found.items()):
        for event in events:
            if event.outcome == "drifted":
                say(f"drift: {name} {event.id}: {event.message}")


def _refuse_silence(known: Known, desired: Desired) -> None:
    if not known.faults:
        return
    for name, fault in sorted(known.faults.items()):
        say(f"not asked: {name}: {fault}")
    raise TransportFailed(
        f"{len(known.faults)} of {len(desired.targets)} hosts could not be asked;"
        " the plan leaves them out",
        "Look at the lines above.",
    )


def diffs_of(made: Plan, known: Known) -> Diffs:
    """Give, for each changed file, how it changes on the first of its targets."""
    found = {}
    for step in made.steps:
        if step.kind == "file" and step.action == "change":
            lines = _told_by_host(step, known) or _between(made, step, known)
            if lines:
                first, others = step.groups[0].targets[0], len(step.targets) - 1
                found[step.id] = FileDiff(first, others, tuple(lines))
    return found


def _told_by_host(step: Step, known: Known) -> list[str]:
    events = known.found.get(step.groups[0].targets[0], [])
    return next((e.diff.splitlines() for e in events if e.id == step.resource), [])


def _between(made: Plan, step: Step, known: Known) -> list[str]:
    group = step.groups[0]
    target = made.targets[group.targets[0]]
    resource = next(each for each in target.resources if each.id == step.resource)
    if group.before not in known.contents or "content" not in resource.body:
        return []
    old = known.contents[group.before].splitlines()
    new = made.blobs[str(resource.body["content"])].splitlines()
    return list(unified_diff(old, new, "before", "after", n=1, lineterm=""))
