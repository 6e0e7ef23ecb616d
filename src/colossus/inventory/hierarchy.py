"""Levels between halls and racks, as deep as a site wants: pods, arrays, ExaPODs, blocks.

A level says how its places are named and how many there are in the place around them; a group of
racks says which level it belongs to and how many racks a place takes. Below the rack the catalogue
knows the depth: chassis, slot and board, tray and tile.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from colossus.inventory.words import Authored, Name, NamePattern

RESERVED_LEVELS = (
    *("site", "hall", "row", "rack", "cabinet", "u", "chassis", "slot", "switch-slot", "board"),
    *("stage", "thin"),
)
"""Words that say something else where a place is named."""


class Level(Authored):
    """One level; a site lists them from the outside in.

    label: how a place is named within the one around it: `a{n}` makes h1-p3-a1 in pod h1-p3.
    each: how many there are in the place around them; of the outermost level, in each hall.
    """

    name: Name
    label: NamePattern
    each: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _places_are_told_apart(self) -> Self:
        if "{n" not in self.label:
            message = f"label {self.label!r} needs {{n}}, or all places would be named alike"
            raise ValueError(message)
        return self


class Within(Authored):
    """Which places a group of racks fills in each of its halls, `racks` of them in each place.

    first: the place to begin with, counted from 1 through the whole hall.
    """

    level: Name
    racks: Annotated[int, Field(ge=1)]
    first: Annotated[int, Field(ge=1)] = 1
