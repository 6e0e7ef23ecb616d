"""A plan as Markdown, for the summary of a CI job or a comment on a change."""

from collections.abc import Sequence

from colossus.cli.views.plan_text import (
    Diffs,
    against_words,
    bounded,
    described,
    for_new,
    grouped,
    summary_line,
)
from colossus.inventory.nodeset import fold, fold_short
from colossus.plan.model import SIGNS, Plan, Step


def as_markdown(
    plan: Plan, diffs: Diffs, rows: int | None = None, groups: int | None = None
) -> str:
    """Give the plan as Markdown: the sum first, then a folded table per role and targets.

    rows, groups: no more than so many rows per table and tables, none = all; the rest is counted.
    """
    lines = [f"### {plan.cluster}: {summary_line(plan)}", "", f"against {against_words(plan)}"]
    found = list(grouped(plan))
    for (role, targets), steps in found[:groups]:
        new = ", new" if all(for_new(step) for step in steps) else ""
        title = f"{role}: {fold_short(targets)} ({len(steps)} steps{new})"
        lines += ["", f"<details><summary>{_escaped(title)}</summary>", ""]
        lines += _table(steps, rows)
        for step in steps:
            if step.id in diffs:
                lines += ["", *_diff_block(described(step), diffs[step.id].lines)]
        lines += ["", "</details>"]
    if groups is not None and len(found) > groups:
        lines += ["", f"And {len(found) - groups} more groups of targets."]
    if plan.retired:
        lines += ["", f"No longer in the site: {fold(plan.retired)}; nothing on them is changed."]
    return "\n".join(lines)


def _table(steps: Sequence[Step], rows: int | None) -> list[str]:
    lines = ["| | what | why |", "| --- | --- | --- |", *(_row(step) for step in steps[:rows])]
    left = len(steps) - rows if rows is not None else 0
    return [*lines, f"| | {left} more steps | |"] if left > 0 else lines


def _row(step: Step) -> str:
    reason = step.reason.removeprefix("new: ")
    return f"| `{SIGNS[step.action]}` | `{described(step)}` | {_escaped(reason)} |"


def _diff_block(title: str, lines: Sequence[str]) -> list[str]:
    # Four backticks, because a file may hold three.
    return [f"`{title}`", "````diff", *bounded(lines), "````"]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
