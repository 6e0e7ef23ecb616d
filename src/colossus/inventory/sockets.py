"""What power cords and coolant hoses go into: inlets, outlets, couplings.

They follow from a catalogue entry's supplies, outlets and hoses. Beside them stand fixtures, which
no catalogue sells as a model of its own: the manifold of a rack, the tap of a hall's feed.
"""

import re
from dataclasses import dataclass
from typing import Literal

from colossus.inventory.catalog import CatalogItem, Cdu, Pdu
from colossus.inventory.hardware import Mounted, Ported, Supplies
from colossus.inventory.ports import Face

INLETS = ("C14", "C20", "C22", "IEC60309-30", "IEC60309-60")
OUTLETS = ("C13", "C19", "C21", "IEC60309-30", "IEC60309-60")
"""Outlet of each inlet, in the same order."""
TAPPED = "IEC60309-60"
"""Inlet that no rack PDU serves: its cord goes to a tap of the hall's feed."""
ON_PDUS = tuple(inlet for inlet in INLETS if inlet != TAPPED)
OUTLET = "outlet"
COUPLING = "UQD"
SIDES = ("supply", "return")
_NAME = re.compile(r"(psu|outlet)-[0-9]+|(supply|return)(-[0-9]+)?")
_SOCKET = re.compile(r"([a-z0-9-]+):(psu|outlet)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Sockets:
    """A row of equal sockets; `first_cage` is the printed number of the first.

    paired: couplings, a supply and a return in turn. face: power and coolant come from the rear.
    """

    name: str
    connector: str
    count: int
    first_cage: int = 1
    paired: bool = False
    face: Face = "rear"

    def interface_at(self, cage: int, lane: int = -1, speed: str = "") -> str:
        """Name a socket, counted from 0, as it is printed: `psu-1`, `outlet-7`, `supply-3`."""
        del lane, speed  # nothing here is split
        if not self.paired:
            return f"{self.name}-{cage + self.first_cage}"
        pair = f"-{cage // 2 + 1}" if self.count > len(SIDES) else ""
        return SIDES[cage % 2] + pair

    def slot_at(self, cage: int, lane: int = -1) -> str:
        """Give none: no socket sits in a slot."""
        del cage, lane
        return ""


class Fixture(Ported):
    """What a rack or hall has for cords or hoses to go into; without limit of its own."""

    kind: Literal["fixture"] = "fixture"
    sockets: tuple[Sockets, ...]


_MANY = 1024


def _fixture(model: str, description: str, sockets: Sockets) -> Fixture:
    return Fixture.model_validate(
        {
            "vendor": "site",
            "model": model,
            "description": description,
            "provenance": "assumed",
            "weight_kg": 0,
            "sockets": (sockets,),
        }
    )


MANIFOLD = _fixture(
    "manifold", "coolant manifold of a rack", Sockets("coupling", COUPLING, _MANY, paired=True)
)
TAP = _fixture("tap", "tap of a hall's feed above a rack", Sockets(OUTLET, TAPPED, _MANY))


@dataclass(frozen=True, slots=True)
class CordEnd:
    """An inlet or outlet as an override names it; number as printed."""

    device: str
    kind: str
    number: int


def cord_end(word: str) -> CordEnd | None:
    """Read `gpu-0001:psu-2` or `pdu-a01-a1:outlet-9`; none for any other port."""
    found = _SOCKET.fullmatch(word)
    return CordEnd(found[1], found[2], int(found[3])) if found else None


def names_socket(word: str) -> bool:
    """Say whether a port's name is that of an inlet, an outlet or a coupling."""
    return _NAME.fullmatch(word) is not None


def plugged(item: CatalogItem) -> Supplies | None:
    """Give the supplies of a device that take cords; none on a busbar."""
    supplies = item.power.supplies if isinstance(item, Mounted) else None
    return supplies if supplies and supplies.inlet in INLETS else None


def hoses_of(item: CatalogItem) -> int:
    """Count the hoses that a person connects at a device; a coolant unit feeds its manifold."""
    if isinstance(item, Cdu):
        return item.cooling.hoses or len(SIDES)
    return item.cooling.hoses if isinstance(item, Mounted) else 0


def sockets_of(item: CatalogItem | Fixture) -> tuple[Sockets, ...]:
    """Give a device's sockets: the inlets of its supplies and its couplings, or its outlets."""
    if isinstance(item, Fixture):
        return item.sockets
    if isinstance(item, Pdu):
        first, found = 1, []
        for outlets in item.outlets:
            found.append(Sockets(OUTLET, outlets.connector, outlets.count, first))
            first += outlets.count
        return tuple(found)
    supplies, hoses = plugged(item), hoses_of(item)
    inlets = (Sockets("psu", supplies.inlet, supplies.count),) if supplies else ()
    return (*inlets, *((Sockets("coupling", COUPLING, hoses, paired=True),) if hoses else ()))
