"""Verdicts and moves put together from ports: names, racks, cables, and where they are."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from colossus.fabric.model import Fabric
from colossus.wiring.components import Replug
from colossus.wiring.matching import Matching
from colossus.wiring.report import Kind, Move, Verdict

MOST_PLACES = 8
"""So many places a summary names; the rest is counted."""

Position = tuple[int, int, int]


class Cause(NamedTuple):
    """The verdicts and moves of one fault; position sorts causes as a technician meets them."""

    position: Position
    verdicts: tuple[Verdict, ...]
    moves: tuple[Move, ...] = ()


def cause(
    matching: Matching,
    verdicts: Iterable[Verdict],
    ports: Iterable[int],
    moves: Iterable[Move] = (),
) -> Cause:
    """Put verdicts and moves together; the topmost of the ports in floor order places them."""
    at = min(_position(matching, port) for port in ports)
    return Cause(at, tuple(verdicts), tuple(moves))


def verdict(
    matching: Matching, kind: Kind, ports: Sequence[int], links: Iterable[int], summary: str
) -> Verdict:
    """Make a verdict about these ports and planned links."""
    seats = [matching.seats[port] for port in ports]
    fabric = matching.fabric
    return Verdict(
        kind=kind,
        ports=distinct(matching.names[port] for port in ports),
        devices=distinct(fabric.devices.names[seat.device] for seat in seats if seat.device >= 0),
        racks=distinct(fabric.racks.names[seat.rack] for seat in seats if seat.rack >= 0),
        cables=cable_ids(matching, links),
        summary=summary,
    )


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Drop repetitions, keep the order."""
    return tuple(dict.fromkeys(words))


def cable_ids(matching: Matching, links: Iterable[int]) -> tuple[str, ...]:
    """Name the cables of planned links; the legs of a splitter are one cable."""
    table = matching.fabric.links.cable
    return distinct(matching.fabric.cables.ids[table[link]] for link in links)


def move(matching: Matching, replug: Replug) -> Move:
    """Give the move that puts a plug where it belongs; into nothing while the device is awaited."""
    seat, names = matching.seats[replug.to], matching.names
    present = bool(matching.fabric.devices.present[seat.device])
    return Move(
        cable_id=cable_ids(matching, [matching.link[replug.to]])[0],
        end="a" if seat.near else "z",
        origin=names[replug.moved],
        to=names[replug.to] if present else "",
    )


def unplug(matching: Matching, surplus: tuple[int, int]) -> list[Move]:
    """Give the moves that take a cable out which the plan does not have."""
    return [Move("", "", matching.names[port], "") for port in surplus]


def device_place(fabric: Fabric, device: int) -> str:
    """Give rack, U and name of a device; a zero-U device has no U."""
    rack = fabric.racks.names[fabric.devices.rack[device]]
    u = int(fabric.devices.u[device])
    mounted = f" U{u}" if u > 0 else ""
    return f"rack {rack}{mounted} {fabric.devices.names[device]}"


def place(matching: Matching, port: int) -> str:
    """Give rack, U, device and interface of a port: `rack a01 U40 leaf-01 swp1s0`."""
    name, device = matching.names[port], int(matching.device[port])
    if device < 0:
        return f"{name} (not in the plan)"
    return f"{device_place(matching.fabric, device)} {name.partition(':')[2]}"


def places(matching: Matching, ports: Iterable[int]) -> str:
    """Enumerate places; ports of one device follow its name once."""
    boxes: dict[str, list[str]] = {}
    for port in ports:
        device = int(matching.device[port])
        if device < 0:
            boxes.setdefault(place(matching, port), [])
        else:
            interface = matching.names[port].partition(":")[2]
            boxes.setdefault(device_place(matching.fabric, device), []).append(interface)
    return enumerate_words(
        [f"{box} {enumerate_words(plugs)}" if plugs else box for box, plugs in boxes.items()]
    )


def enumerate_words(words: Sequence[str]) -> str:
    """Join words as a sentence does: `a`, `a and b`, `a, b and c`, `a, b … and 9 more`."""
    shown = list(words)
    if len(shown) > MOST_PLACES:
        shown = [*shown[: MOST_PLACES - 1], f"{len(shown) - MOST_PLACES + 1} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _position(matching: Matching, port: int) -> Position:
    seat = matching.seats[port]
    u = int(matching.fabric.devices.u[seat.device]) if seat.device >= 0 else 0
    return (seat.rack if seat.rack >= 0 else len(matching.fabric.racks.names), -u, port)
