"""What to take from the store: cables by medium, length and plugs, with spares."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from colossus.fabric.model import Fabric
from colossus.fabric.tables import MEDIA
from colossus.wiring.ports import port_texts
from colossus.wiring.rows import metres

COLUMNS = ("fabric", "medium", "length_m", "legs", "plug_a", "plug_z", "colour", "count", "spares")


@dataclass(frozen=True, slots=True)
class Pick:
    """Equal cables: how many are planned, and how many more to order.

    legs: links that the cable carries; more than one at a splitter. length_m as ordered.
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

    def row(self) -> tuple[str, ...]:
        """Give the values in the order of COLUMNS."""
        return tuple(str(getattr(self, column)) for column in COLUMNS)


def pick_list(
    fabric: Fabric, spare_percent: float, cables: Iterable[int] | None = None
) -> list[Pick]:
    """Count equal cables, all or some (rows of `Fabric.cables`), by fabric, medium and length.

    Spares are a share of each kind, rounded up, so at least one of each unless the share is 0.
    """
    links, ports = fabric.links, port_texts(fabric)
    lengths = metres(fabric.cables.order_m)
    first = dict(zip(links.cable[::-1].tolist(), range(len(links.a) - 1, -1, -1), strict=True))
    kinds: Counter[tuple[int, int, float, int, str, str]] = Counter()
    words: dict[float, str] = {}
    for cable in first if cables is None else dict.fromkeys(cables):
        link, length = first[cable], float(fabric.cables.order_m[cable])
        words[length] = lengths[cable]
        kinds[
            int(links.fabric[link]),
            int(fabric.cables.medium[cable]),
            length,
            int(fabric.cables.legs[cable]),
            str(ports.connector[links.a[link]]),
            str(ports.connector[links.z[link]]),
        ] += 1
    colours = [fabric.site.fabrics[name].colour for name in fabric.fabrics]
    return [
        Pick(
            fabric=fabric.fabrics[net],
            medium=MEDIA[medium],
            length_m=words[length],
            legs=legs,
            plug_a=plug_a,
            plug_z=plug_z,
            colour=colours[net],
            count=count,
            spares=spares(count, spare_percent),
        )
        for (net, medium, length, legs, plug_a, plug_z), count in sorted(kinds.items())
    ]


def spares(count: int, percent: float) -> int:
    """Give how many more to order: a share in percent, rounded up."""
    return int(-(-count * percent // 100))
