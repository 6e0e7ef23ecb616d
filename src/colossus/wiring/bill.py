"""What to buy for the wiring: cables and optics by hall and delivery, with spares.

A delivery is a stage: a cable is wanted when the later of its two ends arrives. Optics are counted
by cage, because a twin-port module serves two cables. Part numbers are those
of the parts list; others stay empty.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.fabric.optics import GLASS
from colossus.fabric.tables import MEDIA
from colossus.wiring.forms import form_words, forms
from colossus.wiring.picks import spares
from colossus.wiring.ports import CAGE_SHIFT, port_texts
from colossus.wiring.rows import CableRows, cable_rows

FIRST = "first"
"""Delivery of what belongs to no stage."""
_ITEMS = {"CORD": "cord", "HOSE": "hose"}
_ORDER = ("cable", "cord", "hose", "optic")


@dataclass(frozen=True, slots=True)
class BillLine:
    """Equal objects of one hall and delivery; length_m as ordered.

    item: `cable`, `cord`, `hose` or `optic`.
    """

    hall: str
    delivery: str
    item: str
    fabric: str
    medium: str
    length_m: str
    plugs: str
    part_number: str
    count: int
    spares: int

    def row(self) -> tuple[str, ...]:
        """Give the values in the order of COLUMNS."""
        return tuple(str(value) for value in astuple(self))


COLUMNS = tuple(each.name for each in fields(BillLine))


def bill(fabric: Fabric, spare_percent: float) -> list[BillLine]:
    """List what to buy, cables first; spares are a share of each line, rounded up."""
    rows = cable_rows(fabric)
    cables, optics = _cables(fabric, rows), _optics(fabric, rows)
    items = [(_ITEMS.get(kind[3], "cable"), *kind, count) for kind, count in cables.items()]
    items += [("optic", *kind, count) for kind, count in optics.items()]
    items.sort(key=lambda line: (_ORDER.index(line[0]), *line[1:]))
    return list(_lines(items, spare_percent))


def _lines(items: Iterable[Any], percent: float) -> Iterator[BillLine]:
    for item, hall, delivery, net, medium, length, plugs, part, count in items:
        more = spares(count, percent)
        yield BillLine(hall, delivery, item, net, medium, length, plugs, part, count, more)


def _deliveries(fabric: Fabric, devices: NDArray[np.int32]) -> NDArray[np.int32]:
    stage: NDArray[np.int32] = fabric.devices.stage[devices]
    return stage


def _named(fabric: Fabric, stages: NDArray[np.int32]) -> list[str]:
    return [fabric.stages[stage] if stage >= 0 else FIRST for stage in stages.tolist()]


def _cables(fabric: Fabric, rows: CableRows) -> Counter[tuple[str, ...]]:
    """Count cables by their first leg; the hall is the one in which they start."""
    links, device = fabric.links, fabric.ports.device
    _, first = np.unique(links.cable[rows.link], return_index=True)
    later = np.maximum(
        _deliveries(fabric, device[links.a[rows.link]]),
        _deliveries(fabric, device[links.z[rows.link]]),
    )
    columns = rows.columns
    form = forms(fabric)[links.cable[rows.link]].tolist()
    delivery = _named(fabric, later)
    found: Counter[tuple[str, ...]] = Counter()
    for row in first.tolist():
        medium = columns["medium"][row]
        plugs = f"{columns['z_connector'][row]} – {columns['a_connector'][row]}"
        found[
            columns["a_hall"][row],
            delivery[row],
            columns["fabric"][row],
            form_words(medium, form[row]),
            columns["length_order_m"][row],
            plugs,
            columns["cable_pn"][row],
        ] += 1
    return found


def _optics(fabric: Fabric, rows: CableRows) -> Counter[tuple[str, ...]]:
    """Count the modules of fibre cables: one per cage."""
    links, texts = fabric.links, port_texts(fabric)
    glass = np.isin(
        fabric.cables.medium[links.cable[rows.link]], [MEDIA.index(name) for name in GLASS]
    )
    chosen = rows.link[glass]
    ends = np.concatenate([links.a[chosen], links.z[chosen]])
    cage = (fabric.ports.device[ends].astype(np.int64) << 32) | (texts.order[ends] >> CAGE_SHIFT)
    _, first = np.unique(cage, return_index=True)
    numbers = np.concatenate([rows.columns[f"optic_pn_{end}"][glass] for end in ("a", "z")])
    link = np.concatenate([chosen, chosen])[first]
    device = fabric.ports.device[ends[first]]
    halls = fabric.racks.hall[fabric.devices.rack[device]].tolist()
    kinds = zip(
        [fabric.halls[hall] for hall in halls],
        _named(fabric, _deliveries(fabric, device)),
        [fabric.fabrics[code] for code in links.fabric[link].tolist()],
        [MEDIA[code] for code in fabric.cables.medium[links.cable[link]].tolist()],
        [""] * len(link),
        texts.connector[ends[first]].tolist(),
        numbers[first].tolist(),
        strict=True,
    )
    return Counter(kinds)
