"""What every sheet of a rack tells, on whatever it is printed: numbers, what to bring, bundles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from colossus.fabric.hierarchy import rack_places
from colossus.fabric.model import Fabric
from colossus.sheets.plugs import Plug
from colossus.wiring.ends import EndRow
from colossus.wiring.picks import Pick

REVISION_LENGTH = 12
BRING_HEADINGS = ("fabric", "type", "length", "plugs", "colour", "count")
BUNDLE_HEADINGS = ("bundle", "way", "cables")


@dataclass(frozen=True, slots=True)
class RackSheet:
    """What the pages of one rack need. starting: cables whose `a` end is here, to bring along."""

    fabric: Fabric
    rack: int
    rows: Sequence[EndRow]
    starting: Sequence[Pick]

    @property
    def name(self) -> str:
        """The rack's name."""
        return self.fabric.racks.names[self.rack]

    @property
    def place(self) -> str:
        """The innermost place above the rack (its name tells the others), row and position."""
        racks = self.fabric.racks
        level, name = list(rack_places(self.fabric.levels, self.rack).items())[-1]
        row = self.fabric.rows[racks.row[self.rack]]
        return f"{level} {name}, row {row}, position {int(racks.position[self.rack])}"


def numbers(sheet: RackSheet, plugs: Sequence[Plug], devices: int) -> list[tuple[str, int]]:
    """Count devices, plugs and cables of a rack."""
    leaving = {
        plug.first["cable_id"] for plug in plugs if any(far[0] != sheet.name for far in plug.far)
    }
    coiled = sum(plug.coiled for plug in plugs)
    facts = [
        ("devices", devices),
        ("plugs", len(plugs)),
        ("cables", len({plug.first["cable_id"] for plug in plugs})),
        ("of them leaving the rack", len(leaving)),
    ]
    return [*facts, ("to coil and label", coiled)] if coiled else facts


def bring_row(pick: Pick) -> tuple[str, ...]:
    """Write what to bring along, in the order of BRING_HEADINGS."""
    return (
        pick.fabric,
        pick.what,
        f"{pick.length_m} m",
        f"{pick.plug_z} – {pick.plug_a}",
        pick.colour,
        str(pick.count),
    )


def bundle_rows(plugs: Sequence[Plug]) -> list[tuple[str, str, str]]:
    """List the bundles in the order in which they are pulled: name, way, cables."""
    ordered = sorted(plugs, key=lambda plug: int(plug.first["pull_seq"]))
    bundles = [
        (name, list(members))
        for name, members in groupby(ordered, key=lambda plug: plug.first["bundle_id"])
    ]
    return [
        (name, members[0].first["path"], str(len({plug.first["cable_id"] for plug in members})))
        for name, members in bundles
    ]


def note(plug: Plug) -> str:
    """Say what is special about a plug: what changed, an end to coil, a status."""
    row = plug.first
    if row["note"]:
        return row["note"]
    return "COIL" if plug.coiled else ("" if row["status"] == "active" else row["status"])


def notes(plugs: Sequence[Plug]) -> Iterator[str]:
    """Explain the words of a rack's sheet."""
    yield "U is counted from the floor; a device is named by its lowest U."
    yield "Rear view: feed A on the left."
    if any(plug.splits for plug in plugs):
        yield "1:2 is a splitter: one plug at the switch, a leg to each far port."
    if any(plug.first["polarity"] for plug in plugs):
        yield "Parallel fibre is crossed (type B); angled ends (APC) never meet flat ones."
    if any(plug.coiled for plug in plugs):
        yield "COIL: the far side is not there yet; coil the cable, label it, leave it."
