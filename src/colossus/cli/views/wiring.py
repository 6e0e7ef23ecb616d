"""Cables that were compared with the plan: verdicts, and the work order that puts them right."""

import sys

from colossus.cli.views.colour import painted
from colossus.fabric.model import Fabric
from colossus.wiring.report import Report
from colossus.wiring.work_order import work_order

_MOST_SHOWN = 200
"""More verdicts than that are a wrong plan or a wrong file, not two plugs."""


def show_comparison(fabric: Fabric, report: Report) -> None:
    """Print verdicts and work order, then one line that counts."""
    for number, verdict in enumerate(report.verdicts[:_MOST_SHOWN], 1):
        kind = painted(verdict.kind, "error", sys.stdout)
        print(f"{number:3}. {kind}: {verdict.summary}")
    if len(report.verdicts) > _MOST_SHOWN:
        print(f"     and {len(report.verdicts) - _MOST_SHOWN} more; --format json lists all")
    _show_work_order(fabric, report)
    print(_tally(report))


def _show_work_order(fabric: Fabric, report: Report) -> None:
    tasks = list(work_order(fabric, report))
    if not tasks:
        return
    print("\nWork order; where plugs trade places, take all of them out first:")
    for number, task in enumerate(tasks[:_MOST_SHOWN], 1):
        target = f"→ {task.to}" if task.to else "→ out; coil it and label it"
        print(f" [ ] {number:3}. {task.cable}: {task.origin} {target}")
    if len(tasks) > _MOST_SHOWN:
        print(f"     and {len(tasks) - _MOST_SHOWN} more; --format json lists all")
    print()


def _tally(report: Report) -> str:
    unseen = report.expected - report.seen
    words = [f"{report.seen:,} of {report.expected:,} links seen"]
    if unseen:
        words.append(f"{unseen:,} not seen")
    if report.awaiting:
        words.append(f"{report.awaiting:,} awaiting a device that comes later")
    if report.as_planned:
        words.append(painted("what was seen is as planned", "good", sys.stdout))
    else:
        words += [f"{count} {kind}" for kind, count in report.counts.items()]
    return ", ".join(words)
