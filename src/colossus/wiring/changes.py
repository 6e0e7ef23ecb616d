"""What two plans have different in their cables: added, removed, moved, replaced, relabelled.

A cable's id is a function of its two ends, so a cable that keeps its id keeps its ends. One that is
gone and one that is new and share an end are one cable whose other end moves, where it is long
enough and of the same kind; the cable is then reused and labelled anew.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from colossus.fabric.model import Fabric
from colossus.wiring.rows import COLUMNS, cable_rows

Row = tuple[str, ...]
Plugs = frozenset[tuple[str, str]]
"""Device and interface of plugs."""
ENDS = ("a", "z")
Legs = tuple[Row, ...]
"""The rows of one cable: one, or one per leg of a splitter."""

_AT = {name: place for place, name in enumerate(COLUMNS)}
# What people see on the cable or must buy; order and bundles may change without touching a cable.
_BOUGHT = ("medium", "length_order_m", "a_connector", "z_connector", "speed")
_PRINTED = ("label_a", "label_z")


def value(row: Row, column: str) -> str:
    """Give the text of a column of the cable list."""
    return row[_AT[column]]


@dataclass(frozen=True, slots=True)
class Moved:
    """A cable that stays in the building: one end moves. end: `a` or `z`."""

    old: Legs
    new: Legs
    end: str

    def moving(self) -> tuple[Legs, Legs]:
        """Give the legs whose plug moves, as they are and as they are to be."""
        before, after = plugs_at(self.old, self.end), plugs_at(self.new, self.end)
        from_ = tuple(row for row in self.old if not plugs_at((row,), self.end) <= after)
        return from_, tuple(row for row in self.new if not plugs_at((row,), self.end) <= before)


@dataclass(frozen=True)
class Changes:
    """Every difference between two plans, each cable in one list, in floor order."""

    added: tuple[Legs, ...]
    removed: tuple[Legs, ...]
    moved: tuple[Moved, ...]
    replaced: tuple[tuple[Legs, Legs], ...]
    relabelled: tuple[tuple[Legs, Legs], ...]
    unchanged: int

    @cached_property
    def marks(self) -> Mapping[str, str]:
        """Cable ids of the new plan that need work → what is printed beside them."""
        marks = {_id(legs): "NEW" for legs in self.added}
        marks |= {_id(move.new): f"MOVED, was {_id(move.old)}" for move in self.moved}
        marks |= {_id(new): "REPLACE" for _, new in self.replaced}
        return marks | {_id(new): "RELABEL" for _, new in self.relabelled}

    @cached_property
    def gone(self) -> frozenset[str]:
        """Cable ids of the old plan whose plugs come out for good."""
        return frozenset(_id(legs) for legs in self.removed)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "moved": len(self.moved),
            "replaced": len(self.replaced),
            "relabelled": len(self.relabelled),
            "unchanged": self.unchanged,
        }


def changes(old: Fabric, new: Fabric) -> Changes:
    """Compare the cables of two plans."""
    before, after = _cables(old), _cables(new)
    added = {name: legs for name, legs in after.items() if name not in before}
    removed = {name: legs for name, legs in before.items() if name not in after}
    moved = list(_moves(added, removed))
    for move in moved:
        del added[_id(move.new)], removed[_id(move.old)]
    replaced, relabelled = [], []
    for name, legs in after.items():
        former = before.get(name)
        if former is None or former == legs:
            continue
        if _texts(former, _BOUGHT) != _texts(legs, _BOUGHT):
            replaced.append((former, legs))
        elif _texts(former, _PRINTED) != _texts(legs, _PRINTED):
            relabelled.append((former, legs))
    touched = len(added) + len(moved) + len(replaced) + len(relabelled)
    return Changes(
        tuple(added.values()),
        tuple(removed.values()),
        tuple(moved),
        tuple(replaced),
        tuple(relabelled),
        len(after) - touched,
    )


def _cables(fabric: Fabric) -> dict[str, Legs]:
    found: dict[str, Legs] = {}
    for row in cable_rows(fabric).rows():
        found[row[0]] = (*found.get(row[0], ()), row)
    return found


def _moves(added: Mapping[str, Legs], removed: Mapping[str, Legs]) -> Iterator[Moved]:
    """Pair cables that share one end; each is used once.

    A splitter keeps its plug at the cage while legs move, or all its legs while that plug does.
    """
    waiting: dict[tuple[str, Plugs], list[Legs]] = defaultdict(list)
    for legs in removed.values():
        for end in ENDS:
            waiting[end, plugs_at(legs, end)].append(legs)
    used: set[str] = set()
    for legs in added.values():
        for end in ENDS:
            stays = waiting.get((end, plugs_at(legs, end)), [])
            old = next((o for o in stays if _id(o) not in used and _reusable(o, legs)), None)
            if old is not None:
                used.add(_id(old))
                yield Moved(old, legs, "z" if end == "a" else "a")
                break


def plugs_at(legs: Legs, end: str) -> Plugs:
    """Give device and interface of each leg at one end of a cable."""
    return frozenset((value(row, f"{end}_device"), value(row, f"{end}_interface")) for row in legs)


def _reusable(old: Legs, new: Legs) -> bool:
    kinds = ("medium", "a_connector", "z_connector", "speed")
    lengths = [value(legs[0], "length_order_m") for legs in (old, new)]
    long_enough = lengths[0] == lengths[1] or (
        all(lengths) and float(lengths[0]) >= float(lengths[1])
    )
    return long_enough and _texts(old, kinds) == _texts(new, kinds)


def _texts(legs: Legs, columns: tuple[str, ...]) -> list[str]:
    return [value(row, column) for row in legs for column in columns]


def _id(legs: Legs) -> str:
    return legs[0][0]
