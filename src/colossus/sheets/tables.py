"""CSV: the master cable list, a sheet per rack, the pick list."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from colossus.fabric.model import Fabric
from colossus.sheets.book import Chosen, Floor, floor
from colossus.sheets.printing import by_racks
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
    ready = floor(fabric, spare_percent, chosen)
    make = partial(_whole if chosen is None else _chosen, ready)
    yield from by_racks(make, every)
    if racks is None:
        picked = (pick.row() for pick in ready.picks(every))
        yield PICK_LIST, as_csv(picks.COLUMNS, picked)


def _whole(ready: Floor, racks: Sequence[int]) -> Iterator[tuple[str, str]]:
    for rack in racks:
        if ready.rows.starts[rack] < ready.rows.starts[rack + 1]:
            name = f"rack-{ready.fabric.racks.names[rack]}.csv"
            yield name, as_csv(ends.COLUMNS, ready.rows.table(rack))


def _chosen(ready: Floor, racks: Sequence[int]) -> Iterator[tuple[str, str]]:
    for sheet in ready.sheets(racks):
        rows = ([row[column] for column in ends.COLUMNS] for row in sheet.rows)
        yield f"rack-{sheet.name}.csv", as_csv(ends.COLUMNS, rows)
