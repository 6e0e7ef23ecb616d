"""The moves of a report as a work order: numbered, with rack and U, one line per plug."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from colossus.fabric.model import Fabric
from colossus.wiring.plugs import shared_plugs
from colossus.wiring.ports import CAGE_SHIFT, PortTexts, port_texts
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
            cable=f"cable {first.cable_id} end {first.end}" if first.cable_id else "extra cable",
            origin=_place(fabric, [move.origin for move in moves]),
            to=_place(fabric, [move.to for move in moves]) if first.to else "",
        )


def _cage(texts: PortTexts, rows: Mapping[str, int], port: str) -> str:
    """Name the cage of a split port, else the port itself."""
    row = rows.get(port, -1)
    return f"{texts.device[row]}:{texts.order[row] >> CAGE_SHIFT}" if row >= 0 else port


def _place(fabric: Fabric, ports: list[str]) -> str:
    device, _, interface = ports[0].partition(":")
    row = fabric.device_index.get(device, -1)
    if row < 0:
        return f"{ports[0]} (not in the plan)"
    last = ports[-1].partition(":")[2]
    plug = interface if last == interface else f"{interface}–{last}"
    return f"{device_place(fabric, row)} {plug}"
