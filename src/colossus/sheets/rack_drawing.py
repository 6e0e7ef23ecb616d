"""Every rack of a site as one drawing: front and rear, racks of equal content drawn once."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from colossus.fabric.model import Fabric
from colossus.inventory.nodeset import fold_short
from colossus.sheets.drawing import drawing
from colossus.sheets.elevation import contents, elevation
from colossus.sheets.markup import Markup, tag

PAGE = 2400.0
EDGE, GAP, CAPTION = 12.0, 16.0, 34.0
LETTER = 5.6
NAMES_SHOWN = 48


def rack_drawing(fabric: Fabric) -> str:
    """Draw one rack of each content, front and rear, with the names of the racks it stands for."""
    plugs = _plugs(fabric)
    marks: list[Markup] = []
    x, y, line, widest = EDGE, EDGE, 0.0, 0.0
    for racks in _alike(fabric):
        block, width, height = _racks(fabric, racks, plugs)
        if x > EDGE and x + width > PAGE:
            x, y, line = EDGE, y + line + GAP, 0.0
        marks.append(tag("g", block, transform=f"translate({x:g} {y:g})"))
        x += width + GAP
        line, widest = max(line, height), max(widest, x)
    title = f"{fabric.site.cluster}: racks"
    return drawing(title, widest, y + line + EDGE, marks)


def _alike(fabric: Fabric) -> list[list[int]]:
    """Group racks that are built and filled alike, in floor order of their first."""
    devices = fabric.devices
    place = np.stack([devices.u, devices.role, devices.model, devices.present.astype(np.int64)])
    inside: dict[int, list[tuple[int, ...]]] = {}
    for rack, row in zip(devices.rack.tolist(), place.T.tolist(), strict=True):
        inside.setdefault(rack, []).append(tuple(row))
    found: dict[object, list[int]] = {}
    for rack in range(len(fabric.racks.names)):
        group = fabric.site.racks[fabric.racks.group[rack]]
        key = (group.model, group.kind, tuple(sorted(inside.get(rack, ()))))
        found.setdefault(key, []).append(rack)
    return list(found.values())


def _racks(
    fabric: Fabric, racks: Sequence[int], plugs: Mapping[str, int]
) -> tuple[Markup, float, float]:
    """Draw the first of equal racks under the names of all; gives its width and height too."""
    drawn = contents(fabric, racks[0], plugs)
    count = f"{len(racks):,} racks" if len(racks) > 1 else "1 rack"
    group = fabric.site.racks[fabric.racks.group[racks[0]]]
    words = (
        fold_short((fabric.racks.names[rack] for rack in racks), NAMES_SHOWN),
        f"{count} · {group.kind} · {group.model.partition('/')[2]}",
    )
    faces, x, tallest = [], 0.0, 0.0
    for face in ("front", "rear"):
        width, height = drawn.size(face)
        faces.append(elevation(drawn, face, x=x, y=CAPTION, width=width, height=height))
        x, tallest = x + width, max(tallest, height)
    captions = (
        tag("text", words[0], x=0, y=11.0, class_="name"),
        tag("text", words[1], x=0, y=24.0, class_="note"),
    )
    room = max(len(word) for word in words) * LETTER
    return tag("g", *captions, *faces), max(x, room), CAPTION + tallest


def _plugs(fabric: Fabric) -> dict[str, int]:
    """Count the cable ends at every device."""
    ends = fabric.ports.device[np.concatenate([fabric.links.a, fabric.links.z])]
    names = fabric.devices.names
    return {names[row]: count for row, count in Counter(ends.tolist()).items()}
