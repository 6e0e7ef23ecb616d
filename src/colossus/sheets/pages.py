"""HTML sheets of a site: one per rack that has plugs, and the index."""

from collections.abc import Iterator, Sequence

from colossus.fabric.model import Fabric
from colossus.sheets.book import starting
from colossus.sheets.index_page import index_page
from colossus.sheets.plugs import plugs_of
from colossus.sheets.rack import RackSheet
from colossus.sheets.rack_page import rack_page
from colossus.wiring.ends import end_rows
from colossus.wiring.picks import Store

INDEX = "index.html"


def html_sheets(
    fabric: Fabric, racks: Sequence[int] | None = None, spare_percent: float = 0.0
) -> Iterator[tuple[str, str]]:
    """Give (file name, page) per rack, and the index unless only some racks are wanted."""
    rows = end_rows(fabric)
    begin, store = starting(fabric), Store(fabric)
    plugs: dict[int, int] = {}
    for rack in range(len(fabric.racks.names)) if racks is None else racks:
        here = rows.rack(rack)
        plugs[rack] = sum(1 for _ in plugs_of(here))
        if here:
            bring = store.picks(begin.get(rack, []))
            yield (
                f"rack-{fabric.racks.names[rack]}.html",
                rack_page(RackSheet(fabric, rack, here, bring)),
            )
    if racks is None:
        yield INDEX, index_page(fabric, plugs, store.picks(None, spare_percent), spare_percent)
