"""The moves of a report as a work order: numbered, with rack and U, one line per plug."""

from collections.abc import Iterator
from dataclasses import dataclass

from colossus.fabric.model import Fabric
from colossus.wiring.plugs import shared_plugs
from colossus.wiring.report import Move, Report
from colossus.wiring.wording import device_place


@dataclass(frozen=True, slots=True)
class Task:
    """One plug to move: out of a place, into another (empty: only out)."""

    cable: str
    origin: str
    to: str


def work_order(fabric: Fabric, report: Report) -> Iterator[Task]:
    """Give the tasks in order; the legs of a splitter that share a plug are one task."""
    together = shared_plugs(fabric)
    tasks: dict[tuple[str, str, str], list[Move]] = {}
    for index, move in enumerate(report.moves):
        row = fabric.port_index.get(move.to, -1)
        plug = (str(index), "", "")
        if row >= 0 and together[row]:
            plug = move.cable_id, _cage(fabric, move.origin), _cage(fabric, move.to)
        tasks.setdefault(plug, []).append(move)
    for moves in tasks.values():
        first = moves[0]
        yield Task(
            cable=f"cable {first.cable_id} end {first.end}" if first.cable_id else "extra cable",
            origin=_place(fabric, [move.origin for move in moves]),
            to=_place(fabric, [move.to for move in moves]) if first.to else "",
        )


def _cage(fabric: Fabric, port: str) -> str:
    """Name the cage of a split port, else the port itself."""
    row = fabric.port_index.get(port, -1)
    if row < 0:
        return port
    half = fabric.port(row)
    return f"{half.device}:{half.group}:{half.port.partition('/')[0]}"


def _place(fabric: Fabric, ports: list[str]) -> str:
    device, _, interface = ports[0].partition(":")
    row = fabric.device_index.get(device, -1)
    if row < 0:
        return f"{ports[0]} (not in the plan)"
    last = ports[-1].partition(":")[2]
    plug = interface if last == interface else f"{interface}–{last}"
    return f"{device_place(fabric, row)} {plug}"
