"""The difference of two plans as a work order: what to do at which rack, in a safe order.

Ports that others need are freed first; then ends move, new cables come in, cables of another kind
take the place of old ones; what is only to go goes last, so that nothing loses its link early.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from colossus.wiring.changes import Changes, Legs, value

STEPS = {
    "free": "Take out, because their ports are needed",
    "move": "Move one end; where plugs trade places, take all of them out first",
    "add": "Pull new cables",
    "replace": "Replace by another length or medium, ports as before",
    "remove": "Take out for good",
    "relabel": "Label anew; the plugs stay",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work. rack: where it begins; origin and to: plugs as people find them."""

    step: str
    rack: str
    cable_id: str
    origin: str
    to: str
    cable: str
    bundle_id: str

    def document(self) -> dict[str, str]:
        """Give it for JSON."""
        return asdict(self)


def tasks(changes: Changes) -> list[Task]:
    """Give the work order: by step, then by rack in floor order."""
    needed = {plug for legs in _incoming(changes) for plug in _plugs(legs)}
    found: dict[str, list[Task]] = {step: [] for step in STEPS}
    for legs in changes.removed:
        step = "free" if needed & _plugs(legs) else "remove"
        found[step].append(_task(step, legs, *_ends(legs)))
    for move in changes.moved:
        origin, to = (_places(legs, move.end) for legs in move.moving())
        label = f"{to}; was {value(move.old[0], 'cable_id')}"
        found["move"].append(_task("move", move.new, origin, label))
    for legs in changes.added:
        found["add"].append(_task("add", legs, *_ends(legs)))
    for old, new in changes.replaced:
        words = f"was {_kind(old)}"
        found["replace"].append(
            _task("replace", new, _place(new, "a"), f"{_ends(new)[1]}; {words}")
        )
    for old, new in changes.relabelled:
        former = value(old[0], "label_a")
        found["relabel"].append(_task("relabel", new, former, value(new[0], "label_a")))
    return [task for step in STEPS for task in found[step]]


def _incoming(changes: Changes) -> Iterator[Legs]:
    yield from changes.added
    yield from (move.new for move in changes.moved)


def _plugs(legs: Legs) -> set[tuple[str, str]]:
    """Give the ports that a cable fills."""
    return {
        (value(row, f"{end}_device"), value(row, f"{end}_interface"))
        for row in legs
        for end in ("a", "z")
    }


def _task(step: str, legs: Legs, origin: str, to: str) -> Task:
    first = legs[0]
    rack, name = value(first, "a_rack"), value(first, "cable_id")
    return Task(step, rack, name, origin, to, _kind(legs), value(first, "bundle_id"))


def _ends(legs: Legs) -> tuple[str, str]:
    """Give both ends; all legs of a splitter at its far one."""
    return _places(legs, "a"), _places(legs, "z")


def _places(legs: Legs, end: str) -> str:
    return " + ".join(dict.fromkeys(_place((row,), end) for row in legs))


def _place(legs: Legs, end: str) -> str:
    row = legs[0]
    u = value(row, f"{end}_u")
    place = f"rack {value(row, f'{end}_rack')}" + (f" U{u}" if u else "")
    return f"{place} {value(row, f'{end}_device')} {value(row, f'{end}_interface')}"


def _kind(legs: Legs) -> str:
    length = value(legs[0], "length_order_m")
    split = f" splitter 1:{len(legs)}" if len(legs) > 1 else ""
    return f"{value(legs[0], 'medium')}{split}" + (f" {length} m" if length else "")
