"""CSV: the master cable list, a sheet per rack, the pick list."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from colossus.fabric.model import Fabric
from colossus.wiring import ends, picks, rows

PICK_LIST = "pick-list.csv"


def as_csv(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write CSV: a header, commas, quotes where needed, lines as every other file has them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue()


def cables_csv(fabric: Fabric) -> str:
    """Write the master cable list with the columns of the outside contract."""
    return as_csv(rows.COLUMNS, rows.cable_rows(fabric).rows())


def csv_sheets(
    fabric: Fabric, racks: Sequence[int] | None = None, spare_percent: float = 0.0
) -> Iterator[tuple[str, str]]:
    """Give (file name, text) per rack, and the pick list unless only some racks are wanted."""
    plugs = ends.end_rows(fabric)
    for rack in range(len(fabric.racks.names)) if racks is None else racks:
        if plugs.starts[rack] < plugs.starts[rack + 1]:
            name = f"rack-{fabric.racks.names[rack]}.csv"
            yield name, as_csv(ends.COLUMNS, plugs.table(rack))
    if racks is None:
        picked = picks.pick_list(fabric, spare_percent)
        yield PICK_LIST, as_csv(picks.COLUMNS, (pick.row() for pick in picked))
