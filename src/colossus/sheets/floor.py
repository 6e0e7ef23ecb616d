"""The floor plan as a drawing: halls, rows, racks at their positions, plugs per rack."""

from collections import defaultdict
from collections.abc import Mapping

from colossus.fabric.model import Fabric
from colossus.sheets.markup import Markup, fitted, join, tag

WIDE, HIGH, GAP, LEFT, TOP = 34, 22, 16, 30, 20
"""Sizes in drawing units: a rack's box, the aisle, room for the names of rows and halls."""


def floor_plan(fabric: Fabric, plugs: Mapping[int, int]) -> Markup:
    """Draw every hall from above; plugs: per rack row, how many its sheet has (0 = no sheet)."""
    halls: dict[int, list[int]] = defaultdict(list)
    for rack, hall in enumerate(fabric.racks.hall.tolist()):
        halls[hall].append(rack)
    return join(_hall(fabric, hall, racks, plugs) for hall, racks in sorted(halls.items()))


def _hall(fabric: Fabric, hall: int, racks: list[int], plugs: Mapping[int, int]) -> Markup:
    table = fabric.racks
    rows = sorted({int(table.row[rack]) for rack in racks})
    last = max(int(table.position[rack]) for rack in racks)
    parts = [tag("text", f"hall {fabric.halls[hall]}", x=2, y=11, class_="title")]
    for line, row in enumerate(rows):
        y = TOP + line * (HIGH + GAP)
        parts.append(tag("text", fabric.rows[row], x=LEFT - 8, y=y + HIGH / 2 + 3, class_="row"))
        parts += [
            _rack(fabric, rack, y, plugs.get(rack, 0)) for rack in racks if table.row[rack] == row
        ]
    width = LEFT + last * WIDE + 4
    height = TOP + len(rows) * (HIGH + GAP)
    # Never blown up: a hall of two racks keeps the scale of a hall of twenty-four.
    return tag(
        "svg",
        *parts,
        viewBox=f"0 0 {width} {height}",
        style=f"width:min(100%,{width * 0.32:.0f}mm)",
        class_="floor",
        role="img",
    )


def _rack(fabric: Fabric, rack: int, y: int, plugs: int) -> Markup:
    name, x = fabric.racks.names[rack], LEFT + (int(fabric.racks.position[rack]) - 1) * WIDE
    kind = "box" if plugs else "box absent"
    parts = join(
        [
            tag("rect", x=x + 1, y=y, width=WIDE - 2, height=HIGH, class_=kind),
            fitted(name, WIDE - 4, 4.8, x=x + WIDE / 2, y=y + 10, class_="name"),
            tag("text", str(plugs) if plugs else "–", x=x + WIDE / 2, y=y + 18, class_="note"),
        ]
    )
    return tag("a", parts, href=f"rack-{name}.html") if plugs else parts
