"""HTML sheets of a site: one per rack that has plugs, and the index."""

from collections.abc import Iterator, Sequence

from colossus.fabric.model import Fabric
from colossus.sheets.book import Chosen, floor
from colossus.sheets.index_page import index_page
from colossus.sheets.plugs import plugs_of
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
    for sheet in ready.sheets(every):
        plugs[sheet.rack] = sum(1 for _ in plugs_of(sheet.rows))
        yield f"rack-{sheet.name}.html", rack_page(sheet)
    if racks is None:
        yield INDEX, index_page(fabric, plugs, ready.picks(every), spare_percent)
