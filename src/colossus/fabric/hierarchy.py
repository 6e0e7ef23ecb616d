"""Levels above the racks: the halls, then what the site declares (pods, arrays, ExaPODs).

The place of a rack follows from the rule of its group and its rank, which the lock keeps: adding
racks renames nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colossus.fabric.tables import RackTable
from colossus.inventory.hierarchy import Level
from colossus.inventory.site import Site

Rows = NDArray[np.int64]
HALL = "hall"


@dataclass(frozen=True, slots=True)
class LevelPlaces:
    """The places of one level: their names in floor order, and that of each rack (-1 for none)."""

    level: str
    names: tuple[str, ...]
    of: Rows

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


def hierarchy(site: Site, racks: RackTable) -> tuple[LevelPlaces, ...]:
    """Give the levels above the racks from the outside in: the halls, then the site's own."""
    halls = tuple(hall.name for hall in site.halls)
    found = [LevelPlaces(HALL, halls, racks.hall.astype(np.int64))]
    for depth, level in enumerate(site.levels):
        found.append(_level(level, place_numbers(site, racks, depth), found[-1]))
    return tuple(found)


def places_of(site: Site, racks: RackTable, word: str) -> Rows:
    """Number the place of each rack at a level, -1 for none; `site` is one place for all."""
    found = [each.of for each in hierarchy(site, racks) if each.level == word]
    return found[0] if found else np.zeros(len(racks.names), dtype=np.int64)


def place_numbers(site: Site, racks: RackTable, depth: int) -> Rows:
    """Number the place of each rack at a level, from 0 through its whole hall; -1 for none."""
    levels = site.levels
    names = [level.name for level in levels]
    numbers = np.full(len(racks.names), -1, dtype=np.int64)
    for code, group in enumerate(site.racks):
        within = group.within
        if within is None or names.index(within.level) < depth:
            continue
        mine = np.flatnonzero(racks.group == code)
        own = racks.rank[mine] // within.racks + within.first - 1
        inner = levels[depth + 1 : names.index(within.level) + 1]
        numbers[mine] = own // np.prod([level.each or 1 for level in inner], dtype=np.int64)
    return numbers


def _level(level: Level, numbers: Rows, around: LevelPlaces) -> LevelPlaces:
    """Name the places of a level within those around them."""
    there = np.flatnonzero(numbers >= 0)
    outer = around.of[there]
    places, which = np.unique(np.stack([outer, numbers[there]]), axis=1, return_inverse=True)
    of = np.full(len(numbers), -1, dtype=np.int64)
    of[there] = which.reshape(-1)
    names = tuple(
        f"{around.names[place]}-{level.label.format(n=_nth(level, around, number))}"
        for place, number in places.T.tolist()
    )
    return LevelPlaces(level.name, names, of)


def _nth(level: Level, around: LevelPlaces, number: int) -> int:
    """Count from 1 through the hall at the outermost level, through the place around at others."""
    return 1 + (number if around.level == HALL or level.each is None else number % level.each)


def racks_in(levels: Sequence[LevelPlaces], name: str) -> Rows:
    """Give the racks of the place of that name, of whatever level; none for an unknown name."""
    for each in levels:
        if name in each.names:
            return np.flatnonzero(each.of == each.names.index(name))
    return np.empty(0, dtype=np.int64)


def common_place(levels: Sequence[LevelPlaces], racks: Sequence[int]) -> str:
    """Name the innermost place of the site's own levels that holds all these racks; or nothing."""
    for each in reversed(levels[1:]):
        places = set(each.of[list(racks)].tolist())
        if len(places) == 1 and min(places) >= 0:
            return f"{each.level} {each.names[places.pop()]}"
    return ""


def rack_places(levels: Sequence[LevelPlaces], rack: int) -> dict[str, str]:
    """Give the places that a rack lies in: level → name, from the outside in."""
    return {each.level: each.names[each.of[rack]] for each in levels if each.of[rack] >= 0}
