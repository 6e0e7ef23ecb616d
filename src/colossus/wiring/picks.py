"""What to take from the store: cables by medium, length and plugs, with spares."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.optics import bought
from colossus.fabric.tables import BUILT_IN, MEDIA
from colossus.wiring.forms import form_words, forms
from colossus.wiring.ports import port_texts
from colossus.wiring.rows import colours, metres

COLUMNS = (
    *("fabric", "medium", "length_m", "legs", "plug_a", "plug_z", "colour", "count", "spares"),
    "part_number",
)


@dataclass(frozen=True, slots=True)
class Pick:
    """Equal cables: how many are planned, and how many more to order.

    legs: links that the cable carries. what: medium and form in words. length_m as ordered.
    """

    fabric: str
    medium: str
    length_m: str
    legs: int
    plug_a: str
    plug_z: str
    colour: str
    count: int
    spares: int
    what: str
    part_number: str

    def row(self) -> tuple[str, ...]:
        """Give the values in the order of COLUMNS."""
        return tuple(str(getattr(self, column)) for column in COLUMNS)


class _Kind(NamedTuple):
    """What makes cables equal; sorts as a pick list is read."""

    fabric: int
    medium: int
    order_m: float
    form: int
    plug_a: str
    plug_z: str
    colour: str
    part_number: str


class Store:
    """Counts equal cables of a fabric: all of them, or those of one rack.

    Cables are known by the number of their kind, an array: processes that print share it as it is,
    where a tuple for each cable would be copied into every one of them.
    """

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        links, ports, cables = fabric.links, port_texts(fabric), fabric.cables
        rows = np.arange(len(links.a) - 1, -1, -1)
        first = np.zeros(len(cables.ids), dtype=np.intp)
        first[links.cable[rows]] = rows  # written last to first, so the first link of each stays
        columns = (
            links.fabric[first].tolist(),
            cables.medium.tolist(),
            cables.order_m.tolist(),
            forms(fabric).tolist(),
            ports.connector[links.a[first]].tolist(),
            ports.connector[links.z[first]].tolist(),
            colours(fabric)[first].tolist(),
            bought(fabric, fabric.parts).cable[first].tolist(),
        )
        number: dict[tuple[Any, ...], int] = {}
        self._kind = np.fromiter(
            (number.setdefault(kind, len(number)) for kind in zip(*columns, strict=True)),
            dtype=np.int32,
            count=len(first),
        )
        self._kinds = [_Kind(*kind) for kind in number]
        self.lengths = dict(zip(columns[2], metres(cables.order_m).tolist(), strict=True))

    def picks(
        self, cables: NDArray[np.integer[Any]] | None = None, spare_percent: float = 0.0
    ) -> list[Pick]:
        """List cables (rows of `Fabric.cables`) by fabric, medium and length; built-in ones not.

        Spares are a share of each kind, rounded up, so at least one of each unless it is 0.
        """
        fabric = self.fabric
        chosen = self._kind if cables is None else self._kind[cables]
        counts = np.bincount(chosen, minlength=len(self._kinds)).tolist()
        found = ((kind, count) for kind, count in zip(self._kinds, counts, strict=True) if count)
        return [
            Pick(
                fabric=fabric.fabrics[kind.fabric],
                medium=MEDIA[kind.medium],
                length_m=self.lengths[kind.order_m],
                legs=abs(kind.form),
                plug_a=kind.plug_a,
                plug_z=kind.plug_z,
                colour=kind.colour,
                count=count,
                spares=spares(count, spare_percent),
                what=form_words(MEDIA[kind.medium], kind.form),
                part_number=kind.part_number,
            )
            for kind, count in sorted(found)
            if MEDIA[kind.medium] != BUILT_IN
        ]


def pick_list(fabric: Fabric, spare_percent: float) -> list[Pick]:
    """List all cables of a fabric, with spares."""
    return Store(fabric).picks(None, spare_percent)


def spares(count: int, percent: float) -> int:
    """Give how many more to order: a share in percent, rounded up."""
    return int(-(-count * percent // 100))
