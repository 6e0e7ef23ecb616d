"""One line per plug: the legs of a splitter that share a plug stand in one line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from colossus.wiring.ends import COIL, EndRow


@dataclass(frozen=True, slots=True)
class Plug:
    """One plug and where its cable leads: one row per leg, all at the same cage."""

    legs: tuple[EndRow, ...]

    @property
    def first(self) -> EndRow:
        """The row that speaks for the plug."""
        return self.legs[0]

    @property
    def port(self) -> str:
        """The printed port: the cage alone where the plug fills it, the slot of a card."""
        if self.first.half:
            return self.first["port"].partition("/")[0]
        slot = f", slot {self.first['slot']}" if self.first["slot"] else ""
        return _printed(self.first, "port", 0) + slot

    @property
    def interfaces(self) -> str:
        """What the operating system calls it; `swp7s0–1` where it is several."""
        first, last = self.first["interface"], self.legs[-1]["interface"]
        if first == last:
            return first
        same = len(first.rstrip("0123456789"))
        return f"{first}–{last[same:] if first[:same] == last[:same] else last}"

    @property
    def label(self) -> str:
        """The text on the label at this end; a shared plug names its cage and all its legs."""
        if not self.first.half:
            return self.first["label"]
        near = self.first["label"].partition("/")[0].rpartition(".")[0]
        legs = [leg["label"].partition("/")[2] for leg in self.legs]
        place = legs[0].rpartition(":")[0] + ":"
        return f"{near}/{legs[0]}" + "".join(f"+{leg.removeprefix(place)}" for leg in legs[1:])

    @property
    def whole(self) -> bool:
        """Whether several links go through this plug and through one plug at the other end."""
        return self.first.half and "/" in self.first["far_port"]

    @property
    def splits(self) -> bool:
        """Whether this is the plug of a splitter."""
        return self.first.half and not self.whole

    @property
    def cable(self) -> str:
        """Medium and length as ordered; whether this is the plug or a leg of a splitter.

        A cable that has halves at its other end, too, is no splitter: it carries several links.
        """
        length = f" {self.first['length_order_m']} m" if self.first["length_order_m"] else ""
        kind = ""
        if self.first["legs"] != "1":
            kind = f", 1:{self.first['legs']}" if self.splits else ", leg"
            kind = f", {self.first['legs']} links" if self.whole else kind
        return f"{self.first['medium']}{length}{kind}"

    @property
    def far(self) -> list[tuple[str, str, str, str]]:
        """Rack, U, device and ports of each far device."""
        devices = groupby(
            self.legs, key=lambda leg: (leg["far_rack"], leg["far_u"], leg["far_device"])
        )
        return [
            (rack, u, device, " + ".join(_printed(leg, "far_port", 1) for leg in legs))
            for (rack, u, device), legs in devices
        ]

    @property
    def coiled(self) -> bool:
        """Whether no far end is there yet, so that the cable is coiled and labelled."""
        return all(leg["todo"] == COIL for leg in self.legs)

    @property
    def lines(self) -> int:
        """How many lines of a page it takes; long names run over several."""
        far = sum(_lines(device, 13) for _, _, device, _ in self.far)
        own = ((self.port, 11), (self.interfaces, 15), (self.label, 60), (self.cable, 20))
        return max(far, *(_lines(text, fit) for text, fit in own))


def _printed(row: EndRow, column: str, end: int) -> str:
    """Write a port as box and label name it: `7/2`, `bmc`, never `1` for both NIC and BMC."""
    port = row[column]
    return port if "/" in port else row["label"].split("/")[end].rpartition(":")[2]


def _lines(text: str, fit: int) -> int:
    """Count the lines of a text in a column where so many letters fit."""
    return -(-len(text) // fit)


def plugs_of(rows: Sequence[EndRow]) -> Iterator[Plug]:
    """Put the rows of a rack together by plug; rows are in floor order."""

    def plug(row: EndRow) -> tuple[str, str, str]:
        cage = row["port"].partition("/")[0] if row.half else row["interface"]
        return row["device"], row["cable_id"], cage

    for _, legs in groupby(rows, key=plug):
        yield Plug(tuple(legs))
