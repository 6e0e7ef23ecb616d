"""The fabrics of a site as one drawing: parts within parts, equal ones drawn once and counted.

Every line between two boxes is a link of the fabric between these very devices; what a row leaves
out for room is counted in its label, so the picture stays readable at any size of the site.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from colossus.fabric.model import Fabric
from colossus.fabric.parts import Kind, Part, parts_of
from colossus.fabric.tables import TIERS
from colossus.sheets.drawing import drawing
from colossus.sheets.markup import Markup, fitted, join, tag

BOX_WIDTH, BOX_HEIGHT, GAP = 92.0, 22.0, 10.0
CAPTION, LABEL, WIRES, EDGE = 30.0, 13.0, 54.0, 10.0
SHADOW, BEHIND = 4.0, 2
LETTER = 6.2
CAPTION_LETTER = 6.4
"""Sizes in drawing units, which a viewer takes for pixels; letters are mean widths."""
SHOWN, SHOWN_BEFORE = 8, 3
KINDS_SHOWN = 6
"""Boxes in a row, and unequal parts side by side, before the rest is only counted."""
PAGE = 2600.0
"""Width at which separate networks of one fabric begin a new line."""


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where wires meet a device's box."""

    x: float
    top: float
    bottom: float


@dataclass(slots=True)
class _Block:
    """Something drawn with its upper left corner at 0, 0."""

    width: float = 0.0
    height: float = 0.0
    marks: list[Markup] = field(default_factory=list)
    anchors: dict[int, _Anchor] = field(default_factory=dict)

    def place(self, other: "_Block", x: float, y: float) -> None:
        """Take in another block, moved."""
        self.marks.append(tag("g", *other.marks, transform=f"translate({x:g} {y:g})"))
        for row, at in other.anchors.items():
            self.anchors[row] = _Anchor(at.x + x, at.top + y, at.bottom + y)
        self.width = max(self.width, x + other.width)
        self.height = max(self.height, y + other.height)

    def below(self, other: "_Block", gap: float = 0.0) -> None:
        """Take in another block under what is here."""
        self.place(other, 0.0, self.height + gap)


def topology(fabric: Fabric) -> str:
    """Draw every fabric that this model wires, one below the other, as an SVG document."""
    whole = _Block(height=EDGE)
    for code, name in enumerate(fabric.fabrics):
        parts = parts_of(fabric, code)
        intent = fabric.site.fabrics[name]
        block = _Block()
        links = int((fabric.links.fabric == code).sum())
        words = f"{name}: {intent.topology}, {intent.protocol}, {links:,} links"
        if not parts:
            words = f"{name}: cabled outside this model"
        block.below(_line(words, "title", CAPTION_LETTER * 1.2))
        block.below(_wrapped([_part(fabric, each) for each in parts[:KINDS_SHOWN]]), 4.0)
        block.below(_rest(parts))
        whole.place(block, EDGE, whole.height)
        whole.height += 2 * EDGE
    title = f"{fabric.site.cluster}: fabrics"
    return drawing(title, whole.width + EDGE, whole.height, whole.marks)


def _part(fabric: Fabric, part: Part) -> _Block:
    """Draw one part: its caption, its switches, its wires, and what they join."""
    upper, lower = _sides(fabric, part)
    rows = [
        _side_by_side(
            [_row(fabric, part, kind, len(kinds), above=kinds is upper) for kind in kinds]
        )
        for kinds in (upper, lower)
    ]
    rows += [_side_by_side([_part(fabric, each) for each in part.inner[:KINDS_SHOWN]])]
    rows = [row for row in rows if row.height]
    widest = max(row.width for row in rows)
    inside = _Block()
    for row in rows:
        y = inside.height + WIRES if inside.height else 0.0
        inside.place(row, (widest - row.width) / 2, y)
    inside.below(_rest(part.inner))
    inside.marks.insert(0, _wires(fabric, part, inside.anchors))
    return _framed(inside, part, _caption(fabric, part))


def _sides(fabric: Fabric, part: Part) -> tuple[list[Kind], list[Kind]]:
    """Tell the kinds that links only lead up to from those below them."""
    if part.inner:
        return list(part.devices), []
    lower_rows = set(fabric.ports.device[fabric.links.a[part.links]].tolist())
    upper = [kind for kind, rows in part.devices.items() if not lower_rows & set(rows)]
    return upper, [kind for kind in part.devices if kind not in upper]


def _row(fabric: Fabric, part: Part, kind: Kind, kinds: int, *, above: bool) -> _Block:
    """Draw the devices of one kind side by side; their label is where no wires arrive.

    kinds: how many share the row, and so its room.
    """
    rows = part.devices[kind]
    boxes = _Block()
    room = max(SHOWN // kinds, 2)
    before = min(room - 1, SHOWN_BEFORE)
    shown = list(rows) if len(rows) <= room else [*rows[:before], rows[-1]]
    for row in shown:
        x = boxes.width + GAP if boxes.width else 0.0
        if len(shown) < len(rows) and row == rows[-1]:
            boxes.marks.append(tag("text", "…", x=x, y=BOX_HEIGHT * 0.65, class_="name"))
            x += 2 * GAP
        boxes.place(_box(fabric.devices.names[row], row), x, 0.0)
    model = fabric.models[fabric.devices.model[rows[0]]].partition("/")[2]
    plane = f", plane {kind.plane}" if kind.plane > 0 else ""
    label = _line(f"{kind.role} × {len(rows):,}{plane} · {model}", "note told", LETTER * 0.85)
    block = _Block()
    for each in (label, boxes) if above else (boxes, label):
        block.below(each)
    return block


def _box(name: str, row: int) -> _Block:
    box = tag("rect", x=0.5, y=0.5, width=BOX_WIDTH - 1, height=BOX_HEIGHT - 1, class_="box")
    middle = BOX_WIDTH / 2
    words = fitted(name, BOX_WIDTH - 8, LETTER, x=middle, y=BOX_HEIGHT * 0.65, class_="name middle")
    anchor = _Anchor(middle, 0.0, BOX_HEIGHT)
    return _Block(BOX_WIDTH, BOX_HEIGHT, [box, words], {row: anchor})


def _wires(fabric: Fabric, part: Part, anchors: dict[int, _Anchor]) -> Markup:
    """Draw the part's own links between boxes that are drawn; a bundle is one line with a count."""
    device = fabric.ports.device
    ends = zip(
        device[fabric.links.a[part.links]].tolist(),
        device[fabric.links.z[part.links]].tolist(),
        strict=True,
    )
    bundles = Counter(pair for pair in ends if pair[0] in anchors and pair[1] in anchors)
    return join(_wire(anchors[a], anchors[z], count) for (a, z), count in bundles.items())


def _wire(one: _Anchor, other: _Anchor, count: int) -> Markup:
    low, high = sorted((one, other), key=lambda at: -at.top)
    thick = 0.5 + min(count, 16) / 8
    if high.bottom < low.top:
        ends = {"x1": low.x, "y1": low.top, "x2": high.x, "y2": high.bottom}
        return tag("line", **ends, style=f"stroke-width:{thick:g}", class_="wire")
    peak = high.top - 6 - abs(low.x - high.x) / 14
    path = f"M{low.x:g} {low.top:g} Q{(low.x + high.x) / 2:g} {peak:g} {high.x:g} {high.top:g}"
    return tag("path", d=path, style=f"stroke-width:{thick:g}", class_="wire")


def _caption(fabric: Fabric, part: Part) -> str:
    """Say what joins the part: how many links of which tiers, between how many pairs."""
    if not len(part.links):
        return ""
    device = fabric.ports.device
    ends = np.stack([device[fabric.links.a[part.links]], device[fabric.links.z[part.links]]])
    _, each = np.unique(np.sort(ends, axis=0), axis=1, return_counts=True)
    least, most = int(each.min()), int(each.max())
    per_pair = f"{least}" if least == most else f"{least} to {most}"
    tiers = Counter(TIERS[tier] for tier in fabric.links.tier[part.links])
    told = ", ".join(f"{count:,} {tier}" for tier, count in tiers.items())
    return f"{told}; {per_pair} between two devices"


def _framed(inside: _Block, part: Part, caption: str) -> _Block:
    name = part.word + (f" × {part.count:,}, each:" if part.count > 1 else "")
    room = max(len(name), len(caption)) * CAPTION_LETTER
    width = max(inside.width, room) + 2 * EDGE
    height = CAPTION + inside.height + EDGE
    block = _Block()
    behind = BEHIND if part.count > 1 else 0
    for depth in range(1, behind + 1):
        at = depth * SHADOW
        edges = f"M{width + at:g} {at:g} v{height:g} h{-width:g}"
        block.marks.append(tag("path", d=edges, class_="part"))
    block.marks += [
        tag("rect", x=0.5, y=0.5, width=width, height=height, class_="part"),
        tag("text", name, x=EDGE, y=13.0, class_="name told"),
        tag("text", caption, x=EDGE, y=25.0, class_="note told"),
    ]
    block.place(inside, EDGE, CAPTION)
    block.width, block.height = (size + behind * SHADOW + 1 for size in (width, height))
    return block


def _rest(parts: Sequence[Part]) -> _Block:
    more = parts[KINDS_SHOWN:]
    if not more:
        return _Block()
    count = sum(part.count for part in more)
    words = f"and {count:,} more in {len(more):,} other shapes, not drawn"
    return _line(words, "note", CAPTION_LETTER)


def _line(words: str, class_: str, letter: float) -> _Block:
    mark = tag("text", words, x=0, y=LABEL - 3.0, class_=class_)
    return _Block(len(words) * letter, LABEL, [mark])


def _side_by_side(blocks: Iterable[_Block]) -> _Block:
    row = _Block()
    for block in blocks:
        row.place(block, row.width + GAP if row.width else 0.0, 0.0)
    return row


def _wrapped(blocks: Iterable[_Block]) -> _Block:
    """Put blocks side by side, on a new line where the page ends."""
    lines: list[list[_Block]] = [[]]
    for block in blocks:
        if lines[-1] and sum(each.width + GAP for each in lines[-1]) + block.width > PAGE:
            lines.append([])
        lines[-1].append(block)
    page = _Block()
    for line in lines:
        page.below(_side_by_side(line), GAP if page.height else 0.0)
    return page
