"""The way back from the floor: completed sheets recorded, progress per rack."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, opened
from colossus.cli.views.document import as_json
from colossus.cli.views.messages import put
from colossus.cli.views.table import show_table
from colossus.diagnostics import Diagnostic, Diagnostics, counted
from colossus.errors import InventoryRefused
from colossus.load.cabling import CABLING_FILE, load_cabling, save_cabling
from colossus.sheets.completed import read_completed
from colossus.wiring.record import (
    Entry,
    as_difference,
    merge,
    planned_plugs,
    progress_by_rack,
)

_MOST_SHOWN = 50


class StatusFormat(StrEnum):
    """How the progress is printed."""

    TEXT = "text"
    JSON = "json"


class SheetRefused(InventoryRefused):
    """A completed sheet cannot be recorded; `findings` says where and why."""

    def __init__(self, findings: Diagnostics) -> None:
        super().__init__(
            "the sheets cannot be recorded, so nothing was",
            "correct the cells above and record the files again",
        )
        self.findings = findings


def record(
    inventory: Inventory,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Completed sheets.")],
    stage: StageName = "",
) -> int:
    """Read completed sheets back (xlsx, csv): what is done, by whom, serials, other ports used.

    Kept in cabling.json beside the site. Recording a file again changes nothing. A plug in another
    port is a proposal: shown as a difference, never applied.
    """
    fabric = opened(inventory, stage).designed.whole
    entries: list[Entry] = []
    findings: list[Diagnostic] = []
    for path in files:
        told, odd = read_completed(path)
        entries += told
        findings += odd
    planned = planned_plugs(fabric)
    merged = merge(planned, load_cabling(inventory), entries)
    found = Diagnostics([*findings, *merged.findings])
    if found.failed:
        raise SheetRefused(found)
    save_cabling(inventory, merged.record)
    for proposal in merged.proposed:
        put("\n".join(as_difference(fabric, planned, proposal)))
    proposals = counted(len(merged.proposed), "new proposal")
    done = f"{counted(merged.done, 'plug')} newly done, {merged.changed:,} changed"
    put(f"{done}, {proposals}; {len(merged.record.plugs):,} of {len(planned.racks):,} plugs done")
    return 0


def status(
    inventory: Inventory,
    output: Annotated[StatusFormat, typer.Option("--format", help="How.")] = StatusFormat.TEXT,
    stage: StageName = "",
) -> int:
    """Show how far the cabling is, per rack, and the proposals that wait for a decision."""
    fabric = opened(inventory, stage).designed.whole
    planned, known = planned_plugs(fabric), load_cabling(inventory)
    racks = progress_by_rack(planned, known)
    rows = [
        {
            "rack": each.rack,
            "plugs": each.plugs,
            "done": each.done,
            "percent": each.percent,
            "proposals": each.proposals,
        }
        for each in racks
    ]
    plugs, done = sum(each.plugs for each in racks), sum(each.done for each in racks)
    if output is StatusFormat.JSON:
        proposals = known.document()["proposals"]
        put(as_json({"plugs": plugs, "done": done, "racks": rows, "proposals": proposals}))
        return 0
    show_table(rows, {name: name for name in ("rack", "plugs", "done", "percent", "proposals")})
    for proposal in list(known.proposals.values())[:_MOST_SHOWN]:
        put("\n".join(as_difference(fabric, planned, proposal)))
    put(f"{done:,} of {plugs:,} plugs done ({CABLING_FILE})")
    return 0
