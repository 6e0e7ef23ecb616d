"""The elevation of a rack as a drawing: front and rear, every U, devices, PDUs at the sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from colossus.fabric.model import PDU_ROLE, DeviceView, Fabric
from colossus.sheets.markup import Markup, fitted, join, tag

UNIT = 10
WIDTH = 124
MARGIN = 15
PDU = 12
TOP = 16
NAME_LETTER, NOTE_LETTER = 4.8, 3.8
NOTE_ROOM = 56
"""Sizes in drawing units; a rack unit is 10 high, and the page scales the whole."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A rack and what is in it, as it is drawn. plugs: cable ends per device name."""

    name: str
    units: int
    devices: tuple[DeviceView, ...]
    plugs: Mapping[str, int]

    @property
    def mounted(self) -> tuple[DeviceView, ...]:
        """Devices that take rack units, from the top; what sits in them is not drawn."""
        tall = (device for device in self.devices if device.u > 0 and device.height_u > 0)
        return tuple(sorted(tall, key=lambda device: -device.u))

    @property
    def beside(self) -> tuple[DeviceView, ...]:
        """Zero-U devices: PDUs, manifolds, taps."""
        return tuple(device for device in self.devices if device.u <= 0)

    def side(self, face: str) -> int:
        """Give the room left and right of the rack for numbers and for what stands beside it."""
        return MARGIN + (max(2, *map(len, self.sides)) * PDU + 4 if face == "rear" else 0)

    @property
    def sides(self) -> tuple[tuple[DeviceView, ...], tuple[DeviceView, ...]]:
        """Zero-U devices on the left, seen from the rear, and on the right: feed A is left."""
        fed = [device for device in self.beside if device.role in (PDU_ROLE, "tap")]
        left = tuple(d for d in fed if d.name.rpartition("-")[2].startswith("a"))
        return left, tuple(device for device in self.beside if device not in left)

    def size(self, face: str) -> tuple[float, float]:
        """Give width and height of one face as drawn."""
        return WIDTH + 2 * self.side(face), self.units * UNIT + TOP + 4


def contents(fabric: Fabric, rack: int, plugs: Mapping[str, int]) -> Contents:
    """Collect what stands in a rack."""
    rows = np.flatnonzero(fabric.devices.rack == rack).tolist()
    return Contents(
        name=fabric.racks.names[rack],
        units=fabric.rack_model(rack).units,
        devices=tuple(fabric.device(row) for row in rows),
        plugs=plugs,
    )


def elevation(inside: Contents, face: str, **place: float) -> Markup:
    """Draw one face, `front` or `rear`. Feed A is on the left as seen from the rear.

    place: x, y, width and height, where it stands in a drawing and not on a page.
    """
    height = inside.units * UNIT
    rear = face == "rear"
    side = inside.side(face)
    parts = [_frame(inside.units, side)]
    parts += [_device(inside, device, side, rear=rear) for device in inside.mounted]
    if rear:
        parts += _pdus(inside, height, side)
    whole, tall = inside.size(face)
    title = tag("text", f"{inside.name} {face}", x=whole / 2, y=10, class_="title")
    box = f"0 0 {whole:g} {tall:g}"
    return tag("svg", title, *parts, viewBox=box, class_="elevation", role="img", **place)


@cache
def _frame(units: int, side: int) -> Markup:
    """Draw the rack's posts and number every U on both sides, from the floor."""
    outline = tag("rect", x=side, y=TOP, width=WIDTH, height=units * UNIT, class_="post")
    lines = []
    for u in range(1, units + 1):
        y = TOP + (units - u) * UNIT
        number = 5 * UNIT / 7 + y
        strong = "u five" if u % 5 == 0 else "u"
        lines += [
            tag("line", x1=side, x2=side + WIDTH, y1=y, y2=y, class_="slot"),
            tag("text", str(u), x=side - 3, y=number, class_=f"{strong} left"),
            tag("text", str(u), x=side + WIDTH + 3, y=number, class_=f"{strong} right"),
        ]
    return join([outline, *lines])


def _device(inside: Contents, device: DeviceView, side: int, *, rear: bool) -> Markup:
    top = device.u + device.height_u - 1
    y = TOP + (inside.units - top) * UNIT
    height = device.height_u * UNIT
    kind = "box" if device.present else "box absent"
    box = tag("rect", x=side + 2, y=y + 0.6, width=WIDTH - 4, height=height - 1.2, class_=kind)
    middle = y + height / 2
    note = device.model.partition("/")[2]
    if rear:
        count = inside.plugs.get(device.name, 0)
        note = f"{count} plugs" if count != 1 else "1 plug"
    if not device.present:
        note = f"not there yet ({device.stage})" if device.stage else "not there yet"
    words = fitted(note, NOTE_ROOM, NOTE_LETTER, x=side + WIDTH - 6, y=middle + 2.2, class_="note")
    room = WIDTH - 16 - min(len(note) * NOTE_LETTER, NOTE_ROOM)
    name = fitted(device.name, room, NAME_LETTER, x=side + 6, y=middle + 2.4, class_="name")
    return join([box, name, words])


def _pdus(inside: Contents, height: int, side: int) -> list[Markup]:
    """Draw zero-U devices upright, feed A on the left."""
    drawn = []
    left, right = inside.sides
    far = WIDTH + 2 * side - 2
    places = [(2 + place * PDU, device) for place, device in enumerate(left)]
    places += [(far - (place + 1) * PDU, device) for place, device in enumerate(right)]
    for x, device in places:
        middle_x, middle_y = x + PDU / 2, TOP + height / 2
        count = inside.plugs.get(device.name, 0)
        words = f"{device.name} · {count} plug{'s' * (count != 1)}"
        drawn += [
            tag("rect", x=x + 0.6, y=TOP, width=PDU - 1.2, height=height, class_="box pdu"),
            tag(
                "text",
                words,
                class_="name upright",
                transform=f"translate({middle_x:g} {middle_y:g}) rotate(-90)",
            ),
        ]
    return drawn
