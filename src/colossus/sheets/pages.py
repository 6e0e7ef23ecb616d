"""HTML sheets of a site: one per rack that has plugs, and the index."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from colossus.fabric.model import Fabric
from colossus.sheets.index_page import index_page
from colossus.sheets.plugs import plugs_of
from colossus.sheets.rack_page import RackSheet, rack_page
from colossus.wiring.ends import end_rows
from colossus.wiring.picks import Store

INDEX = "index.html"


def html_sheets(
    fabric: Fabric, racks: Sequence[int] | None = None, spare_percent: float = 0.0
) -> Iterator[tuple[str, str]]:
    """Give (file name, page) per rack, and the index unless only some racks are wanted."""
    rows = end_rows(fabric)
    starting, store = _starting(fabric), Store(fabric)
    plugs: dict[int, int] = {}
    for rack in range(len(fabric.racks.names)) if racks is None else racks:
        here = rows.rack(rack)
        plugs[rack] = sum(1 for _ in plugs_of(here))
        if here:
            bring = store.picks(starting.get(rack, []))
            yield (
                f"rack-{fabric.racks.names[rack]}.html",
                rack_page(RackSheet(fabric, rack, here, bring)),
            )
    if racks is None:
        yield INDEX, index_page(fabric, plugs, store.picks(None, spare_percent), spare_percent)


def _starting(fabric: Fabric) -> dict[int, list[int]]:
    """Give the cables that start in each rack: the rack of the `a` end of their first link."""
    links = fabric.links
    rack = fabric.devices.rack[fabric.ports.device[links.a]].tolist()
    starting: dict[int, list[int]] = defaultdict(list)
    seen: set[int] = set()
    for cable, place in zip(links.cable.tolist(), rack, strict=True):
        if cable not in seen:
            seen.add(cable)
            starting[place].append(cable)
    return starting
