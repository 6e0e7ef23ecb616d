"""Optics and cables that can be bought, with part numbers: `parts.yaml`, shipped and per site."""

from typing import Annotated, Literal

from pydantic import Field

from colossus.inventory.words import Authored, Connector, Provenance, Speed

Medium = Literal["CAT6A", "DAC", "ACC", "MMF", "SMF-DR", "SMF-FR"]
Fibre = Literal["MPO-12/APC", "MPO-12/UPC", "LC/UPC"]
Made = Literal["ethernet", "infiniband"]
PartNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]*$")]


class Optic(Authored):
    """A transceiver. links: how many links of that speed it carries; fibre: what goes into it.

    at: a single-port OSFP goes into no switch, a finned one into no host. protocol: where it is
    made for one only.
    """

    part_number: PartNumber
    plug: Connector
    links: Annotated[int, Field(ge=1, le=8)] = 1
    speed: Speed
    medium: Literal["MMF", "SMF-DR", "SMF-FR"]
    reach_m: Annotated[float, Field(gt=0)]
    watts: Annotated[float, Field(gt=0)] | None = None
    fibre: Fibre
    at: Literal["switch", "host", "any"] = "any"
    protocol: Made | None = None
    provenance: Provenance


class CablePart(Authored):
    """Cables of one kind by length in metres, as written on the ladder of its medium.

    plugs: at the split (or z) end, then at the other; none for fibre, which goes into optics.
    protocol: where they are made for one only.
    """

    medium: Medium
    plugs: tuple[Connector, Connector] | None = None
    fibre: Fibre | None = None
    legs: Annotated[int, Field(ge=1, le=8)] = 1
    protocol: Made | None = None
    part_numbers: dict[str, PartNumber]
    provenance: Provenance


class Parts(Authored):
    """What can be bought, the preferred first."""

    optics: tuple[Optic, ...] = ()
    cables: tuple[CablePart, ...] = ()

    def before(self, other: "Parts") -> "Parts":
        """Give these parts and, after them, those of another list."""
        return Parts(optics=self.optics + other.optics, cables=self.cables + other.cables)


NO_PARTS = Parts()
