"""Every plug where it goes: one row per end of each cable, by rack, as a technician works.

The master list has one row per cable; the people at a rack need the ends that are in that rack,
U by U from the top, and only what they need there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.model import Fabric
from colossus.wiring.plugs import shared_plugs
from colossus.wiring.ports import Texts, port_texts, texts
from colossus.wiring.rows import CableRows, cable_rows, floor_order, numbers

CONNECT = "connect"
COIL = "coil and label"
"""What to do at an end whose far device is not there yet."""

_NEAR = ("u", "face", "device", "slot", "port", "connector", "interface")
_FAR = ("rack", "u", "device", "port", "interface")
_CABLE = ("fabric", "rail", "speed", "medium", "polarity", "length_order_m", "colour", "path")
_LEGS = "legs"
_WORK = ("bundle_id", "pull_seq", "status", "installed_by", "installed_at", "verified_at", "note")
COLUMNS = (
    *_NEAR,
    *("cable_id", "end", "todo", "label"),
    *(f"far_{column}" for column in _FAR),
    *_CABLE,
    _LEGS,
    *_WORK,
)


@dataclass(frozen=True, slots=True)
class EndRow:
    """One plug (of a splitter: one leg) at this rack; all values as printed.

    half: whether other legs of the cable share this plug, which then fills the cage.
    """

    values: dict[str, str]
    half: bool

    def __getitem__(self, column: str) -> str:
        """Give the text of a column."""
        return self.values[column]


@dataclass(frozen=True)
class EndRows:
    """All ends in floor order; starts: first row of each rack, one more than racks.

    columns: each column of the `a` ends and of the `z` ends, in the order of the cable list; they
    are taken from there rack by rack, for a sorted copy of all of them is a quarter of a gigabyte
    at 100,000 accelerators. row, is_z: where each end is in there.
    """

    columns: dict[str, tuple[Texts, Texts]]
    row: NDArray[np.int32]
    is_z: NDArray[np.bool_]
    half: NDArray[np.bool_]
    starts: NDArray[np.intp]

    def column(self, name: str, cut: slice = slice(None)) -> list[str]:
        """Give a column of these ends."""
        a, z = self.columns[name]
        row = self.row[cut]
        found: list[str] = (a[row] if a is z else np.where(self.is_z[cut], z[row], a[row])).tolist()
        return found

    def table(self, rack: int) -> Iterator[tuple[str, ...]]:
        """Give the rows of a rack in the order of COLUMNS."""
        cut = slice(int(self.starts[rack]), int(self.starts[rack + 1]))
        return zip(*(self.column(name, cut) for name in COLUMNS), strict=True)

    def rack(self, rack: int) -> list[EndRow]:
        """Give the rows of a rack one by one."""
        cut = slice(int(self.starts[rack]), int(self.starts[rack + 1]))
        return [
            EndRow(dict(zip(COLUMNS, row, strict=True)), half)
            for row, half in zip(self.table(rack), self.half[cut].tolist(), strict=True)
        ]


def end_rows(fabric: Fabric) -> EndRows:
    """List both ends of every cable; ends at devices that are not there yet are left out."""
    rows, ports, links = cable_rows(fabric), port_texts(fabric), fabric.links
    a, z = links.a[rows.link], links.z[rows.link]
    near = np.concatenate([a, z])
    device, present = fabric.ports.device, fabric.devices.present
    order = floor_order(fabric, near, ports)
    order = order[present[device[near[order]]]]
    rack = fabric.devices.rack[device[near[order]]]
    count = len(rows)
    legs = numbers(fabric.cables.legs)[links.cable[rows.link]]
    doing = texts([COIL, CONNECT])
    # What to do at an end depends on the other one.
    todo_a, todo_z = (doing[present[device[far]].astype(np.intp)] for far in (z, a))
    return EndRows(
        dict(_columns(rows)) | {_LEGS: (legs, legs), "todo": (todo_a, todo_z)},
        (order % max(count, 1)).astype(np.int32),
        order >= count,
        shared_plugs(fabric)[near[order]],
        np.searchsorted(rack, np.arange(len(fabric.racks.names) + 1)),
    )


def _columns(rows: CableRows) -> Iterator[tuple[str, tuple[Texts, Texts]]]:
    """Give each column of the `a` ends and of the `z` ends, near end first."""
    known, count = rows.columns, len(rows)
    for name in ("cable_id", *_CABLE, *_WORK):
        yield name, (known[name], known[name])
    for name in _NEAR:
        yield name, (known[f"a_{name}"], known[f"z_{name}"])
    for name in _FAR:
        yield f"far_{name}", (known[f"z_{name}"], known[f"a_{name}"])
    yield "end", (_same("a", count), _same("z", count))
    yield "label", (known["label_a"], known["label_z"])


def _same(word: str, count: int) -> Texts:
    return np.broadcast_to(texts([word]), count)
