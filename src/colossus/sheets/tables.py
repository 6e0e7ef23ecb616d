"""CSV: the master cable list, a sheet per rack, the pick list."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from colossus.fabric.model import Fabric
from colossus.sheets.book import Chosen, floor
from colossus.wiring import ends, picks, rows
from colossus.wiring.installed import with_record
from colossus.wiring.record import Record

PICK_LIST = "pick-list.csv"


def as_csv(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write CSV: a header, commas, quotes where needed, lines as every other file has them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue()


def cables_csv(fabric: Fabric, record: Record | None = None) -> str:
    """Write the master cable list with the columns of the outside contract.

    record: what the floor reported, to be filled in.
    """
    listed = with_record(rows.cable_rows(fabric), fabric, record or Record())
    return as_csv(rows.COLUMNS, listed.rows())


def csv_sheets(
    fabric: Fabric,
    racks: Sequence[int] | None = None,
    spare_percent: float = 0.0,
    chosen: Chosen | None = None,
) -> Iterator[tuple[str, str]]:
    """Give (file name, text) per rack, and the pick list unless only some racks are wanted.

    chosen: only these cables, of racks that have any.
    """
    every = range(len(fabric.racks.names)) if racks is None else racks
    yield from _whole(fabric, every) if chosen is None else _chosen(fabric, every, chosen)
    if racks is None:
        ready = floor(fabric, spare_percent, chosen)
        picked = (pick.row() for pick in ready.picks(every))
        yield PICK_LIST, as_csv(picks.COLUMNS, picked)


def _whole(fabric: Fabric, racks: Sequence[int]) -> Iterator[tuple[str, str]]:
    plugs = ends.end_rows(fabric)
    for rack in racks:
        if plugs.starts[rack] < plugs.starts[rack + 1]:
            name = f"rack-{fabric.racks.names[rack]}.csv"
            yield name, as_csv(ends.COLUMNS, plugs.table(rack))


def _chosen(fabric: Fabric, racks: Sequence[int], chosen: Chosen) -> Iterator[tuple[str, str]]:
    for sheet in floor(fabric, chosen=chosen).sheets(racks):
        rows = ([row[column] for column in ends.COLUMNS] for row in sheet.rows)
        yield f"rack-{sheet.name}.csv", as_csv(ends.COLUMNS, rows)
