"""A work order from a comparison: what was found, which plugs to move, the sheets of just those."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colossus.fabric.model import Fabric
from colossus.sheets.book import Floor, Marked, floor
from colossus.sheets.rack import RackSheet
from colossus.sheets.tables import as_csv
from colossus.wiring.report import Report
from colossus.wiring.work_order import Seat, Task, work_order

MOVE_HEADINGS = ("no.", "cable", "end", "take the plug out of", "put it into", "by")
OUT = "out; coil it and label it"
CSV_COLUMNS = (
    *("number", "cable_id", "end", "from_rack", "from_u", "from_device", "from_port"),
    *("to_rack", "to_u", "to_device", "to_port", "done", "done_by", "date"),
)
_MOVE, _LOOK = "MOVE", "LOOK"


@dataclass(frozen=True)
class Order:
    """A comparison made ready for printing."""

    ready: Floor
    report: Report
    tasks: tuple[Task, ...]

    def facts(self) -> list[tuple[str, str]]:
        """Say what the first page says."""
        report, racks = self.report, self.racks
        return [
            ("cluster", self.ready.fabric.site.cluster),
            ("found", ", ".join(f"{n} {kind}" for kind, n in report.counts.items())),
            ("plugs to move", f"{len(self.tasks):,}"),
            ("racks to visit", f"{len(racks):,}: {', '.join(racks)}"),
            ("links seen", f"{report.seen:,} of {report.expected:,}"),
            ("not seen", f"{report.expected - report.seen:,}"),
            ("awaited", f"{report.awaiting:,}"),
            ("revision", self.ready.revision),
        ]

    @property
    def racks(self) -> list[str]:
        """Name the racks where something is to be done, in floor order."""
        named = {rack for verdict in self.report.verdicts for rack in verdict.racks}
        return [name for name in self.ready.fabric.racks.names if name in named]

    def moves(self) -> Iterator[tuple[str, ...]]:
        """Give the plugs to move in order, by MOVE_HEADINGS."""
        for number, task in enumerate(self.tasks, 1):
            to = str(task.to) if task.to else OUT
            yield str(number), task.cable_id or "extra", task.end, str(task.origin), to, ""

    def findings(self) -> Iterator[tuple[str, str]]:
        """Give kind and words of each verdict, in floor order."""
        return ((verdict.kind, verdict.summary) for verdict in self.report.verdicts)

    def sheets(self) -> Iterator[RackSheet]:
        """Give the sheet of each rack, with just the plugs of the cables at fault."""
        index = self.ready.fabric.rack_index
        return self.ready.sheets([index[name] for name in self.racks])


def order_of(fabric: Fabric, report: Report) -> Order:
    """Make a comparison ready for printing."""
    tasks = tuple(work_order(fabric, report))
    marks = {cable: _LOOK for verdict in report.verdicts for cable in verdict.cables}
    marks |= {task.cable_id: _MOVE for task in tasks if task.cable_id}
    return Order(floor(fabric, chosen=Marked(marks)), report, tasks)


def order_csv(order: Order) -> bytes:
    """Write the plugs to move, for a ticket system or a spreadsheet; to_* empty = only out."""
    return as_csv(CSV_COLUMNS, _rows(order.tasks)).encode()


def _rows(tasks: Sequence[Task]) -> Iterator[tuple[str, ...]]:
    nowhere = Seat("", "", "", "")
    for number, task in enumerate(tasks, 1):
        origin, to = task.origin, task.to or nowhere
        yield (
            *(str(number), task.cable_id, task.end),
            *(origin.rack, origin.u, origin.device, origin.port),
            *(to.rack, to.u, to.device, to.port),
            *("", "", ""),
        )
