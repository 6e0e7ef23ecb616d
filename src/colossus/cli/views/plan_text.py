"""A plan for people: by role and hosts, `+ ~ - >`, a reason per step, what changed files become."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TextIO

from colossus.cli.views.colour import painted
from colossus.inventory.nodeset import fold
from colossus.plan.model import SIGNS, Plan, Step

_KINDS_OF_SIGNS = {"+": "good", "~": "warning", "-": "error", ">": "note"}
# A diff is read for its first lines; `render` and `--format json` have all of them.
_MOST_DIFF_LINES = 40
_WIDEST_RESOURCE = 62


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How one changed file looks on one target; equal on the step's other targets or not."""

    target: str
    others: int
    lines: tuple[str, ...]


Diffs = Mapping[str, FileDiff]
"""By step id."""


def as_text(plan: Plan, diffs: Diffs, colour_of: TextIO | None = None) -> str:
    """Give the plan as text: a paragraph per role and set of targets, and the sum at the end."""
    lines: list[str] = [f"{plan.cluster}, against {against_words(plan)}"] if plan.steps else []
    for (role, targets), steps in grouped(plan):
        new = " (new)" if all(for_new(step) for step in steps) else ""
        if not lines or lines[-1] != "":
            lines.append("")
        lines.append(f"{role}: {fold(targets)}{new}")
        width = min(_WIDEST_RESOURCE, max(len(described(step)) for step in steps))
        for step in steps:
            lines.append(_line(step, width, colour_of))
            lines += _diff_lines(diffs.get(step.id), colour_of)
    if plan.retired:
        lines += ["", f"no longer in the site: {fold(plan.retired)}; nothing on them is changed"]
    return "\n".join([*lines, "", summary_line(plan)]).lstrip("\n")


def against_words(plan: Plan) -> str:
    """Say what the plan was made against."""
    return {
        "journal": "what was last applied",
        "live": "what the hosts are now",
        "nothing": "nothing: no apply is known",
    }.get(plan.against, plan.against)


def grouped(plan: Plan) -> Iterable[tuple[tuple[str, tuple[str, ...]], list[Step]]]:
    """Give runs of steps that concern the same targets, in the plan's order."""
    for (role, targets), steps in groupby(_by_targets(plan), key=lambda s: (s.role, s.targets)):
        yield (role, targets), list(steps)


def _by_targets(plan: Plan) -> list[Step]:
    """Bring steps of the same targets of a role together; the order inside stays."""
    place: dict[tuple[str, tuple[str, ...]], int] = {}
    roles: dict[str, int] = {}
    for step in plan.steps:
        roles.setdefault(step.role, len(roles))
        place.setdefault((step.role, tuple(sorted(step.targets))), len(place))
    return sorted(
        plan.steps,
        key=lambda step: (roles[step.role], place[step.role, tuple(sorted(step.targets))]),
    )


def for_new(step: Step) -> bool:
    """Whether a step is for targets that were not there before."""
    return step.reason.startswith("new: ")


def described(step: Step) -> str:
    """Name what a step is about: `/etc/hosts`, `service lldpd restart`."""
    name = step.resource.partition(":")[2]
    if step.kind in ("file", "link", "absent"):
        return step.path or name
    if step.kind == "directory":
        return f"{(step.path or name).rstrip('/')}/"
    word = f" {step.action}" if step.action in ("restart", "reload", "forget") else ""
    return f"{step.kind} {name}{word}"


def summary_line(plan: Plan) -> str:
    """Give the last line: what the plan adds up to."""
    found = plan.summary
    if not plan.steps:
        return f"Nothing to do: {found.hosts_untouched} hosts are as planned."
    return (
        f"Plan: {found.add} to add, {found.change} to change, {found.destroy} to destroy;"
        f" hosts: {found.hosts_new} new, {found.hosts_changed} changed,"
        f" {found.hosts_untouched} untouched; {found.reboots} reboots"
    )


def _line(step: Step, width: int, colour_of: TextIO | None) -> str:
    sign = SIGNS[step.action]
    reason = step.reason.removeprefix("new: ")
    mark = painted(sign, _KINDS_OF_SIGNS[sign], colour_of)
    return f"  {mark} {described(step).ljust(width)}  {reason}"


def _diff_lines(diff: FileDiff | None, colour_of: TextIO | None) -> list[str]:
    if diff is None:
        return []
    also = f", and likewise {diff.others} more" if diff.others else ""
    shown = [f"      on {diff.target}{also}:"]
    for line in bounded(diff.lines):
        kind = {"+": "good", "-": "error"}.get(line[:1], "dim")
        shown.append(f"      {painted(line, kind, colour_of)}")
    return shown


def bounded(lines: Sequence[str]) -> list[str]:
    """Give the first lines of a diff, and how many there are more."""
    if len(lines) <= _MOST_DIFF_LINES:
        return list(lines)
    return [*lines[:_MOST_DIFF_LINES], f"... {len(lines) - _MOST_DIFF_LINES} more lines"]
