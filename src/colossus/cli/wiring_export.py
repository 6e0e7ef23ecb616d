"""Export the cabling plan: our cable list, or the format of another tool."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked
from colossus.cli.views.messages import put, say
from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.load.cabling import load_cabling
from colossus.load.writing import write_bytes
from colossus.sheets.exports.pbs import pbs_nodes
from colossus.sheets.exports.registry import EXPORTS
from colossus.sheets.exports.topograph import topograph
from colossus.sheets.tables import cables_csv
from colossus.wiring.record import Record


class Exported(StrEnum):
    """What can be exported."""

    CABLES = "cables"
    CVT_ETHERNET = "cvt-ethernet"
    CVT_INFINIBAND = "cvt-infiniband"
    CVT_UNIFIED = "cvt-unified"
    NETBOX = "netbox"
    IBDIAGNET_TOPO = "ibdiagnet-topo"
    DOT = "dot"
    CONTAINERLAB = "containerlab"
    SONIC = "sonic"
    TOPOGRAPH = "topograph"
    PBS = "pbs"


SCHEDULERS = {Exported.TOPOGRAPH: topograph, Exported.PBS: pbs_nodes}
"""Exports of places and not of cables."""


def export(
    inventory: Inventory,
    kind: Annotated[Exported, typer.Option("--format", help="What to export.")] = Exported.CABLES,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Not stdout; sonic: a folder, a file a switch."),
    ] = None,
    stage: StageName = "",
) -> int:
    """Print the master cable list as CSV, or what another tool reads; rows in floor order.

    cables: one row per cable, one per leg of a splitter. The others: docs/wiring.md, Exports.
    What a format has no word for (InfiniBand in cvt-ethernet) is left out, and how much is said.
    """
    planned = checked(inventory, stage).designed
    # Power and coolant are in our own list; what other tools read is about links that talk.
    fabric = planned.whole if kind is Exported.CABLES else planned.fabric
    record = load_cabling(inventory) if kind is Exported.CABLES else Record()
    files = _files(fabric, kind, out, record)
    _show(out, files)
    if kind is Exported.CABLES and out is not None:
        rows = files[""].splitlines()[1:]
        cables = len({row.partition(b",")[0] for row in rows})
        say(f"wrote {len(rows):,} rows, {cables:,} cables, to {out}")
    elif kind is not Exported.CABLES:
        say(_told(fabric, kind, out))
    return 0


def _files(fabric: Fabric, kind: Exported, out: Path | None, record: Record) -> dict[str, bytes]:
    """Write the files of an export; the name is empty where it is a single one."""
    if kind is Exported.CABLES:
        return {"": cables_csv(fabric, record).encode()}
    if kind in SCHEDULERS:
        return SCHEDULERS[kind](fabric)
    chosen = EXPORTS[kind.value]
    if out is None and (chosen.binary or chosen.folder):
        what = "a folder" if chosen.folder else "a workbook"
        raise UsageError(f"{kind.value} writes {what}, which stdout cannot take", "name it: --out")
    return chosen.written(fabric)


def _show(out: Path | None, files: dict[str, bytes]) -> None:
    """Write the files, or print the only one."""
    for name, content in files.items():
        if out is None:
            put(content.decode().removesuffix("\n"))
        else:
            write_bytes(out / name if name else out, content)


def _told(fabric: Fabric, kind: Exported, out: Path | None) -> str:
    """Say how much was written, and how much the format leaves out."""
    place = f", to {out}" if out is not None else ""
    if kind in SCHEDULERS:
        return f"wrote what the scheduler of {fabric.site.cluster} places jobs by{place}"
    kept = len(EXPORTS[kind.value].cabling(fabric).kept)
    left = len(fabric.links.a) - kept
    others = f"; {left:,} links of other protocols are not in it" if left else ""
    return f"wrote {kept:,} links{place}{others}"
