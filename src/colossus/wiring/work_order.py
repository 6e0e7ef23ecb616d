"""The moves of a report as a work order: numbered, with rack and U, one line per plug."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from colossus.fabric.model import Fabric
from colossus.wiring.plugs import shared_plugs
from colossus.wiring.ports import CAGE_SHIFT, PortTexts, port_texts
from colossus.wiring.report import Move, Report


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a plug sits. rack and u are empty for a stranger; u for a zero-U device.

    port: interface; of a plug that several legs share, the first and the last.
    """

    rack: str
    u: str
    device: str
    port: str

    def __str__(self) -> str:
        if not self.rack:
            return f"{self.device}:{self.port} (not in the plan)"
        mounted = f" U{self.u}" if self.u else ""
        return f"rack {self.rack}{mounted} {self.device} {self.port}"


@dataclass(frozen=True, slots=True)
class Task:
    """One plug to move: out of a seat, into another (None: only out).

    cable_id and end are empty for a cable that the plan does not have.
    """

    cable_id: str
    end: str
    origin: Seat
    to: Seat | None

    @property
    def cable(self) -> str:
        """Which cable, in words."""
        return f"cable {self.cable_id} end {self.end}" if self.cable_id else "extra cable"


def work_order(fabric: Fabric, report: Report) -> Iterator[Task]:
    """Give the tasks in order; the legs of a splitter that share a plug are one task."""
    if not report.moves:
        return
    texts, together = port_texts(fabric), shared_plugs(fabric)
    rows = {name: row for row, name in enumerate(texts.full)}
    tasks: dict[tuple[str, str, str], list[Move]] = {}
    for index, move in enumerate(report.moves):
        row = rows.get(move.to, -1)
        plug = (str(index), "", "")
        if row >= 0 and together[row]:
            plug = (
                move.cable_id,
                _cage(texts, rows, move.origin),
                _cage(texts, rows, move.to),
            )
        tasks.setdefault(plug, []).append(move)
    for moves in tasks.values():
        first = moves[0]
        yield Task(
            cable_id=first.cable_id,
            end=first.end,
            origin=_seat(fabric, [move.origin for move in moves]),
            to=_seat(fabric, [move.to for move in moves]) if first.to else None,
        )


def _cage(texts: PortTexts, rows: Mapping[str, int], port: str) -> str:
    """Name the cage of a split port, else the port itself."""
    row = rows.get(port, -1)
    return f"{texts.device[row]}:{texts.order[row] >> CAGE_SHIFT}" if row >= 0 else port


def _seat(fabric: Fabric, ports: list[str]) -> Seat:
    device, _, interface = ports[0].partition(":")
    last = ports[-1].partition(":")[2]
    plug = interface if last == interface else f"{interface}–{last}"
    row = fabric.device_index.get(device, -1)
    if row < 0:
        return Seat("", "", device, plug)
    u = int(fabric.devices.u[row])
    return Seat(fabric.racks.names[fabric.devices.rack[row]], str(u) if u > 0 else "", device, plug)
