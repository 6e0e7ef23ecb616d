"""The first page: what the sheets cover, where the racks stand, what to take from the store."""

from collections.abc import Mapping, Sequence

import numpy as np

from colossus.fabric.hierarchy import rack_places
from colossus.fabric.model import Fabric
from colossus.sheets.book import pick_row
from colossus.sheets.floor import floor_plan
from colossus.sheets.markup import Markup, document, join, table, tag
from colossus.sheets.rack import REVISION_LENGTH
from colossus.wiring.picks import Pick

PICK_HEADINGS = (
    *("fabric", "type", "length", "plug at z", "plug at a", "colour", "part number"),
    *("planned", "spares", "to order"),
)


def index_page(
    fabric: Fabric, plugs: Mapping[int, int], picks: Sequence[Pick], spare_percent: float
) -> str:
    """Write the index of all racks as one HTML file; plugs: per rack row, lines of its sheet."""
    body = join(
        [
            _head(fabric),
            _numbers(fabric, plugs),
            tag("h2", "Floor, with the number of plugs in each rack"),
            floor_plan(fabric, plugs),
            tag("h2", f"Pick list, with {spare_percent:g} % spares of each kind, rounded up"),
            _pick_table(picks),
            tag("h2", "Racks"),
            _rack_table(fabric, plugs),
            tag("h2", "How lengths were found"),
            _lengths(fabric),
        ]
    )
    page = tag("section", body, class_="index")
    return document(f"{fabric.site.cluster} wiring sheets", page)


def _head(fabric: Fabric) -> Markup:
    revision = fabric.digest[:REVISION_LENGTH] or "unsaved"
    return tag(
        "header",
        tag("div", tag("b", f"{fabric.site.cluster}: wiring sheets"), class_="what"),
        tag("div", f"revision {revision}", class_="which"),
        tag("div", fabric.site.description, class_="where"),
    )


def _numbers(fabric: Fabric, plugs: Mapping[int, int]) -> Markup:
    present = int(np.count_nonzero(fabric.devices.present))
    facts = [
        ("racks with plugs", sum(1 for count in plugs.values() if count)),
        ("devices", present),
        ("cables", len(fabric.cables.ids)),
        ("links they carry", len(fabric.links.a)),
        ("plugs", sum(plugs.values())),
    ]
    if present < len(fabric.devices.names):
        facts.append(("devices that come later", len(fabric.devices.names) - present))
    return tag("dl", *(join([tag("dt", what), tag("dd", f"{n:,}")]) for what, n in facts))


def _pick_table(picks: Sequence[Pick]) -> Markup:
    rows = [pick_row(pick) for pick in picks]
    planned, spare = sum(p.count for p in picks), sum(p.spares for p in picks)
    foot = f"{planned:,} planned, {spare:,} spares, {planned + spare:,} to order"
    return table(PICK_HEADINGS, rows, "small numbers", foot=foot)


def _rack_table(fabric: Fabric, plugs: Mapping[int, int]) -> Markup:
    racks = fabric.racks
    devices = np.bincount(fabric.devices.rack, minlength=len(racks.names))
    rows = []
    for rack, name in enumerate(racks.names):
        count = plugs.get(rack, 0)
        rows.append(
            (
                tag("a", name, href=f"rack-{name}.html") if count else name,
                list(rack_places(fabric.levels, rack).values())[-1],
                fabric.rows[racks.row[rack]],
                str(int(racks.position[rack])),
                str(int(devices[rack])),
                str(count) if count else "no sheet",
                Markup('<span class="tick"></span>'),
            )
        )
    headings = ("rack", "place", "row", "position", "devices", "plugs", "done")
    return table(headings, rows, "small")


def _lengths(fabric: Fabric) -> Markup:
    rows = [
        (
            hall.name,
            f"{hall.tray_height_m:g} m",
            f"{hall.exit_rise_m:g} m",
            f"{hall.row_pitch_m:g} m",
            f"{hall.service_slack_m:g} m",
        )
        for hall in fabric.site.halls
    ]
    headings = ("hall", "tray above floor", "rise to the tray", "row to row", "slack")
    words = (
        "Along the rack, up to the tray, along the row and across at the nearer row end, down"
        " again; then the next length on sale. Measure before you cut or order in bulk."
    )
    return join([tag("p", words), table(headings, rows, "small")])
