"""Which optics and which cable of the parts list each link gets (facts: wiring.md 4.5).

The first that fits is taken: plug, speed, medium, reach, and where it may go. What the list does
not hold stays without a part number.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric, speed_word
from colossus.fabric.tables import MEDIA, Index
from colossus.inventory.catalog import Switch
from colossus.inventory.parts import Optic, Parts

GLASS = ("MMF", "SMF-DR", "SMF-FR")
NONE = -1
PROTOCOLS = ("ethernet", "infiniband")
"""For what parts are made; RoCE and Slingshot go over the former's."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One end of a link that wants an optic: what it goes into, what it must carry, how far.

    protocol: `infiniband`, or `ethernet` for all that runs over it.
    """

    plug: str
    speed: str
    medium: str
    metres: float
    at_switch: bool
    half: bool
    protocol: str

    def takes(self, optic: Optic) -> bool:
        """Whether an optic fits, reaches and may be there."""
        place = "switch" if self.at_switch else "host"
        return (
            (optic.plug, optic.speed, optic.medium) == (self.plug, self.speed, self.medium)
            and optic.reach_m >= self.metres
            and optic.at in (place, "any")
            and (optic.links > 1) == self.half
            and optic.protocol in (None, self.protocol)
        )

    def chosen(self, parts: Parts) -> int:
        """Give the row of the first optic that fits, NONE where no one does."""
        return next((row for row, optic in enumerate(parts.optics) if self.takes(optic)), NONE)

    def known(self, parts: Parts) -> bool:
        """Whether the list has optics for such a port at that speed at all."""
        place = "switch" if self.at_switch else "host"
        return any(
            (optic.plug, optic.speed) == (self.plug, self.speed)
            and optic.at in (place, "any")
            and optic.protocol in (None, self.protocol)
            for optic in parts.optics
        )


@dataclass(frozen=True)
class Bought:
    """Part numbers per link: rows of `Parts.optics` at both ends, the cable's number or nothing."""

    optic_a: Index
    optic_z: Index
    cable: NDArray[np.object_]


def bought(fabric: Fabric, parts: Parts) -> Bought:
    """Choose optics and cables for every link at once."""
    seats, sides = seated(fabric)
    rows = np.asarray([*(seat.chosen(parts) for seat in seats), NONE], dtype=np.int32)
    optics = rows[sides[0]], rows[sides[1]]
    return Bought(*optics, _cables(fabric, parts, optics))


def seated(fabric: Fabric) -> tuple[list[Seat], tuple[Index, Index]]:
    """Give each kind of end that wants an optic, and the kind of both ends of every link."""
    seats: list[Seat] = []
    sides = [_seats(fabric, side, seats) for side in (fabric.links.a, fabric.links.z)]
    return seats, (sides[0], sides[1])


def _seats(fabric: Fabric, ends: Index, seats: list[Seat]) -> Index:
    """Number the kinds of ends with an optic; the kinds are appended to `seats`."""
    links, ports, cables = fabric.links, fabric.ports, fabric.cables
    medium = cables.medium[links.cable]
    speed = np.minimum(ports.speed[links.a], ports.speed[links.z])
    found = np.full(len(ends), NONE, dtype=np.int32)
    glass = np.flatnonzero(np.isin(medium, [MEDIA.index(word) for word in GLASS]))
    port = ends[glass]
    model = fabric.devices.model[ports.device[port]]
    metres = cables.order_m[links.cable[glass]]
    columns = (model, ports.group[port], ports.lane[port] >= 0, speed[glass] // 1000, medium[glass])
    made = _infiniband(fabric)[links.fabric[glass]]
    first, which = _alike(*columns, np.round(metres * 100), made)
    found[glass] = which + len(seats)
    for row in first.tolist():
        end = int(port[row])
        item = fabric.catalog[fabric.models[model[row]]]
        seats.append(
            Seat(
                plug=fabric.port_row(end).connector,
                speed=speed_word(int(speed[glass[row]])),
                medium=MEDIA[medium[glass[row]]],
                metres=float(metres[row]),
                at_switch=isinstance(item, Switch),
                half=bool(ports.lane[end] >= 0),
                protocol=PROTOCOLS[int(made[row])],
            )
        )
    return found


def _infiniband(fabric: Fabric) -> Index:
    """Whether each fabric runs InfiniBand; cords and hoses run nothing."""
    intents = [fabric.site.fabrics.get(name) for name in fabric.fabrics]
    found = [intent is not None and intent.protocol == "infiniband" for intent in intents]
    return np.asarray(found, dtype=np.int32)


def _cables(fabric: Fabric, parts: Parts, optics: tuple[Index, Index]) -> NDArray[np.object_]:
    """Give the part number of the cable behind every link; fibre must fit both optics."""
    links, ports, cables = fabric.links, fabric.ports, fabric.cables
    columns = [ports.lane[links.a] >= 0, cables.medium[links.cable], cables.legs[links.cable]]
    made = _infiniband(fabric)[links.fabric]
    for end in (links.a, links.z):
        columns += [fabric.devices.model[ports.device[end]], ports.group[end]]
    first, which = _alike(*columns, np.round(cables.order_m[links.cable] * 100), *optics, made)
    numbers = np.empty(len(first), dtype=np.object_)
    for place, row in enumerate(first.tolist()):
        cable = int(links.cable[row])
        plugs = tuple(fabric.port_row(int(end[row])).connector for end in (links.z, links.a))
        fibres = {parts.optics[side[row]].fibre if side[row] >= 0 else None for side in optics}
        # Halves at both ends: one cable with all links of two cages, which is no splitter.
        legs = int(cables.legs[cable]) * (1 if ports.lane[links.a[row]] < 0 else -1)
        metres = f"{cables.order_m[cable]:g}"
        numbers[place] = next(
            (
                part.part_numbers[metres]
                for part in parts.cables
                if metres in part.part_numbers
                and part.medium == fabric.medium(cable)
                and part.protocol in (None, PROTOCOLS[int(made[row])])
                and (
                    fibres == {part.fibre}
                    if part.fibre
                    else (part.plugs, part.legs) == (plugs, legs)
                )
            ),
            "",
        )
    found: NDArray[np.object_] = numbers[which]
    return found


def _alike(*columns: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the first row of each kind of equal rows, and the kind of every row.

    columns: whole numbers, so small that their ranges multiplied stay below 2^63.
    """
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        place = column.astype(np.int64) - min(int(column.min(initial=0)), 0)
        code = code * (int(place.max(initial=0)) + 1) + place
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return first, which
