"""HTML sheets of a site: one per rack that has plugs, and the index."""

from collections.abc import Iterator, Sequence
from functools import partial

from colossus.fabric.model import Fabric
from colossus.sheets.book import Chosen, Floor, floor
from colossus.sheets.index_page import index_page
from colossus.sheets.plugs import plugs_of
from colossus.sheets.printing import by_racks
from colossus.sheets.rack_page import rack_page

INDEX = "index.html"


def html_sheets(
    fabric: Fabric,
    racks: Sequence[int] | None = None,
    spare_percent: float = 0.0,
    chosen: Chosen | None = None,
) -> Iterator[tuple[str, str]]:
    """Give (file name, page) per rack, and the index unless only some racks are wanted.

    chosen: only these cables, of racks that have any.
    """
    ready = floor(fabric, spare_percent, chosen)
    every = range(len(fabric.racks.names)) if racks is None else racks
    plugs = dict.fromkeys(every, 0)
    for rack, name, count, page in by_racks(partial(_pages, ready), every):
        plugs[rack] = count
        yield name, page
    if racks is None:
        yield INDEX, index_page(fabric, plugs, ready.picks(every), spare_percent)


def _pages(ready: Floor, racks: Sequence[int]) -> Iterator[tuple[int, str, int, str]]:
    """Give rack, file name, number of plugs and page of each rack with something to do."""
    for sheet in ready.sheets(racks):
        plugs = sum(1 for _ in plugs_of(sheet.rows))
        yield sheet.rack, f"rack-{sheet.name}.html", plugs, rack_page(sheet)
