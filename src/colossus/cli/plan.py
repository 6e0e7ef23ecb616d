"""Show what would change, and why."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked, designed
from colossus.cli.targets import rendered
from colossus.cli.views.messages import say
from colossus.cli.views.plan import Diffs, FileDiff, show_plan
from colossus.errors import UsageError
from colossus.load.revision import load_revision
from colossus.plan.difference import make_plan, state_of
from colossus.plan.document import to_text
from colossus.plan.model import Plan, Step
from colossus.plan.resource import Desired, State

CHANGES_PLANNED = 2


class Format(StrEnum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan is made against: its name, the state, and file contents where they are known.

    contents: state digest of a file → its text.
    """

    name: str
    state: State
    contents: Mapping[str, str] = field(default_factory=dict)


JournalFile = Annotated[
    Path | None,
    typer.Option("--journal", metavar="FILE", help="Another journal than the usual one."),
]


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
) -> int:
    """Show what would change, and why.

    Against what the journal says was last applied, or --live against the hosts, or --base against
    an earlier inventory. Nothing is written anywhere but to FILE.
    """
    if live and base:
        raise UsageError("--live and --base are two different questions", "ask one at a time")
    site = checked(inventory, stage)
    desired = rendered(site).desired
    known = _known(inventory, base, stage, desired, journal)
    made = make_plan(
        desired,
        known.state,
        against=known.name,
        inventory_digest=site.loaded.digest,
    )
    if out is not None:
        _save(made, out)
    show_plan(made, output, _diffs(made, known.contents) if diff else {})
    return CHANGES_PLANNED if detailed_exitcode and made.steps else 0


def _known(
    inventory: Path,
    base: str,
    stage: str,
    desired: Desired,
    journal: Path | None,
) -> Known:
    if base:
        before = rendered(designed(load_revision(inventory, base), stage)).desired
        return Known(base, state_of(before), contents_of(before))
    from colossus.apply.sqlite import SqliteJournal, journal_path

    path = journal or journal_path(desired.cluster)
    if not path.is_file():
        return Known("nothing", {})
    opened = SqliteJournal(path)
    try:
        return Known("journal", opened.last_applied(desired.cluster))
    finally:
        opened.close()


def contents_of(desired: Desired) -> dict[str, str]:
    """Give the text of every file by the state digest of its resource."""
    return {
        resource.digest: desired.blobs[str(resource.body["content"])]
        for target in desired.targets.values()
        for resource in target.resources
        if "content" in resource.body
    }


def _diffs(made: Plan, before: Mapping[str, str]) -> Diffs:
    """Give, for each changed file, how it changes on the first of its targets."""
    found = {}
    for step in made.steps:
        if step.kind == "file" and step.action == "change":
            change = _file_diff(made, step, before)
            if change is not None:
                found[step.id] = change
    return found


def _file_diff(made: Plan, step: Step, before: Mapping[str, str]) -> FileDiff | None:
    group = step.groups[0]
    target = made.targets[group.targets[0]]
    resource = next(each for each in target.resources if each.id == step.resource)
    if group.before not in before or "content" not in resource.body:
        return None
    old, new = before[group.before], made.blobs[str(resource.body["content"])]
    lines = unified_diff(old.splitlines(), new.splitlines(), "before", "after", n=1, lineterm="")
    return FileDiff(target.name, len(step.targets) - 1, tuple(lines))


def _save(made: Plan, out: Path) -> None:
    """Write the plan in one step, so that no half of it is ever read."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        beside.write_text(to_text(made), encoding="utf-8")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    say(f"saved as {out}: colossus provision {out}")
